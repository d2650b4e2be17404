//! The text of mypy, plain and pretty.
//! A format of `Parser`. Does not know: its JSON; `json` reads that.

use std::sync::LazyLock;

use regex::Captures;

use super::lint::{is_python, tags};
use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Position, Problem, Related, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Char, base: Base::Process };
/// Lines are wrapped where they would be longer; terminals are rarely narrower.
const WIDTH: usize = 79;
/// How far the excerpt is indented.
const INDENT: usize = 4;

static PLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>[^\s:\[(][^:]*):(?:(?<line>[0-9]+):(?:(?<column>[0-9]+):(?:(?<endline>[0-9]+):(?<endcolumn>[0-9]+):)?)?)? (?<severity>error|warning|note): (?<message>.*)$",
    )
});
static CODE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<message>.*?) {1,2}\[(?<code>[a-z][a-z0-9-]*)\]$"));
static WRAPPED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ ?\[[a-z][a-z0-9-]*\]$"));
static CARET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<before> {4,})(?<marks>\^~*)$"));
static COUNT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?:Found [0-9]+ errors? in [0-9]+ files?|Success: no issues found in|mypy: can't read file)")
});

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Mypy {
    /// Its notes and its excerpt may follow.
    open: Option<Problem>,
    /// The place of the problem as it is written.
    spot: String,
    /// How long the last line of the message was; 0 when it is complete.
    width: usize,
    /// The line of source of the excerpt.
    source: Option<String>,
    /// Whether the message is that of a note of the problem.
    is_note: bool,
}

impl Format for Mypy {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(placed) = PLACED.captures(line) {
            return self.placed(&placed, line, context);
        }
        if self.open.is_some() && self.goes_on(line) {
            return true;
        }
        if COUNT.is_match(line) {
            self.flush(context);
            if line.starts_with("mypy: ") {
                context.report(Problem::new(Severity::Error, "mypy", line.trim_start_matches("mypy: ")));
            }
            return true;
        }
        false
    }

    fn flush(&mut self, context: &mut Context) {
        (self.width, self.source, self.is_note) = (0, None, false);
        if let Some(problem) = self.open.take() {
            context.report(coded(problem));
        }
    }
}

impl Mypy {
    fn placed(&mut self, placed: &Captures<'_>, line: &str, context: &mut Context) -> bool {
        let (file, message) = (&placed["file"], &placed["message"]);
        if !is_python(file) {
            // A script may have no extension; what has another one is another language's.
            let is_script = std::path::Path::new(file).extension().is_none();
            let is_ours =
                is_script && CODE.is_match(message) && context.places.find(file, Base::Process).is_some();
            if !is_ours {
                return false;
            }
        }
        let severity = match &placed["severity"] {
            "warning" => Severity::Warning,
            "note" => Severity::Information,
            _ => Severity::Error,
        };
        let is_note = severity == Severity::Information;
        if is_note && placed.name("line").is_none() {
            // `In function "f":` leads to the next problem and is said of nothing.
            self.flush(context);
            return true;
        }
        let written = &line[..line.len() - message.len() - placed["severity"].len() - 3];
        self.width = if message.ends_with(']') { 0 } else { line.chars().count() };
        self.source = None;
        if is_note && self.note(written, placed, context) {
            self.is_note = true;
            return true;
        }
        let width = self.width;
        self.flush(context);
        self.width = width;
        written.clone_into(&mut self.spot);
        let mut problem = context.problem(severity, "mypy", message, spot(placed), READING);
        if let Some(place) = &mut problem.place {
            place.end = end(placed);
        }
        self.open = Some(problem);
        true
    }

    // A note at the same place explains the problem, one elsewhere names another place.
    fn note(&mut self, written: &str, placed: &Captures<'_>, context: &mut Context) -> bool {
        let Some(problem) = &mut self.open else { return false };
        let message = &placed["message"];
        if message.starts_with("Revealed ") || CODE.is_match(message) {
            return false;
        }
        if self.spot == written {
            *problem = coded(problem.clone());
            add_line(&mut problem.message, message.trim_end());
        } else if let Some(place) = context.place(spot(placed), READING) {
            problem.related.push(Related { place, message: message.to_owned() });
        }
        true
    }

    // Below a message stand its wrapped rest, a line of source and a caret.
    fn goes_on(&mut self, line: &str) -> bool {
        let Some(problem) = &mut self.open else { return false };
        if let (Some(caret), Some(source)) = (CARET.captures(line), &self.source) {
            if !self.is_note {
                read_caret(problem, source, &caret);
            }
            self.source = None;
            return true;
        }
        if line.starts_with("    ") && self.source.is_none() {
            self.source = Some(line.to_owned());
            return true;
        }
        let is_rest = !line.starts_with(' ') && !line.is_empty() && self.width + first_word(line) >= WIDTH;
        if self.width == 0
            || self.source.is_some()
            || !(is_rest || WRAPPED.is_match(line))
            || COUNT.is_match(line)
        {
            return false;
        }
        self.width = if line.ends_with(']') { 0 } else { line.chars().count() };
        if !self.is_note {
            let kept = problem.message.trim_end().len();
            problem.message.truncate(kept);
            problem.message.push(' ');
            problem.message.push_str(line.trim());
        }
        true
    }
}

// How long the part is that mypy does not break: what is quoted is one word.
fn first_word(line: &str) -> usize {
    let mut is_quoted = false;
    let is_inner = |letter: &char| {
        is_quoted ^= *letter == '"';
        is_quoted || *letter != ' '
    };
    line.chars().take_while(is_inner).count()
}

// Where the excerpt is shortened or not ASCII, what stands above the caret is not where the caret says.
fn read_caret(problem: &mut Problem, source: &str, caret: &Captures<'_>) {
    let Some(place) = &mut problem.place else { return };
    let source = source.get(INDENT..).unwrap_or_default();
    if !source.is_ascii() || source.starts_with("...") {
        return;
    }
    let marks = u32::try_from(caret["marks"].len()).unwrap_or(1);
    if place.start.column.is_none() {
        // Tabs are shown as blanks up to the next stop.
        place.unit = ColumnUnit::Display;
        place.start.column = u32::try_from(caret["before"].len() - INDENT + 1).ok();
    }
    if let (Some(column), None) = (place.start.column, place.end)
        && !source.ends_with("...")
    {
        let column = Some(column.saturating_add(marks));
        place.end = Some(Position { line: place.start.line, column });
    }
}

fn spot<'a>(placed: &'a Captures<'_>) -> Spot<'a> {
    let group = |name| placed.name(name).map(|group| group.as_str());
    Spot { file: &placed["file"], line: group("line").unwrap_or("1"), column: group("column") }
}

// mypy names the last column.
fn end(placed: &Captures<'_>) -> Option<Position> {
    let number = |name| placed.name(name)?.as_str().parse::<u32>().ok();
    Some(Position { line: number("endline")?, column: Some(number("endcolumn")?.checked_add(1)?) })
}

fn coded(mut problem: Problem) -> Problem {
    let first = problem.message.lines().next().unwrap_or_default();
    let Some(parts) = CODE.captures(first).filter(|_| problem.code.is_none()) else { return problem };
    let code = parts["code"].to_owned();
    problem.message.replace_range(parts["message"].len()..first.len(), "");
    problem.href = Some(format!("https://mypy.readthedocs.io/en/stable/_refs.html#code-{code}"));
    problem.tags = tags(&code);
    problem.code = Some(code);
    problem
}
