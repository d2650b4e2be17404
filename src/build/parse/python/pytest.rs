//! The text of pytest: failed tests and errors, with long, short and one-line tracebacks, and its warnings.
//! A format of `Parser`. Does not know: `--tb=native`; `python` reads that.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Problem, Related, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Char, base: Base::Process };
/// A longer explanation is cut.
const LINES: usize = 60;
/// A deep recursion has more frames.
const FRAMES: usize = 100;

static SECTION: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^={3,} (?<name>FAILURES|ERRORS|warnings summary[^=]*|\S[^=]*) ={3,}$"));
static ITEM: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?:_{3,} (?<name>\S.*?) _{3,}|ImportError while loading conftest '.+'\.)$"));
static CAPTURED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^-{3,} Captured .+ -{3,}$"));
static FRAME: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:(?<file>\S.*?\.py|<\S.*?>):(?<line>[0-9]+)(?:: (?:in (?<name>\S.*)|(?<type>[\w.]+)? ?))?|file (?<file2>\S.*), line (?<line2>[0-9]+))$",
    )
});
static SAID: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^E(?:   +(?<text>.*)| *)$"));
static SYNTAX: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r#"^ *File "(?<file>[^"]+)", line (?<line>[0-9]+)$"#));
static TYPE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\w+\.)*(?<type>[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Failed|Failure|Warning)|Failed)(?::|$)",
    )
});
static CHAIN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?:The above exception was the direct cause|During handling of the above exception)")
});
static ONE_LINE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<file>\S.*?\.py):(?<line>[0-9]+): (?<message>\S.*)$"));
static WARNING: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^  (?<file>\S.*?\.py):(?<line>[0-9]+): (?<type>\w*Warning): (?<message>\S.*)$")
});
static SUMMARY: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?:FAILED|ERROR) \S+(?:::\S.*| - .+)$"));

/// The part of the report that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    #[default]
    Other,
    /// Failures or errors.
    Failures,
    Warnings,
}

/// One test that failed.
#[derive(Debug, Default)]
struct Item {
    name: String,
    /// From the test inwards: the place and the name of the function.
    frames: Vec<(Place, String)>,
    /// What is said of it.
    said: Vec<String>,
    /// The exception, as the line below a long traceback names it.
    kind: Option<String>,
    /// What the exceptions were from which the last one follows.
    causes: Vec<String>,
}

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Pytest {
    part: Part,
    item: Option<Item>,
}

impl Format for Pytest {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(section) = SECTION.captures(line) {
            self.flush(context);
            self.part = match &section["name"] {
                "FAILURES" | "ERRORS" => Part::Failures,
                name if name.starts_with("warnings summary") => Part::Warnings,
                _ => Part::Other,
            };
            return true;
        }
        if let Some(item) = ITEM.captures(line) {
            self.flush(context);
            let name = item.name("name").map_or(String::new(), |name| name.as_str().to_owned());
            self.item = Some(Item { name, ..Item::default() });
            return true;
        }
        if let Some(item) = &mut self.item {
            if CAPTURED.is_match(line) {
                self.flush(context);
                return true;
            }
            return item.line(line, context);
        }
        match self.part {
            Part::Failures => report_line(line, context),
            Part::Warnings => report_warning(line, context),
            Part::Other => SUMMARY.is_match(line),
        }
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some(problem) = self.item.take().and_then(|item| item.problem(context)) {
            context.report(problem);
        }
    }
}

