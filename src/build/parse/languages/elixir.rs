//! What Elixir says: `** (CompileError) file:line: …`, a message with its place in the line below it (up to 1.15), or
//! an excerpt whose last line is the place (since 1.16).
//! A format of `Parser`. Does not know: other formats, the file system.

use std::collections::VecDeque;
use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Position, Problem, Related, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Char, base: Base::Process };

static RAISED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^\*\* \((?<code>[A-Z]\w*(?:\.\w+)*)\) (?:(?<file>[^\s:|\[#][^:|]*\.(?:exs?|eex|heex|leex)):(?<line>[0-9]+):(?:(?<column>[0-9]+):)? )?(?<message>.+)$",
    )
});
// The errors came before, or come below in an excerpt.
static SUMMARY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^\*\* \((?:CompileError|SyntaxError|TokenMissingError|MismatchedDelimiterError)\) (?:.*cannot compile (?:module|file) .*|(?:invalid syntax|token missing|mismatched delimiter) found on .+:)$|^== Compilation error in file .+ ==$",
    )
});
static BELOW: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^  (?<file>[^\s:|\[#][^:|]*\.(?:exs?|eex|heex|leex)):(?<line>[0-9]+)(?::(?<column>[0-9]+))?(?:: .+)?$",
    )
});
static TRAILER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^ *└─ (?<file>[^\s:|\[#][^:|]*\.(?:exs?|eex|heex|leex)):(?<line>[0-9]+)(?::(?<column>[0-9]+))?(?:: .+)?$",
    )
});
static HEADER: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ *(?<severity>warning|error|info): (?<message>.+)$"));
static GUTTER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ *[0-9]* *│|^ *\.\.\.$"));
static MARKS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"│ *(?<marks>[\^~]+)"));
static FRAME: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^ {4}(?:\((?:\w+) [^)]+\) )?(?<file>[^\s:|\[#][^:|]*\.exs?):(?<line>[0-9]+): .+$|^ {4}\(\w+ [^)]+\) .+$",
    )
});

/// The state between two lines: only the trace of an error is waited for.
#[derive(Debug, Default)]
pub(super) struct Elixir {
    open: Option<Problem>,
    /// Whether it was told above its place, so that only more places may follow.
    is_listing: bool,
}

impl Format for Elixir {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if SUMMARY.is_match(line) {
            self.flush(context);
            return true;
        }
        if let Some(raised) = RAISED.captures(line) {
            self.flush(context);
            return self.raised(&raised, context);
        }
        if let Some(trailer) = TRAILER.captures(line).or_else(|| BELOW.captures(line)) {
            return self.placed(&trailer, context);
        }
        let Some(problem) = &mut self.open else { return false };
        if let Some(frame) = FRAME.captures(line) {
            if problem.place.is_none() {
                problem.place = spot(&frame).and_then(|spot| context.place(spot, READING));
            }
            return true;
        }
        let is_more = !self.is_listing && line.starts_with("  ") && problem.message.len() < 4000;
        if is_more {
            add_line(&mut problem.message, line.trim());
        }
        is_more
    }

    fn flush(&mut self, context: &mut Context) {
        self.is_listing = false;
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
    }
}

impl Elixir {
    fn raised(&mut self, raised: &regex::Captures<'_>, context: &mut Context) -> bool {
        let (code, message) = (&raised["code"], raised["message"].trim());
        // mix says that the project did not compile.
        if code == "Mix" && message.starts_with("Compilation failed") {
            return true;
        }
        let mut problem = match spot(raised) {
            Some(spot) => context.problem(Severity::Error, "elixir", message, spot, READING),
            None => Problem::new(Severity::Error, "elixir", message),
        };
        problem.code = Some(code.to_owned());
        self.open = Some(problem);
        true
    }

    // The message came before: what is said of a place is looked up in the lines above it.
    fn placed(&mut self, placed: &regex::Captures<'_>, context: &mut Context) -> bool {
        let Some(spot) = spot(placed) else { return false };
        let Some((mut problem, marks)) = above(&context.recent) else {
            // Further places of the same message.
            let Some(problem) = self.open.as_mut().filter(|_| self.is_listing) else { return false };
            let place = context.place(spot, READING);
            problem.related.extend(place.map(|place| Related { place, message: "also here".to_owned() }));
            return true;
        };
        self.flush(context);
        let at = context.problem(problem.severity, "elixir", &problem.message, spot, READING);
        (problem.place, problem.message) = (at.place, at.message);
        if let (Some(place), Some(marks)) = (&mut problem.place, marks.filter(|&marks| marks > 1))
            && let Some(column) = place.start.column
        {
            place.end = Some(Position { line: place.start.line, column: Some(column.saturating_add(marks)) });
        }
        (self.open, self.is_listing) = (Some(problem), true);
        true
    }
}

// The message that ends right above a place, and how many characters are marked below the source.
fn above(recent: &VecDeque<String>) -> Option<(Problem, Option<u32>)> {
    let mut marks = None;
    let mut message: Vec<&str> = Vec::new();
    for line in recent.iter().rev() {
        if let Some(header) = HEADER.captures(line) {
            let severity = match &header["severity"] {
                "warning" => Severity::Warning,
                "info" => Severity::Information,
                _ => Severity::Error,
            };
            let mut problem = Problem::new(severity, "elixir", header["message"].trim());
            if problem.message.contains("unused") || problem.message.contains("never used") {
                problem.tags.push(Tag::Unnecessary);
            } else if problem.message.contains(" is deprecated") {
                problem.tags.push(Tag::Deprecated);
            }
            for line in message.iter().rev() {
                add_line(&mut problem.message, line.trim());
            }
            return Some((problem, marks));
        }
        if GUTTER.is_match(line) {
            let found = MARKS.captures(line).map(|found| found["marks"].len());
            marks = marks.or(found.and_then(|marks| u32::try_from(marks).ok()));
            continue;
        }
        // Another place: the message belongs to that one.
        if BELOW.is_match(line) || TRAILER.is_match(line) {
            return None;
        }
        message.push(line);
    }
    None
}
