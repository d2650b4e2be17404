//! A problem with its columns in every unit that somebody may want. Called by `problems`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::engine::{ColumnUnit, Place, Problem, ProblemKind, Severity};
use crate::lsp::columns;

/// The text of the file that was asked for last: problems come file by file.
#[derive(Debug, Default)]
pub(super) struct Texts {
    last: Option<(PathBuf, Option<String>)>,
}

impl Texts {
    fn of(&mut self, path: &Path) -> Option<&str> {
        if self.last.as_ref().is_none_or(|(last, _)| last != path) {
            let read = std::fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            self.last = Some((path.to_owned(), read));
        }
        self.last.as_ref()?.1.as_deref()
    }
}

/// Start and end, from 1, as far as they are known.
pub(super) type Columns = Option<(u32, Option<u32>)>;

/// A problem, ready to be printed.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) problem: &'a Problem,
    /// In UTF-8 bytes.
    pub(super) bytes: Columns,
    /// In UTF-16 code units.
    pub(super) utf16: Columns,
}

impl<'a> Entry<'a> {
    pub(super) fn new(problem: &'a Problem, texts: &mut Texts) -> Self {
        let place = problem.place.as_ref();
        let mut count = |unit| place.and_then(|place| columns(place, texts.of(&place.path), unit));
        let (bytes, utf16) = (count(ColumnUnit::Byte), count(ColumnUnit::Utf16));
        Self { problem, bytes, utf16 }
    }

    pub(super) fn severity(&self) -> &'static str {
        match self.problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
            Severity::Hint => "hint",
        }
    }

    /// Lines and columns from 1; what is not known is null.
    pub(super) fn to_json(&self) -> Value {
        let Problem { place, code, message, tool, related, .. } = self.problem;
        let end = place.as_ref().and_then(|place| place.end);
        let kind = match self.problem.kind {
            ProblemKind::Build => "build",
            ProblemKind::Test => "test",
            ProblemKind::Crash => "crash",
        };
        let related: Vec<_> = related
            .iter()
            .map(|related| {
                let Place { path, start, .. } = &related.place;
                json!({
                    "file": path, "line": start.line, "column": start.column,
                    "columnUnit": unit(&related.place), "message": related.message,
                })
            })
            .collect();
        json!({
            "file": place.as_ref().map(|place| &place.path),
            "line": place.as_ref().map(|place| place.start.line),
            "column": place.as_ref().and_then(|place| place.start.column),
            "endLine": end.map(|end| end.line),
            "endColumn": end.and_then(|end| end.column),
            "columnUnit": place.as_ref().and_then(unit),
            "utf16Column": self.utf16.map(|(start, _)| start),
            "severity": self.severity(),
            "code": code,
            "message": message,
            "related": related,
            "tool": tool,
            "kind": kind,
        })
    }
}

/// `None` where there is no column that it would be the unit of.
fn unit(place: &Place) -> Option<&'static str> {
    place.start.column.map(|_| match place.unit {
        ColumnUnit::Byte => "utf8",
        ColumnUnit::Char => "char",
        ColumnUnit::Utf16 => "utf16",
        ColumnUnit::Display => "display",
        ColumnUnit::Indented => "indented",
    })
}
