//! Problem matchers as VS Code has them in `tasks.json`, unchanged → steps.
//! Called by `definition`. Does not know: who wrote it where.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::builtin;
use super::found::{Dir, Field, Treatment};
use super::javascript;
use super::steps::Step;
use super::{Kind, Matcher, Mistake};
use crate::engine::{ColumnUnit, Severity};

/// What a problem matcher may hold. Of these `owner`, `applyTo`, `background` and the like mean nothing here.
pub const KEYS: &[&str] = &[
    "applyTo",
    "background",
    "base",
    "fileLocation",
    "label",
    "name",
    "owner",
    "pattern",
    "severity",
    "source",
    "watching",
];
const PATTERN: &[&str] = &[
    "code",
    "column",
    "endColumn",
    "endLine",
    "file",
    "kind",
    "line",
    "location",
    "loop",
    "message",
    "name",
    "regexp",
    "severity",
];
const FIELDS: &[(&str, Field)] = &[
    ("file", Field::File),
    ("location", Field::Location),
    ("line", Field::Line),
    ("column", Field::Column),
    ("endLine", Field::EndLine),
    ("endColumn", Field::EndColumn),
    ("severity", Field::Severity),
    ("code", Field::Code),
    ("message", Field::Message),
];

/// Reads a problem matcher. `known` finds what `base` names, besides the built-in ones.
pub(super) fn read(
    name: &str,
    value: &Value,
    known: &dyn Fn(&str) -> Option<Arc<Matcher>>,
) -> Result<Matcher, Mistake> {
    let object = object(value, &[], KEYS)?;
    let text = format!("{name} {value}");
    let mut matcher = match object.get("base") {
        Some(base) => {
            let base = string(base, &["base"])?;
            let found = known(base).or_else(|| builtin::named(base));
            let found = found.ok_or_else(|| unknown_base(base))?;
            Matcher { name: name.to_owned(), text: format!("{text} {}", found.text), ..(*found).clone() }
        }
        None => Matcher {
            name: name.to_owned(),
            kind: Kind::Steps(vec![]),
            treatment: Treatment { unit: ColumnUnit::Utf16, ..Treatment::new(name) },
            related: None,
            ignore: vec![],
            text,
        },
    };
    if let Some(source) = object.get("source") {
        string(source, &["source"])?.clone_into(&mut matcher.treatment.source);
    }
    if let Some(severity) = object.get("severity") {
        matcher.treatment.usual = level(string(severity, &["severity"])?)?;
    }
    if let Some(location) = object.get("fileLocation") {
        matcher.treatment.dirs = dirs(location)?;
    }
    match object.get("pattern") {
        Some(Value::String(name)) => {
            let named = builtin::named(name).ok_or_else(|| {
                let message = format!("does not know the pattern `{name}`");
                Mistake::new(
                    &["pattern"],
                    message,
                    "write the pattern itself, or one of `$tsc`, `$gcc` and the like",
                )
            })?;
            matcher.kind = named.kind.clone();
            matcher.treatment.is_whole_file = named.treatment.is_whole_file;
        }
        Some(pattern) => {
            let (steps, is_whole_file) = patterns(pattern)?;
            matcher.kind = Kind::Steps(steps);
            matcher.treatment.is_whole_file = is_whole_file;
        }
        None if object.get("base").is_none() => {
            let help = "write `pattern = { regexp = '...', file = 1, line = 2, message = 3 }`";
            return Err(Mistake::new(&[], "has neither `pattern` nor `base`", help));
        }
        None => {}
    }
    Ok(matcher)
}

/// What is said of a base that nobody knows.
pub(super) fn unknown_base(base: &str) -> Mistake {
    let known: Vec<String> = builtin::names().map(|name| format!("`{name}`")).collect();
    let help = format!("name a matcher that stands above, or one of {}", known.join(", "));
    Mistake::new(&["base"], format!("does not know the matcher `{base}`"), help)
}

fn object<'a>(value: &'a Value, at: &[&str], keys: &[&str]) -> Result<&'a Map<String, Value>, Mistake> {
    let Some(object) = value.as_object() else {
        return Err(Mistake::new(at, "must be a table", "copy the object out of `tasks.json`"));
    };
    if let Some(key) = object.keys().find(|key| !keys.contains(&key.as_str())) {
        let at: Vec<&str> = at.iter().copied().chain([key.as_str()]).collect();
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let help = format!("the keys here are {}", keys.join(", "));
        return Err(Mistake::new(&at, "is no key that VS Code knows", help));
    }
    Ok(object)
}

fn string<'a>(value: &'a Value, at: &[&str]) -> Result<&'a str, Mistake> {
    value.as_str().ok_or_else(|| Mistake::new(at, "must be a string", "put it in quotes"))
}

fn level(word: &str) -> Result<Severity, Mistake> {
    match word.to_ascii_lowercase().as_str() {
        "error" => Ok(Severity::Error),
        "warning" => Ok(Severity::Warning),
        "info" => Ok(Severity::Information),
        _ => {
            let message = format!("does not know `{word}`");
            Err(Mistake::new(&["severity"], message, "the words are `error`, `warning` and `info`"))
        }
    }
}

