//! The reference of `reload.toml` as a Markdown table, made from the schema. A test compares the README with it.

use std::fmt::Write as _;

use serde_json::Value;

use super::options::Options;
use super::schema;

/// One table for each kind of table of the file: key, type, default, meaning.
pub fn reference() -> String {
    let schema = schema::of::<Options>();
    let tables = [
        ("[services.NAME]", Some("ServiceOptions")),
        ("[[services.NAME.rules]]", Some("RuleOptions")),
        ("ready = { ... }", Some("ReadyOptions")),
        ("[[matcher]]", Some("MatcherOptions")),
        ("then = [{ ... }]", Some("StepOptions")),
        ("column = { ... }", Some("ColumnOptions")),
        ("Top level", None),
        ("[watch]", Some("WatchOptions")),
        ("[trust]", Some("TrustOptions")),
        ("[proxy]", Some("ProxyOptions")),
    ];
    let mut text = String::new();
    for (title, name) in tables {
        let title = if name.is_some() { format!("`{title}`") } else { title.to_owned() };
        let _ = write!(text, "| {title} | type | default | meaning |\n|---|---|---|---|\n");
        let keys: Vec<(&str, &Value)> = match name {
            Some(name) => schema::properties(&schema, name).collect(),
            None => schema::top(&schema).filter(|(_, value)| value.get("default").is_some()).collect(),
        };
        for (key, value) in keys {
            line(&mut text, key, value);
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn line(text: &mut String, key: &str, property: &Value) {
    let default =
        property.get("default").map_or_else(|| "–".to_owned(), |default| format!("`{}`", literal(default)));
    let meaning = property["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|");
    let _ = writeln!(text, "| `{key}` | {} | {default} | {meaning} |", kind(property));
}

/// A default as TOML.
fn literal(value: &Value) -> String {
    value.to_string()
}

/// The type, for people.
fn kind(property: &Value) -> String {
    if let Some(name) = property["x-type"].as_str() {
        return name.to_owned();
    }
    if let Some(words) = property["enum"].as_array() {
        let words: Vec<String> = words.iter().map(|word| format!("`{}`", literal(word))).collect();
        return words.join(" or ");
    }
    let either = property["anyOf"].as_array();
    if let Some(either) = either {
        return either.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    match property["type"].as_str() {
        Some("array") => {
            let item = kind(&property["items"]);
            let plural = if item.ends_with('s') { "es" } else { "s" };
            format!("list of {item}{plural}")
        }
        Some("integer") => "number".to_owned(),
        Some("object") | None => "table".to_owned(),
        Some(other) => other.to_owned(),
    }
}
