//! The text of the TypeScript compiler, plain and pretty, and of what speaks like it (vue-tsc, ts-loader).
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Related, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };

static PLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>\S.*?)(?:\((?<line>[0-9]+),(?<column>[0-9]+)\): |:(?<line2>[0-9]+):(?<column2>[0-9]+) - )(?<severity>error|warning|message|suggestion) (?<code>TS[0-9]+): (?<message>.*)$",
    )
});
static PLACELESS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<severity>error|warning) (?<code>TS[0-9]+): (?<message>.*)$"));
static LOADER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^\[tsl\] (?<severity>ERROR|WARNING) in (?<file>.+)\((?<line>[0-9]+),(?<column>[0-9]+)\)$")
});
static LOADED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s+(?<code>TS[0-9]+): (?<message>.*)$"));
static RELATED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^  (?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+)$"));
static SQUIGGLE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s+(?<marks>~+)\s*$"));

/// What the next line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    /// The message, which may go on.
    #[default]
    Message,
    /// The excerpt of the pretty form, or that of a related place.
    Excerpt,
}

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Tsc {
    open: Option<Problem>,
    part: Part,
    /// Another place, whose text follows its excerpt.
    place: Option<Place>,
    /// How many lines of the excerpt were marked.
    marked: u32,
}

impl Format for Tsc {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if self.open.is_some() && self.goes_on(line, context) {
            return true;
        }
        self.flush(context);
        if let Some(placed) = PLACED.captures(line) {
            self.open = Some(placed_problem(&placed, context));
            return true;
        }
        if let Some(placeless) = PLACELESS.captures(line) {
            self.open = Some(coded(&placeless["severity"], &placeless["code"], &placeless["message"]));
            return true;
        }
        if let Some(loader) = LOADER.captures(line)
            && let Some(spot) = spot(&loader)
        {
            let severity = if &loader["severity"] == "ERROR" { Severity::Error } else { Severity::Warning };
            self.open = Some(context.problem(severity, "tsc", "", spot, READING));
            return true;
        }
        false
    }

    fn flush(&mut self, context: &mut Context) {
        let Some(mut problem) = self.open.take() else { return };
        // Several marked lines: the marks of the first don't reach the end.
        if self.marked > 1
            && let Some(place) = &mut problem.place
        {
            place.end = None;
        }
        (self.part, self.place, self.marked) = (Part::Message, None, 0);
        context.report(problem);
    }
}

impl Tsc {
    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(problem) = &mut self.open else { return false };
        if line.trim().is_empty() {
            self.part = Part::Excerpt;
            return true;
        }
        if PLACED.is_match(line) || PLACELESS.is_match(line) {
            return false;
        }
        if problem.code.is_none() {
            let Some(loaded) = LOADED.captures(line) else { return false };
            let told = coded("error", &loaded["code"], &loaded["message"]);
            problem.message.push_str(&told.message);
            (problem.code, problem.tags) = (told.code, told.tags);
            return true;
        }
        if let Some(related) = RELATED.captures(line) {
            self.part = Part::Excerpt;
            self.place = spot(&related).and_then(|spot| context.place(spot, READING));
            return true;
        }
        if let Some(squiggle) = SQUIGGLE.captures(line) {
            // Those of other places are indented further.
            if problem.related.is_empty() && self.place.is_none() {
                self.marked += 1;
                mark(problem, squiggle["marks"].len());
            }
            return true;
        }
        let is_indented = line.starts_with("  ");
        match self.part {
            Part::Message if is_indented => add_line(&mut problem.message, line.trim()),
            Part::Excerpt if line.starts_with("    ") && !is_numbered(line) => {
                let message = line.trim().to_owned();
                problem.related.extend(self.place.take().map(|place| Related { place, message }));
            }
            Part::Excerpt if is_numbered(line) || line.trim() == "..." => {}
            Part::Message | Part::Excerpt => return false,
        }
        true
    }
}

fn mark(problem: &mut Problem, marks: usize) {
    let Some(place) = &mut problem.place else { return };
    if let (Some(column), None) = (place.start.column, place.end) {
        let end = column.saturating_add(u32::try_from(marks).unwrap_or(0));
        place.end = Some(Position { line: place.start.line, column: Some(end) });
    }
}

// A line of source in an excerpt: its number, then its text.
fn is_numbered(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && matches!(line.as_bytes().get(digits), None | Some(b' '))
}

fn placed_problem(placed: &regex::Captures<'_>, context: &mut Context) -> Problem {
    let mut problem = coded(&placed["severity"], &placed["code"], &placed["message"]);
    let (line, column) =
        if placed.name("line").is_some() { ("line", "column") } else { ("line2", "column2") };
    let spot = crate::build::parse::context::Spot {
        file: placed.name("file").map_or("", |file| file.as_str()),
        line: placed.name(line).map_or("", |line| line.as_str()),
        column: placed.name(column).map(|column| column.as_str()),
    };
    let at = context.problem(problem.severity, "tsc", &problem.message, spot, READING);
    (problem.place, problem.message) = (at.place, at.message);
    problem
}

fn coded(severity: &str, code: &str, message: &str) -> Problem {
    let severity = match severity {
        "warning" => Severity::Warning,
        "message" => Severity::Information,
        "suggestion" => Severity::Hint,
        _ => Severity::Error,
    };
    let mut problem = Problem::new(severity, "tsc", message);
    problem.tags = match code {
        "TS6133" | "TS6192" | "TS6196" | "TS6198" | "TS6199" | "TS7027" | "TS7028" => vec![Tag::Unnecessary],
        "TS6385" | "TS6387" => vec![Tag::Deprecated],
        _ => vec![],
    };
    problem.code = Some(code.to_owned());
    problem
}
