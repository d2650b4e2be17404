//! What `tsc` reads, as `--listFilesOnly` tells, and its configuration. Called by `course`.
//! Does not know: other toolchains.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::ask::{self, read};
use super::calls::{self, Call};
use super::found::Found;

/// Options that keep `tsc` from telling.
const OTHERS: [&str; 7] = ["-b", "--build", "-w", "--watch", "-v", "--verbose", "--incremental"];

static EXTENDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""extends"\s*:\s*(\[[^\]]*\]|"[^"]*")"#).expect("it is valid"));
static REFERENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""path"\s*:\s*("[^"]*")"#).expect("it is valid"));
static TEXT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""([^"]*)""#).expect("it is valid"));

/// True for `tsc`, started directly, by a package manager or by node.
pub(super) fn is_call(words: &[&str]) -> bool {
    program(words).is_some()
}

/// Which word is the compiler.
fn program(words: &[&str]) -> Option<usize> {
    let is_tsc = |word: &str| matches!(calls::name(word), "tsc" | "tsc.js" | "vue-tsc");
    let starters = ["npx", "npm", "pnpm", "yarn", "bun", "bunx", "node", "exec", "x", "run", "--"];
    words
        .iter()
        .take_while(|word| is_tsc(word) || word.starts_with('-') || starters.contains(&calls::name(word)))
        .position(|word| is_tsc(word))
}

/// Asks about `tsc …`.
pub(super) async fn ask(call: &Call) -> Result<Found, String> {
    let words: Vec<&str> = call.words.iter().map(String::as_str).collect();
    let at = program(&words).ok_or("it is no call of tsc")?;
    let (program, options) = (&words[..=at], &words[at + 1..]);
    let kept: Vec<&str> = options.iter().copied().filter(|option| !OTHERS.contains(option)).collect();
    let mut found = Found::default();
    if options.iter().any(|option| matches!(*option, "-b" | "--build")) {
        let named = kept.iter().filter(|option| !option.starts_with('-'));
        let named: Vec<PathBuf> = named.map(|project| config(&calls::join(&call.dir, project))).collect();
        let first = if named.is_empty() { vec![config(&call.dir)] } else { named };
        let all = configs(first, read);
        for project in &all.projects {
            let project = project.display().to_string();
            let words = [program, &["-p", &project, "--listFilesOnly"]].concat();
            files(call, &words, &mut found).await?;
        }
        found.add_existing(all.files);
    } else {
        let words = [program, &kept, &["--listFilesOnly"]].concat();
        files(call, &words, &mut found).await?;
        let named = kept.windows(2).find(|pair| matches!(pair[0], "-p" | "--project")).map(|pair| pair[1]);
        let first = match named {
            Some(project) => config(&calls::join(&call.dir, project)),
            None => config(
                call.dir.ancestors().find(|above| above.join("tsconfig.json").is_file()).unwrap_or(&call.dir),
            ),
        };
        found.add_existing(configs(vec![first], read).files);
    }
    let package = call.dir.ancestors().map(|above| above.join("package.json")).find(|path| path.is_file());
    found.paths.extend(package);
    Ok(found)
}

async fn files(call: &Call, words: &[&str], found: &mut Found) -> Result<(), String> {
    let text = ask::answer(call, words.iter().map(|&word| word.to_owned()).collect()).await?;
    found.paths.extend(parse(&text).map(|file| call.dir.join(file)));
    Ok(())
}

/// One file on each line → those that are not of a library.
fn parse(text: &str) -> impl Iterator<Item = &Path> {
    let files = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Path::new);
    files
        .filter(|file| file.components().all(|part| part.as_os_str() != "node_modules"))
        .filter(|file| !file.parent().is_some_and(|parent| parent.ends_with("typescript/lib")))
}

/// The configuration that a project is named by: a file, or the directory of one.
fn config(project: &Path) -> PathBuf {
    if project.extension().is_some_and(|extension| extension == "json") {
        project.to_owned()
    } else {
        project.join("tsconfig.json")
    }
}

/// Configurations that belong together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Configs {
    /// The projects: what was asked about, and what they refer to.
    projects: BTreeSet<PathBuf>,
    /// All files, with those that they extend.
    files: BTreeSet<PathBuf>,
}

