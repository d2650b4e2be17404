//! Failed tests of jest, vitest and mocha.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Problem, Related, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };
/// A longer explanation is cut.
const LINES: usize = 40;
/// Deeper stacks say no more.
const FRAMES: usize = 30;

static JEST: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^  ● (?<name>\S.*)$"));
static VITEST: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?: FAIL  (?:\|[^|]+\| )?(?<file>[^\s>\[][^>\[]*?)(?: \[ .+ \]| > (?<name>.+))|⎯+ (?:Unhandled (?:Rejection|Error|Exception)|Uncaught Exception) ⎯+)$",
    )
});
static FAILING: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^  [0-9]+ failing$"));
static MOCHA: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^  [0-9]+\) (?<name>\S.*)$"));
static FRAME: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^\s+(?:at (?:async )?(?:(?<name>\S.*?) \()?(?:file://)?(?<file>[^\s()][^()]*?)|❯ (?:(?<name2>\S.*) )?(?<file2>\S+?)):(?<line>[0-9]+):(?<column>[0-9]+)\)?$",
    )
});
// Places that a message names: of a parser, of TypeScript.
static NAMED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:At file: |  File: |    )(?<file>\S.*?):(?<line>[0-9]+)(?::(?<column>[0-9]+))?(?: - error (?<message>TS[0-9]+: .+))?$",
    )
});
// Babel, which counts columns from 0.
static BABEL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^\s*SyntaxError: (?<file>/\S.*?): (?<message>.+) \((?<line>[0-9]+):(?<column>[0-9]+)\)$")
});
static INNER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\((?<file>/[^()]+\.\w+)\)$"));
static EXCERPT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s*(?:>? *[0-9]* ?\|(?: |$)|[0-9]+: |\^+$)"));
static TYPE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\s*(?:Uncaught )?(?<type>\w*(?:Error|Exception))(?: \[\w+\])?:"));

/// Whose report it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    Jest,
    Vitest,
    Mocha,
}

/// One test that failed.
#[derive(Debug)]
struct Item {
    runner: Runner,
    /// What it is called, and whether more of the name may follow.
    name: (String, bool),
    /// Its file as the head names it.
    file: String,
    said: Vec<String>,
    /// From the inside outwards.
    frames: Vec<(Place, String)>,
    named: Option<Place>,
    /// Whether the stack has begun.
    is_stack: bool,
}

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct JsTest {
    item: Option<Item>,
    /// mocha lists what failed.
    is_failing: bool,
}

impl Format for JsTest {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if FAILING.is_match(line) {
            self.flush(context);
            self.is_failing = true;
            return true;
        }
        if let Some(item) = self.head(line) {
            // vitest names all tests before what made them fail.
            if self.item.as_ref().is_some_and(|open| !open.said.is_empty()) {
                self.flush(context);
            }
            self.item = Some(item);
            return true;
        }
        let Some(item) = &mut self.item else { return false };
        if !item.line(line, context) {
            self.flush(context);
            return false;
        }
        true
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some(problem) = self.item.take().and_then(|item| item.problem(context)) {
            context.report(problem);
        }
    }
}

impl JsTest {
    fn head(&self, line: &str) -> Option<Item> {
        let (runner, groups) = if let Some(jest) = JEST.captures(line) {
            (Runner::Jest, jest)
        } else if let Some(vitest) = VITEST.captures(line) {
            (Runner::Vitest, vitest)
        } else {
            (Runner::Mocha, MOCHA.captures(line).filter(|_| self.is_failing)?)
        };
        let name = groups.name("name").map_or("", |name| name.as_str());
        let file = groups.name("file").map_or("", |file| file.as_str()).to_owned();
        let goes_on = runner == Runner::Mocha && !name.ends_with(':');
        let name = (name.trim_end_matches(':').to_owned(), goes_on);
        Some(Item { runner, name, file, said: vec![], frames: vec![], named: None, is_stack: false })
    }
}

