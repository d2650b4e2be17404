//! The path that a tool printed → a file that exists. Called by the formats through `Context`.
//! Does not know: the file system. Whoever makes a `Parser` says what exists.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::Dirs;
use crate::crash;
use crate::engine::Problem;

/// Paths that were asked for are remembered up to this many.
const REMEMBERED: usize = 10_000;
/// A longer text is no path.
const PATH: usize = 4096;

/// What a relative path is probably relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Base {
    /// The directory of the process that printed it.
    Process,
    /// The root of the cargo workspace.
    Workspace,
    /// The same as `Process`, but leading parts may be those of a module path (`go build -trimpath`).
    Module,
}

/// Finds files.
pub(super) struct Places {
    root: PathBuf,
    /// Where the commands run, the most probable first.
    dirs: Vec<PathBuf>,
    /// Entered by make or ninja, the innermost last.
    entered: Vec<PathBuf>,
    /// The roots of cargo workspaces, as they follow from what cargo says of its targets.
    workspaces: Vec<PathBuf>,
    /// Packages that cargo has named, and the roots of their workspaces.
    packages: Vec<PathBuf>,
    exists: Box<dyn Fn(&Path) -> bool + Send>,
    /// The text is of another machine: a file that is not here may have been there.
    is_absent: bool,
    // The answers that hold until a directory is entered or left.
    known: HashMap<(String, Base), Option<PathBuf>>,
}

impl Places {
    pub(super) fn new(dirs: Dirs, inner: &[String], exists: Box<dyn Fn(&Path) -> bool + Send>) -> Self {
        let Dirs { root, dir } = dirs;
        let inner = inner.iter().rev().map(|inner| tidy(&dir.join(inner)));
        let upward = dir.ancestors().take_while(|up| up.starts_with(&root)).map(Path::to_owned);
        let mut all: Vec<PathBuf> = inner.collect();
        all.push(dir.clone());
        all.extend(upward.skip(1));
        all.push(root.clone());
        all.dedup();
        Self {
            root,
            dirs: all,
            entered: vec![],
            workspaces: vec![],
            packages: vec![],
            exists,
            is_absent: false,
            known: HashMap::new(),
        }
    }

    /// From now on a place counts whose file is not here, if it looks like one.
    pub(super) fn accept_absent(&mut self) {
        self.is_absent = true;
    }

    /// The crashes in some lines, innermost place first.
    pub(super) fn crashes(&self, lines: &[&str]) -> Vec<Problem> {
        let real = |path: &Path| {
            let is_there = (self.exists)(path) || self.is_absent && looks_like_a_file(path);
            is_there.then(|| path.to_owned())
        };
        let dir = self.entered.last().or(self.dirs.first()).unwrap_or(&self.root);
        crash::all(lines, &crash::Project { root: &self.root, dir, real: &real })
    }

    /// Whether a file is the project's own: under the root and not installed there by a package tool.
    pub(super) fn is_own(&self, path: &Path) -> bool {
        const FOREIGN: [&str; 6] =
            ["site-packages", "dist-packages", "node_modules", ".venv", "venv", ".cargo"];
        path.strip_prefix(&self.root).is_ok_and(|inner| {
            !inner.components().any(|part| FOREIGN.iter().any(|name| part.as_os_str() == *name))
        })
    }

    /// The file that a tool means by `written`, if it exists.
    pub(super) fn find(&mut self, written: &str, base: Base) -> Option<PathBuf> {
        if written.is_empty() || written.len() > PATH || written.contains('\0') {
            return None;
        }
        let key = (written.to_owned(), base);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let plain = written.strip_prefix("file://").unwrap_or(written);
        let found = self.search(plain, base).or_else(|| self.guess(plain, base));
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(key, found.clone());
        found
    }

    fn search(&self, written: &str, base: Base) -> Option<PathBuf> {
        if written.starts_with('/') {
            let path = tidy(Path::new(written));
            return (self.exists)(&path).then_some(path);
        }
        if base == Base::Workspace {
            let locked = self.dirs.first().and_then(|dir| self.locked(dir));
            if let Some(path) = self.first(self.workspaces.iter().chain(&locked), written) {
                return Some(path);
            }
        }
        let entered = self.entered.iter().rev();
        let found = self.first(entered.chain(&self.dirs).chain(&self.packages), written);
        if found.is_some() || base != Base::Module {
            return found;
        }
        let parts: Vec<usize> = written.match_indices('/').map(|(at, _)| at + 1).take(8).collect();
        parts.into_iter().find_map(|at| self.first(self.dirs.iter(), &written[at..]))
    }

