//! What ruff, mypy, pyright, pylint and bandit say in JSON. Called by `Json` with one object at a time.
//! Does not know: how the objects are found.

use serde::Deserialize;
use serde_json::Value;

use super::lint::{ruff_tags, severity_of_letter, tags};
use crate::build::parse::context::{Context, add_line};
use crate::build::parse::documents::told::{Told, span};
use crate::engine::{ColumnUnit, Edit, Fix, Problem, Severity};

/// Reports the problem in an object, if it is one of these tools'.
pub(in crate::build::parse) fn report(value: &Value, context: &mut Context) -> bool {
    if !value.is_object() {
        return false;
    }
    let problem = if let Ok(told) = Ruff::deserialize(value) {
        told.problem(context)
    } else if value.get("hint").is_some()
        && let Ok(told) = Mypy::deserialize(value)
    {
        told.problem(context)
    } else if let Ok(told) = Pyright::deserialize(value) {
        let Some(problem) = told.problem(context) else { return true };
        problem
    } else if let Ok(told) = Pylint::deserialize(value) {
        told.problem(context)
    } else if let Ok(told) = Bandit::deserialize(value) {
        told.problem(context)
    } else {
        return false;
    };
    context.report(problem);
    true
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Location {
    row: u32,
    column: u32,
}

impl Location {
    fn pair(self) -> (u32, u32) {
        (self.row, self.column)
    }
}

#[derive(Debug, Deserialize)]
struct Ruff {
    code: Option<String>,
    filename: String,
    location: Location,
    end_location: Location,
    message: String,
    fix: Option<RuffFix>,
    severity: Option<String>,
    url: Option<String>,
}

#[derive(Debug, Deserialize)]
struct RuffFix {
    applicability: Option<String>,
    message: Option<String>,
    edits: Vec<RuffEdit>,
}

#[derive(Debug, Deserialize)]
struct RuffEdit {
    content: String,
    location: Location,
    end_location: Location,
}

impl Ruff {
    fn problem(self, context: &mut Context) -> Problem {
        let severity = match self.severity.as_deref() {
            Some("warning") => Severity::Warning,
            Some("info") => Severity::Information,
            _ => Severity::Error,
        };
        let told = Told {
            tool: "ruff",
            severity,
            message: &self.message,
            code: self.code.as_deref(),
            file: &self.filename,
            start: self.location.pair(),
            end: Some(self.end_location.pair()),
            unit: ColumnUnit::Char,
        };
        let mut problem = told.problem(context);
        problem.tags = self.code.as_deref().map(ruff_tags).unwrap_or_default();
        problem.href = self.url;
        problem.fixes.extend(self.fix.and_then(|fix| fix.of(&problem)));
        problem
    }
}

impl RuffFix {
    fn of(self, problem: &Problem) -> Option<Fix> {
        let place = problem.place.as_ref()?;
        if self.applicability.as_deref() != Some("safe") {
            return None;
        }
        let title = self.message.filter(|title| !title.is_empty()).unwrap_or_else(|| "Fix".to_owned());
        let edit = |edit: RuffEdit| Edit {
            place: span(place, edit.location.pair(), edit.end_location.pair()),
            text: edit.content,
        };
        Some(Fix { title, edits: self.edits.into_iter().map(edit).collect() })
    }
}

#[derive(Debug, Deserialize)]
struct Mypy {
    file: String,
    line: i64,
    column: i64,
    end_line: Option<i64>,
    end_column: Option<i64>,
    message: String,
    hint: Option<String>,
    code: Option<String>,
    severity: String,
}

impl Mypy {
    fn problem(&self, context: &mut Context) -> Problem {
        let end = self.end_line.zip(self.end_column).map(|(line, column)| (small(line), small(column + 1)));
        let told = Told {
            tool: "mypy",
            severity: severity(&self.severity),
            message: &self.message,
            code: self.code.as_deref(),
            file: &self.file,
            start: (small(self.line), small(self.column + 1)),
            end: end.filter(|end| end.1 > 0),
            unit: ColumnUnit::Char,
        };
        let mut problem = told.problem(context);
        problem.tags = self.code.as_deref().map(tags).unwrap_or_default();
        for line in self.hint.iter().flat_map(|hint| hint.lines()) {
            add_line(&mut problem.message, line);
        }
        problem
    }
}

#[derive(Debug, Deserialize)]
struct Pyright {
    #[serde(alias = "uri")]
    file: String,
    severity: String,
    message: String,
    /// It is left out of what concerns a whole file; but then a log could look the same.
    range: Range,
    rule: Option<String>,
}

/// As LSP has it: 0-based.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Range {
    start: Point,
    end: Point,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Point {
    line: u32,
    character: u32,
}

impl Point {
    fn pair(self) -> (u32, u32) {
        (self.line.saturating_add(1), self.character.saturating_add(1))
    }
}

impl Pyright {
    // `unused` and the like are for editors that fade code.
    fn problem(&self, context: &mut Context) -> Option<Problem> {
        if !["error", "warning", "information"].contains(&self.severity.as_str()) {
            return None;
        }
        let told = Told {
            tool: "pyright",
            severity: severity(&self.severity),
            message: &self.message,
            code: self.rule.as_deref(),
            file: &self.file,
            start: self.range.start.pair(),
            end: Some(self.range.end.pair()),
            unit: ColumnUnit::Utf16,
        };
        let mut problem = told.problem(context);
        problem.tags = self.rule.as_deref().map(tags).unwrap_or_default();
        Some(problem)
    }
}

#[derive(Debug, Deserialize)]
struct Pylint {
    module: String,
    path: String,
    line: i64,
    column: i64,
    #[serde(rename = "endLine")]
    end_line: Option<i64>,
    #[serde(rename = "endColumn")]
    end_column: Option<i64>,
    symbol: String,
    message: String,
    #[serde(alias = "messageId", alias = "message-id")]
    id: String,
}

impl Pylint {
    fn problem(&self, context: &mut Context) -> Problem {
        let end = self.end_line.zip(self.end_column).map(|(line, column)| (small(line), small(column + 1)));
        let file = if self.path.is_empty() { &self.module } else { &self.path };
        let told = Told {
            tool: "pylint",
            severity: severity_of_letter(&self.id),
            message: &self.message,
            code: Some(&self.symbol),
            file,
            start: (small(self.line), small(self.column + 1)),
            end,
            unit: ColumnUnit::Byte,
        };
        let mut problem = told.problem(context);
        problem.tags = tags(&self.symbol);
        problem
    }
}

#[derive(Debug, Deserialize)]
struct Bandit {
    filename: String,
    line_number: u32,
    line_range: Vec<u32>,
    col_offset: Option<u32>,
    end_col_offset: Option<u32>,
    issue_severity: String,
    issue_text: String,
    test_id: String,
    more_info: Option<String>,
}

impl Bandit {
    fn problem(self, context: &mut Context) -> Problem {
        let column = |offset: Option<u32>| offset.map_or(0, |offset| offset.saturating_add(1));
        // The end belongs to the last line, which is not always that of what was found.
        let is_one_line = self.line_range == [self.line_number];
        let end = self.end_col_offset.filter(|&end| is_one_line && Some(end) > self.col_offset);
        let told = Told {
            tool: "bandit",
            severity: super::bandit::severity(&self.issue_severity),
            message: &self.issue_text,
            code: Some(&self.test_id),
            file: &self.filename,
            start: (self.line_number, column(self.col_offset)),
            end: end.map(|end| (self.line_number, column(Some(end)))),
            unit: ColumnUnit::Byte,
        };
        let mut problem = told.problem(context);
        problem.href = self.more_info;
        problem
    }
}

fn severity(word: &str) -> Severity {
    match word {
        "warning" => Severity::Warning,
        "note" | "information" => Severity::Information,
        _ => Severity::Error,
    }
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}