impl Item {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(said) = SAID.captures(line) {
            let text = said.name("text").map_or("", |text| text.as_str()).trim();
            if let Some(place) = SYNTAX.captures(text) {
                self.frame(spot(&place), "", context);
            }
            if self.said.len() < LINES && !text.is_empty() {
                self.said.push(text.to_owned());
            }
            return true;
        }
        if let Some(frame) = FRAME.captures(line) {
            let group = |first, second| frame.name(first).or(frame.name(second)).map(|group| group.as_str());
            let spot = group("file", "file2").zip(group("line", "line2")).map(|(file, line)| Spot {
                file,
                line,
                column: None,
            });
            self.kind = frame.name("type").map(|kind| kind.as_str().to_owned()).or(self.kind.take());
            self.frame(spot, frame.name("name").map_or("", |name| name.as_str()), context);
            return true;
        }
        if CHAIN.is_match(line) {
            self.causes.extend(self.said.first().cloned());
            (self.frames, self.said, self.kind) = (vec![], vec![], None);
            return true;
        }
        // The statement that failed, and what separates two frames.
        line.starts_with(">  ") || line.starts_with("_ _ ")
    }

    fn frame(&mut self, spot: Option<Spot<'_>>, name: &str, context: &mut Context) {
        let Some(place) = spot.and_then(|spot| context.place(spot, READING)) else { return };
        if self.frames.len() < FRAMES && self.frames.last().is_none_or(|(last, _)| *last != place) {
            self.frames.push((place, name.to_owned()));
        }
    }

    fn problem(self, context: &Context) -> Option<Problem> {
        // Of a syntax error the excerpt comes first.
        let at = self.said.iter().position(|text| !SYNTAX.is_match(text))?;
        let at = self.said[at..].iter().position(|text| TYPE.is_match(text)).map_or(at, |more| at + more);
        let mut problem = Problem::new(Severity::Error, "pytest", self.said.get(at)?.clone());
        problem.code = kind(&problem.message).or(self.kind);
        for text in self.said.iter().skip(at + 1) {
            add_line(&mut problem.message, text);
        }
        for cause in &self.causes {
            add_line(&mut problem.message, &format!("follows from: {cause}"));
        }
        if !self.name.is_empty() {
            add_line(&mut problem.message, &format!("in {}", self.name));
        }
        let is_own = |place: &Place| context.places.is_own(&place.path);
        let is_test = |frame: &(Place, String)| is_own(&frame.0) && is_test(&frame.0);
        // The innermost line of the tests; what they call is only where it came to light.
        let own = self.frames.iter().rposition(is_test);
        let own = own.or_else(|| self.frames.iter().rposition(|frame| is_own(&frame.0)));
        for (number, (place, name)) in self.frames.into_iter().enumerate().rev() {
            if Some(number) == own {
                problem.place = Some(place);
            } else if is_own(&place) {
                let message = if name.is_empty() { "called here".to_owned() } else { format!("in {name}") };
                problem.related.push(Related { place, message });
            }
        }
        Some(problem)
    }
}

fn is_test(place: &Place) -> bool {
    let name = place.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    name.starts_with("test") || name.ends_with("_test.py") || name == "conftest.py"
}

fn kind(message: &str) -> Option<String> {
    if message.starts_with("assert ") {
        return Some("AssertionError".to_owned());
    }
    TYPE.captures(message).map(|kind| kind["type"].to_owned())
}

// `--tb=line`: a place and what was raised there.
fn report_line(line: &str, context: &mut Context) -> bool {
    let Some(groups) = ONE_LINE.captures(line) else { return false };
    let Some(spot) = spot(&groups) else { return false };
    let mut problem = context.problem(Severity::Error, "pytest", &groups["message"], spot, READING);
    problem.code = kind(&groups["message"]);
    context.report(problem);
    true
}

fn report_warning(line: &str, context: &mut Context) -> bool {
    let Some(warning) = WARNING.captures(line) else { return false };
    let Some(place) = spot(&warning).and_then(|spot| context.place(spot, READING)) else { return true };
    if context.places.is_own(&place.path) {
        let mut problem = Problem::new(Severity::Warning, "pytest", &warning["message"]).at(place);
        if warning["type"].contains("Deprecation") {
            problem.tags.push(Tag::Deprecated);
        }
        problem.code = Some(warning["type"].to_owned());
        context.report(problem);
    }
    true
}
