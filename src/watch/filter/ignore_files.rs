//! What `.gitignore`, `.ignore` and their relatives exclude, and which line says so. Called by `filter` only.
//! Reads each ignore file once; after one has changed, a new `IgnoreFiles` is made.
//! Does not know: services, globs of the configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dashmap::DashMap;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder, gitconfig_excludes_path};

/// The names of files that say what is ignored.
pub(super) const NAMES: [&str; 2] = [".gitignore", ".ignore"];

/// True for the names of files that say what is ignored.
pub(super) fn is_ignore_file(path: &Path) -> bool {
    path.file_name().is_some_and(|name| NAMES.iter().any(|known| name == *known))
}

/// The root of the repository that `root` lies in, which may be `root` itself.
fn repository(root: &Path) -> Option<&Path> {
    root.ancestors().find(|directory| directory.join(".git").exists())
}

/// The ignore files from the root of the repository down to every directory that was asked about.
#[derive(Debug)]
pub(super) struct IgnoreFiles {
    root: PathBuf,
    /// The highest directory whose ignore files count.
    top: PathBuf,
    /// `.git/info/exclude`, then the global file, as git has them: they come after all others.
    of_repository: Vec<Gitignore>,
    directories: DashMap<PathBuf, Arc<Directory>>,
}

/// What is known of one directory.
#[derive(Debug, Default)]
struct Directory {
    parent: Option<Arc<Directory>>,
    dot_ignore: Option<Gitignore>,
    gitignore: Option<Gitignore>,
    /// What excludes the directory itself, and so everything below it.
    excluded: Option<Arc<str>>,
}

impl IgnoreFiles {
    /// For everything below `root`.
    pub(super) fn new(root: &Path) -> Self {
        let repository = repository(root);
        let mut of_repository = Vec::new();
        if let Some(repository) = repository {
            let exclude = repository.join(".git/info/exclude");
            of_repository.extend(read(repository, &exclude, repository));
            if let Some(global) = gitconfig_excludes_path() {
                of_repository.extend(read(repository, &global, Path::new("/")));
            }
        }
        Self {
            root: root.to_owned(),
            top: repository.unwrap_or(root).to_owned(),
            of_repository,
            directories: DashMap::new(),
        }
    }

    /// The highest directory whose ignore files count.
    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    /// What excludes `path`, which lies below the root: `.gitignore:3 target/` with the pattern in backquotes.
    pub(super) fn excluding(&self, path: &Path, is_dir: bool) -> Option<Arc<str>> {
        let directory = self.directory(path.parent()?);
        self.excluded_in(&directory, path, is_dir)
    }

    /// Forgets what was read in `directory` and below: it may be another one by now.
    pub(super) fn forget(&self, directory: &Path) {
        // Nothing below it was asked about before itself was.
        if !self.directories.contains_key(directory) {
            return;
        }
        self.directories.retain(|known, _| !known.starts_with(directory));
    }

    fn excluded_in(&self, directory: &Arc<Directory>, path: &Path, is_dir: bool) -> Option<Arc<str>> {
        if let Some(excluded) = &directory.excluded {
            return Some(excluded.clone());
        }
        // Nearer files win over farther ones, and any `.ignore` over any `.gitignore`, as in ripgrep.
        let upwards = || std::iter::successors(Some(directory), |directory| directory.parent.as_ref());
        let dot_ignores = upwards().filter_map(|directory| directory.dot_ignore.as_ref());
        let gitignores = upwards().filter_map(|directory| directory.gitignore.as_ref());
        for file in dot_ignores.chain(gitignores).chain(&self.of_repository) {
            match file.matched(path, is_dir) {
                Match::None => {}
                Match::Whitelist(_) => return None,
                Match::Ignore(glob) => {
                    let place = glob.from().map(Path::display).map(|place| place.to_string());
                    return Some(format!("{} `{}`", place.unwrap_or_default(), glob.original()).into());
                }
            }
        }
        None
    }

    fn directory(&self, path: &Path) -> Arc<Directory> {
        if let Some(known) = self.directories.get(path) {
            return known.clone();
        }
        let parent = (path != self.top).then(|| path.parent().map(|parent| self.directory(parent))).flatten();
        // The root was chosen by a person: that it is ignored from above does not count.
        let is_below_root = path != self.root && path.starts_with(&self.root);
        let excluded = match &parent {
            Some(parent) if is_below_root => self.excluded_in(parent, path, true),
            Some(_) | None => None,
        };
        let mut directory = Directory { parent, excluded, ..Directory::default() };
        if directory.excluded.is_none() {
            directory.dot_ignore = read(path, &path.join(".ignore"), &self.root);
            directory.gitignore = read(path, &path.join(".gitignore"), &self.root);
        }
        let directory = Arc::new(directory);
        self.directories.insert(path.to_owned(), directory.clone());
        directory
    }
}

/// Reads one ignore file whose patterns are relative to `directory`. Each pattern remembers its line; the file is named
/// relative to `shown_from`.
fn read(directory: &Path, file: &Path, shown_from: &Path) -> Option<Gitignore> {
    let bytes = std::fs::read(file).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let name = file.strip_prefix(shown_from).unwrap_or(file).display();
    let mut builder = GitignoreBuilder::new(directory);
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let place = PathBuf::from(format!("{name}:{}", index + 1));
        if let Err(error) = builder.add_line(Some(place), line) {
            tracing::debug!("could not understand line {} of {}: {error}", index + 1, file.display());
        }
    }
    let built = builder.build().map_err(|error| tracing::debug!("could not use {}: {error}", file.display()));
    built.ok().filter(|file| !file.is_empty())
}
