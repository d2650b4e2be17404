//! Which formats and matchers read the output of a command, and where it ran. Called by `Parser`.
//! Does not know: what a format looks for.

use std::sync::Arc;

use super::documents::ON_DEMAND;
use super::formats::{self, Row};
use super::matcher::{self, Matcher};
use super::python::PYTHON;
use super::{Format, Hints};

/// What one lane reads with.
#[derive(Debug, Clone)]
pub(super) enum Chosen {
    Format(&'static Row),
    Matcher(Arc<Matcher>),
}

impl Chosen {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Format(row) => row.name,
            Self::Matcher(matcher) => &matcher.name,
        }
    }

    pub(super) fn make(&self) -> Box<dyn Format> {
        match self {
            Self::Format(row) => (row.make)(),
            Self::Matcher(matcher) => matcher.reader(),
        }
    }
}

/// Commands that print nothing to look for.
const SILENT: &[&str] = &["cd", "cp", "echo", "export", "ln", "mkdir", "mv", "rm", "set", "touch", "true"];

// Matchers come first, as somebody has described them for this very output, and before a format of the same name. If
// something is named, nothing else is read.
pub(super) fn chosen(hints: &Hints, programs: &[&str]) -> Vec<Chosen> {
    let Hints { formats: named, matchers: own, .. } = hints;
    if named.is_empty() {
        let rows = with_on_demand(&choose(&[], programs));
        let own = own.iter().cloned().map(Chosen::Matcher);
        return own.chain(rows.into_iter().map(Chosen::Format)).collect();
    }
    let of_name = |name: &String| {
        let own = own.iter().find(|own| own.name == *name).cloned();
        own.or_else(|| matcher::named(name).filter(|_| name.starts_with('$')))
    };
    let mut chosen: Vec<Chosen> = named.iter().filter_map(of_name).map(Chosen::Matcher).collect();
    let others: Vec<String> = named.iter().filter(|name| of_name(name).is_none()).cloned().collect();
    // Names that nobody knows are as good as none.
    if chosen.is_empty() || !others.is_empty() {
        let rows = choose(&others, programs);
        chosen.extend(rows.into_iter().map(Chosen::Format));
    }
    chosen
}

// Named ones, else those of the programs if all of these are known, else all.
pub(super) fn choose(names: &[String], programs: &[&str]) -> Vec<&'static Row> {
    let is_of = |row: &Row, program: &str| row.commands.contains(&program);
    let is_named = |row: &&Row| names.iter().any(|name| name == row.name || is_of(row, name));
    let chosen: Vec<_> = formats::all().filter(is_named).collect();
    if !chosen.is_empty() {
        return chosen;
    }
    let speaking: Vec<_> = programs.iter().filter(|program| !SILENT.contains(program)).collect();
    let all_known = speaking.iter().all(|program| formats::all().any(|row| is_of(row, program)));
    let starts_others = speaking.iter().any(|program| ["make", "gmake"].contains(program));
    if speaking.is_empty() || !all_known || starts_others {
        return formats::all().collect();
    }
    formats::all().filter(|row| speaking.iter().any(|program| is_of(row, program))).collect()
}

fn with_on_demand(rows: &[&'static Row]) -> Vec<&'static Row> {
    let is_chosen = |row: &Row| rows.iter().any(|chosen| chosen.name == row.name);
    formats::all().filter(|row| is_chosen(row) || ON_DEMAND.contains(&row.name)).collect()
}

// The name of the program that a simple command starts, past what starts others.
pub(super) fn program(words: &[String]) -> Option<&str> {
    const STARTERS: [&str; 9] = ["env", "exec", "nice", "npx", "time", "bunx", "command", "nohup", "rustup"];
    let mut words = words.iter().map(|word| word.rsplit('/').next().unwrap_or(word));
    let is_program = |word: &&str| !word.contains('=') && !word.starts_with('-') && !STARTERS.contains(word);
    let program = words.find(is_program)?;
    // `python -m mypy`: the module is the tool.
    let module = words.next().filter(|word| *word == "-m" && PYTHON.contains(&program)).and(words.next());
    let is_known = |module: &&str| formats::all().any(|row| row.commands.contains(module));
    Some(module.filter(is_known).unwrap_or(program))
}

// The directories that the commands change to or search, in their order.
pub(super) fn inner_dirs(commands: &[Vec<String>]) -> Vec<String> {
    const OPTIONS: [&str; 5] = ["-C", "--directory", "--prefix", "--cwd", "--manifest-path"];
    let mut dirs = Vec::new();
    for words in commands {
        if words.first().is_some_and(|word| word == "cd") {
            dirs.extend(words.get(1).cloned());
        }
        // protoc names files as they are imported.
        if program(words) == Some("protoc") {
            let roots = words
                .iter()
                .filter_map(|word| word.strip_prefix("--proto_path=").or(word.strip_prefix("-I")));
            dirs.extend(roots.rev().map(str::to_owned));
        }
        for pair in words.windows(2).filter(|pair| OPTIONS.contains(&pair[0].as_str())) {
            let parent = pair[1].strip_suffix("Cargo.toml").unwrap_or(&pair[1]);
            dirs.push(parent.to_owned());
        }
    }
    dirs
}
