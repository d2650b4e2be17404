//! Excerpts in boxes, as the tools written in Rust for the web print them: swc, oxlint, rolldown (vite since version 8).
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use regex::Captures;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Severity};

static HEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?: {1,2}(?<mark>[×x✖⚠!ℹ☞>]) (?:(?<rule>[\w@/-]+\([\w@/-]+\)): )?|\[(?<code>[A-Z][A-Z_]+|[a-z][\w:-]+)\] (?<warning>Warning: )?)(?<message>\S.*)$",
    )
});
static MORE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^  [│|] (?<text>\S.*)$"));
static PLACE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^ *(?:╭─+|,-+) ?\[ ?(?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+) ?\](?:─*)?$")
});
static SOURCE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<gutter> *(?<line>[0-9]+) [│|](?: |$))(?<text>.*)$"));
static MARKS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<before> *[·:│|] +)(?<marks>[\^─┬▲|]+)(?: .*)?$"));
static LABEL: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ *[·:│|] .*?(?:╰─+|`-+) +(?<text>\S.*)$"));
static ADVICE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?: *│)? *(?<text>(?:[Hh]elp|[Nn]ote): \S.*)$"));
static END: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ *(?:╰─+|`-+|─+╯)$"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Boxes {
    /// What stands above a box.
    head: Option<Problem>,
    open: Option<Problem>,
    /// The file, if it is not the head of the box that gives the place but the marks in it.
    file: Option<String>,
    /// The last line of source: its number, the width of its gutter, its text.
    source: Option<(String, usize, String)>,
    is_over: bool,
}

impl Format for Boxes {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let (Some(place), Some(head)) = (PLACE.captures(line), self.head.take()) {
            self.flush(context);
            self.place(head, &place, context);
            return true;
        }
        if self.open.is_some() && self.goes_on(line, context) {
            return true;
        }
        self.flush(context);
        if let (Some(head), Some(more)) = (&mut self.head, MORE.captures(line)) {
            // The message was too long for the screen.
            head.message.push(' ');
            head.message.push_str(&more["text"]);
            return false;
        }
        // Without a box below it is anything else.
        self.head = HEAD.captures(line).map(|head| problem(&head));
        false
    }

    fn flush(&mut self, context: &mut Context) {
        (self.file, self.source, self.is_over) = (None, None, false);
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
    }
}

impl Boxes {
    fn place(&mut self, head: Problem, place: &Captures<'_>, context: &mut Context) {
        let unit = if head.tool == "oxlint" { ColumnUnit::Byte } else { ColumnUnit::Char };
        let reading = Reading { unit, base: Base::Process };
        let Some(mut spot) = spot(place) else { return };
        if head.tool == "swc" {
            self.file = Some(spot.file.to_owned());
            spot.column = None;
        }
        let at = context.problem(head.severity, &head.tool, &head.message, spot, reading);
        self.open = Some(Problem { place: at.place, message: at.message, ..head });
    }

    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(problem) = &mut self.open else { return false };
        if let Some(advice) = ADVICE.captures(line) {
            add_line(&mut problem.message, &advice["text"]);
            return true;
        }
        if self.is_over {
            return false;
        }
        if END.is_match(line) {
            self.is_over = true;
        } else if let Some(source) = SOURCE.captures(line) {
            let width = source["gutter"].chars().count();
            self.source = Some((source["line"].to_owned(), width, source["text"].to_owned()));
        } else if let Some(label) = LABEL.captures(line) {
            add_line(&mut problem.message, &label["text"]);
        } else if let Some(marks) = MARKS.captures(line) {
            self.mark(marks["before"].chars().count(), marks["marks"].chars().count(), context);
        } else {
            return line.trim_start().starts_with(['│', '|', ':', '·', '─']);
        }
        true
    }

    // The marks count what is seen on the screen.
    fn mark(&mut self, before: usize, marks: usize, context: &mut Context) {
        let (Some(problem), Some((line, gutter, text))) = (&mut self.open, self.source.take()) else {
            return;
        };
        let Some(shown) = before.checked_sub(gutter) else { return };
        let is_ascii = text.is_ascii();
        if let Some(file) = self.file.take() {
            let unit = if is_ascii { ColumnUnit::Char } else { ColumnUnit::Display };
            let column = (shown + 1).to_string();
            let spot = Spot { file: &file, line: &line, column: Some(&column) };
            problem.place = context.place(spot, Reading { unit, base: Base::Process });
        }
        let Some(place) = problem.place.as_mut().filter(|place| place.start.line.to_string() == line) else {
            return;
        };
        if place.end.is_none() && is_ascii {
            place.end = end(place, marks);
        }
    }
}

fn end(place: &Place, marks: usize) -> Option<Position> {
    let column = place.start.column?.checked_add(u32::try_from(marks).ok()?)?;
    Some(Position { line: place.start.line, column: Some(column) })
}

fn problem(head: &Captures<'_>) -> Problem {
    let is_warning = head.name("warning").is_some();
    let severity = match head.name("mark").map_or("", |mark| mark.as_str()) {
        "⚠" | "!" => Severity::Warning,
        "ℹ" | "☞" | ">" => Severity::Information,
        _ if is_warning => Severity::Warning,
        _ => Severity::Error,
    };
    let (rule, code) = (head.name("rule"), head.name("code"));
    let tool = if rule.is_some() {
        "oxlint"
    } else if code.is_some() {
        "rolldown"
    } else {
        "swc"
    };
    let mut problem = Problem::new(severity, tool, &head["message"]);
    problem.code = rule.or(code).map(|code| code.as_str().to_owned());
    if let Some(rule) = &problem.code
        && let Some((_, rule)) = rule.trim_end_matches(')').split_once('(')
    {
        problem.tags = super::eslint::tags(rule);
    }
    problem
}
