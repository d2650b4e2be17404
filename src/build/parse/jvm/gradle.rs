//! What Gradle says of its build scripts and of tasks that fail, and the Groovy compiler below it.
//! What compilers below it print is read by their own formats.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };

static WHERE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:Build file|Settings file|Script|Initialization script|Precompiled script plugin) '(?<file>[^']+)'(?: line: (?<line>[0-9]+))?$",
    )
});
static GROOVY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^\s*(?:(?:build|settings) file |script |initialization script )?'?(?<file>(?:[A-Za-z]:[\\/])?[^\s':][^':]*\.(?:groovy|gradle))'?: (?<line>[0-9]+): (?<message>.+?)(?: @ line [0-9]+, column (?<column>[0-9]+)\.)?$",
    )
});
static GROOVY_PLACE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\s*@ line [0-9]+, column (?<column>[0-9]+)\.$"));
static CARET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s*\^\s*$"));
static SCRIPT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<before>\s+Line +(?<line>[0-9]+): )(?<source>.*)$"));
static SCRIPT_MARK: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<before>\s+)\^ (?<message>.+)$"));
static COUNT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^[0-9]+ errors?$"));
static OTHERS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^[^\s:('>]+(?::[0-9]+:|\([0-9]+(?:,[0-9]+)?\):) |^(?:error|warning)\b"));
// The compiler or the tests have told it already.
static SUMMARY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"Compilation (?:failed|error)|There were failing tests|finished with non-zero exit value|Script compilation errors?:|> startup failed:|violations? (?:were|was) found",
    )
});

/// What the next line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    #[default]
    Outside,
    /// Below `* Where:`.
    Where,
    /// Below `* What went wrong:`.
    Wrong,
    /// Below a line of the Groovy compiler.
    Groovy(u8),
}

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Gradle {
    part: Part,
    /// The script and the line in it, as they are written.
    script: Option<(String, String)>,
    /// What went wrong.
    wrong: String,
    /// Of the Groovy compiler.
    open: Option<Problem>,
    /// A line of a Kotlin script: its number, and where its text begins.
    source: Option<(String, usize)>,
}

impl Format for Gradle {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if line.starts_with("FAILURE: Build ")
            || line == "* Try:"
            || line == "* Where:"
            || line.starts_with("BUILD FAILED in ")
        {
            self.flush(context);
            self.part = if line == "* Where:" { Part::Where } else { Part::Outside };
            return true;
        }
        if line == "* What went wrong:" {
            self.part = Part::Wrong;
            return true;
        }
        if let Some(groovy) = GROOVY.captures(line) {
            return self.groovy(&groovy, context);
        }
        match self.part {
            Part::Outside => false,
            Part::Where => self.place(line),
            Part::Wrong => self.wrong(line, context),
            Part::Groovy(lines) => self.excerpt(line, lines, context),
        }
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
        if matches!(self.part, Part::Groovy(_)) {
            self.part = Part::Outside;
        }
        let message = std::mem::take(&mut self.wrong);
        if message.is_empty() {
            return;
        }
        (self.part, self.source) = (Part::Outside, None);
        let script = self.script.take();
        if SUMMARY.is_match(&message) {
            return;
        }
        let problem = match &script {
            Some((file, line)) => {
                let spot = Spot { file, line, column: None };
                context.problem(Severity::Error, "gradle", &message, spot, READING)
            }
            None => Problem::new(Severity::Error, "gradle", message),
        };
        context.report(problem);
    }
}

impl Gradle {
    fn place(&mut self, line: &str) -> bool {
        if let Some(found) = WHERE.captures(line) {
            let line = found.name("line").map_or("1", |line| line.as_str());
            self.script = Some((found["file"].to_owned(), line.to_owned()));
        }
        line.is_empty() || self.script.is_some()
    }

    fn wrong(&mut self, line: &str, context: &mut Context) -> bool {
        if line.starts_with("* ") || (line.is_empty() && !self.wrong.contains("Script compilation error")) {
            self.flush(context);
            return true;
        }
        // A compiler's own text: its format reads it better.
        if line.contains(".java:") || (line.starts_with(['e', 'w']) && line[1..].starts_with(": ")) {
            return false;
        }
        if let Some(script) = SCRIPT.captures(line) {
            self.source = Some((script["line"].to_owned(), script["before"].chars().count()));
            return true;
        }
        if let (Some((number, start)), Some(mark)) = (&self.source, SCRIPT_MARK.captures(line))
            && let Some((file, _)) = &self.script
        {
            let column = (mark["before"].chars().count() + 1).saturating_sub(*start).to_string();
            let spot = Spot { file, line: number, column: Some(&column) };
            let problem = context.problem(Severity::Error, "kotlinc", &mark["message"], spot, READING);
            context.report(problem);
            return true;
        }
        let is_script = self.wrong.contains("Script compilation error");
        let is_own = line.is_empty() || line.starts_with(' ') || (!is_script && !OTHERS.is_match(line));
        if !is_own && !COUNT.is_match(line) {
            self.flush(context);
            return false;
        }
        if self.wrong.is_empty() {
            line.trim().clone_into(&mut self.wrong);
        } else {
            add_line(&mut self.wrong, line.trim());
        }
        true
    }

    fn groovy(&mut self, groovy: &regex::Captures<'_>, context: &mut Context) -> bool {
        let column = groovy.name("column").map(|column| column.as_str());
        // `x.gradle: 4: …` is said of nothing else, `startup failed:` has come before.
        let spot = Spot { file: &groovy["file"], line: &groovy["line"], column };
        let message = groovy["message"].trim();
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
        let tool = if spot.file.ends_with(".gradle") { "gradle" } else { "groovyc" };
        self.open = Some(context.problem(Severity::Error, tool, message, spot, READING));
        if self.part == Part::Wrong {
            add_line(&mut self.wrong, "> startup failed:");
        } else {
            self.part = Part::Groovy(8);
        }
        true
    }

    fn excerpt(&mut self, line: &str, lines: u8, context: &mut Context) -> bool {
        let Some(problem) = self.open.as_mut().filter(|_| lines > 0) else {
            self.flush(context);
            return false;
        };
        self.part = Part::Groovy(lines - 1);
        if let Some(place) = GROOVY_PLACE.captures(line) {
            if let Some(at) = &mut problem.place {
                at.start.column = place["column"].parse().ok();
            }
            return true;
        }
        if CARET.is_match(line) {
            self.flush(context);
            return true;
        }
        let belongs = line.starts_with("  ") || line.is_empty();
        if !belongs {
            self.flush(context);
        }
        belongs
    }
}
