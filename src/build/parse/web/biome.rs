//! The text of biome.
//! A format of `Parser`. Does not know: its JSON; `json` reads that.

use std::sync::LazyLock;

use regex::Captures;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Position, Problem, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Char, base: Base::Process };

static HEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:(?<file>\S.*?)(?::(?<line>[0-9]+):(?<column>[0-9]+))? )?(?<code>[a-z]\w*(?:/\w+)*)(?: +(?:FIXABLE|DEPRECATED|INTERNAL|FATAL|VERBOSE))* +━{3,}$",
    )
});
static SAID: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^  (?<mark>[×✖!⚠iℹ]) (?<text>\S.*)$"));
static SOURCE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^  > (?<line>[0-9]+) │ ?(?<text>.*)$"));
static MARKS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ +│ \s*(?<marks>\^+)\s*$"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Biome {
    /// Its message and what explains it follow.
    open: Option<Problem>,
    /// The marked line of the first excerpt.
    source: Option<(u32, String)>,
    is_marked: bool,
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
        (self.source, self.is_marked) = (None, false);
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
                self.is_marked = true;
                add_line(&mut problem.message, &said["text"]);
            }
        } else if let Some(source) = SOURCE.captures(line) {
            let text = source["text"].to_owned();
            self.source = source["line"].parse().ok().map(|line| (line, text));
        } else if let (Some(marks), Some((number, text))) = (MARKS.captures(line), self.source.take())
            && let Some(place) = problem.place.as_mut().filter(|place| place.start.line == number)
        {
            let column = place
                .start
                .column
                .and_then(|column| column.checked_add(u32::try_from(marks["marks"].len()).ok()?));
            if !self.is_marked && column.is_some() && text.is_ascii() {
                place.end = Some(Position { line: number, column });
            }
            self.is_marked = true;
        }
    }
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