fn dirs(location: &Value) -> Result<Vec<Dir>, Mistake> {
    const HELP: &str =
        "write \"absolute\", [\"relative\", \"${workspaceFolder}\"] or [\"autoDetect\", \"...\"]";
    let wrong = || Mistake::new(&["fileLocation"], "is none that VS Code knows", HELP);
    let list = location.as_array().map(Vec::as_slice);
    let kind = list.map_or(Some(location), <[Value]>::first).and_then(Value::as_str).ok_or_else(wrong)?;
    match kind {
        "absolute" => Ok(vec![]),
        "relative" | "autoDetect" => {
            let dir = list.and_then(|list| list.get(1));
            Ok(match dir {
                Some(dir) => vec![folder(dir.as_str().ok_or_else(wrong)?)],
                None => vec![Dir::Folder(String::new())],
            })
        }
        "search" => {
            let include = list.and_then(|list| list.get(1)?.get("include"));
            let alone = include.map(std::slice::from_ref).unwrap_or_default();
            let all = include.and_then(Value::as_array).map_or(alone, Vec::as_slice);
            Ok(all.iter().filter_map(Value::as_str).map(folder).collect())
        }
        _ => Err(wrong()),
    }
}

// `${workspaceFolder}/client` → `client`. The directory of the command is `${cwd}`.
fn folder(written: &str) -> Dir {
    let rest = match written.strip_prefix("${").and_then(|rest| rest.split_once('}')) {
        Some(("cwd", "")) => return Dir::Cwd,
        Some((_, rest)) => rest.trim_start_matches('/'),
        None => written,
    };
    Dir::Folder(rest.to_owned())
}

// One pattern, or one for each line.
fn patterns(value: &Value) -> Result<(Vec<Step>, bool), Mistake> {
    let Some(list) = value.as_array() else {
        let (step, is_whole_file) = pattern(value, &["pattern"], true)?;
        return Ok((vec![step], is_whole_file));
    };
    let mut steps = Vec::new();
    let mut is_whole_file = false;
    for (index, value) in list.iter().enumerate() {
        let index = index.to_string();
        let at = ["pattern", index.as_str()];
        let (step, is_file) = pattern(value, &at, false)?;
        is_whole_file |= is_file;
        if step.each && steps.len() + 1 < list.len() {
            let at = ["pattern", index.as_str(), "loop"];
            return Err(Mistake::new(&at, "may only be in the last pattern", "remove it here"));
        }
        steps.push(step);
    }
    let has = |field: Field| steps.iter().any(|step| step.fields.iter().any(|(_, has)| *has == field));
    let has_line = is_whole_file || has(Field::Line) || has(Field::Location);
    let missing = [(has(Field::File), "file"), (has_line, "line"), (has(Field::Message), "message")];
    if let Some((_, what)) = missing.iter().find(|(has, _)| !has) {
        let message = format!("has no group for `{what}`");
        return Err(Mistake::new(&["pattern"], message, format!("write `{what} = 1` for the first group")));
    }
    Ok((steps, is_whole_file))
}

fn pattern(value: &Value, at: &[&str], is_alone: bool) -> Result<(Step, bool), Mistake> {
    let below = |key: &'static str| -> Vec<&str> { at.iter().copied().chain([key]).collect() };
    let object = object(value, at, PATTERN)?;
    let Some(regexp) = object.get("regexp") else {
        return Err(Mistake::new(at, "has no `regexp`", "write `regexp = '^(.*):(\\d+): (.*)$'`"));
    };
    let regex = javascript::compile(string(regexp, &below("regexp"))?)
        .map_err(|refused| Mistake::new(&below("regexp"), refused.message, refused.help))?;
    let mut fields = Vec::new();
    for (key, field) in FIELDS {
        let Some(group) = object.get(*key) else { continue };
        let index = group.as_u64().and_then(|group| usize::try_from(group).ok());
        let Some(index) = index.filter(|&index| index < regex.captures_len()) else {
            let message = format!("names the group {group}, which is not in the pattern");
            let help = format!("the last group of the pattern is {}", regex.captures_len() - 1);
            return Err(Mistake::new(&below(key), message, help));
        };
        fields.push((index, *field));
    }
    let is_whole_file = object.get("kind").and_then(Value::as_str) == Some("file");
    if is_alone {
        add_defaults(&mut fields, is_whole_file, regex.captures_len());
    }
    let mut step = Step::new(regex, fields);
    step.each = object.get("loop").and_then(Value::as_bool) == Some(true) && !is_alone;
    Ok((step, is_whole_file))
}

// What VS Code takes where a pattern says nothing.
fn add_defaults(fields: &mut Vec<(usize, Field)>, is_whole_file: bool, groups: usize) {
    let has = |fields: &[(usize, Field)], field| fields.iter().any(|(_, has)| *has == field);
    let is_placed = is_whole_file || has(fields, Field::Location);
    let mut defaults = vec![(1, Field::File), (0, Field::Message)];
    if !is_placed {
        defaults.extend([(2, Field::Line), (3, Field::Column)]);
    }
    for (group, field) in defaults {
        if group < groups && !has(fields, field) {
            fields.push((group, field));
        }
    }
}
