//! The text of rustc and cargo: blocks with `-->`, short lines, cargo's own errors.
//! A format of `Parser`. Does not know: their JSON; `cargo` reads that.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::cargo::{href, is_summary, tags};
use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Related, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Char, base: Base::Workspace };

/// More lints are not remembered.
const LINTS: usize = 1000;

static SHORT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>.+?\.(?:rs|toml)):(?<line>[0-9]+):(?<column>[0-9]+): (?<severity>error|warning)(?:\[(?<code>[\w:]+)\])?: (?<message>.+)$",
    )
});
static HEADER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<severity>error|warning)(?:: internal compiler error)?(?:\[(?<code>[\w:]+)\])?: (?<message>.+)$",
    )
});
static ARROW: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\s*(?<kind>-->|:::) (?<file>.+?):(?<line>[0-9]+):(?<column>[0-9]+)$"));
static NOTE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s*= (?<text>(?:note|help|warning): .*)$"));
static LINT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^note: (?:requested on the command line with )?`(?:#\[(?:warn|deny|forbid)\(|-[DWF] )([\w:-]+)")
});
static SUB: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<kind>note|help)(?:: (?<text>.*))?$"));
static GUTTER: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\s*(?:[0-9]+ +)?(?:[0-9]*\s*\||\.\.\.|[0-9]+ *[-+~])"));
static LABEL: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s*\|[ |]*[-^ |_]*\^ (?<label>\S.*)$"));
static PANIC: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^\s*thread '.*?'(?: \([0-9]+\))? panicked at (?<file>.+):(?<line>[0-9]+):(?<column>[0-9]+):$")
});
static MANIFEST: LazyLock<Pattern> = LazyLock::new(|| pattern(r"`(/[^`]*Cargo\.toml)`|\((/[^)]+)\)"));

/// What the next line of a block belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The error itself, its excerpt not yet seen.
    Head,
    /// The excerpt of the error.
    Excerpt,
    /// A `= note:` in the gutter, which may go on.
    Note,
    /// A `note:` with, perhaps, a place of its own.
    Sub,
    /// An empty line; `Caused by:` may follow.
    Gap,
}

/// The block that is being read.
#[derive(Debug)]
struct Block {
    problem: Problem,
    part: Part,
    /// The text of the `note:` or `help:` whose place may follow.
    sub: Option<String>,
    /// Whether it is certain that rustc or cargo speaks.
    is_certain: bool,
    /// Whether the place is only that of a manifest.
    is_placed: bool,
    /// Where the message begins in the first line: its other lines begin there too.
    indent: usize,
}

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Rustc {
    block: Option<Block>,
    /// The lints that were named so far, by their messages without what is quoted in them.
    lints: HashMap<String, String>,
}

impl Format for Rustc {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        // An event of cargo's or rustc's: it goes on with nothing.
        if line.starts_with("{\"") {
            self.flush(context);
            return false;
        }
        if let Some(block) = &mut self.block {
            if block.goes_on(line, context) {
                return true;
            }
            self.flush(context);
        }
        if let Some(short) = SHORT.captures(line) {
            return report_short(&short, context);
        }
        let Some(header) = HEADER.captures(line) else { return false };
        let message = &header["message"];
        if is_summary(message) || is_cargo_summary(message) {
            return true;
        }
        let code = header.name("code").map(|code| code.as_str());
        let problem = problem(&header["severity"], code, message, context);
        let is_certain = context.is_cargo || code.is_some();
        self.block = Some(Block {
            problem,
            part: Part::Head,
            sub: None,
            is_certain,
            is_placed: false,
            indent: line.len() - message.len(),
        });
        true
    }

    fn flush(&mut self, context: &mut Context) {
        let Some(mut block) = self.block.take() else { return };
        block.end_sub();
        if !block.is_certain {
            return;
        }
        if !block.is_placed {
            let manifest = manifest(&block.problem.message);
            block.problem.place = manifest
                .and_then(|path| context.place(Spot { file: &path, line: "1", column: None }, READING));
        }
        self.learn_lint(&mut block.problem);
        context.report(block.problem);
    }
}

impl Rustc {
    // Only the first problem that a lint has found names it.
    fn learn_lint(&mut self, problem: &mut Problem) {
        let message = problem.message.lines().next().unwrap_or_default();
        let shape: String = message.split('`').step_by(2).collect();
        if let Some(code) = &problem.code {
            if !code.starts_with('E') && self.lints.len() < LINTS {
                self.lints.insert(shape, code.clone());
            }
        } else if let Some(lint) = self.lints.get(&shape) {
            problem.href = href(lint);
            problem.tags = tags(lint);
            problem.code = Some(lint.clone());
        }
    }
}

