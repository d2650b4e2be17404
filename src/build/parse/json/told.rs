//! What an object of JSON says of a problem, whatever its tool calls the parts. Made by `python` and `web`.
//! Does not know: the tools.

use super::super::context::{Context, Reading, Spot};
use super::super::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Severity};

/// One problem, with positions that are 1-based.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub(super) tool: &'a str,
    pub(super) severity: Severity,
    pub(super) message: &'a str,
    pub(super) code: Option<&'a str>,
    pub(super) file: &'a str,
    /// Line and column. A column of 0 is none.
    pub(super) start: (u32, u32),
    /// Exclusive.
    pub(super) end: Option<(u32, u32)>,
    pub(super) unit: ColumnUnit,
}

impl Told<'_> {
    /// The problem of which it tells.
    pub(super) fn problem(&self, context: &mut Context) -> Problem {
        let (line, column) = (self.start.0.max(1).to_string(), self.start.1.to_string());
        let spot = Spot {
            file: self.file,
            line: &line,
            column: Some(&column).filter(|_| self.start.1 > 0).map(String::as_str),
        };
        let reading = Reading { unit: self.unit, base: Base::Process };
        let mut problem = context.problem(self.severity, self.tool, self.message.trim_end(), spot, reading);
        problem.code = self.code.map(str::to_owned);
        if let Some(place) = &mut problem.place {
            place.end = self.end.filter(|_| self.start.1 > 0).map(|(line, column)| position(line, column));
        }
        problem
    }
}

/// A place of an edit in the same file.
pub(super) fn span(of: &Place, start: (u32, u32), end: (u32, u32)) -> Place {
    Place {
        path: of.path.clone(),
        start: position(start.0, start.1),
        end: Some(position(end.0, end.1)),
        unit: of.unit,
    }
}

fn position(line: u32, column: u32) -> Position {
    Position { line, column: Some(column) }
}
