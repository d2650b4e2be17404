//! Lists of globs relative to the root, as `watch`, `ignore` and `rules` have them. Called by `filter` only.
//! Does not know: the disk.

use std::path::{Path, PathBuf};

use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};

/// What makes a part of a glob more than a name.
const META: [char; 5] = ['*', '?', '[', '{', '\\'];

/// A list of globs. `*` stops at `/`, `**` does not; `dir`, `dir/` and `dir/**` all mean everything below `dir`.
#[derive(Debug)]
pub(super) struct Globs {
    set: GlobSet,
    /// For each matcher in `set`, the index of the glob that it was made of.
    made_of: Vec<usize>,
    texts: Vec<String>,
    reaches: Vec<Reach>,
}

/// Where a glob can match at all.
#[derive(Debug)]
struct Reach {
    /// The directory that everything it can match lies in, or the very path that it names.
    base: PathBuf,
    /// How many parts a path has at most that it matches; `None`: any number.
    depth: Option<usize>,
}

impl Globs {
    /// Globs that cannot be understood match nothing; `config` has told the person about them.
    pub(super) fn new(texts: &[String]) -> Self {
        let mut set = GlobSetBuilder::new();
        let mut made_of = Vec::new();
        let mut reaches = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let glob = clean(text);
            let forms = forms(glob);
            let is_deep = forms.iter().any(|form| form.contains("**"));
            let depth = (!is_deep).then(|| glob.split('/').count());
            reaches.push(Reach { base: base(glob), depth });
            for form in forms {
                match GlobBuilder::new(&form).literal_separator(true).backslash_escape(true).build() {
                    Ok(built) => {
                        set.add(built);
                        made_of.push(index);
                    }
                    Err(error) => tracing::warn!("could not understand the glob `{text}`: {error}"),
                }
            }
        }
        let set = set.build().unwrap_or_else(|error| {
            tracing::warn!("could not compile the globs {texts:?}: {error}");
            GlobSet::empty()
        });
        Self { set, made_of, texts: texts.to_vec(), reaches }
    }

    /// The first glob that matches, as written.
    pub(super) fn first_match(&self, relative: &Path) -> Option<&str> {
        let candidate = Candidate::new(relative);
        if !self.set.is_match_candidate(&candidate) {
            return None;
        }
        let first = self.set.matches_candidate(&candidate).into_iter().min()?;
        Some(&self.texts[self.made_of[first]])
    }

    /// True when something in or below the directory could match.
    pub(super) fn reach(&self, directory: &Path) -> bool {
        let depth = directory.components().count();
        self.reaches.iter().any(|reach| {
            let is_on_the_way = reach.base.starts_with(directory) || directory.starts_with(&reach.base);
            is_on_the_way && reach.depth.is_none_or(|most| depth < most)
        })
    }

    /// True when everything below the directory matches. Asked with names that nobody has, at two depths.
    pub(super) fn cover(&self, directory: &Path) -> bool {
        let child = directory.join("\u{1}");
        self.set.is_match(child.join("\u{1}")) && self.set.is_match(child)
    }
}

/// The glob without what says no more than "here".
fn clean(text: &str) -> &str {
    text.trim_start_matches("./").trim_start_matches('/')
}

/// What a glob is matched as. One that ends in a name also means everything below the directory of that name.
fn forms(glob: &str) -> Vec<String> {
    if let Some(directory) = glob.strip_suffix('/') {
        return vec![format!("{directory}/**")];
    }
    if matches!(glob, "" | ".") {
        return vec!["**".to_owned()];
    }
    let last = glob.rsplit('/').next().unwrap_or(glob);
    if last.contains(META) { vec![glob.to_owned()] } else { vec![glob.to_owned(), format!("{glob}/**")] }
}

/// The leading parts that are plain names.
fn base(glob: &str) -> PathBuf {
    glob.split('/').take_while(|part| !part.contains(META)).filter(|part| *part != ".").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globs(texts: &[&str]) -> Globs {
        Globs::new(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn globs_match_what_people_mean() {
        #[rustfmt::skip]
        let rows = [
            ("*.go", "main.go", true), ("*.go", "cmd/main.go", false), ("**/*.go", "main.go", true),
            ("**/*.go", "a/b/c.go", true), ("**/*.go", "a/b.GO", false), ("go.mod", "go.mod", true),
            ("go.mod", "sub/go.mod", false), ("config/*.yaml", "config/a.yaml", true),
            ("config/*.yaml", "config/x/a.yaml", false), ("templates/", "templates/a/b.html", true),
            ("templates", "templates/a.html", true), ("templates", "templates", true),
            ("templates/**", "templates/a/b.html", true), ("templates/**", "templates2/b.html", false),
            ("./src/**", "src/a.rs", true), ("/src/**", "src/a.rs", true), ("/src/**", "x/src/a.rs", false),
            ("**/testdata/", "a/testdata/b", true), ("**/testdata", "a/testdata/b/c", true),
            ("*.{css,scss}", "a.scss", true), ("a[0-9].txt", "a7.txt", true), ("a[0-9].txt", "ab.txt", false),
            ("?.rs", "a.rs", true), ("?.rs", "ab.rs", false), ("**", ".env", true), (".", "a/b", true),
            ("**/*", ".github/x.yml", true), ("src/**/mod.rs", "src/mod.rs", true), ("a b/*.c", "a b/x.c", true),
            ("", "a", true), ("ä/*.rs", "ä/ö.rs", true), ("{", "{", false), ("a\\*b", "a*b", true), ("a\\*b", "axb", false),
        ];
        for (glob, path, is_match) in rows {
            assert_eq!(globs(&[glob]).first_match(Path::new(path)).is_some(), is_match, "{glob} on {path}");
        }
    }

    #[test]
    fn the_first_glob_of_several_is_named() {
        let globs = globs(&["a/*.rs", "**/*.rs", "**"]);
        assert_eq!(globs.first_match(Path::new("b/x.rs")), Some("**/*.rs"));
        assert_eq!(globs.first_match(Path::new("a/x.rs")), Some("a/*.rs"));
    }

    #[test]
    fn directories_that_no_glob_can_reach_are_known() {
        let globs = globs(&["src/**/*.rs", "config/dev.yaml", "web/*/*.css", "lib/"]);
        for (directory, is_reached) in [
            ("", true),
            ("src", true),
            ("src/a/b", true),
            ("config", true),
            ("docs", false),
            ("src2", false),
            ("web", true),
            ("web/a", true),
            ("web/a/b", false),
            ("lib/a/b", true),
        ] {
            assert_eq!(globs.reach(Path::new(directory)), is_reached, "{directory}");
        }
    }

    #[test]
    fn a_directory_is_covered_only_when_all_of_it_is() {
        let rows = [
            ("node_modules", true),
            ("node_modules/", true),
            ("node_modules/**", true),
            ("node_modules/*", false),
            ("**/node_modules", true),
            ("**/*_test.go", false),
            ("**", true),
            ("node_modules/*.js", false),
        ];
        for (glob, is_covered) in rows {
            assert_eq!(globs(&[glob]).cover(Path::new("node_modules")), is_covered, "{glob}");
        }
    }
}
