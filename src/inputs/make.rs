//! What `make` reads: its makefiles, and the prerequisites of what it was to make, which the dependency files of compilers
//! have completed. Asked for its database only, so that no recipe is run. Called by `course`.
//! Does not know: other toolchains; the commands of a recipe that always runs are theirs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::ask;
use super::calls::{self, Call};
use super::database::{Database, Rule};
use super::found::{self, Found};
use crate::process::CommandLine;

/// Makefiles that are written by a build: dependency files.
const WRITTEN: [&str; 7] = ["P", "Plo", "Po", "d", "dep", "depend", "deps"];

/// Asks about `make …` in a project in `root`.
pub(super) async fn ask(call: &Call, root: &Path) -> Result<Found, String> {
    let arguments = Arguments::of(&call.words);
    let mut place = call.clone();
    for dir in &arguments.dirs {
        place.dir = calls::join(&place.dir, dir);
    }
    // A goal that nobody can make ends make before it makes anything; shells complete targets in the same way. Makefiles that
    // can be made are up to date: the build has just seen to it.
    let mut words = vec![call.words[0].clone(), "-npq".to_owned()];
    words.extend(arguments.options.iter().cloned());
    words.push(".DEFAULT".to_owned());
    let mut plain = place.clone();
    plain.env.push(("LC_ALL".to_owned(), "C".to_owned()));
    let text = ask::said(&plain, words).await?.text;
    let database = Database::read(&text);
    let makefiles = database.variable("MAKEFILE_LIST").unwrap_or_default();
    if makefiles.is_empty() {
        return Err("`make -p` names no makefile".to_owned());
    }
    let mut goals = arguments.goals.clone();
    if goals.is_empty() {
        goals.extend(database.variable(".DEFAULT_GOAL").map(str::to_owned));
    }
    let mut trace =
        Trace { database: &database, place: &place, seen: BTreeSet::new(), found: Found::default() };
    for goal in &goals {
        trace.follow(goal, 0);
    }
    let mut found = trace.found;
    let is_own = |name: &&str| {
        let name = Path::new(name);
        let is_written = name.extension().is_some_and(|kind| WRITTEN.iter().any(|written| kind == *written));
        !is_written && name.file_name().is_none_or(|name| name != ".depend")
    };
    found.add_existing(makefiles.split_whitespace().filter(is_own).map(|name| calls::join(&place.dir, name)));
    found.paths.retain(|path| !found::is_of_system(path, root));
    Ok(found)
}

/// The words of the command, sorted out.
#[derive(Debug, Default, PartialEq, Eq)]
struct Arguments {
    dirs: Vec<String>,
    /// What makes another database: files, variables.
    options: Vec<String>,
    goals: Vec<String>,
}

impl Arguments {
    fn of(words: &[String]) -> Self {
        let mut arguments = Self::default();
        let mut words = words.iter().skip(1).cloned();
        while let Some(word) = words.next() {
            let (name, value) =
                word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
            match name {
                "-C" => arguments.dirs.extend(words.next()),
                "--directory" => arguments.dirs.extend(value.map(str::to_owned).or_else(|| words.next())),
                "-f" | "-I" => arguments.options.extend([Some(word), words.next()].into_iter().flatten()),
                _ if name.starts_with("-C") => arguments.dirs.push(word[2..].to_owned()),
                "-j" | "-l" | "-k" | "-s" | "-B" | "-w" => {}
                _ if name.starts_with("--file") || name.starts_with("--makefile") => {
                    arguments.options.push(word);
                }
                _ if name.starts_with(['-']) => {}
                _ if value.is_some() => arguments.options.push(word),
                // The number of `-j 4`.
                _ if word.bytes().all(|byte| byte.is_ascii_digit()) => {}
                _ => arguments.goals.push(word),
            }
        }
        arguments
    }
}

/// Follows targets to what they are made of.
struct Trace<'a> {
    database: &'a Database,
    place: &'a Call,
    seen: BTreeSet<String>,
    found: Found,
}

impl Trace<'_> {
    /// Notes what `target` is made of. True if it is made anew every time.
    fn follow(&mut self, target: &str, depth: u32) -> bool {
        let path = self.path(target);
        if depth > 200 || !self.seen.insert(target.to_owned()) {
            return false;
        }
        let Some(rule) = self.rule(target) else {
            if path.is_file() {
                self.found.paths.insert(path);
            }
            return false;
        };
        let mut is_always_made = rule.is_phony || !path.exists();
        for prerequisite in &rule.prerequisites {
            is_always_made |= self.follow(prerequisite, depth + 1);
        }
        for prerequisite in &rule.order_only {
            self.follow(prerequisite, depth + 1);
        }
        if is_always_made {
            // Whether it is up to date is for these commands to say, not for make.
            for line in &rule.recipe {
                let line = self.database.expand(line, target, &rule);
                let line = line.trim_start_matches(['@', '-', '+', ' ', '\t']);
                if !line.is_empty() {
                    let line = CommandLine::Shell(line.to_owned());
                    self.found.calls.extend(calls::of(&line, &self.place.dir, &self.place.env));
                }
            }
        }
        is_always_made
    }

    /// How a target is made; `None` for a source.
    fn rule(&self, target: &str) -> Option<Rule> {
        let explicit = self.database.rules.get(target);
        if let Some(rule) = explicit.filter(|rule| !rule.recipe.is_empty()) {
            return Some(rule.clone());
        }
        // A dependency file tells the prerequisites, a pattern the recipe.
        let fitting = self.database.patterns.iter().filter_map(|pattern| pattern.rule_for(target));
        let mut usable = fitting.filter(|rule| !rule.recipe.is_empty()).filter(|rule| {
            !rule.prerequisites.is_empty()
                && rule
                    .prerequisites
                    .iter()
                    .all(|name| self.database.rules.contains_key(name) || self.path(name).is_file())
        });
        match (usable.next(), explicit) {
            (Some(mut rule), explicit) => {
                rule.prerequisites.extend(explicit.into_iter().flat_map(|rule| rule.prerequisites.clone()));
                Some(rule)
            }
            (None, Some(rule)) => {
                let is_source =
                    rule.prerequisites.is_empty() && !rule.is_phony && self.path(target).is_file();
                (!is_source).then(|| rule.clone())
            }
            (None, None) => None,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        calls::join(&self.place.dir, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_command_are_sorted_out() {
        let of = |text: &str| Arguments::of(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let arguments = of("make -j 4 -C api -f Other.mk OUT={out} -s all");
        assert_eq!((arguments.dirs, arguments.goals), (vec!["api".to_owned()], vec!["all".to_owned()]));
        assert_eq!(arguments.options, ["-f", "Other.mk", "OUT={out}"]);
    }
}
