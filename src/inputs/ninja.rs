//! What `ninja` reads, as `-t inputs` and `-t deps` tell: what the rules name, and what the compilers found. Called by
//! `course`. Does not know: other toolchains.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::ask::{self, read};
use super::calls::{self, Call};
use super::found::{self, Found};

/// The file of rules, if the command names no other.
const RULES: &str = "build.ninja";

/// The call of ninja that `cmake --build DIR` or `meson compile -C DIR` stand for.
pub(super) fn behind(call: &Call) -> Option<Call> {
    let words: Vec<&str> = call.words.iter().map(String::as_str).collect();
    let folder = match words.as_slice() {
        ["cmake", "--build", folder, ..] => calls::join(&call.dir, folder),
        ["meson", "compile", rest @ ..] => {
            let folder = rest.iter().position(|word| *word == "-C").and_then(|at| rest.get(at + 1));
            calls::join(&call.dir, folder.unwrap_or(&"."))
        }
        _ => return None,
    };
    let is_ninja = folder.join(RULES).is_file();
    is_ninja.then(|| Call { dir: folder, env: call.env.clone(), words: vec!["ninja".to_owned()] })
}

/// Asks about `ninja …` in a project in `root`.
pub(super) async fn ask(call: &Call, root: &Path) -> Result<Found, String> {
    let arguments = Arguments::of(&call.words);
    let dir = arguments.dir.as_ref().map_or_else(|| call.dir.clone(), |dir| calls::join(&call.dir, dir));
    let here = Call { dir: dir.clone(), ..call.clone() };
    let tool = |tool: &[&str], targets: &[String]| -> Vec<String> {
        let words = [call.words[0].as_str(), "-f", &arguments.file, "-t"];
        words.iter().chain(tool).map(|&word| word.to_owned()).chain(targets.iter().cloned()).collect()
    };
    let inputs = ask::answer(&here, tool(&["inputs"], &arguments.targets)).await?;
    let deps = ask::said(&here, tool(&["deps"], &[])).await?.text;
    let outputs = ask::said(&here, tool(&["targets", "all"], &[])).await?.text;
    // What the rules themselves are made of, where a generator says so.
    let of_rules = ask::said(&here, tool(&["inputs"], std::slice::from_ref(&arguments.file))).await?.text;
    let outputs = targets(&outputs);
    let named = inputs.lines().chain(of_rules.lines());
    let named = named.map(|line| line.trim_matches('\'')).chain(dependencies(&deps));
    let sources = named.filter(|name| !name.is_empty() && !outputs.contains(name));
    let mut found = Found::default();
    let paths = sources.map(|name| calls::join(&dir, name));
    found.add_existing(paths.filter(|path| !found::is_of_system(path, root)));
    let rules: Vec<PathBuf> = rule_files(&dir, &arguments.file);
    found.paths.extend(rules.into_iter().filter(|file| {
        let name = file.strip_prefix(&dir).ok().and_then(Path::to_str);
        !name.is_some_and(|name| outputs.contains(name))
    }));
    Ok(found)
}

#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    dir: Option<String>,
    file: String,
    targets: Vec<String>,
}

impl Arguments {
    fn of(words: &[String]) -> Self {
        let mut arguments = Self { dir: None, file: RULES.to_owned(), targets: Vec::new() };
        let mut words = words.iter().skip(1).cloned();
        while let Some(word) = words.next() {
            match word.as_str() {
                "-C" => arguments.dir = words.next(),
                "-f" => arguments.file = words.next().unwrap_or_else(|| RULES.to_owned()),
                "-j" | "-k" | "-l" | "-d" | "-w" => drop(words.next()),
                _ if word.starts_with("-C") => arguments.dir = Some(word[2..].to_owned()),
                _ if word.starts_with("-f") => word[2..].clone_into(&mut arguments.file),
                _ if word.starts_with('-') => {}
                _ => arguments.targets.push(word),
            }
        }
        arguments
    }
}

/// `-t targets all`: `name: rule` on each line → the names.
fn targets(text: &str) -> BTreeSet<&str> {
    text.lines().filter_map(|line| line.rsplit_once(": ")).map(|(name, _)| name).collect()
}

/// `-t deps`: each dependency on a line of its own, indented, below its output.
fn dependencies(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.starts_with("    ")).map(str::trim)
}

/// The file of rules, and those that it includes.
fn rule_files(dir: &Path, first: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut next = vec![calls::join(dir, first)];
    while let Some(file) = next.pop() {
        let Some(text) = read(&file).filter(|_| !files.contains(&file)) else { continue };
        let included = text
            .lines()
            .filter_map(|line| line.strip_prefix("include ").or_else(|| line.strip_prefix("subninja ")));
        next.extend(included.map(|name| calls::join(dir, name.trim())));
        files.push(file);
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_compilers_found_and_what_is_made_are_told_apart() {
        let deps = include_str!("../../tests/fixtures/inputs/ninja-deps.txt");
        assert_eq!(dependencies(deps).collect::<Vec<_>>(), ["util.c", "util.h", "main.c", "util.h"]);
        let made = targets("main.o: cc\nC:/x y.o: cc\napp: link\n");
        assert_eq!(made.into_iter().collect::<Vec<_>>(), ["C:/x y.o", "app", "main.o"]);
    }

    #[test]
    fn the_words_of_the_command_are_understood() {
        let of = |text: &str| Arguments::of(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let arguments = of("ninja -C build -j 4 -v app");
        assert_eq!((arguments.dir.as_deref(), arguments.file.as_str()), (Some("build"), RULES));
        assert_eq!(arguments.targets, ["app"]);
        assert_eq!(of("ninja -fx.ninja").file, "x.ninja");
    }
}
