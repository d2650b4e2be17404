//! The text of svelte-check, for people and for machines.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use regex::Captures;
use serde::Deserialize;
use serde_json::Value;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Position, Problem, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };
/// A longer message is not read to its end.
const LINES: usize = 20;

static PLACE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<file>\S.*):(?<line>[0-9]+):(?<column>[0-9]+)$"));
static HEAD: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<severity>Error|Warn|Warning|Hint): (?<message>\S.*)$"));
static END: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<message>.*?) (?:\((?:ts|js|svelte|css|scss|less)\))?$"));
static MACHINE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"^[0-9]{10,} (?<severity>ERROR|WARNING) "(?<file>[^"]+)" (?<line>[0-9]+):(?<column>[0-9]+) (?<message>".*")$"#,
    )
});
static VERBOSE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r#"^[0-9]{10,} (?<json>\{"type":"(?:ERROR|WARNING|HINT)",.*\})$"#));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Svelte {
    /// The line above a message: where it is.
    place: Option<(String, String, String)>,
    open: Option<Problem>,
    lines: usize,
}

impl Format for Svelte {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        let place = self.place.take();
        if let (Some(place), Some(head)) = (place, HEAD.captures(line)) {
            self.flush(context);
            let problem = told(&head, (&place.0, &place.1, &place.2), &head["message"], context);
            self.goes_on(problem, context);
            return true;
        }
        if let Some(mut problem) = self.open.take() {
            self.lines += 1;
            if self.lines > LINES || line.is_empty() || PLACE.is_match(line) || line.starts_with("====") {
                context.report(problem);
            } else {
                add_line(&mut problem.message, line);
                self.goes_on(problem, context);
                return true;
            }
        }
        if let Some(machine) = MACHINE.captures(line) {
            let message = serde_json::from_str::<String>(&machine["message"]).unwrap_or_default();
            let place = (&machine["file"], &machine["line"], &machine["column"]);
            let problem = told(&machine, place, &message, context);
            context.report(problem);
            return true;
        }
        if let Some(verbose) = VERBOSE.captures(line)
            && let Ok(told) = serde_json::from_str::<Verbose>(&verbose["json"])
        {
            let problem = told.problem(context);
            context.report(problem);
            return true;
        }
        // Without a message below it is anything else.
        self.place = PLACE
            .captures(line)
            .map(|place| (place["file"].to_owned(), place["line"].to_owned(), place["column"].to_owned()));
        false
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
    }
}

impl Svelte {
    // A message ends with the language that it is about.
    fn goes_on(&mut self, mut problem: Problem, context: &mut Context) {
        let last = problem.message.rfind('\n').map_or(0, |at| at + 1);
        if let Some(end) = END.captures(&problem.message[last..]) {
            let length = last + end["message"].len();
            problem.message.truncate(length);
            context.report(problem);
            self.lines = 0;
        } else {
            self.open = Some(problem);
        }
    }
}

/// `--output machine-verbose`. Its positions are 0-based.
#[derive(Debug, Deserialize)]
struct Verbose {
    #[serde(rename = "type")]
    severity: String,
    filename: String,
    start: Point,
    end: Point,
    message: String,
    code: Option<Value>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Point {
    line: u32,
    character: u32,
}

impl Point {
    fn position(self) -> Position {
        Position { line: self.line.saturating_add(1), column: self.character.checked_add(1) }
    }
}

impl Verbose {
    fn problem(&self, context: &mut Context) -> Problem {
        let start = self.start.position();
        let (line, column) = (start.line.to_string(), start.column.map(|column| column.to_string()));
        let spot = Spot { file: &self.filename, line: &line, column: column.as_deref() };
        let mut problem =
            context.problem(severity(&self.severity), "svelte-check", &self.message, spot, READING);
        if let Some(place) = &mut problem.place {
            place.end = Some(self.end.position());
        }
        problem.code = match &self.code {
            Some(Value::Number(number)) => Some(format!("TS{number}")),
            Some(Value::String(code)) => Some(code.clone()),
            _ => None,
        };
        problem
    }
}

fn told(groups: &Captures<'_>, place: (&str, &str, &str), message: &str, context: &mut Context) -> Problem {
    let spot = Spot { file: place.0, line: place.1, column: Some(place.2) };
    context.problem(severity(&groups["severity"]), "svelte-check", message, spot, READING)
}

fn severity(word: &str) -> Severity {
    match word.as_bytes() {
        [b'W', ..] => Severity::Warning,
        [b'H', ..] => Severity::Hint,
        _ => Severity::Error,
    }
}
