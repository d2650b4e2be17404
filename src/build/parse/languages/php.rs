//! What PHP says of programs: `php -l`, warnings, exceptions that nobody caught; for the log, for a terminal or as HTML.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Related, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };
/// A message or a trace is not longer.
const LINES: u16 = 200;

static HEADER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\[[^\]]{5,40}\] )?(?<log>PHP )?(?:<b>)?(?<severity>Parse error|Fatal error|Recoverable fatal error|Core error|Compile error|Warning|Core warning|Compile warning|Notice|Deprecated|Strict Standards)(?:</b>)?: {1,2}(?<message>\S.*)$",
    )
});
static PLACE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<message>.*?)\s*\bin (?:<b>)?(?<file>[^<>\s](?:[^<>]*?[^<>\s])?)(?:</b>)? on line (?:<b>)?(?<line>[0-9]+)(?:</b>)?(?:<br ?/>)?$",
    )
});
static RAISED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<message>.*) in (?:/|[A-Za-z]:)[^:]*:[0-9]+$"));
static FRAME: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^#[0-9]+ (?<file>[^(]+)\((?<line>[0-9]+)\): (?<message>.+)$"));
static SUMMARY: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?:Errors parsing .+|No syntax errors detected in .+|<br ?/>)$"));

/// The state between two lines: a message of several lines, or the trace of an exception.
#[derive(Debug, Default)]
pub(super) struct Php {
    open: Option<Problem>,
    lines: u16,
    in_trace: bool,
}

impl Format for Php {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(header) = HEADER.captures(line) {
            return self.header(&header, context);
        }
        if line.starts_with("Could not open input file: ") {
            self.flush(context);
            context.report(Problem::new(Severity::Error, "php", line));
            return true;
        }
        if self.open.is_none() {
            return SUMMARY.is_match(line);
        }
        self.lines += 1;
        if self.lines > LINES {
            self.open = None;
            return false;
        }
        self.more(line, context)
    }

    // What has not come to its place is not known to be PHP's.
    fn flush(&mut self, context: &mut Context) {
        let open = self.open.take().filter(|problem| problem.place.is_some() || self.in_trace);
        (self.lines, self.in_trace) = (0, false);
        if let Some(problem) = open {
            context.report(problem);
        }
    }
}

impl Php {
    fn header(&mut self, header: &regex::Captures<'_>, context: &mut Context) -> bool {
        let message = header["message"].trim();
        let placed = PLACE.captures(message);
        // Without a place it may be anybody's warning.
        let goes_on = header.name("log").is_some() || message.starts_with("Uncaught ");
        if placed.is_none() && !goes_on {
            return false;
        }
        self.flush(context);
        let (severity, tag) = match &header["severity"] {
            "Warning" | "Core warning" | "Compile warning" => (Severity::Warning, None),
            "Deprecated" => (Severity::Warning, Some(Tag::Deprecated)),
            "Notice" | "Strict Standards" => (Severity::Information, None),
            _ => (Severity::Error, None),
        };
        let is_exception = message.starts_with("Uncaught ");
        let Some(placed) = placed.filter(|_| !is_exception) else {
            self.open = Some(Problem::new(severity, "php", said(message)));
            return true;
        };
        if let Some(spot) = spot(&placed) {
            let mut problem = context.problem(severity, "php", placed["message"].trim(), spot, READING);
            problem.tags.extend(tag);
            context.report(problem);
        }
        true
    }

    fn more(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(problem) = &mut self.open else { return false };
        if line == "Stack trace:" {
            self.in_trace = true;
            return true;
        }
        if let Some(frame) = FRAME.captures(line) {
            if let Some(place) = spot(&frame).and_then(|spot| context.place(spot, READING)) {
                problem.related.push(Related { place, message: frame["message"].to_owned() });
            }
            return true;
        }
        if let Some(placed) = PLACE.captures(line) {
            let text = placed["message"].trim();
            if text != "thrown" && !text.is_empty() {
                add_line(&mut problem.message, text);
            }
            if let Some(spot) = spot(&placed) {
                let at = context.problem(problem.severity, "php", &problem.message, spot, READING);
                (problem.place, problem.message) = (at.place, at.message);
            }
            self.in_trace = true;
            self.flush(context);
            return true;
        }
        if self.in_trace {
            return line.starts_with('#') || line.trim().is_empty();
        }
        add_line(&mut problem.message, said(line).trim_end());
        true
    }
}

// The last line of an exception's message, without the place where it was raised.
fn said(line: &str) -> &str {
    let raised = RAISED.captures(line).and_then(|raised| raised.name("message"));
    raised.map_or(line, |message| message.as_str().trim_end_matches(" and defined"))
}
