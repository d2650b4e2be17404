//! What an object of JSON says of a problem, whatever its tool calls the parts. Made by `python` and `web`.
//! Does not know: the tools.

use crate::build::parse::context::{Context, Reading, Spot};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Severity};

/// One problem, with positions that are 1-based.
#[derive(Debug)]
pub(in crate::build::parse) struct Told<'a> {
    pub(in crate::build::parse) tool: &'a str,
    pub(in crate::build::parse) severity: Severity,
    pub(in crate::build::parse) message: &'a str,
    pub(in crate::build::parse) code: Option<&'a str>,
    pub(in crate::build::parse) file: &'a str,
    /// Line and column. A column of 0 is none.
    pub(in crate::build::parse) start: (u32, u32),
    /// Exclusive.
    pub(in crate::build::parse) end: Option<(u32, u32)>,
    pub(in crate::build::parse) unit: ColumnUnit,
}

impl Told<'_> {
    /// The problem of which it tells.
    pub(in crate::build::parse) fn problem(&self, context: &mut Context) -> Problem {
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

    /// Reports the lines `./main.go:4:6: …` of the message. False if there are none.
    pub(in crate::build::parse) fn lines_of_go(&self, context: &mut Context) -> bool {
        let number = |text: &str| text.parse::<u32>().ok();
        let mut is_any = false;
        for line in self.message.lines() {
            let Some((file, rest)) = line.split_once(".go:") else { continue };
            let mut parts = rest.splitn(3, ':');
            let (line, column) = (parts.next().and_then(number), parts.next().and_then(number));
            if let (Some(start), Some(message)) = (line.zip(column), parts.next()) {
                let file = format!("{file}.go");
                let problem = Told { message: message.trim(), file: &file, start, end: None, ..*self };
                let problem = problem.problem(context);
                context.report(problem);
                is_any = true;
            }
        }
        is_any
    }
}

/// A place of an edit in the same file.
pub(in crate::build::parse) fn span(of: &Place, start: (u32, u32), end: (u32, u32)) -> Place {
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
