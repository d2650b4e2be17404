//! A typed reader for one table: it knows which keys were asked for, and reports those that nobody asked for.
//! Called by `read`. Does not know: which keys exist.

use crate::config::ConfigProblem;
use crate::config::options::{At, Written};
use crate::config::read::document::{Entry, Node, Value};

/// What is wrong in the document, in the order in which it was read.
pub(in crate::config) type Problems = Vec<ConfigProblem>;

/// Turns a node into a value, or reports why it can't. The text is the dotted key, for messages.
pub(super) trait Parse<T>: Fn(&Node, &str, &mut Problems) -> Option<T> {}
impl<T, F: Fn(&Node, &str, &mut Problems) -> Option<T>> Parse<T> for F {}

/// A table that is being read.
#[derive(Debug)]
pub(super) struct Table<'a> {
    name: String,
    entries: &'a [Entry],
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// Opens a node as a table; if it is something else, that is reported.
    pub(super) fn open(node: &'a Node, name: &str, problems: &mut Problems) -> Option<Self> {
        if let Value::Table(entries) = &node.value {
            return Some(Self { name: name.to_owned(), entries, asked: Vec::new() });
        }
        problems.push(mismatch(node, name, "a table", &format!("write `[{name}]` and its keys below")));
        None
    }

    /// Reads one key.
    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
        parse: impl Parse<T>,
    ) -> Written<T> {
        self.asked.push(key);
        let Some(entry) = self.entries.iter().find(|entry| entry.key == key) else {
            return Written::Absent;
        };
        match parse(&entry.node, &self.path(key), problems) {
            Some(value) => Written::Given(At { value, from: entry.node.from.clone() }),
            None => Written::Wrong,
        }
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self, problems: &mut Problems) {
        for entry in self.entries {
            if !self.asked.contains(&entry.key.as_str()) {
                problems.push(self.unknown(entry));
            }
        }
    }

    fn unknown(&self, entry: &Entry) -> ConfigProblem {
        let key = &entry.key;
        let message = if self.name.is_empty() {
            format!("unknown key `{key}`")
        } else {
            format!("unknown key `{key}` in `{}`", self.name)
        };
        let is_table = matches!(entry.node.value, Value::Table(_));
        let help = match suggestion(key, self.asked.iter().copied()) {
            Some(known) => format!("did you mean `{known}`?"),
            None if self.name.is_empty() && is_table => format!("a service is written as `[services.{key}]`"),
            None => format!("the keys here are {}", enumerate(self.asked.iter().copied())),
        };
        entry.from.problem(message, help)
    }

    /// The dotted name of one of its keys.
    pub(super) fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

/// Reports a value of the wrong type.
pub(super) fn mismatch(node: &Node, name: &str, wanted: &str, help: &str) -> ConfigProblem {
    node.from.problem(format!("`{name}` must be {wanted}, not {}", node.value.describe()), help)
}

/// Reads every item of a list by `parse`.
pub(super) fn list<T>(wanted: &'static str, parse: impl Parse<T>) -> impl Parse<Vec<At<T>>> {
    move |node: &Node, name: &str, problems: &mut Problems| {
        let Value::List(items) = &node.value else {
            let key = name.rsplit('.').next().unwrap_or(name);
            let item = node.text().map_or_else(|| "...".to_owned(), |text| format!("{text:?}"));
            let help = format!("write `{key} = [{item}]`");
            problems.push(mismatch(node, name, &format!("a list of {wanted}"), &help));
            return None;
        };
        let place = |item: &Node| item.from.clone();
        let values: Vec<Option<At<T>>> = items
            .iter()
            .map(|item| parse(item, name, problems).map(|value| At { value, from: place(item) }))
            .collect();
        // Every wrong item has been reported by now; one is enough to make the list wrong.
        values.into_iter().collect()
    }
}

/// The known word that somebody who wrote `word` most likely meant.
pub(in crate::config) fn suggestion<'a>(
    word: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let folded = |word: &str| word.to_lowercase().replace('-', "_");
    let lower = folded(word);
    let other_name = OTHER_NAMES.iter().find(|(other, _)| *other == lower).map(|(_, ours)| *ours);
    if let Some(ours) = other_name
        && let Some(found) = known.clone().find(|candidate| *candidate == ours)
    {
        return Some(found);
    }
    known
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &folded(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(lower.len()) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What other tools call the same thing.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("bin", "run"),
    ("cmd", "run"),
    ("command", "run"),
    ("cwd", "dir"),
    ("directory", "dir"),
    ("env_file", "env_files"),
    ("environment", "env"),
    ("exclude", "ignore"),
    ("exec", "run"),
    ("include", "watch"),
    ("kill_timeout", "grace"),
    ("path", "dir"),
    ("port", "listen"),
    ("signal", "stop_signal"),
    ("start", "run"),
    ("workdir", "dir"),
];

/// Words for people: `a, b and c`, each in backticks.
pub(in crate::config) fn enumerate<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
