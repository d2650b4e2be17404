//! The text of bandit: a block for each finding, with the place at its end, and the lines of `-f custom`.
//! A format of `Parser`. Does not know: its JSON; `json` reads that.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };
/// A block has no more lines before its place.
const LINES: usize = 20;

static ISSUE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^>> Issue: \[(?<code>[A-Z][0-9]+)(?::[^\]]*)?\] (?<message>\S.*)$"));
static SEVERITY: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ +Severity: (?<severity>\w+) +Confidence: "));
static LOCATION: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ +Location: (?<file>\S.*?):(?<line>[0-9]+)(?::(?<column>[0-9]+))?$"));
static LINE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>[^\s:(\[][^:]*):(?<line>[0-9]+): (?<code>B[0-9]{3})\[bandit\]: (?<severity>LOW|MEDIUM|HIGH|UNDEFINED): (?<message>\S.*)$",
    )
});

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Bandit {
    /// A block whose place is still to come.
    open: Option<Issue>,
    /// How many lines it has so far.
    lines: usize,
}

/// What was found.
#[derive(Debug)]
struct Issue {
    code: String,
    message: String,
    severity: Severity,
}

impl Format for Bandit {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        let of = |told: &regex::Captures<'_>, severity| Issue {
            code: told["code"].to_owned(),
            message: told["message"].to_owned(),
            severity,
        };
        if let Some(told) = ISSUE.captures(line) {
            (self.open, self.lines) = (Some(of(&told, Severity::Warning)), 0);
            return true;
        }
        if let Some(told) = LINE.captures(line) {
            of(&told, severity(&told["severity"])).report(&told, context);
            return true;
        }
        self.goes_on(line, context)
    }

    // A block without a place says nothing.
    fn flush(&mut self, _context: &mut Context) {}
}

impl Bandit {
    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(mut issue) = self.open.take() else { return false };
        if let Some(place) = LOCATION.captures(line) {
            issue.report(&place, context);
            return true;
        }
        self.lines += 1;
        if !line.starts_with("   ") || self.lines > LINES {
            return false;
        }
        if let Some(told) = SEVERITY.captures(line) {
            issue.severity = severity(&told["severity"]);
        }
        self.open = Some(issue);
        true
    }
}

impl Issue {
    fn report(self, place: &regex::Captures<'_>, context: &mut Context) {
        // Its columns begin at 0.
        let column = place.name("column").and_then(|column| column.as_str().parse::<u32>().ok());
        let column = column.map(|column| column.saturating_add(1).to_string());
        let spot = Spot { file: &place["file"], line: &place["line"], column: column.as_deref() };
        let mut problem = context.problem(self.severity, "bandit", &self.message, spot, READING);
        problem.code = Some(self.code);
        context.report(problem);
    }
}

/// How bad bandit takes something.
pub(super) fn severity(word: &str) -> Severity {
    match word.to_ascii_lowercase().as_str() {
        "high" => Severity::Error,
        "low" | "undefined" => Severity::Information,
        _ => Severity::Warning,
    }
}
