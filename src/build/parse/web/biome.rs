//! The text of biome.
//! A format of `Parser`. Does not know: its JSON; `json` reads that.

use std::sync::LazyLock;

use regex::Captures;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Char, base: Base::Process };

static HEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:(?<file>\S.*?)(?::(?<line>[0-9]+):(?<column>[0-9]+))? )?(?<code>[a-z]\w*(?:/\w+)*)(?: +(?:FIXABLE|DEPRECATED|INTERNAL|FATAL|VERBOSE))* +━{3,}$",
    )
});
static SAID: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^  (?<mark>[×✖!⚠iℹ]) (?<text>\S.*)$"));
static SOURCE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^  > (?<line>[0-9]+) │ ?(?<text>.*)$"));
static MARKS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ +│ (?<before>\s*)(?<marks>\^+)\s*$"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Biome {
    /// Its message and what explains it follow.
    open: Option<Problem>,
    /// The last line of the excerpt that may have marks below it.
    source: Option<(u32, String)>,
    /// Whether the excerpt is over that shows the place.
    is_over: bool,
}

impl Format for Biome {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(head) = HEAD.captures(line) {
            self.flush(context);
            // Without a file it only says that there were others.
            let is_summary = head.name("file").is_none() && !head["code"].starts_with("config");
            self.open = Some(problem(&head, context)).filter(|_| !is_summary);
            return true;
        }
        if self.open.is_some() && (line.is_empty() || line.starts_with("  ")) {
            self.goes_on(line);
            return true;
        }
        self.flush(context);
        false
    }

    fn flush(&mut self, context: &mut Context) {
        (self.source, self.is_over) = (None, false);
        if let Some(problem) = self.open.take().filter(|problem| !problem.message.is_empty()) {
            context.report(problem);
        }
    }
}

impl Biome {
    fn goes_on(&mut self, line: &str) {
        let Some(problem) = &mut self.open else { return };
        if let Some(said) = SAID.captures(line) {
            if problem.message.is_empty() {
                problem.severity = severity(&said["mark"]);
                said["text"].clone_into(&mut problem.message);
            } else {
                self.is_over = true;
                add_line(&mut problem.message, &said["text"]);
            }
        } else if let Some(source) = SOURCE.captures(line) {
            let text = source["text"].to_owned();
            self.source = source["line"].parse().ok().map(|line| (line, text));
        } else if let (Some(marks), Some((number, text))) = (MARKS.captures(line), self.source.take())
            && let (Some(place), false) = (&mut problem.place, self.is_over)
        {
            mark(place, (number, &text), marks["before"].chars().count(), marks["marks"].len());
        }
    }
}

// What stretches over lines has marks below each of them. Tabs and wide letters have more marks than characters, and the
// end of a line has one, too. Where the column is told, only the marked text matters.
fn mark(place: &mut Place, (number, text): (u32, &str), before: usize, marks: usize) {
    let is_first = place.start.line == number && place.end.is_none();
    if !is_first && place.end.is_none_or(|end| end.line >= number) {
        return;
    }
    let begin = place.start.column.filter(|_| is_first).map_or(before, |column| column as usize - 1);
    let marked: String =
        if is_first { text.chars().skip(begin).take(marks).collect() } else { text.to_owned() };
    let is_plain =
        marked.is_ascii() && !marked.trim_start().contains('\t') && begin + marks <= text.chars().count();
    let column = u32::try_from(begin + marks + 1).ok().filter(|_| is_plain && place.start.column.is_some());
    place.end = column.map(|column| Position { line: number, column: Some(column) });
}

fn problem(head: &Captures<'_>, context: &mut Context) -> Problem {
    let file = head.name("file").map_or("", |file| file.as_str());
    let line = head.name("line").map_or("1", |line| line.as_str());
    let spot = Spot { file, line, column: head.name("column").map(|column| column.as_str()) };
    let mut problem = Problem::new(Severity::Error, "biome", "");
    problem.place = context.place(spot, READING);
    problem.tags = tags(&head["code"]);
    problem.href = href(&head["code"]);
    problem.code = Some(head["code"].to_owned());
    problem
}

fn severity(mark: &str) -> Severity {
    match mark {
        "!" | "⚠" => Severity::Warning,
        "i" | "ℹ" => Severity::Information,
        _ => Severity::Error,
    }
}

/// What a rule says of the code.
pub(super) fn tags(rule: &str) -> Vec<Tag> {
    let name = rule.rsplit('/').next().unwrap_or(rule);
    let is_unused = name.starts_with("noUnused") && name != "noUnusedExpressions";
    if is_unused || name == "noUnreachable" { vec![Tag::Unnecessary] } else { vec![] }
}

/// Where a rule is explained.
pub(super) fn href(rule: &str) -> Option<String> {
    let name = rule.strip_prefix("lint/")?.rsplit('/').next()?;
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    Some(format!("https://biomejs.dev/linter/rules/{kebab}"))
}
