//! What `go build` reads, as `go list -deps` tells: sources, cgo and embedded files of the module, of its workspace and of
//! what is replaced by a directory. Called by `course`. Does not know: other toolchains.

use std::path::PathBuf;

use serde::Deserialize;

use super::ask;
use super::calls::Call;
use super::found::Found;

/// The fields that are asked for.
const FIELDS: &str = "-json=Dir,Standard,Module,GoFiles,CgoFiles,CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,\
    SwigCXXFiles,SysoFiles,EmbedFiles,EmbedPatterns";

/// Options of `go build` that have no meaning for `go list`.
const OF_BUILD: [&str; 6] = ["a", "i", "n", "v", "work", "x"];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Package {
    dir: Option<PathBuf>,
    #[serde(default)]
    standard: bool,
    module: Option<Module>,
    #[serde(default)]
    embed_patterns: Vec<String>,
    #[serde(flatten)]
    files: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Module {
    #[serde(default)]
    main: bool,
    version: Option<String>,
    replace: Option<Box<Module>>,
    dir: Option<PathBuf>,
    go_mod: Option<PathBuf>,
}

impl Module {
    /// False for what lies in the module cache, where nobody edits it.
    fn is_local(&self) -> bool {
        let module = self.replace.as_deref().unwrap_or(self);
        // What is vendored has no directory of its own.
        self.main || module.version.is_none() || module.dir.is_none()
    }
}

/// Asks about `go build …`.
pub(super) async fn ask(call: &Call) -> Result<Found, String> {
    let (chdir, arguments) = arguments(&call.words);
    let go = |words: &[&str]| -> Vec<String> {
        let mut all = vec![call.words[0].clone(), words[0].to_owned()];
        all.extend(chdir.iter().cloned());
        all.extend(words[1..].iter().map(|&word| word.to_owned()));
        all
    };
    let mut words = go(&["list", "-deps", FIELDS]);
    words.extend(arguments);
    let mut found = parse(&ask::answer(call, words).await?)?;
    let workspace = ask::answer(call, go(&["env", "GOWORK"])).await?;
    let workspace = PathBuf::from(workspace.trim());
    if workspace.is_absolute() {
        found.add_existing([workspace.with_extension("work.sum"), workspace]);
    }
    Ok(found)
}

/// What of the words of `go build` is for `go list`, too: where it is to go first, and options and packages.
fn arguments(words: &[String]) -> (Option<String>, Vec<String>) {
    let mut chdir = None;
    let mut kept = Vec::new();
    let mut words = words.iter().skip(2).peekable();
    while let Some(word) = words.next() {
        let option = word.strip_prefix("--").or_else(|| word.strip_prefix('-')).unwrap_or_default();
        match option.split_once('=').map_or(option, |(name, _)| name) {
            "o" if option == "o" => drop(words.next()),
            "o" => {}
            "C" if option == "C" => chdir = words.next().map(|directory| format!("-C={directory}")),
            "C" => chdir = Some(word.clone()),
            _ if OF_BUILD.contains(&option) => {}
            _ => kept.push(word.clone()),
        }
    }
    (chdir, kept)
}

/// The packages, as a stream of objects → the files of those that are not the world's.
fn parse(text: &str) -> Result<Found, String> {
    let mut found = Found::default();
    for package in serde_json::Deserializer::from_str(text).into_iter::<Package>() {
        let package = package.map_err(|error| format!("`go list` said what is no JSON: {error}"))?;
        let is_local = package.module.as_ref().is_none_or(Module::is_local);
        let Some(dir) = package.dir.filter(|_| !package.standard && is_local) else { continue };
        let lists = package.files.values().filter_map(|files| files.as_array());
        let files = lists.flatten().filter_map(|file| file.as_str());
        found.paths.extend(files.map(|file| dir.join(file)));
        let patterns = package.embed_patterns.iter();
        let patterns = patterns.map(|pattern| pattern.strip_prefix("all:").unwrap_or(pattern));
        // An embedded directory: what comes into being there is embedded, too.
        found.paths.extend(patterns.map(|pattern| dir.join(pattern)).filter(|path| path.is_dir()));
        if let Some(manifest) = package.module.and_then(|module| module.go_mod) {
            found.add_existing([manifest.with_file_name("go.sum"), manifest]);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_options_of_the_build_are_those_of_the_list() {
        for (text, chdir, kept) in [
            ("go build -o {out} ./cmd/api", None, "./cmd/api"),
            ("go build -C api -v -race -tags a,b -o=x .", Some("-C=api"), "-race -tags a,b ."),
            ("go build -C=api --x", Some("-C=api"), ""),
            ("go install -mod=mod -ldflags x main.go util.go", None, "-mod=mod -ldflags x main.go util.go"),
        ] {
            let (found, arguments) = arguments(&words(text));
            assert_eq!((found.as_deref(), arguments.join(" ").as_str()), (chdir, kept), "{text}");
        }
    }

    #[test]
    fn what_lies_in_the_standard_library_or_the_module_cache_is_left_out() {
        let text = include_str!("../../tests/fixtures/inputs/go.json");
        let found = parse(text).unwrap();
        let files: Vec<_> = found.paths.iter().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(
            files,
            [
                "/w/app/cmd/api/main.go",
                "/w/app/fast/fast.c",
                "/w/app/fast/fast.go",
                "/w/app/fast/fast.h",
                "/w/app/vendor/example.com/vendored/v.go",
                "/w/app/web/a.txt",
                "/w/app/web/static/a.css",
                "/w/app/web/web.go",
                "/w/lib/lib.go",
            ]
        );
        assert!(parse("{").is_err());
    }
}
