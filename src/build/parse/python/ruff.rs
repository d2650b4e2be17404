//! The text of ruff with its excerpts, as it is since version 0.12, grouped by files, and its one-line forms.
//! A format of `Parser`. Does not know: its JSON; `json` reads that.

use std::sync::LazyLock;

use super::lint::{RUFF, is_python, ruff_tags};
use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::linters::Linter;
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Position, Problem, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Char, base: Base::Process };

static HEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:(?<code>[A-Z]{1,6}[0-9]{2,5})(?: \[[*-]\])?:?|(?<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)*):(?: \[[*-]\])?) (?<message>\S.*)$",
    )
});
static ARROW: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ *--> (?<file>\S.*?)(?::cell [0-9]+)?:(?<line>[0-9]+):(?<column>[0-9]+)$"));
static SOURCE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ *(?<line>[0-9]+) \|(?: (?<text>.*))?$"));
static MARKS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ *\| (?<before> *)(?<marks>\^+)(?: (?<label>.*))?$"));
static ADVICE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ *=? ?(?:help|info|note): .+$"));
// `--output-format grouped`: a file, and below it its problems.
static GROUP: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<file>\S.*\.(?:pyi?|pyw|ipynb|toml)):$"));
static GROUPED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^ {2,9}(?:cell [0-9]+:)?(?<line>[0-9]+):(?<column>[0-9]+) +(?<code>[A-Z]{1,6}[0-9]{2,5}|[a-z][a-z0-9]*(?:-[a-z0-9]+)*):?(?: \[[*-]\])? (?<message>\S.*)$",
    )
});
// What else begins in the same way as the name of a rule: rustc has arrows, too.
const SEVERITIES: [&str; 6] = ["error", "warning", "note", "help", "info", "fatal"];

/// The state between two lines.
#[derive(Debug)]
pub(super) struct Ruff {
    lines: Linter,
    /// The line above an arrow: code and message.
    head: Option<(String, String)>,
    open: Option<Problem>,
    /// The file whose problems follow, in a grouped list.
    group: Option<String>,
    /// The number and the text of the last line of source.
    source: Option<(u32, String)>,
    /// Whether the excerpt is over and the repair is shown.
    is_over: bool,
}

impl Default for Ruff {
    fn default() -> Self {
        Self { lines: Linter::new(&RUFF), head: None, open: None, group: None, source: None, is_over: false }
    }
}

impl Format for Ruff {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        let head = self.head.take();
        if let (Some((code, message)), Some(arrow)) = (head, ARROW.captures(line))
            && (is_code(&code) || is_python(&arrow["file"]))
        {
            self.flush(context);
            let Some(spot) = spot(&arrow) else { return false };
            let mut problem = context.problem(Severity::Error, "ruff", &message, spot, READING);
            problem.tags = ruff_tags(&code);
            problem.code = Some(code);
            self.open = Some(problem);
            return true;
        }
        if self.open.is_some() && self.goes_on(line) {
            return true;
        }
        self.flush(context);
        if let Some(head) = HEAD.captures(line) {
            // Without an arrow below it is anything else.
            let code = head.name("code").or(head.name("name")).map_or("", |code| code.as_str());
            if !SEVERITIES.contains(&code) {
                self.head = Some((code.to_owned(), head["message"].to_owned()));
                return false;
            }
        }
        self.grouped(line, context) || self.lines.line(line, context)
    }

    fn flush(&mut self, context: &mut Context) {
        (self.source, self.is_over) = (None, false);
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
        self.lines.flush(context);
    }
}

impl Ruff {
    fn goes_on(&mut self, line: &str) -> bool {
        let Some(problem) = &mut self.open else { return false };
        if ADVICE.is_match(line) {
            self.is_over = true;
            add_line(&mut problem.message, line.trim_start_matches([' ', '=']));
            return true;
        }
        if let Some(source) = SOURCE.captures(line) {
            let text = source.name("text").map_or("", |text| text.as_str());
            self.source = source["line"].parse().ok().map(|number| (number, text.to_owned()));
            return true;
        }
        if let (Some(marks), false) = (MARKS.captures(line), self.is_over) {
            let label = marks.name("label").map_or("", |label| label.as_str());
            self.mark(marks["before"].len(), marks["marks"].len(), label);
            return true;
        }
        let trimmed = line.trim_start();
        // The repair: lines with a number, a sign and a bar.
        trimmed.starts_with('|')
            || trimmed.starts_with("...")
            || (self.is_over
                && (trimmed.starts_with('-') || trimmed.starts_with(|letter: char| letter.is_ascii_digit())))
    }

    fn grouped(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(file) = GROUP.captures(line) {
            self.group = Some(file["file"].to_owned());
            return false;
        }
        let Some((file, told)) = self.group.take().zip(GROUPED.captures(line)) else { return false };
        let spot =
            Spot { file: &file, line: &told["line"], column: told.name("column").map(|at| at.as_str()) };
        let mut problem = context.problem(Severity::Error, "ruff", &told["message"], spot, READING);
        problem.tags = ruff_tags(&told["code"]);
        problem.code = Some(told["code"].to_owned());
        context.report(problem);
        self.group = Some(file);
        true
    }

    // The marks count what is seen on the screen. What stands behind them belongs to the message, as the formats for
    // machines have it; once the code stood there.
    fn mark(&mut self, before: usize, marks: usize, label: &str) {
        let (Some(problem), Some((number, text))) = (&mut self.open, &self.source) else { return };
        let Some(place) = problem.place.as_mut().filter(|place| place.start.line == *number) else { return };
        if !label.is_empty() && !is_code(label) && place.end.is_none() {
            problem.message = format!("{}: {label}", problem.message);
        }
        // A tab is shown as four blanks, and the end of a line as one.
        let marked = text.get(before..before + marks).unwrap_or_default();
        let is_first = place.end.is_none() && text.is_ascii() && !marked.trim().is_empty();
        if let (Some(column), true) = (place.start.column, is_first) {
            let column = column.saturating_add(u32::try_from(marks).unwrap_or(1));
            place.end = Some(Position { line: *number, column: Some(column) });
        }
    }
}

fn is_code(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_uppercase())
        && text.ends_with(|letter: char| letter.is_ascii_digit())
}