impl Block {
    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        if line.trim().is_empty() {
            self.part = Part::Gap;
            // Only an error of cargo's own has a second paragraph.
            return !self.is_placed;
        }
        if self.part == Part::Gap {
            let is_cause = line.starts_with("Caused by:") || line.starts_with(' ');
            if !is_cause || !self.is_certain {
                return false;
            }
        }
        if let Some(arrow) = ARROW.captures(line) {
            return self.arrow(&arrow, context);
        }
        if let Some(note) = NOTE.captures(line) {
            self.is_certain = true;
            self.end_sub();
            self.part = Part::Note;
            let text = &note["text"];
            self.learn_lint(text);
            if !text.starts_with("note:  \"") && !text.starts_with("note: LC_ALL=") {
                add_line(&mut self.problem.message, text);
            }
            return true;
        }
        if GUTTER.is_match(line) {
            self.gutter(line);
            return true;
        }
        if let Some(sub) = SUB.captures(line) {
            self.end_sub();
            self.part = Part::Sub;
            self.sub = Some(
                sub.name("text").map_or(String::new(), |text| format!("{}: {}", &sub["kind"], text.as_str())),
            );
            return true;
        }
        self.text(line, context)
    }

    // The first arrow is the place; those of notes and of further files are related.
    fn arrow(&mut self, arrow: &regex::Captures<'_>, context: &mut Context) -> bool {
        self.is_certain = true;
        let Some(spot) = spot(arrow) else { return false };
        if self.is_placed {
            let message = self.sub.take().unwrap_or_else(|| "see here".to_owned());
            match context.place(spot, READING) {
                Some(place) => self.problem.related.push(Related { place, message }),
                None => add_line(&mut self.problem.message, &message),
            }
            return true;
        }
        self.is_placed = true;
        self.part = Part::Excerpt;
        match context.place(spot, READING) {
            Some(place) => self.problem.place = Some(place),
            None => add_line(&mut self.problem.message, arrow[0].trim_start()),
        }
        true
    }

    // A lint is named once, in a note of the first problem that it found.
    fn learn_lint(&mut self, note: &str) {
        if self.problem.code.is_none()
            && let Some(lint) = LINT.captures(note)
        {
            let code = lint[1].replace('-', "_");
            self.problem.href = href(&code);
            self.problem.tags = tags(&code);
            self.problem.code = Some(code);
        }
    }

    fn gutter(&mut self, line: &str) {
        self.is_certain = true;
        if self.part == Part::Excerpt
            && let Some(label) = LABEL.captures(line)
        {
            add_line(&mut self.problem.message, label["label"].trim_end());
            // One label: the others belong to other places.
            self.part = Part::Sub;
        } else if self.part == Part::Head || self.part == Part::Note {
            self.part = Part::Excerpt;
        }
    }

    // Anything else: a note that goes on, a message of several lines, or something that isn't ours.
    fn text(&mut self, line: &str, context: &mut Context) -> bool {
        let is_indented = line.starts_with(' ');
        let more = line
            .get(self.indent..)
            .filter(|_| line.as_bytes()[..self.indent].iter().all(|&byte| byte == b' '));
        if let Some(more) = more.filter(|_| self.part == Part::Head && !self.is_placed) {
            add_line(&mut self.problem.message, more);
            return true;
        }
        if HEADER.is_match(line) || SHORT.is_match(line) || !self.is_certain {
            return false;
        }
        if !self.is_placed
            && let Some(panic) = PANIC.captures(line)
        {
            let package = manifest(&self.problem.message);
            let dir = package.as_deref().and_then(|path| path.strip_suffix("Cargo.toml")).unwrap_or_default();
            let file = format!("{dir}{}", &panic["file"]);
            let spot =
                Spot { file: &file, line: &panic["line"], column: panic.name("column").map(|c| c.as_str()) };
            self.problem.place = context.place(spot, READING);
            self.is_placed = self.problem.place.is_some();
        }
        // Lines of a placed block outside of its notes are not part of it, unless they are indented.
        if self.is_placed && !is_indented {
            return false;
        }
        if self.part == Part::Note && !is_indented {
            self.part = Part::Head;
        }
        if let Some(sub) = &mut self.sub {
            add_line(sub, line.trim());
        } else {
            add_line(&mut self.problem.message, line.trim());
        }
        self.part = if self.part == Part::Gap { Part::Head } else { self.part };
        true
    }

    fn end_sub(&mut self) {
        if let Some(sub) = self.sub.take() {
            add_line(&mut self.problem.message, &sub);
        }
    }
}

fn problem(severity: &str, code: Option<&str>, message: &str, context: &Context) -> Problem {
    let severity = if severity == "error" { Severity::Error } else { Severity::Warning };
    let tool = if context.is_cargo { "cargo" } else { "rustc" };
    let mut problem = Problem::new(severity, tool, message);
    problem.code = code.map(str::to_owned);
    problem.href = code.and_then(href);
    problem.tags = code.map(tags).unwrap_or_default();
    problem
}

fn report_short(short: &regex::Captures<'_>, context: &mut Context) -> bool {
    let Some(spot) = spot(short) else { return false };
    let code = short.name("code").map(|code| code.as_str());
    let mut problem = problem(&short["severity"], code, &short["message"], context);
    let placed = context.problem(problem.severity, &problem.tool, &problem.message, spot, READING);
    (problem.place, problem.message) = (placed.place, placed.message);
    context.report(problem);
    true
}

// The manifest that an error names, or that of the package that it names.
fn manifest(message: &str) -> Option<String> {
    let found = MANIFEST.captures(message)?;
    match (found.get(1), found.get(2)) {
        (Some(path), _) => Some(path.as_str().to_owned()),
        (None, Some(dir)) => Some(format!("{}/Cargo.toml", dir.as_str())),
        (None, None) => None,
    }
}

fn is_cargo_summary(message: &str) -> bool {
    static SUMMARY: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"^could not compile `|^`.+` \(.+\) generated [0-9]+ warnings?|^build failed, waiting|^[0-9]+ targets? failed|^process didn't exit successfully|^(?:doc)?test failed, to rerun",
        )
    });
    SUMMARY.is_match(message)
}