    // Where a file would be that is not here.
    fn guess(&self, written: &str, base: Base) -> Option<PathBuf> {
        let process = self.entered.last().or(self.dirs.first()).unwrap_or(&self.root);
        let (dir, path) = match base {
            Base::Workspace => (self.workspaces.first().unwrap_or(&self.root), written),
            Base::Process => (process, written),
            Base::Module => (process, without_module(written)),
        };
        (self.is_absent && looks_like_a_file(Path::new(path))).then(|| tidy(&dir.join(path)))
    }

    fn first<'a>(&self, mut dirs: impl Iterator<Item = &'a PathBuf>, written: &str) -> Option<PathBuf> {
        dirs.find_map(|dir| {
            let path = tidy(&dir.join(written));
            (self.exists)(&path).then_some(path)
        })
    }

    // The lock file lies in the root of the workspace.
    fn locked(&self, dir: &Path) -> Option<PathBuf> {
        dir.ancestors().find(|up| (self.exists)(&up.join("Cargo.lock"))).map(Path::to_owned)
    }

    /// The path in a folder below the root.
    pub(super) fn below_root(&self, folder: &str, written: &str) -> String {
        self.root.join(folder).join(written).to_string_lossy().into_owned()
    }

    /// make or ninja says that what follows is relative to `dir`.
    pub(super) fn enter(&mut self, dir: &str) {
        let from = self.entered.last().or(self.dirs.first()).unwrap_or(&self.root);
        let dir = tidy(&from.join(dir));
        // Deeper than any real build: somebody prints this in a loop.
        if self.entered.len() < 256 {
            self.entered.push(dir);
        }
        self.known.clear();
    }

    /// The counterpart of `enter`.
    pub(super) fn leave(&mut self, dir: &str) {
        if let Some(at) = self.entered.iter().rposition(|entered| entered.ends_with(dir)) {
            self.entered.remove(at);
        }
        self.known.clear();
    }

    /// A cargo workspace, or a package that lies in one. Relative paths may be relative to its root.
    pub(super) fn learn_package(&mut self, dir: &Path) {
        let root = self.locked(dir).unwrap_or_else(|| dir.to_owned());
        for dir in [root, dir.to_owned()] {
            if learn(&mut self.packages, dir) {
                self.known.clear();
            }
        }
    }

    /// `written` names the same file as the absolute `path`: what comes before is the root of the workspace.
    pub(super) fn learn_same(&mut self, written: &str, path: &Path) {
        if path.ends_with(written) {
            let depth = Path::new(written).components().count();
            let root = path.ancestors().nth(depth);
            if root.is_some_and(|root| learn(&mut self.workspaces, root.to_owned())) {
                self.known.clear();
            }
        }
    }
}

/// `example.com/app/pkg/a.go`, but the name of the module, as far as it can be told: behind the hosts that most are on it has
/// two parts more, else one.
fn without_module(path: &str) -> &str {
    const HOSTS: [&str; 4] = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"];
    let host = path.split('/').next().unwrap_or_default();
    if path.starts_with(['.', '/']) || !host.contains('.') || host.len() == path.len() {
        return path;
    }
    let parts = if HOSTS.contains(&host) { 3 } else { 2 };
    path.splitn(parts + 1, '/').nth(parts).unwrap_or(path)
}

/// Whether a path ends as files of sources do.
fn looks_like_a_file(path: &Path) -> bool {
    const NAMES: [&str; 9] = [
        "BUILD",
        "Containerfile",
        "Dockerfile",
        "Gemfile",
        "Justfile",
        "Makefile",
        "Rakefile",
        "WORKSPACE",
        "makefile",
    ];
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_extension = |extension: &str| {
        extension.starts_with(|c: char| c.is_ascii_alphabetic())
            && extension.len() <= 12
            && extension.chars().all(|c| c.is_ascii_alphanumeric() || "_+-".contains(c))
    };
    let is_prose = path.to_str().is_none_or(|path| path.contains(" -> ") || path.contains("://"));
    if is_prose {
        return false;
    }
    NAMES.contains(&name)
        || name.rsplit_once('.').is_some_and(|(stem, extension)| !stem.is_empty() && is_extension(extension))
}

fn learn(known: &mut Vec<PathBuf>, dir: PathBuf) -> bool {
    let is_new = dir.is_absolute() && !known.contains(&dir) && known.len() < 32;
    if is_new {
        known.push(dir);
    }
    is_new
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Places").field("dirs", &self.dirs).finish_non_exhaustive()
    }
}

