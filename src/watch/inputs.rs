//! What the build of a service reads, as its toolchain says, and what else lies there (product.md 2.2). Pure.
//! Made by the worker `inputs`, asked by `filter`. Does not know: toolchains, the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::ops::Bound;
use std::path::{Path, PathBuf};

/// The list of one service. Two lists are equal when they mean the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inputs {
    /// Who says so, for `explain`: `go list`.
    pub by: String,
    /// True when the build reads nothing else: then the globs that were guessed do not count anymore.
    pub is_whole: bool,
    directories: BTreeMap<PathBuf, Directory>,
    folders: BTreeSet<PathBuf>,
}

/// A directory with files that the build reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Directory {
    read: BTreeSet<OsString>,
    /// Their extensions, each with a file that has it.
    kinds: BTreeMap<OsString, OsString>,
    /// What was there of the same kinds and is not read: it is not new.
    others: BTreeSet<OsString>,
}

/// Why the build reads a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read<'a> {
    /// It is in the list.
    Listed,
    /// It is new in a directory of which the build reads everything.
    In(&'a Path),
    /// It is new beside this file, which the build reads and which is of the same kind.
    Beside(&'a OsStr),
}

impl Inputs {
    /// A list. `files` are absolute and canonical but for their last part. `folders` are directories of which everything is
    /// read, also what is yet to come. `listing` names the files of a directory as it is now.
    pub fn new(
        by: &str,
        files: impl IntoIterator<Item = PathBuf>,
        folders: BTreeSet<PathBuf>,
        is_whole: bool,
        mut listing: impl FnMut(&Path) -> Vec<OsString>,
    ) -> Self {
        let mut directories: BTreeMap<PathBuf, Directory> = BTreeMap::new();
        for file in files {
            let (Some(parent), Some(name)) = (file.parent(), file.file_name()) else { continue };
            let directory = directories.entry(parent.to_owned()).or_default();
            if let Some(kind) = file.extension() {
                directory.kinds.entry(kind.to_owned()).or_insert_with(|| name.to_owned());
            }
            directory.read.insert(name.to_owned());
        }
        for (path, directory) in directories.iter_mut().filter(|(_, directory)| !directory.kinds.is_empty()) {
            let Directory { read, kinds, others } = directory;
            let is_other = |name: &OsString| {
                let kind = Path::new(name).extension();
                kind.is_some_and(|kind| kinds.contains_key(kind)) && !read.contains(name)
            };
            others.extend(listing(path).into_iter().filter(is_other));
        }
        Self { by: by.to_owned(), is_whole, directories, folders }
    }

    /// Every listed file, in order.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.directories
            .iter()
            .flat_map(|(path, directory)| directory.read.iter().map(move |name| path.join(name)))
    }

    /// Every directory that has to be watched for it, but those below a folder of which everything is read.
    pub(super) fn directories(&self) -> impl Iterator<Item = &Path> {
        self.directories.keys().chain(&self.folders).map(PathBuf::as_path)
    }

    /// True for a listed file.
    pub(super) fn lists(&self, file: &Path) -> bool {
        self.read(file) == Some(Read::Listed)
    }

    /// Why the build reads the path, if it does.
    pub(super) fn read(&self, path: &Path) -> Option<Read<'_>> {
        let name = path.file_name()?;
        let directory = path.parent().and_then(|parent| self.directories.get(parent));
        if directory.is_some_and(|directory| directory.read.contains(name)) {
            return Some(Read::Listed);
        }
        if let Some(folder) = path.ancestors().skip(1).find_map(|above| self.folders.get(above)) {
            return Some(Read::In(folder));
        }
        let directory = directory.filter(|directory| !directory.others.contains(name))?;
        directory.kinds.get(path.extension()?).map(|beside| Read::Beside(beside))
    }

    /// True for a directory that holds what the build reads.
    pub(super) fn hold(&self, directory: &Path) -> bool {
        self.directories.contains_key(directory)
            || directory.ancestors().any(|above| self.folders.contains(above))
    }

    /// True when something in or below the directory is read.
    pub(super) fn reach(&self, directory: &Path) -> bool {
        let from = (Bound::Included(directory), Bound::Unbounded);
        // Paths are ordered by their parts: what lies below follows at once.
        let is_above = |next: Option<&PathBuf>| next.is_some_and(|next| next.starts_with(directory));
        is_above(self.directories.range::<Path, _>(from).next().map(|(path, _)| path))
            || is_above(self.folders.range::<Path, _>(from).next())
            || self.hold(directory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Inputs {
        let files = ["/w/api/main.go", "/w/api/LICENSE", "/w/web/x/page.html"].map(PathBuf::from);
        let folders = BTreeSet::from([PathBuf::from("/w/static")]);
        Inputs::new("go list", files, folders, true, |directory| {
            let names: &[&str] = match directory.to_str() {
                Some("/w/api") => &["main.go", "main_windows.go", "notes.txt", "LICENSE", "README"],
                _ => &[],
            };
            names.iter().map(OsString::from).collect()
        })
    }

    #[test]
    fn what_is_listed_is_read_and_so_is_what_comes_beside_it_but_not_what_was_there() {
        let inputs = inputs();
        let rows = [
            ("/w/api/main.go", Some(Read::Listed)),
            ("/w/api/LICENSE", Some(Read::Listed)),
            ("/w/api/new.go", Some(Read::Beside(OsStr::new("main.go")))),
            ("/w/api/main_windows.go", None),
            ("/w/api/new.txt", None),
            ("/w/api/sedJk3x", None),
            ("/w/api/deep/new.go", None),
            ("/w/web/x/new.html", Some(Read::Beside(OsStr::new("page.html")))),
            ("/w/static/deep/a", Some(Read::In(Path::new("/w/static")))),
            ("/w/static", None),
        ];
        for (path, expected) in rows {
            assert_eq!(inputs.read(Path::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn the_directories_on_the_way_to_what_is_read_are_known() {
        let inputs = inputs();
        for (directory, is_reached, is_held) in [
            ("/w", true, false),
            ("/w/api", true, true),
            ("/w/api/deep", false, false),
            ("/w/web", true, false),
            ("/w/we", false, false),
            ("/w/web/x", true, true),
            ("/w/static", true, true),
            ("/w/static/deep/er", true, true),
            ("/v", false, false),
        ] {
            assert_eq!(inputs.reach(Path::new(directory)), is_reached, "{directory}");
            assert_eq!(inputs.hold(Path::new(directory)), is_held, "{directory}");
        }
    }

    #[test]
    fn the_same_answer_makes_the_same_list() {
        assert_eq!(inputs(), inputs());
        assert_eq!(inputs().files().count(), 3);
    }
}
