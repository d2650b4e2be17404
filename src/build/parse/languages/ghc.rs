//! The text of GHC, also below cabal and stack: a header, the message indented below it, an excerpt.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Position, Problem, Severity, Tag};

/// Tabs count up to the next stop, any other character counts one.
const READING: Reading = Reading { unit: ColumnUnit::Display, base: Base::Process };

static HEADER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:[\w.-]{1,40} *> )?(?<file>[^\s:|\[#][^:|]*\.(?:hs|lhs|hsc|hs-boot|chs)):(?:(?<line>[0-9]+):(?<column>[0-9]+)(?:-(?<last>[0-9]+))?|\((?<line2>[0-9]+),(?<column2>[0-9]+)\)-\((?<end_line>[0-9]+),(?<last2>[0-9]+)\)): (?<severity>error|warning|Warning|fatal):(?<codes>(?: \[[^\]]+\])*)(?: (?<message>.+))?$",
    )
});
// Up to GHC 7 the severity was missing.
static OLD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>[^\s:|\[#][^:|]*\.(?:hs|lhs)):(?<line>[0-9]+):(?<column>[0-9]+):(?: (?<message>parse error.*|Not in scope.*))?$",
    )
});
static CODE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\[(?<code>GHC-[0-9]+)\]"));
static FLAG: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\[(?<flag>-W[\w-]+)"));
static GUTTER: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?:[\w.-]{1,40} *> )?\s*(?:[0-9]+ |)\|(?<shown>.*)$"));
static MARKS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ *(?<marks>\^+)(?<more>\.*)$"));
static LANE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^[\w.-]{1,40} *> ?"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Ghc {
    open: Option<Problem>,
    /// The excerpt has begun, so the message is complete.
    in_excerpt: bool,
}

impl Format for Ghc {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(header) = HEADER.captures(line).or_else(|| OLD.captures(line)) {
            self.flush(context);
            self.open = Some(placed(&header, context));
            return true;
        }
        let Some(problem) = &mut self.open else { return false };
        if let Some(gutter) = GUTTER.captures(line) {
            self.in_excerpt = true;
            excerpt(problem, &gutter["shown"]);
            return true;
        }
        let text = LANE.find(line).map_or(line, |lane| &line[lane.end()..]);
        if self.in_excerpt || !text.starts_with("   ") {
            self.flush(context);
            return false;
        }
        let text = text.trim().trim_start_matches("• ");
        if problem.message.is_empty() {
            problem.message.push_str(text);
        } else {
            add_line(&mut problem.message, text);
        }
        true
    }

    fn flush(&mut self, context: &mut Context) {
        self.in_excerpt = false;
        if let Some(problem) = self.open.take().filter(|problem| !problem.message.is_empty()) {
            context.report(problem);
        }
    }
}

fn placed(header: &regex::Captures<'_>, context: &mut Context) -> Problem {
    let group = |name: &str| header.name(name).map(|found| found.as_str());
    let spot = Spot {
        file: &header["file"],
        line: group("line").or(group("line2")).unwrap_or("1"),
        column: group("column").or(group("column2")),
    };
    let codes = group("codes").unwrap_or_default();
    let is_warning = group("severity").is_some_and(|word| word.eq_ignore_ascii_case("warning"));
    let severity = if is_warning { Severity::Warning } else { Severity::Error };
    let message = group("message").unwrap_or_default().trim();
    let mut problem = Problem::new(severity, "ghc", message);
    match context.place(spot, READING) {
        Some(place) => problem.place = Some(place),
        None => problem.message = format!("{}:{}: {message}", spot.file, spot.line),
    }
    if let Some(place) = &mut problem.place
        && let Some(last) = group("last").or(group("last2")).and_then(|last| last.parse::<u32>().ok())
    {
        let line = group("end_line").and_then(|line| line.parse().ok()).unwrap_or(place.start.line);
        place.end = Some(Position { line, column: Some(last.saturating_add(1)) });
    }
    let code = CODE.captures(codes).map(|code| code["code"].to_owned());
    let flag = FLAG.captures(codes).map(|flag| flag["flag"].to_owned());
    problem.tags = match flag.as_deref() {
        Some(flag) if flag.starts_with("-Wunused") => vec![Tag::Unnecessary],
        Some("-Wredundant-constraints" | "-Wdodgy-imports") => vec![Tag::Unnecessary],
        Some("-Wdeprecations" | "-Wdeprecated-flags" | "-Wwarnings-deprecations") => vec![Tag::Deprecated],
        _ => vec![],
    };
    problem.href = code.as_ref().map(|code| format!("https://errors.haskell.org/messages/{code}/"));
    problem.code = code.or(flag);
    problem
}

// The marks tell the end. Wide characters in the source tell that none are counted as such.
fn excerpt(problem: &mut Problem, shown: &str) {
    let Some(place) = &mut problem.place else { return };
    if shown.chars().any(|shown| shown >= '\u{1100}') {
        place.unit = ColumnUnit::Char;
    }
    if let Some(marks) = MARKS.captures(shown)
        && let (Some(column), None, true) = (place.start.column, place.end, marks["more"].is_empty())
    {
        let end = column.saturating_add(u32::try_from(marks["marks"].len()).unwrap_or(1));
        place.end = Some(Position { line: place.start.line, column: Some(end) });
    }
}
