//! Python's tracebacks, syntax errors and warnings.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Related, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Indented, base: Base::Process };
/// What stands before a line of source in place of its own indentation.
const INDENT: &str = "    ";

static START: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?:  \+ Exception Group )?Traceback \(most recent call last\):$"));
static FRAME: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r#"^\s+File "(?<file>[^"]+)", line (?<line>[0-9]+)(?:, in (?<name>.+))?$"#));
static RAISED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<type>[A-Za-z_][\w.]*)(?:: (?<message>.*))?$"));
static CHAIN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:The above exception was the direct cause of the following|During handling of the above exception, another) exception",
    )
});
// What py_compile says of indentation.
static SORRY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^Sorry: (?<message>(?<type>\w+Error): .+) \((?<file>.+), line (?<line>[0-9]+)\)$")
});
// What is meant, below the line of source.
static MARKS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ {4}(?<before>\s*)(?<marks>[~^]+)$"));
// What stands before the lines of an exception group.
static MEMBER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ +(?:\||\+-[+-]|\+ )[ |-]*"));
static WARNING: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<file>\S.*\.pyi?):(?<line>[0-9]+): (?<type>\w*Warning): (?<message>.+)$"));

/// One line of a traceback that names a file.
#[derive(Debug)]
struct Frame {
    place: Option<Place>,
    name: String,
}

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Python {
    /// The frames of the traceback that is being read.
    frames: Vec<Frame>,
    is_open: bool,
    /// Whether the line of source of the last frame comes next.
    is_frame: bool,
    /// That line, if the one below it may have marks.
    source: Option<String>,
    /// It is one of a group, whose lines all have a bar before them.
    is_group: bool,
    /// An exception that was raised; another may follow from it.
    raised: Option<Problem>,
    /// The exceptions from which that one follows.
    causes: Vec<Problem>,
}

impl Format for Python {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if START.is_match(line) {
            self.begin(context);
            self.is_group = line.starts_with(' ');
            return true;
        }
        if self.is_group
            && let Some(bar) = MEMBER.find(line)
        {
            if self.raised.is_some() {
                self.member(&line[bar.end()..], context);
                return true;
            }
            // The indentation tells a frame from the exception.
            return self.line_of_group(line, context);
        }
        if let Some(frame) = FRAME.captures(line) {
            // A syntax error has no heading.
            if !self.is_open {
                self.begin(context);
            }
            self.frame(&frame, context);
            return true;
        }
        if self.is_open {
            return self.goes_on(line, context);
        }
        if CHAIN.is_match(line)
            && let Some(raised) = self.raised.take()
        {
            self.causes.push(raised);
            return true;
        }
        if line.is_empty() && (self.raised.is_some() || !self.causes.is_empty()) {
            return true;
        }
        self.flush(context);
        report_warning(line, context) || report_sorry(line, context)
    }

    fn flush(&mut self, context: &mut Context) {
        self.is_open = false;
        self.is_group = false;
        self.frames.clear();
        let Some(mut problem) = self.raised.take() else {
            self.causes.clear();
            return;
        };
        for cause in self.causes.drain(..) {
            let first = cause.message.lines().next().unwrap_or_default();
            add_line(&mut problem.message, &format!("follows from: {first}"));
            let message = first.to_owned();
            problem.related.extend(cause.place.map(|place| Related { place, message }));
        }
        context.report(problem);
    }
}

impl Python {
    fn begin(&mut self, context: &mut Context) {
        if self.raised.is_some() {
            self.flush(context);
        }
        self.frames.clear();
        self.is_open = true;
    }

    fn frame(&mut self, frame: &regex::Captures<'_>, context: &mut Context) {
        let place = spot(frame).and_then(|spot| context.place(spot, READING));
        let name = frame.name("name").map_or(String::new(), |name| name.as_str().to_owned());
        // A deep recursion: its ends are what matters.
        if self.frames.len() >= 200 {
            self.frames.remove(100);
        }
        self.frames.push(Frame { place, name });
        (self.is_frame, self.source) = (true, None);
    }

