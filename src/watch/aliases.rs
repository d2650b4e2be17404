//! Symlinks below the root that lead to something below the root. What they lead to is watched once, under its real
//! name, and counts when any of its names does. Called by `ground` only. Does not know: filters, contents.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use super::canonical;

/// The symlinks that were seen.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    links: RwLock<Links>,
}

#[derive(Debug, Default)]
struct Links {
    targets: BTreeMap<PathBuf, PathBuf>,
    names: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// Where files that symlinks lead to lie.
    parents: BTreeSet<PathBuf>,
}

impl Aliases {
    /// Takes note of a symlink. Returns the directory that has to be watched for it, if it leads to below `root` and did
    /// not before.
    pub(super) fn note(&self, link: &Path, root: &Path) -> Option<PathBuf> {
        let target = link.parent()?.join(link.read_link().ok()?);
        let target = canonical(&target);
        if !target.starts_with(root) {
            return None;
        }
        if self.read(|links| links.targets.get(link) == Some(&target)) {
            return None;
        }
        let directory = if target.is_dir() { target.clone() } else { target.parent()?.to_owned() };
        let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
        links.remove(link);
        if directory != target {
            links.parents.insert(directory.clone());
        }
        links.names.entry(target.clone()).or_default().insert(link.to_owned());
        links.targets.insert(link.to_owned(), target);
        Some(directory)
    }

    /// The path is no symlink anymore.
    pub(super) fn forget(&self, path: &Path) {
        if self.read(|links| links.targets.contains_key(path)) {
            self.links.write().unwrap_or_else(PoisonError::into_inner).remove(path);
        }
    }

    /// The other names of a path. One step: what is behind two symlinks has been noted with its real target.
    pub(super) fn names(&self, path: &Path) -> Vec<PathBuf> {
        self.read(|links| {
            if links.names.is_empty() {
                return Vec::new();
            }
            let targets = path.ancestors().filter_map(|target| Some((target, links.names.get(target)?)));
            let names = targets.flat_map(|(target, names)| names.iter().map(move |name| (target, name)));
            names
                .map(|(target, name)| match path.strip_prefix(target) {
                    Ok(rest) if !rest.as_os_str().is_empty() => name.join(rest),
                    Ok(_) | Err(_) => name.clone(),
                })
                .collect()
        })
    }

    /// True for a directory that holds a file that a symlink leads to.
    pub(super) fn lead_into(&self, directory: &Path) -> bool {
        self.read(|links| links.parents.contains(directory))
    }

    /// The directories that have to be watched for symlinks.
    pub(super) fn directories(&self) -> BTreeSet<PathBuf> {
        self.read(|links| {
            let targets = links.names.keys().filter(|target| target.is_dir());
            targets.chain(&links.parents).cloned().collect()
        })
    }

    fn read<Answer>(&self, ask: impl FnOnce(&Links) -> Answer) -> Answer {
        ask(&self.links.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Links {
    fn remove(&mut self, link: &Path) {
        let Some(target) = self.targets.remove(link) else { return };
        if let Some(names) = self.names.get_mut(&target) {
            names.remove(link);
            if names.is_empty() {
                self.names.remove(&target);
            }
        }
        let names = &self.names;
        self.parents.retain(|parent| names.keys().any(|target| target.parent() == Some(parent)));
    }
}