/// Follows `extends` and `references`. The files are JSON with comments: a name in a comment is one too many at worst.
fn configs(first: Vec<PathBuf>, read: impl Fn(&Path) -> Option<String>) -> Configs {
    let mut configs = Configs { projects: first.iter().cloned().collect(), files: BTreeSet::new() };
    let mut next = first;
    while let Some(file) = next.pop() {
        let Some(text) = read(&file).filter(|_| configs.files.insert(file.clone())) else { continue };
        let folder = file.parent().unwrap_or(Path::new("/"));
        let named = |found: &str| -> Vec<String> {
            TEXT.captures_iter(found).map(|text| text[1].to_owned()).collect()
        };
        for found in EXTENDS.captures_iter(&text) {
            // What is not relative comes with a package.
            for name in named(&found[1]).into_iter().filter(|name| name.starts_with('.')) {
                let path = calls::join(folder, &name);
                let is_file = path.extension().is_some_and(|extension| extension == "json");
                next.push(if is_file { path } else { PathBuf::from(format!("{}.json", path.display())) });
            }
        }
        if configs.projects.contains(&file) && text.contains("\"references\"") {
            for found in REFERENCE.captures_iter(&text) {
                let project = named(&found[1]).into_iter().next().unwrap_or_default();
                let project = config(&calls::join(folder, &project));
                configs.projects.insert(project.clone());
                next.push(project);
            }
        }
    }
    configs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_with_the_compiler_or_a_package_is_left_out() {
        let files: Vec<_> = parse(include_str!("../../tests/fixtures/inputs/tsc.txt")).collect();
        assert_eq!(files, ["/w/app/src/lib/a.ts", "/w/app/src/d.json", "/w/app/src/main.ts"].map(Path::new));
    }

    #[test]
    fn configurations_are_followed() {
        let read = |path: &Path| {
            let text = match path.to_str().unwrap() {
                "/w/app/tsconfig.json" => {
                    r#"{ "extends": ["../base", "@tsconfig/node20"], // strict
                        "references": [{ "path": "../lib" }, { "path": "./web.json", }] }"#
                }
                "/w/base.json" => {
                    r#"{"extends": "./deep/root.json", "compilerOptions": {"paths": {"path": ["x"]}}}"#
                }
                "/w/deep/root.json" | "/w/lib/tsconfig.json" | "/w/app/web.json" => "{}",
                _ => return None,
            };
            Some(text.to_owned())
        };
        let found = configs(vec!["/w/app/tsconfig.json".into()], read);
        let texts = |paths: &BTreeSet<PathBuf>| -> Vec<String> {
            paths.iter().map(|path| path.display().to_string()).collect()
        };
        assert_eq!(
            texts(&found.projects),
            ["/w/app/tsconfig.json", "/w/app/web.json", "/w/lib/tsconfig.json"]
        );
        assert_eq!(
            texts(&found.files),
            [
                "/w/app/tsconfig.json",
                "/w/app/web.json",
                "/w/base.json",
                "/w/deep/root.json",
                "/w/lib/tsconfig.json"
            ]
        );
    }

    #[test]
    fn the_compiler_is_found_behind_what_starts_it() {
        for (text, is_call) in [
            ("tsc", true),
            ("./node_modules/.bin/tsc -p .", true),
            ("npx --yes tsc", true),
            ("pnpm exec tsc", true),
            ("node --max-old-space-size=4096 node_modules/typescript/lib/tsc.js", true),
            ("esbuild tsc", false),
            ("npx esbuild", false),
        ] {
            assert_eq!(super::is_call(&text.split(' ').collect::<Vec<_>>()), is_call, "{text}");
        }
    }
}
