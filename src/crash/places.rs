//! A path as a trace prints it → a file of the project. Called by `crash`.
//! Does not know: languages.

use std::path::{Component, Path, PathBuf};

/// Folders inside a project whose files somebody else wrote.
const FOREIGN: [&str; 6] = ["node_modules", "site-packages", "dist-packages", ".venv", "vendor", "target"];

/// Where the files of a run lie.
#[expect(missing_debug_implementations, reason = "it holds a closure")]
pub struct Project<'a> {
    /// The root of the project.
    pub root: &'a Path,
    /// Where the command runs.
    pub dir: &'a Path,
    /// The path without symlinks, if it is a file.
    pub real: &'a dyn Fn(&Path) -> Option<PathBuf>,
}

/// A file of the project.
pub(super) struct Found {
    /// Absolute path under the root.
    pub(super) path: PathBuf,
    /// False for installed packages: the person's own code is the better place.
    pub(super) is_own: bool,
}

impl Project<'_> {
    /// The file under the root that `path` means: relative to `below` in the directory of the run or in a folder between it
    /// and the root (a workspace), or, behind the name of a Go module, to the root.
    pub(super) fn find(&self, below: &str, path: &str) -> Option<Found> {
        let path = path.strip_prefix("file://").unwrap_or(path);
        let path = Path::new(path);
        if path.is_absolute() {
            return self.file(path);
        }
        let folders = self.dir.ancestors().take_while(|folder| folder.starts_with(self.root));
        let mut candidates = folders.map(|folder| folder.join(below).join(path));
        candidates.find_map(|candidate| self.file(&candidate)).or_else(|| self.in_module(path))
    }

    /// `example.com/app/main.go`, as Go prints it with `-trimpath`. A dependency has its version in the path.
    fn in_module(&self, path: &Path) -> Option<Found> {
        let text = path.to_str().filter(|text| !text.contains('@'))?;
        let (domain, mut rest) = text.split_once('/')?;
        if !domain.trim_start_matches('.').contains('.') {
            return None;
        }
        loop {
            if let Some(found) = self.file(&self.root.join(rest)) {
                return Some(found);
            }
            rest = rest.split_once('/')?.1;
        }
    }

    fn file(&self, path: &Path) -> Option<Found> {
        let real = (self.real)(path)?;
        let path = normal(path);
        let path = [path, real].into_iter().find(|path| path.starts_with(self.root))?;
        let is_own = self.is_own(&path);
        Some(Found { path, is_own })
    }

    /// Whether a file of the project was not installed there.
    pub(super) fn is_own(&self, path: &Path) -> bool {
        let is_foreign = |part: &std::ffi::OsStr| FOREIGN.iter().any(|foreign| part == *foreign);
        path.strip_prefix(self.root).is_ok_and(|inside| !inside.iter().any(is_foreign))
    }
}

/// The path without `.` and `..`. Symlinks stay: the editor knows the file by this name.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(normal.pop()),
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => normal.push(part),
        }
    }
    normal
}