/// `path` without `.` and `..`, by its text alone: the editor's path must stay what it is, also through symlinks.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                tidy.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => tidy.push(part),
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(dir: &str, inner: &[&str], files: &'static [&'static str]) -> Places {
        let inner: Vec<String> = inner.iter().map(|&inner| inner.to_owned()).collect();
        let exists = move |path: &Path| files.iter().any(|file| Path::new(file) == path);
        Places::new(Dirs { root: "/p".into(), dir: dir.into() }, &inner, Box::new(exists))
    }

    fn find(places: &mut Places, written: &str, base: Base) -> Option<String> {
        places.find(written, base).map(|path| path.display().to_string())
    }

    #[test]
    fn the_nearest_directory_wins() {
        let mut places = places("/p/web", &[], &["/p/web/src/a.ts", "/p/src/a.ts", "/p/b.ts"]);
        assert_eq!(find(&mut places, "./src/a.ts", Base::Process).as_deref(), Some("/p/web/src/a.ts"));
        assert_eq!(find(&mut places, "b.ts", Base::Process).as_deref(), Some("/p/b.ts"));
        assert_eq!(find(&mut places, "../src/a.ts", Base::Process).as_deref(), Some("/p/src/a.ts"));
        assert_eq!(find(&mut places, "/p/none.ts", Base::Process), None);
    }

    #[test]
    fn cargo_counts_from_the_workspace() {
        let files = &["/p/Cargo.lock", "/p/src/lib.rs", "/p/member/src/lib.rs"];
        let mut places = places("/p/member", &[], files);
        assert_eq!(find(&mut places, "src/lib.rs", Base::Workspace).as_deref(), Some("/p/src/lib.rs"));
        assert_eq!(find(&mut places, "src/lib.rs", Base::Process).as_deref(), Some("/p/member/src/lib.rs"));
    }

    #[test]
    fn a_workspace_is_learned_from_a_target() {
        let mut places = places("/p", &[], &["/q/core/src/util.rs"]);
        assert_eq!(find(&mut places, "core/src/util.rs", Base::Workspace), None);
        places.learn_same("core/src/lib.rs", Path::new("/q/core/src/lib.rs"));
        let found = find(&mut places, "core/src/util.rs", Base::Workspace);
        assert_eq!(found.as_deref(), Some("/q/core/src/util.rs"));
    }

    #[test]
    fn a_dependency_beside_the_project_is_not_taken_for_it() {
        let mut places = places("/p", &[], &["/p/Cargo.lock", "/p/src/lib.rs", "/q/dep/src/lib.rs"]);
        places.learn_package(Path::new("/q/dep"));
        assert_eq!(find(&mut places, "src/lib.rs", Base::Workspace).as_deref(), Some("/p/src/lib.rs"));
    }

    #[test]
    fn directories_that_make_enters_come_first() {
        let mut places = places("/p", &[], &["/p/main.c", "/p/lib/main.c"]);
        places.enter("/p/lib");
        assert_eq!(find(&mut places, "main.c", Base::Process).as_deref(), Some("/p/lib/main.c"));
        places.leave("/p/lib");
        assert_eq!(find(&mut places, "main.c", Base::Process).as_deref(), Some("/p/main.c"));
    }

    #[test]
    fn the_directory_that_the_command_changes_to_comes_first() {
        let mut places = places("/p", &["back"], &["/p/main.go", "/p/back/main.go"]);
        assert_eq!(find(&mut places, "./main.go", Base::Process).as_deref(), Some("/p/back/main.go"));
    }

    #[test]
    fn of_another_machine_a_file_is_where_it_would_be() {
        let mut places = places("/p/back", &[], &[]);
        places.accept_absent();
        let mut guess = |written: &str, base| find(&mut places, written, base);
        assert_eq!(guess("src/a.ts", Base::Process).as_deref(), Some("/p/back/src/a.ts"));
        assert_eq!(guess("src/a.rs", Base::Workspace).as_deref(), Some("/p/src/a.rs"));
        assert_eq!(guess("github.com/me/app/pkg/a.go", Base::Module).as_deref(), Some("/p/back/pkg/a.go"));
        assert_eq!(guess("./main.go", Base::Module).as_deref(), Some("/p/back/main.go"));
        for prose in ["12:30:45", "src/a.js -> src/b.js", "http://localhost/a.js", "hello"] {
            assert_eq!(guess(prose, Base::Process), None, "{prose}");
        }
    }

    #[test]
    fn a_module_path_is_cut_until_a_file_is_there() {
        let mut places = places("/p", &[], &["/p/pkg/a.go"]);
        let found = find(&mut places, "example.com/app/pkg/a.go", Base::Module);
        assert_eq!(found.as_deref(), Some("/p/pkg/a.go"));
    }
}
