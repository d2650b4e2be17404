//! The directories that are watched whatever they hold: the root, git's own, those of configuration files, and those
//! above the root whose ignore files count. While one is missing, the nearest directory above it is watched instead.
//! Called by `worker` only. Does not know: what happens when one comes or goes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Plan;
use super::filter::{self, Filter};
use super::tree::Tree;

/// The directories, and the files in them that no walk finds.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    directories: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
    /// Watched in the place of what is missing.
    lookouts: BTreeSet<PathBuf>,
}

impl Anchors {
    /// For a plan. Nothing is watched yet.
    pub(super) fn new(plan: &Plan, filter: &Filter, git: &Path) -> Self {
        let above = filter.directories_above();
        let mut files = plan.configuration_files();
        files.extend(above.iter().flat_map(|directory| filter::ignore_files_of(directory)));
        let mut directories: BTreeSet<_> =
            files.iter().filter_map(|file| file.parent()).map(Path::to_owned).collect();
        directories.extend([plan.root.clone(), git.to_owned()]);
        Self { directories, files, lookouts: BTreeSet::new() }
    }

    /// The files in anchors that concern us.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    /// Watches each directory, or the nearest one above it that exists.
    pub(super) fn watch(&mut self, tree: &Tree) {
        self.lookouts.clear();
        for directory in &self.directories {
            // Once more after each watch: the missing part may have come into being just before.
            let mut watched = None;
            loop {
                let nearest = directory.ancestors().find(|ancestor| ancestor.is_dir());
                if nearest == watched {
                    break;
                }
                watched = nearest;
                if let Some(nearest) = nearest {
                    tree.watch(nearest);
                    self.lookouts.insert(nearest.to_owned());
                }
            }
        }
    }

    /// True when `path` is an anchor or lies on the way to one: its coming and going matters.
    pub(super) fn depend_on(&self, path: &Path) -> bool {
        self.directories.iter().any(|directory| directory.starts_with(path))
    }

    /// True for the directories that `watch` has watched.
    pub(super) fn hold(&self, directory: &Path) -> bool {
        self.lookouts.contains(directory)
    }
}
