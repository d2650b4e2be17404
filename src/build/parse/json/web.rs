//! What eslint says in JSON. Called by `Json` with one object at a time.
//! Does not know: how the objects are found.

use serde::Deserialize;
use serde_json::Value;

use super::super::context::Context;
use super::super::eslint;
use super::told::{Told, span};
use crate::engine::{ColumnUnit, Edit, Fix, Problem, Severity};

/// Reports the problems in an object, if it is one of these tools'.
pub(super) fn report(value: &Value, context: &mut Context) -> bool {
    let Ok(file) = Eslint::deserialize(value) else { return false };
    let starts = file.source.as_deref().map(line_starts).unwrap_or_default();
    for message in &file.messages {
        let problem = message.problem(&file.path, &starts, context);
        context.report(problem);
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
