//! The text of pyright and basedpyright.
//! A format of `Parser`. Does not know: their JSON; `json` reads that.

use std::sync::LazyLock;

use super::lint::{is_python, tags};
use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };

static ROW: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^ +(?<file>\S.*?):(?:(?<line>[0-9]+):(?<column>[0-9]+) - | ?)(?<severity>error|warning|information): (?<message>.*)$",
    )
});
static CODE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<message>.*?) ?\((?<code>report\w+)\)$"));
static COUNT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^[0-9]+ errors?, [0-9]+ warnings?, [0-9]+ (?:information|note)s? ?$"));

/// A problem whose explanation may follow.
#[derive(Debug, Default)]
pub(super) struct Pyright {
    open: Option<Problem>,
}

impl Format for Pyright {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(row) = ROW.captures(line) {
            let file = &row["file"];
            if !is_python(file) && context.places.find(file, Base::Process).is_none() {
                return false;
            }
            self.flush(context);
            let severity = match &row["severity"] {
                "warning" => Severity::Warning,
                "information" => Severity::Information,
                _ => Severity::Error,
            };
            let spot = Spot {
                file,
                line: row.name("line").map_or("1", |line| line.as_str()),
                column: row.name("column").map(|column| column.as_str()),
            };
            let problem = context.problem(severity, "pyright", &row["message"], spot, READING);
            self.open = Some(coded(problem));
            return true;
        }
        if let Some(problem) = self.open.as_mut().filter(|problem| problem.code.is_none())
            && line.starts_with("  ")
        {
            add_line(&mut problem.message, line.trim());
            self.open = self.open.take().map(coded);
            return true;
        }
        self.flush(context);
        COUNT.is_match(line)
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
    }
}

// The rule stands behind the last line of a message.
fn coded(mut problem: Problem) -> Problem {
    let last = problem.message.rfind('\n').map_or(0, |at| at + 1);
    let Some(parts) = CODE.captures(&problem.message[last..]) else { return problem };
    let (length, code) = (last + parts["message"].len(), parts["code"].to_owned());
    problem.message.truncate(length);
    problem.href =
        Some(format!("https://github.com/microsoft/pyright/blob/main/docs/configuration.md#{code}"));
    problem.tags = tags(&code);
    problem.code = Some(code);
    problem
}