impl Item {
    // False if the line is not part of it.
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        let is_indented = line.is_empty() || line.starts_with(' ');
        match self.runner {
            Runner::Jest if !is_indented => return false,
            Runner::Vitest if line.starts_with("⎯⎯⎯") => return false,
            // What an assertion compares is not indented.
            Runner::Vitest | Runner::Mocha if self.is_stack && !is_indented => return false,
            Runner::Jest | Runner::Vitest | Runner::Mocha => {}
        }
        if self.name.1 {
            self.name.1 = !line.ends_with(':');
            if self.name.0.len() < 200 {
                self.name.0.push(' ');
                self.name.0.push_str(line.trim().trim_end_matches(':'));
            }
        } else if let Some(frame) = FRAME.captures(line) {
            self.is_stack = true;
            let found = place_of(&frame, context).filter(|_| self.frames.len() < FRAMES);
            self.frames.extend(found);
        } else if let Some(babel) = BABEL.captures(line) {
            let column =
                babel["column"].parse::<u32>().map_or(1, |column| column.saturating_add(1)).to_string();
            let spot = Spot { file: &babel["file"], line: &babel["line"], column: Some(&column) };
            self.named = self.named.take().or(context.place(spot, READING));
            self.said.push(format!("SyntaxError: {}", &babel["message"]));
        } else if let Some(named) = NAMED.captures(line) {
            self.named(&named, context);
        } else if !line.trim().is_empty() && !EXCERPT.is_match(line) && self.said.len() < LINES {
            self.said.push(line.trim().to_owned());
        }
        true
    }

    fn named(&mut self, named: &regex::Captures<'_>, context: &mut Context) {
        let Some(spot) = spot(named) else { return };
        // vitest: from the root of the project, though it looks absolute. And the first column is 0.
        let column = spot.column.and_then(|column| column.parse::<u32>().ok());
        let column = column.map(|column| column.saturating_add(1).to_string());
        let is_from_0 = !named[0].starts_with("    ");
        let column = column.as_deref().filter(|_| is_from_0).or(spot.column);
        let spot = Spot { column, ..spot };
        let inner = Spot { file: spot.file.trim_start_matches('/'), ..spot };
        let place = context.place(spot, READING).or_else(|| context.place(inner, READING));
        if let Some(message) = named.name("message") {
            self.said.insert(0, message.as_str().to_owned());
        }
        self.named = self.named.take().or(place);
    }

    fn problem(self, context: &mut Context) -> Option<Problem> {
        let is_suite = self.name.0 == "Test suite failed to run";
        // Much advice comes before the error itself.
        let last = self.said.iter().rposition(|text| TYPE.is_match(text)).filter(|_| is_suite);
        let at = last.unwrap_or(0);
        let first = self.said.get(at).filter(|_| self.name.0 != "Console")?;
        let tool = match self.runner {
            Runner::Jest => "jest",
            Runner::Vitest => "vitest",
            Runner::Mocha => "mocha",
        };
        // Other programs draw such dots, too.
        let has_place = !self.frames.is_empty() || self.named.is_some();
        if self.runner == Runner::Jest && !is_suite && !has_place {
            return None;
        }
        let mut problem = Problem::new(Severity::Error, tool, first.clone());
        problem.code = TYPE.captures(first).map(|kind| kind["type"].to_owned());
        for text in self.said.iter().skip(at + 1) {
            add_line(&mut problem.message, text);
        }
        if !self.name.0.is_empty() && !is_suite {
            add_line(&mut problem.message, &format!("in {}", self.name.0));
        }
        let is_own = |place: &Place| context.places.is_own(&place.path);
        let own = self.frames.iter().position(|(place, _)| is_own(place) && is_test(place));
        let own = own.or_else(|| self.frames.iter().position(|(place, _)| is_own(place)));
        problem.place = self.named.filter(|_| own.is_none());
        for (number, (place, name)) in self.frames.into_iter().enumerate() {
            if Some(number) == own {
                problem.place = Some(place);
            } else if is_own(&place) {
                let message = if name.is_empty() { "called here".to_owned() } else { format!("in {name}") };
                problem.related.push(Related { place, message });
            }
        }
        if problem.place.is_none() {
            let inner = INNER.captures(first).map(|inner| inner["file"].to_owned());
            let spot = Spot { file: inner.as_deref().unwrap_or(&self.file), line: "1", column: None };
            problem.place = context.place(spot, READING);
        }
        Some(problem)
    }
}

// Where a frame is and what it is called. The path of vitest's may have blanks, like the name before it.
fn place_of(frame: &regex::Captures<'_>, context: &mut Context) -> Option<(Place, String)> {
    let mut place = |file: &str| {
        let spot = Spot { file, line: &frame["line"], column: Some(&frame["column"]) };
        context.place(spot, READING)
    };
    if let Some(file) = frame.name("file") {
        let name = frame.name("name").map_or("", |name| name.as_str());
        return place(file.as_str()).map(|place| (place, name.to_owned()));
    }
    let (name, file) = (frame.name("name2").map_or("", |name| name.as_str()), &frame["file2"]);
    if let Some(place) = place(file) {
        return Some((place, name.to_owned()));
    }
    let blanks = name.rmatch_indices(' ').map(|(at, _)| (&name[..at], &name[at + 1..]));
    let mut splits = blanks.chain((!name.is_empty()).then_some(("", name))).take(FRAMES);
    splits.find_map(|(name, start)| Some((place(&format!("{start} {file}"))?, name.to_owned())))
}

fn is_test(place: &Place) -> bool {
    let path = place.path.to_string_lossy();
    let name = path.rsplit('/').next().unwrap_or(&path);
    name.contains(".test.")
        || name.contains(".spec.")
        || name.contains("_test.")
        || name.starts_with("test")
        || ["/__tests__/", "/test/", "/tests/", "/spec/"].iter().any(|folder| path.contains(folder))
}
