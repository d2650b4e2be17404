//! Globs as written, relative to the folder of the file → globs relative to the root. Pure. Called by `resolve`.

use std::path::{Component, Path, PathBuf};

use globset::GlobBuilder;

/// Why a glob can't be used: what is wrong with it, and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadGlob {
    /// Follows the name of the key and the glob.
    pub(super) what: String,
    /// What to do.
    pub(super) help: &'static str,
}

/// A glob of the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RootGlob {
    /// What to match: one or two globs.
    pub(super) globs: Vec<String>,
    /// The path relative to the root, if there are no wildcards.
    pub(super) literal: Option<PathBuf>,
}

/// Translates a glob that stands in a file in `base` (relative to the root).
pub(super) fn to_root(glob: &str, base: &Path, root: &Path) -> Result<RootGlob, BadGlob> {
    let bad = |what: &str, help| Err(BadGlob { what: what.to_owned(), help });
    if glob.starts_with('!') {
        return bad("begins with `!`", "put paths that do not count into `ignore`");
    }
    let (mut folder, mut rest) = (base.to_owned(), glob);
    if Path::new(glob).is_absolute() {
        let below = root.to_str().and_then(|root| glob.strip_prefix(root)?.strip_prefix('/'));
        let Some(below) = below else {
            return bad(
                "lies outside of the project",
                "write it relative to the configuration file, without `/` in front",
            );
        };
        (folder, rest) = (PathBuf::new(), below);
    }
    loop {
        if let Some(below) = rest.strip_prefix("./") {
            rest = below;
        } else if let Some(above) = rest.strip_prefix("../") {
            if !folder.pop() {
                return bad(
                    "lies outside of the project",
                    "move the configuration file to a folder above both",
                );
            }
            rest = above;
        } else {
            break;
        }
    }
    if rest.split('/').any(|part| part == "..") {
        return bad("has `..` in the middle", "write the path without it");
    }
    if let Err(error) = GlobBuilder::new(rest).literal_separator(true).build() {
        return bad(
            &format!("is no glob: {}", error.kind()),
            "put `\\` before a character that means itself",
        );
    }
    Ok(below(&folder, rest))
}

/// A glob within a folder that is relative to the root.
pub(super) fn below(folder: &Path, glob: &str) -> RootGlob {
    let is_literal = !glob.contains(['*', '?', '[', '{', '\\']);
    let glob = glob.trim_end_matches("/.");
    let is_folder = glob.ends_with('/') || glob == ".";
    let glob = if glob == "." { "" } else { glob.trim_end_matches('/') };
    let joined = match (escape(folder), glob) {
        (folder, "") => folder,
        (folder, glob) if folder.is_empty() => glob.to_owned(),
        (folder, glob) => format!("{folder}/{glob}"),
    };
    let everything = if joined.is_empty() { "**".to_owned() } else { format!("{joined}/**") };
    let literal = is_literal.then(|| folder.join(glob));
    // A path without wildcards may be a folder: then all that lies in it is meant.
    let globs = if joined.is_empty() || is_folder {
        vec![everything]
    } else if is_literal {
        vec![joined, everything]
    } else {
        vec![joined]
    };
    RootGlob { globs, literal }
}

/// A path as a glob that matches nothing else.
pub(super) fn escape(path: &Path) -> String {
    let parts: Vec<String> = path
        .components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| globset::escape(&part.as_os_str().to_string_lossy()))
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globs(glob: &str, base: &str) -> Result<Vec<String>, String> {
        to_root(glob, Path::new(base), Path::new("/w/shop")).map(|found| found.globs).map_err(|bad| bad.what)
    }

    #[test]
    fn a_glob_is_relative_to_the_folder_of_its_file() {
        assert_eq!(globs("**/*.go", ""), Ok(vec!["**/*.go".into()]));
        assert_eq!(globs("**/*.go", "tools/dev"), Ok(vec!["tools/dev/**/*.go".into()]));
        assert_eq!(globs("./../../src/*.go", "tools/dev"), Ok(vec!["src/*.go".into()]));
        assert_eq!(globs("/w/shop/src/*.go", "tools"), Ok(vec!["src/*.go".into()]));
    }

    #[test]
    fn a_path_without_wildcards_is_a_file_or_a_whole_folder() {
        assert_eq!(globs("config", ""), Ok(vec!["config".into(), "config/**".into()]));
        assert_eq!(globs("config/", "api"), Ok(vec!["api/config/**".into()]));
        assert_eq!(globs(".", "api"), Ok(vec!["api/**".into()]));
        assert_eq!(globs(".", ""), Ok(vec!["**".into()]));
        let literal = to_root("dev.yaml", Path::new("api"), Path::new("/w/shop")).map(|found| found.literal);
        assert_eq!(literal, Ok(Some("api/dev.yaml".into())));
    }

    #[test]
    fn wildcards_in_the_name_of_a_folder_mean_themselves() {
        assert_eq!(globs("*.go", "a[b]"), Ok(vec!["a[[]b[]]/*.go".into()]));
    }

    #[test]
    fn what_can_never_match_is_refused() {
        let outside = Err("lies outside of the project".to_owned());
        assert_eq!(globs("../x/*.go", ""), outside);
        assert_eq!(globs("/etc/*.go", ""), outside);
        assert_eq!(globs("/w/shopping/*.go", ""), outside);
        assert_eq!(globs("a/../b", ""), Err("has `..` in the middle".into()));
        assert_eq!(globs("!a", ""), Err("begins with `!`".into()));
        assert!(globs("a[", "").is_err_and(|what| what.starts_with("is no glob")));
    }
}
