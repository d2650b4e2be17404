//! What `cmake` says while it configures: a header, the text indented by two, the calls that led there.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Related, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };

static HEADER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^CMake (?<kind>(?:Deprecation |Internal |Install )?(?:Error|Warning))(?: \(dev\))?(?: at (?<file>.+?):(?<line>[0-9]+)(?: \((?<command>.+)\))?| in (?<whole>.+?))?: ?(?<message>.*)$",
    )
});
static COLUMN: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^Syntax (?:Warning|Error) in cmake code at column (?<column>[0-9]+)$"));
static CALL: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^  (?<file>\S.*?):(?<line>[0-9]+) \((?<command>.+)\)$"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Cmake {
    open: Option<Problem>,
    in_stack: bool,
}

impl Format for Cmake {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(header) = HEADER.captures(line) {
            self.flush(context);
            self.open = Some(placed(&header, context));
            return true;
        }
        let Some(problem) = &mut self.open else { return false };
        if line == "Call Stack (most recent call first):" {
            self.in_stack = true;
            return true;
        }
        if let Some(call) = CALL.captures(line).filter(|_| self.in_stack) {
            let place = spot(&call).and_then(|spot| context.place(spot, READING));
            let message = format!("called from {}", &call["command"]);
            problem.related.extend(place.map(|place| Related { place, message }));
            return true;
        }
        if line.trim().is_empty() {
            return true;
        }
        if line.starts_with("  ") {
            text(problem, line);
            return true;
        }
        self.flush(context);
        line.starts_with("This warning is for project developers.")
            || line.starts_with("This error is for project developers.")
    }

    fn flush(&mut self, context: &mut Context) {
        self.in_stack = false;
        if let Some(problem) = self.open.take().filter(|problem| !problem.message.is_empty()) {
            context.report(problem);
        }
    }
}

fn placed(header: &regex::Captures<'_>, context: &mut Context) -> Problem {
    let kind = &header["kind"];
    let severity = if kind.ends_with("Warning") { Severity::Warning } else { Severity::Error };
    let mut problem = Problem::new(severity, "cmake", header["message"].trim());
    if kind.starts_with("Deprecation") {
        problem.tags.push(Tag::Deprecated);
    }
    let whole = header.name("whole").map(|whole| Spot { file: whole.as_str(), line: "1", column: None });
    if let Some(spot) = spot(header).or(whole) {
        problem.place = context.place(spot, READING);
        if problem.place.is_none() {
            problem.message = format!("{}:{}: {}", spot.file, spot.line, problem.message);
        }
    }
    problem
}

fn text(problem: &mut Problem, line: &str) {
    let line = line.trim();
    if let (Some(column), Some(place)) = (COLUMN.captures(line), &mut problem.place) {
        place.start.column = column["column"].parse().ok();
        return;
    }
    if problem.message.is_empty() {
        problem.message.push_str(line);
    } else {
        add_line(&mut problem.message, line);
    }
}
