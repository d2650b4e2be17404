//! What toolchains have named, gathered into one list. Called by `course` and the files of toolchains.
//! Does not know: toolchains, processes.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::calls::Call;
use crate::artifact;
use crate::watch::Inputs;

/// Where systems keep what comes with them: nobody edits a program's sources there.
const OF_SYSTEMS: [&str; 7] = ["/usr", "/opt", "/lib", "/nix", "/System", "/Library", "/Applications"];

/// What has been named so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Absolute. A directory stands for everything in it.
    pub(super) paths: BTreeSet<PathBuf>,
    /// Commands that the toolchain runs in its turn.
    pub(super) calls: Vec<Call>,
    /// True when it reads more than it tells.
    pub(super) is_partial: bool,
}

impl Found {
    /// Adds those of these files that are there.
    pub(super) fn add_existing(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        self.paths.extend(paths.into_iter().filter(|path| path.is_file()));
    }
}

/// True for what belongs to the system, as seen by a project in `root`.
pub(super) fn is_of_system(path: &Path, root: &Path) -> bool {
    OF_SYSTEMS.iter().any(|system| path.starts_with(system) && !root.starts_with(system))
}

/// The list of everything that was found for a project in `root`: canonical, without our own files. Reads directories.
pub(super) fn list(by: &str, found: &Found, root: &Path) -> Inputs {
    let ours = root.join(artifact::FOLDER);
    let mut real: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let mut files = BTreeSet::new();
    let mut folders = BTreeSet::new();
    for path in found.paths.iter().filter(|path| !path.starts_with(&ours)) {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { continue };
        if path.is_dir() {
            folders.extend(path.canonicalize());
            continue;
        }
        if !real.contains_key(parent) {
            // What is not there anymore keeps the name that it has.
            let canonical = parent.canonicalize().unwrap_or_else(|_| parent.to_owned());
            real.insert(parent.to_owned(), canonical);
        }
        let file = real[parent].join(name);
        if file.is_symlink() {
            files.extend(file.canonicalize());
        }
        files.insert(file);
    }
    // Everything below the root of all is no answer.
    folders.retain(|folder| !root.starts_with(folder));
    Inputs::new(by, files, folders, !found.is_partial, names)
}

/// The files in a directory.
fn names(directory: &Path) -> Vec<OsString> {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()))
        .map(|entry| entry.file_name())
        .collect()
}
