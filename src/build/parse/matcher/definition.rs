//! A `[[matcher]]` as `config` has read it → a `Matcher`. Called by `config`.
//! Does not know: the file it stands in; a mistake says by which keys it is reached.

use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

use super::found::{Dir, Field, Treatment};
use super::javascript;
use super::steps::Step;
use super::{Kind, Matcher, Mistake, builtin, efm, vscode};
use crate::engine::{ColumnUnit, Severity};

/// A matcher as it is written. What is missing is that of its base, else what is usual.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Definition {
    /// Its name, shown with every problem.
    pub name: String,
    /// A matcher that this one is derived from.
    pub base: Option<String>,
    /// The first line of a problem.
    pub start: Option<String>,
    /// The lines that follow it.
    pub then: Vec<StepDefinition>,
    /// What the words of the tool mean.
    pub severity: Vec<(String, Severity)>,
    /// What a problem is that has no such word.
    pub default_severity: Option<Severity>,
    /// The number of the first column.
    pub first_column: Option<u32>,
    /// What columns count.
    pub unit: Option<ColumnUnit>,
    /// Where relative paths may begin.
    pub path: Vec<String>,
    /// A line that tells of another place of the problem above it.
    pub related: Option<String>,
    /// Lines that say nothing.
    pub ignore: Vec<String>,
    /// A problem matcher of VS Code.
    pub vscode: Option<Value>,
    /// Errorformats of Vim.
    pub efm: Vec<String>,
}

/// One line that follows the first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key that users may set by itself")]
pub struct StepDefinition {
    /// What it looks like.
    pub re: String,
    /// Any number of lines.
    pub repeat: bool,
    /// The line may be missing.
    pub optional: bool,
    /// Every such line is a problem of its own.
    pub each: bool,
    /// The first `^` stands below the column.
    pub caret: bool,
    /// Ends what repeats.
    pub until: Option<String>,
}

const GROUPS: &[(&str, Field)] = &[
    ("file", Field::File),
    ("line", Field::Line),
    ("col", Field::Column),
    ("column", Field::Column),
    ("endline", Field::EndLine),
    ("end_line", Field::EndLine),
    ("endcol", Field::EndColumn),
    ("end_column", Field::EndColumn),
    ("location", Field::Location),
    ("severity", Field::Severity),
    ("code", Field::Code),
    ("message", Field::Message),
];

/// Makes a matcher. `known` finds the matchers that stand above.
pub fn compile(
    definition: &Definition,
    known: &dyn Fn(&str) -> Option<Arc<Matcher>>,
) -> Result<Matcher, Mistake> {
    let mut matcher = begin(definition, known)?;
    if !definition.then.is_empty() && definition.start.is_none() {
        let help = "write `start = '...'` for the first line of a problem";
        return Err(Mistake::new(&["then"], "has no effect without `start`", help));
    }
    if definition.start.is_some() {
        matcher.kind = Kind::Steps(steps(definition)?);
    }
    if !definition.efm.is_empty() {
        matcher.kind = Kind::Errorformat(entries(&definition.efm)?);
        if definition.base.is_none() {
            matcher.treatment.unit = ColumnUnit::Byte;
        }
    }
    if let Some(related) = &definition.related {
        matcher.related = Some(step(related, &["related"])?);
    }
    for (index, pattern) in definition.ignore.iter().enumerate() {
        matcher.ignore.push(regex(pattern, &["ignore", &index.to_string()])?);
    }
    let treatment = &mut matcher.treatment;
    treatment.words.splice(0..0, definition.severity.iter().cloned());
    treatment.usual = definition.default_severity.unwrap_or(treatment.usual);
    treatment.first = definition.first_column.unwrap_or(treatment.first);
    treatment.unit = definition.unit.unwrap_or(treatment.unit);
    if !definition.path.is_empty() {
        treatment.dirs = definition.path.iter().map(|path| dir(path)).collect();
    }
    Ok(matcher)
}

