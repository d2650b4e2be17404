//! What eslint, stylelint, oxlint and biome say in JSON. Called by `Json` with one object at a time.
//! Does not know: how the objects are found.

use serde::Deserialize;
use serde_json::Value;

use super::{biome, eslint};
use crate::build::parse::context::{Context, add_line};
use crate::build::parse::documents::told::{Told, span};
use crate::engine::{ColumnUnit, Edit, Fix, Problem, Severity};

/// Reports the problems in an object, if it is one of these tools'.
pub(in crate::build::parse) fn report(value: &Value, context: &mut Context) -> bool {
    if let Ok(file) = Eslint::deserialize(value) {
        let starts = file.source.as_deref().map(line_starts).unwrap_or_default();
        for message in &file.messages {
            let problem = message.problem(&file.path, &starts, context);
            context.report(problem);
        }
    } else if let Ok(file) = Stylelint::deserialize(value) {
        for warning in &file.warnings {
            let problem = warning.problem(&file.source, context);
            context.report(problem);
        }
    } else if let Ok(told) = Oxlint::deserialize(value) {
        let problem = told.problem(context);
        context.report(problem);
    } else if let Ok(told) = Biome::deserialize(value) {
        let problem = told.problem(context);
        context.report(problem);
    } else {
        return false;
    }
    true
}

/// All of one file.
#[derive(Debug, Deserialize)]
struct Eslint {
    #[serde(rename = "filePath")]
    path: String,
    messages: Vec<Message>,
    /// The text, if a problem is left in it.
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    #[serde(alias = "rule")]
    rule_id: Option<String>,
    severity: u8,
    #[serde(rename = "message")]
    text: String,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    fix: Option<Replacement>,
}

#[derive(Debug, Deserialize)]
struct Replacement {
    range: (usize, usize),
    text: String,
}

impl Message {
    fn problem(&self, file: &str, starts: &[usize], context: &mut Context) -> Problem {
        let told = Told {
            tool: "eslint",
            severity: if self.severity == 1 { Severity::Warning } else { Severity::Error },
            message: &self.text,
            code: self.rule_id.as_deref(),
            file,
            start: (self.line.unwrap_or(1), self.column.unwrap_or(0)),
            end: self.end_line.zip(self.end_column),
            unit: ColumnUnit::Utf16,
        };
        let mut problem = told.problem(context);
        if let Some(rule) = &self.rule_id {
            (problem.tags, problem.href) = (eslint::tags(rule), eslint::href(rule));
        }
        problem.fixes.extend(self.fix(starts, &problem));
        problem
    }

    fn fix(&self, starts: &[usize], problem: &Problem) -> Option<Fix> {
        let (Some(fix), Some(rule), Some(place)) = (&self.fix, &self.rule_id, &problem.place) else {
            return None;
        };
        let (start, end) = (position(starts, fix.range.0)?, position(starts, fix.range.1)?);
        let edit = Edit { place: span(place, start, end), text: fix.text.clone() };
        Some(Fix { title: format!("Fix this {rule} problem"), edits: vec![edit] })
    }
}

/// All of one file.
#[derive(Debug, Deserialize)]
struct Stylelint {
    source: String,
    warnings: Vec<StyleWarning>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StyleWarning {
    line: u32,
    column: u32,
    end_line: Option<u32>,
    end_column: Option<u32>,
    rule: String,
    severity: String,
    text: String,
}

impl StyleWarning {
    fn problem(&self, file: &str, context: &mut Context) -> Problem {
        // The rule stands behind the message once more.
        let message = self.text.strip_suffix(&format!(" ({})", self.rule)).unwrap_or(&self.text);
        let told = Told {
            tool: "stylelint",
            severity: severity(&self.severity),
            message,
            code: Some(&self.rule),
            file,
            start: (self.line, self.column),
            end: self.end_line.zip(self.end_column),
            unit: ColumnUnit::Utf16,
        };
        told.problem(context)
    }
}

#[derive(Debug, Deserialize)]
struct Oxlint {
    message: String,
    code: Option<String>,
    severity: String,
    url: Option<String>,
    help: Option<String>,
    filename: String,
    labels: Vec<Label>,
}

#[derive(Debug, Deserialize)]
struct Label {
    span: Span,
}

#[derive(Debug, Deserialize)]
struct Span {
    line: u32,
    column: u32,
}

impl Oxlint {
    fn problem(self, context: &mut Context) -> Problem {
        let told = Told {
            tool: "oxlint",
            severity: severity(&self.severity),
            message: &self.message,
            code: self.code.as_deref(),
            file: &self.filename,
            start: self.labels.first().map_or((1, 0), |label| (label.span.line, label.span.column)),
            end: None,
            unit: ColumnUnit::Byte,
        };
        let mut problem = told.problem(context);
        if let Some((_, rule)) = self.code.as_deref().and_then(|code| code.strip_suffix(')')?.split_once('('))
        {
            problem.tags = eslint::tags(rule);
        }
        add_line(&mut problem.message, &self.help.map_or(String::new(), |help| format!("help: {help}")));
        problem.href = self.url;
        problem
    }
}

#[derive(Debug, Deserialize)]
struct Biome {
    severity: String,
    message: String,
    category: String,
    location: Location,
}

#[derive(Debug, Deserialize)]
struct Location {
    path: String,
    start: Option<Point>,
    end: Option<Point>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Point {
    line: u32,
    column: u32,
}

impl Biome {
    fn problem(&self, context: &mut Context) -> Problem {
        let pair = |point: Point| (point.line, point.column);
        let told = Told {
            tool: "biome",
            severity: severity(&self.severity),
            message: &self.message,
            code: Some(&self.category),
            file: &self.location.path,
            start: self.location.start.map_or((1, 0), pair),
            end: self.location.end.map(pair).filter(|end| end.0 > 0),
            unit: ColumnUnit::Char,
        };
        let mut problem = told.problem(context);
        (problem.tags, problem.href) = (biome::tags(&self.category), biome::href(&self.category));
        problem
    }
}

fn severity(word: &str) -> Severity {
    match word {
        "warning" => Severity::Warning,
        "information" | "info" | "advice" => Severity::Information,
        "hint" => Severity::Hint,
        _ => Severity::Error,
    }
}

// Where the lines of a text begin, in UTF-16 as the offsets are.
fn line_starts(text: &str) -> Vec<usize> {
    let mut offset = 0;
    let ends = text.strip_prefix('\u{feff}').unwrap_or(text).chars().filter_map(|letter| {
        offset += letter.len_utf16();
        (letter == '\n').then_some(offset)
    });
    std::iter::once(0).chain(ends).collect()
}

// The line and the column of an offset.
fn position(starts: &[usize], offset: usize) -> Option<(u32, u32)> {
    let line = starts.partition_point(|&start| start <= offset);
    let column = offset - starts.get(line.checked_sub(1)?)? + 1;
    Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
}
