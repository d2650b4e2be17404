//! A configuration as a tree of values that know where they came from: from TOML with spans, from the editor's JSON, or
//! made by hand from flags. Called by `load`. Does not know: which keys exist.

use std::path::Path;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::provenance::{Lines, Provenance};
use crate::config::{ConfigProblem, Spot};

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::config) struct Node {
    /// Where it came from.
    pub(in crate::config) from: Provenance,
    /// What it is.
    pub(in crate::config) value: Value,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::config) enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// An array.
    List(Vec<Node>),
    /// A table, in the order of the document.
    Table(Vec<Entry>),
    /// What no key of ours accepts, with an article: `a date`.
    Other(&'static str),
}

/// One key of a table.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::config) struct Entry {
    /// The key.
    pub(in crate::config) key: String,
    /// Where the key itself stands.
    pub(in crate::config) from: Provenance,
    /// Its value.
    pub(in crate::config) node: Node,
}

impl Value {
    /// What it is, for people.
    pub(in crate::config) fn describe(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(what) => what,
        }
    }
}

impl Node {
    /// A table with one key.
    pub(in crate::config) fn table(key: &str, from: &Provenance, node: Self) -> Self {
        let entry = Entry { key: key.to_owned(), from: from.clone(), node };
        Self { from: from.clone(), value: Value::Table(vec![entry]) }
    }

    /// The same values, all from one place.
    pub(in crate::config) fn stamped(self, from: &Provenance) -> Self {
        let stamp = |node: Self| node.stamped(from);
        let value = match self.value {
            Value::List(items) => Value::List(items.into_iter().map(stamp).collect()),
            Value::Table(entries) => Value::Table(
                entries
                    .into_iter()
                    .map(|entry| Entry { key: entry.key, from: from.clone(), node: stamp(entry.node) })
                    .collect(),
            ),
            value @ (Value::Text(_) | Value::Integer(_) | Value::Boolean(_) | Value::Other(_)) => value,
        };
        Self { from: from.clone(), value }
    }

    /// The text, if it is a string.
    pub(in crate::config) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The number, if it is one.
    pub(in crate::config) fn integer(&self) -> Option<i64> {
        if let Value::Integer(number) = &self.value { Some(*number) } else { None }
    }

    /// The entries, if it is a table.
    pub(in crate::config) fn entries(&self) -> &[Entry] {
        if let Value::Table(entries) = &self.value { entries } else { &[] }
    }

    /// The value of a key, if it is a table that has it.
    pub(in crate::config) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// Lays `self` over `below`: tables are merged key by key, everything else is replaced as a whole.
    pub(in crate::config) fn over(self, below: Self) -> Self {
        match (self.value, below.value) {
            (Value::Table(above), Value::Table(mut entries)) => {
                for entry in above {
                    match entries.iter_mut().find(|old| old.key == entry.key) {
                        Some(old) => old.node = entry.node.over(old.node.clone()),
                        None => entries.push(entry),
                    }
                }
                Self { from: below.from, value: Value::Table(entries) }
            }
            (value, _) => Self { from: self.from, value },
        }
    }
}

/// Reads TOML. Every syntax error is reported, one for each line.
pub(in crate::config) fn from_toml(path: &Path, text: &str) -> Result<Node, Vec<ConfigProblem>> {
    let lines = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<ConfigProblem> = Vec::new();
    for error in errors {
        let spot = lines.spot(path, &error.span().unwrap_or(0..0));
        // After a mistake the parser finds more of them that are none.
        let is_echo = |old: &ConfigProblem| {
            old.message.ends_with(error.message())
                || old.spot.as_ref().map(|old| old.start.0) == Some(spot.start.0)
        };
        if !problems.iter().any(is_echo) {
            let message = format!("not valid TOML: {}", error.message());
            let help = Some(syntax_help(error.message()).to_owned());
            problems.push(ConfigProblem { spot: Some(spot), message, help });
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let place = |span| Provenance::File(lines.spot(path, &span));
    Ok(Node { from: Provenance::File(Spot::top(path)), value: from_table(table.into_inner(), &place) })
}

fn syntax_help(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "a key stands once in its table: remove one"
    } else if message.contains("quoted") {
        "put it in quotes"
    } else if message.contains("comma") || message.contains("array") {
        "close the list with `]`, and put `,` between its items"
    } else {
        "a line is `key = value`, `[table]` or a comment"
    }
}

fn from_table(table: DeTable<'_>, place: &dyn Fn(std::ops::Range<usize>) -> Provenance) -> Value {
    let mut keys: Vec<_> = table.into_iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, value): (Spanned<_>, _)| {
        let from = place(key.span());
        Entry { key: std::borrow::Cow::into_owned(key.into_inner()), from, node: from_value(value, place) }
    };
    Value::Table(keys.into_iter().map(entry).collect())
}

fn from_value(value: Spanned<DeValue<'_>>, place: &dyn Fn(std::ops::Range<usize>) -> Provenance) -> Node {
    let from = place(value.span());
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other("a number beyond 64 bits"), Value::Integer),
        DeValue::Float(_) => Value::Other("a fraction"),
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(items) => Value::List(items.into_iter().map(|item| from_value(item, place)).collect()),
        DeValue::Table(table) => from_table(table, place),
    };
    Node { from, value }
}

/// Reads the editor's JSON. `key` is the dotted key of `json`; empty for the whole. A `null` is as good as absent.
pub(in crate::config) fn from_json(key: &str, json: &Json) -> Node {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    let value = match json {
        Json::Null => Value::Other("null"),
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(number) => number.as_i64().map_or(Value::Other("a fraction"), Value::Integer),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => {
            let item = |(index, item)| from_json(&format!("{key}[{index}]"), item);
            Value::List(items.iter().enumerate().map(item).collect())
        }
        Json::Object(fields) => Value::Table(
            fields
                .iter()
                .filter(|(_, field)| !field.is_null())
                .map(|(name, field)| Entry {
                    key: name.clone(),
                    from: Provenance::Editor(below(name)),
                    node: from_json(&below(name), field),
                })
                .collect(),
        ),
    };
    Node { from: Provenance::Editor(key.to_owned()), value }
}