// What the matcher is before its own keys count.
fn begin(definition: &Definition, known: &dyn Fn(&str) -> Option<Arc<Matcher>>) -> Result<Matcher, Mistake> {
    let Definition { name, base, start, vscode, efm, .. } = definition;
    let ways = [("start", start.is_some()), ("vscode", vscode.is_some()), ("efm", !efm.is_empty())];
    let mut given = ways.iter().filter(|(_, given)| *given).map(|(key, _)| *key);
    if let (Some(first), Some(second)) = (given.next(), given.next()) {
        let message = format!("can't be together with `{first}`");
        return Err(Mistake::new(&[second], message, "make two matchers of it, or remove one"));
    }
    let text = format!("{definition:?}");
    if let Some(vscode) = vscode {
        let read = vscode::read(name, vscode, known).map_err(|mut mistake| {
            mistake.at.insert(0, "vscode".to_owned());
            mistake
        })?;
        return Ok(Matcher { text: format!("{text} {}", read.text), ..read });
    }
    if let Some(base) = base {
        let found = known(base).or_else(|| builtin::named(base));
        let found = found.ok_or_else(|| vscode::unknown_base(base))?;
        let mut matcher = (*found).clone();
        matcher.text = format!("{text} {}", found.text);
        name.clone_into(&mut matcher.name);
        name.clone_into(&mut matcher.treatment.source);
        return Ok(matcher);
    }
    if start.is_none() && efm.is_empty() {
        let help = "write `start = '...'`, `vscode = { ... }`, `efm = [...]` or `base = \"$gcc\"`";
        return Err(Mistake::new(&[], "does not say what a problem looks like", help));
    }
    Ok(Matcher {
        name: name.clone(),
        kind: Kind::Steps(vec![]),
        treatment: Treatment::new(name),
        related: None,
        ignore: vec![],
        text,
    })
}

fn steps(definition: &Definition) -> Result<Vec<Step>, Mistake> {
    let start = definition.start.as_deref().unwrap_or_default();
    let mut steps = vec![step(start, &["start"])?];
    for (index, then) in definition.then.iter().enumerate() {
        let index = index.to_string();
        let mut next = step(&then.re, &["then", &index, "re"])?;
        if let Some(until) = &then.until {
            next.until = Some(regex(until, &["then", &index, "until"])?);
        }
        next.repeat = then.repeat || then.until.is_some();
        next.optional = then.optional;
        next.each = then.each;
        next.caret = then.caret;
        steps.push(next);
    }
    let is_named = |name: Field| steps.iter().any(|step| step.fields.iter().any(|(_, field)| *field == name));
    let has_line = is_named(Field::Line) || is_named(Field::Location);
    if is_named(Field::File) && !has_line {
        let help = "name the group of the line: `(?<line>\\d+)`";
        return Err(Mistake::new(&["start"], "has a group `file` and none for the line", help));
    }
    if !is_named(Field::Message) {
        let help = "name the group of the text: `(?<message>.+)`";
        return Err(Mistake::new(&["start"], "has no group `message`", help));
    }
    Ok(steps)
}

fn entries(formats: &[String]) -> Result<Vec<efm::Entry>, Mistake> {
    let mut entries = Vec::new();
    for (index, text) in formats.iter().enumerate() {
        for format in efm::split(text) {
            let entry = efm::compile(format).map_err(|refused| {
                Mistake::new(&["efm", &index.to_string()], refused.message, refused.help)
            })?;
            entries.push(entry);
        }
    }
    Ok(entries)
}

fn regex(pattern: &str, at: &[&str]) -> Result<Regex, Mistake> {
    javascript::compile(pattern).map_err(|refused| Mistake::new(at, refused.message, refused.help))
}

// The groups go by their names.
fn step(pattern: &str, at: &[&str]) -> Result<Step, Mistake> {
    let regex = regex(pattern, at)?;
    let mut fields = Vec::new();
    for (index, name) in regex.capture_names().enumerate() {
        let Some(name) = name else { continue };
        let Some((_, field)) = GROUPS.iter().find(|(known, _)| *known == name) else {
            let message = format!("has a group `{name}` that means nothing");
            let help = "the groups are `file`, `line`, `col`, `endline`, `endcol`, `location`, `severity`, `code` and \
                `message`; write `(?:...)` for one without a meaning";
            return Err(Mistake::new(at, message, help));
        };
        fields.push((index, *field));
    }
    Ok(Step::new(regex, fields))
}

fn dir(path: &str) -> Dir {
    match path {
        "cwd" => Dir::Cwd,
        "workspace" => Dir::Folder(String::new()),
        folder => Dir::Folder(folder.to_owned()),
    }
}
