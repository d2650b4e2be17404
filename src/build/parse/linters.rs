//! Linters, which say a problem on one line with everything in it. What differs is data: a pattern and its meaning.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use regex::Captures;

use super::Format;
use super::context::{Context, Reading, Spot, add_line};
use super::pattern::Pattern;
use super::place::Base;
use crate::engine::{ColumnUnit, Problem};

/// A message of more lines is not read to its end.
const LINES: usize = 50;

/// One way to say a problem.
#[derive(Debug)]
pub(super) struct Form {
    /// With the groups `file`, `line` (or `line2`) and `message`, and perhaps `column`.
    pub(super) pattern: LazyLock<Pattern>,
    /// How the last line of a longer message looks, with the groups `message` and `code`. A message without a code
    /// goes on then.
    pub(super) end: Option<LazyLock<Pattern>>,
    /// The files that it is about; of others it must be known that they exist.
    pub(super) extensions: &'static [&'static str],
    /// The number of the first column.
    pub(super) first: u32,
    pub(super) tool: &'static str,
    /// Completes a problem by the groups. False if it is none of this tool.
    pub(super) complete: fn(&mut Problem, &Captures<'_>) -> bool,
}

/// The state between two lines.
#[derive(Debug)]
pub(super) struct Linter {
    forms: &'static [Form],
    /// A problem whose message goes on, and the number of the form.
    open: Option<(Problem, usize)>,
    lines: usize,
}

impl Linter {
    pub(super) fn new(forms: &'static [Form]) -> Self {
        Self { forms, open: None, lines: 0 }
    }

    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        let Some((problem, form)) = &mut self.open else { return false };
        let form = &self.forms[*form];
        self.lines += 1;
        let is_end = self.lines > LINES || line.starts_with("*****") || line.starts_with("-----");
        if is_end || self.forms.iter().any(|form| form.pattern.is_match(line)) {
            self.flush(context);
            return false;
        }
        let Some(end) = form.end.as_ref().and_then(|end| end.captures(line)) else {
            add_line(&mut problem.message, line);
            return true;
        };
        add_line(&mut problem.message, &end["message"]);
        (form.complete)(problem, &end);
        self.flush(context);
        true
    }
}

impl Format for Linter {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if self.goes_on(line, context) {
            return true;
        }
        // Most lines are anything else, and this is soon seen.
        if !line.bytes().any(|byte| byte.is_ascii_digit()) {
            return false;
        }
        for (number, form) in self.forms.iter().enumerate() {
            let Some(groups) = form.pattern.captures(line) else { continue };
            let Some(problem) = problem(form, &groups, context) else { continue };
            self.flush(context);
            if form.end.is_some() && groups.name("code").is_none() {
                (self.open, self.lines) = (Some((problem, number)), 0);
            } else {
                context.report(problem);
            }
            return true;
        }
        false
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some((problem, _)) = self.open.take() {
            context.report(problem);
        }
    }
}

fn problem(form: &Form, groups: &Captures<'_>, context: &mut Context) -> Option<Problem> {
    let file = groups.name("file")?.as_str();
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    if !form.extensions.contains(&extension) && context.places.find(file, Base::Process).is_none() {
        return None;
    }
    let column = groups.name("column").and_then(|column| column.as_str().parse::<u32>().ok());
    let column = column.map(|column| column.saturating_add(1 - form.first.min(1)).to_string());
    let line = groups.name("line").or(groups.name("line2"))?.as_str();
    let spot = Spot { file, line, column: column.as_deref() };
    let mut told = Problem::new(crate::engine::Severity::Error, form.tool, &groups["message"]);
    if !(form.complete)(&mut told, groups) {
        return None;
    }
    let reading = Reading { unit: unit(&told), base: Base::Process };
    let at = context.problem(told.severity, form.tool, &told.message, spot, reading);
    Some(Problem { place: at.place, message: at.message, ..told })
}

// pyflakes, whose codes are flake8's F, and pylint count bytes where others count characters.
fn unit(problem: &Problem) -> ColumnUnit {
    let is_pyflakes = problem.code.as_deref().is_some_and(|code| code.starts_with('F'));
    match problem.tool.as_str() {
        "babel" | "eslint" | "prettier" | "stylelint" => ColumnUnit::Utf16,
        "oxlint" | "pylint" => ColumnUnit::Byte,
        "flake8" if is_pyflakes => ColumnUnit::Byte,
        _ => ColumnUnit::Char,
    }
}
