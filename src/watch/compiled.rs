//! Which files only a compiler reads. Called by `worker` for `Change::compiled`.
//! Does not know: whether the project has a build.

use std::ffi::OsStr;
use std::path::Path;

/// Extensions of source code that is gone once the program is built. Not here: what a program may read while it runs
/// (templates, SQL, YAML, `.proto`), and languages that run from source (`.py`, `.rb`, `.js`, `.php`).
const EXTENSIONS: &[&str] = &[
    "S", "asm", "c", "c++", "cc", "cpp", "cr", "cs", "cts", "cxx", "fs", "go", "h", "hh", "hpp", "hs", "hxx",
    "java", "kt", "m", "ml", "mli", "mm", "mts", "nim", "rs", "s", "scala", "swift", "ts", "tsx", "zig",
];

/// Files that only a build tool reads: they choose what is compiled.
const NAMES: &[&str] = &["Cargo.lock", "Cargo.toml", "go.mod", "go.sum", "go.work", "go.work.sum"];

/// True when a different content of `path` can reach the run only through the build.
pub(super) fn is_compiled(path: &Path) -> bool {
    let is_listed = |list: &[&str], part: Option<&OsStr>| {
        part.and_then(OsStr::to_str).is_some_and(|part| list.binary_search(&part).is_ok())
    };
    is_listed(EXTENSIONS, path.extension()) || is_listed(NAMES, path.file_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_because_they_are_searched_so() {
        assert!(EXTENSIONS.is_sorted() && NAMES.is_sorted());
    }

    #[test]
    fn source_code_is_compiled_and_templates_are_not() {
        for path in ["a/main.rs", "main.go", "go.sum", "Cargo.lock", "x.tsx", "lib.hpp", "Main.kt"] {
            assert!(is_compiled(Path::new(path)), "{path}");
        }
        for path in
            ["index.html", "dev.yaml", "app.py", "app.js", "schema.sql", "go", "rs", "Makefile", ".rs"]
        {
            assert!(!is_compiled(Path::new(path)), "{path}");
        }
    }
}