    // Below a frame: its line of source without the indentation, and marks below that.
    fn below_frame(&mut self, line: &str) {
        if std::mem::take(&mut self.is_frame) {
            self.source = line.strip_prefix(INDENT).map(str::to_owned);
            return;
        }
        let (Some(source), Some(marks), Some(frame)) =
            (self.source.take(), MARKS.captures(line), self.frames.last_mut())
        else {
            return;
        };
        let (before, marks) = (marks["before"].chars().count(), marks["marks"].len());
        // Versions differ in how wide they take other letters.
        let is_plain = source.get(..before).is_some_and(str::is_ascii);
        if let (Some(place), true) = (&mut frame.place, is_plain) {
            let column = |chars: usize| u32::try_from(chars + 1).ok();
            place.start.column = column(before);
            place.end = Some(Position { line: place.start.line, column: column(before + marks) });
        }
    }

    fn line_of_group(&mut self, line: &str, context: &mut Context) -> bool {
        let inner = line.trim_start().strip_prefix("| ").unwrap_or_default();
        match FRAME.captures(inner) {
            Some(frame) => self.frame(&frame, context),
            None => {
                self.goes_on(inner, context);
            }
        }
        true
    }

    // One line of an exception within a group: its innermost frame, then what it is.
    fn member(&mut self, line: &str, context: &mut Context) {
        if let Some(frame) = FRAME.captures(&format!("  {line}")) {
            self.frame(&frame, context);
        } else if RAISED.is_match(line)
            && !line.starts_with("Traceback")
            && let Some(problem) = &mut self.raised
        {
            add_line(&mut problem.message, line);
            let place = self.frames.drain(..).rev().find_map(|frame| frame.place);
            problem.related.extend(place.map(|place| Related { place, message: line.to_owned() }));
        }
    }

    // Source, carets, `[Previous line repeated …]`; then the exception itself, which is not indented.
    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        if line.starts_with(' ') || line.is_empty() {
            self.below_frame(line);
            return true;
        }
        self.is_open = false;
        let Some(raised) = RAISED.captures(line).filter(|_| !self.frames.is_empty()) else {
            self.flush(context);
            return false;
        };
        let mut problem = Problem::new(Severity::Error, "python", line);
        problem.code = raised["type"].rsplit('.').next().map(str::to_owned);
        let frames: Vec<Frame> = self.frames.drain(..).rev().collect();
        let is_own = |place: &Place| context.places.is_own(&place.path);
        // The innermost frame of the project's own code; the library below it is only where it came to light.
        let own = frames.iter().position(|frame| frame.place.as_ref().is_some_and(is_own));
        let at = own.or_else(|| frames.iter().position(|frame| frame.place.is_some()));
        for (number, frame) in frames.into_iter().enumerate() {
            let Some(place) = frame.place else { continue };
            if Some(number) == at {
                problem.place = Some(place);
            } else if problem.related.len() < 10 {
                problem.related.push(Related { place, message: format!("in {}", frame.name) });
            }
        }
        // The line of source was the text within the quotes.
        if let (Some(place), true) = (&mut problem.place, line.contains("Error: f-string: ")) {
            (place.start.column, place.end) = (None, None);
        }
        self.raised = Some(problem);
        true
    }
}

fn report_sorry(line: &str, context: &mut Context) -> bool {
    let Some(sorry) = SORRY.captures(line) else { return false };
    let Some(spot) = spot(&sorry) else { return false };
    let mut problem = context.problem(Severity::Error, "python", &sorry["message"], spot, READING);
    problem.code = Some(sorry["type"].to_owned());
    context.report(problem);
    true
}

fn report_warning(line: &str, context: &mut Context) -> bool {
    let Some(warning) = WARNING.captures(line) else { return false };
    let Some(file) = warning.name("file") else { return false };
    let spot = Spot { file: file.as_str(), line: &warning["line"], column: None };
    let mut problem = context.problem(Severity::Warning, "python", &warning["message"], spot, READING);
    if warning["type"].contains("Deprecation") {
        problem.tags.push(Tag::Deprecated);
    }
    problem.code = Some(warning["type"].to_owned());
    context.report(problem);
    true
}
