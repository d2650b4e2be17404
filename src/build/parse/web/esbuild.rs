//! The text of esbuild, which also speaks through the tools that are made of it.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use regex::Captures;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Position, Problem, Related, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };
/// Problems that the summary of the JavaScript interface says again.
const REMEMBERED: usize = 100;

static HEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:  )?(?<mark>✘|X|▲|!) \[(?<severity>ERROR|WARNING)\] (?<message>.+?)(?: \[plugin [^\]]+\])?(?: \[(?<code>[a-z][a-z0-9@-]+)\])?$",
    )
});
// How it spoke until version 0.13.
static OLD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^ > (?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+): (?<severity>error|warning|note): (?<message>.+)$",
    )
});
static PLACE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^    (?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+):$"));
static SOURCE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ +[0-9]+ [│|] (?<text>.*)$"));
static MARKS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ +[╵'│|] +(?<marks>~+)$"));
static NOTE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^  (?<text>\S.*)$"));
static SUMMARY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\S*Error: )?(?<file>\S.*?\.(?:[cm]?[jt]sx?|css|json|vue|svelte|astro|html)):(?<line>[0-9]+):(?<column>[0-9]+): (?<severity>ERROR|WARNING): (?:\[plugin: [^\]]+\] )?(?<message>.+)$",
    )
});
static COUNT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:[0-9]+ (?:warning|error)s?(?: and [0-9]+ errors?)?|[0-9]+ of [0-9]+ (?:warning|error)s? .*shown.*|(?:\S*Error: )?(?:Build|Transform) failed with [0-9]+ errors?:?)$",
    )
});

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Esbuild {
    open: Option<Problem>,
    /// Its mark is one that others draw, too, so it needs a place.
    is_unsure: bool,
    /// What is said of the next place.
    note: Option<String>,
    /// The line of source above the marks, if the marks are the problem's own.
    source: Option<String>,
    /// What was reported, as the summary words it.
    told: Vec<String>,
}

impl Format for Esbuild {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(head) = HEAD.captures(line) {
            self.flush(context);
            let mut problem = Problem::new(severity(&head), "esbuild", &head["message"]);
            problem.code = head.name("code").map(|code| code.as_str().to_owned());
            self.open = Some(problem);
            self.is_unsure = head["mark"].is_ascii();
            return true;
        }
        if let Some(old) = OLD.captures(line) {
            return self.old(&old, context);
        }
        if self.open.is_some() && self.goes_on(line, context) {
            return true;
        }
        self.flush(context);
        if let Some(summary) = SUMMARY.captures(line) {
            self.summary(&summary, context);
            return true;
        }
        COUNT.is_match(line)
    }

    fn flush(&mut self, context: &mut Context) {
        let note = self.note.take();
        self.source = None;
        let is_unsure = std::mem::take(&mut self.is_unsure);
        if let Some(mut problem) = self.open.take().filter(|problem| !is_unsure || problem.place.is_some()) {
            add_line(&mut problem.message, note.as_deref().unwrap_or_default());
            context.report(problem);
        }
    }
}

impl Esbuild {
    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(problem) = &mut self.open else { return false };
        if line.is_empty() {
            return true;
        }
        if let Some(place) = PLACE.captures(line) {
            self.place(&place, context);
        } else if let Some(source) = SOURCE.captures(line) {
            let is_own = problem.place.as_ref().is_some_and(|place| place.end.is_none());
            let is_own = is_own && problem.related.is_empty() && self.note.is_none();
            self.source = Some(source["text"].to_owned()).filter(|_| is_own);
        } else if let Some(marks) = MARKS.captures(line) {
            // The marks count what is seen on the screen.
            if let (Some(place), Some(source)) = (&mut problem.place, self.source.take())
                && let (true, Some(column)) = (source.is_ascii(), place.start.column)
            {
                let length = u32::try_from(marks["marks"].len()).unwrap_or(1);
                place.end =
                    Some(Position { line: place.start.line, column: Some(column.saturating_add(length)) });
            }
        } else if let Some(note) = NOTE.captures(line) {
            if let Some(earlier) = self.note.replace(note["text"].to_owned()) {
                add_line(&mut problem.message, &earlier);
            }
        } else {
            return line.starts_with("    ");
        }
        true
    }

    // The first place is that of the problem, unless a note came before it.
    fn place(&mut self, place: &Captures<'_>, context: &mut Context) {
        let Some(problem) = &mut self.open else { return };
        let column = one_based(&place["column"]);
        let spot = Spot { file: &place["file"], line: &place["line"], column: Some(&column) };
        let found = context.place(spot, READING);
        match self.note.take() {
            Some(note) => match found {
                Some(place) => {
                    let message = note.trim_end_matches(':').to_owned();
                    problem.related.push(Related { place, message });
                }
                None => add_line(&mut problem.message, &note),
            },
            None if problem.place.is_none() => {
                let written = format!("{}:{}:{}: ", &place["file"], &place["line"], &place["column"]);
                if self.told.len() < REMEMBERED {
                    let first = problem.message.lines().next().unwrap_or_default();
                    self.told.push(format!("{written}{first}"));
                }
                if found.is_none() {
                    problem.message.insert_str(0, &written);
                }
                problem.place = found;
            }
            None => {}
        }
    }

    fn old(&mut self, old: &Captures<'_>, context: &mut Context) -> bool {
        let column = one_based(&old["column"]);
        let spot = Spot { file: &old["file"], line: &old["line"], column: Some(&column) };
        if &old["severity"] == "note" {
            let place = context.place(spot, READING);
            if let (Some(problem), Some(place)) = (&mut self.open, place) {
                problem.related.push(Related { place, message: old["message"].to_owned() });
            }
            return self.open.is_some();
        }
        self.flush(context);
        let severity = severity(old);
        self.open = Some(context.problem(severity, "esbuild", &old["message"], spot, READING));
        true
    }

    fn summary(&mut self, summary: &Captures<'_>, context: &mut Context) {
        let (file, line, message) = (&summary["file"], &summary["line"], &summary["message"]);
        let written = format!("{file}:{line}:{}: {message}", &summary["column"]);
        if self.told.contains(&written) {
            return;
        }
        let column = one_based(&summary["column"]);
        let spot = Spot { file, line, column: Some(&column) };
        let problem = context.problem(severity(summary), "esbuild", message, spot, READING);
        context.report(problem);
    }
}

fn severity(groups: &Captures<'_>) -> Severity {
    match groups["severity"].to_ascii_lowercase().as_str() {
        "warning" => Severity::Warning,
        _ => Severity::Error,
    }
}

/// The column of a tool that counts from 0, as the others write it.
pub(super) fn one_based(column: &str) -> String {
    column.parse::<u32>().map_or(String::new(), |column| column.saturating_add(1).to_string())
}
