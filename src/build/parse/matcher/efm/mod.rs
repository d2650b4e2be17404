//! Vim's errorformats, with their lines that begin, continue and end a message, and their stacks of files and folders.
//! A format of `Parser`. Does not know: how one format becomes a pattern (`pattern`).

mod atoms;
mod pattern;

use std::sync::Arc;

use super::Matcher;
use super::found::{Field, Values};
use crate::build::parse::Format;
use crate::build::parse::context::Context;
use crate::build::parse::place::Base;

pub(super) use pattern::{Conversion, Entry, compile, split};

/// Files in files: deeper is no output of a tool.
const DEEPEST: usize = 64;
/// A message has no more lines.
const LONGEST: usize = 200;

/// The state between two lines.
#[derive(Debug)]
pub(super) struct Reader {
    matcher: Arc<Matcher>,
    /// A message that lines may continue.
    open: Option<Values>,
    lines: usize,
    /// Whether such a line may come.
    is_open: bool,
    /// Whether it would belong to something that was excluded.
    is_excluded: bool,
    /// What the lines are about, the innermost last.
    files: Vec<String>,
}

impl Reader {
    pub(super) fn new(matcher: Arc<Matcher>) -> Self {
        Self { matcher, open: None, lines: 0, is_open: false, is_excluded: false, files: vec![] }
    }

    fn complete(&mut self, context: &mut Context) {
        let Some(values) = self.open.take() else { return };
        if let Some(problem) = values.problem(&self.matcher.treatment, context) {
            context.report(problem);
        }
    }

    // The first format that fits, and what it says.
    fn first<'a>(
        &self,
        entries: &'a [Entry],
        line: &str,
        context: &mut Context,
    ) -> Option<(&'a Entry, Values, Option<String>)> {
        entries.iter().find_map(|entry| {
            if matches!(entry.prefix, Some('C' | 'Z')) && !self.is_open {
                return None;
            }
            let (values, rest) = read(entry, line)?;
            let is_stack = matches!(entry.prefix, Some('O' | 'P' | 'Q'));
            let file = values.file.as_ref();
            let is_there = |file: &String| context.places.find(file, Base::Process).is_some();
            (!is_stack || file.is_none_or(is_there)).then_some((entry, values, rest))
        })
    }

    fn scan(&mut self, line: &str, depth: usize, context: &mut Context) -> bool {
        let matcher = Arc::clone(&self.matcher);
        let Some((entry, mut values, rest)) = self.first(matcher.entries(), line, context) else {
            self.complete(context);
            (self.is_open, self.is_excluded) = (false, false);
            return false;
        };
        match entry.prefix {
            Some('D' | 'X') => {
                let folder = values.file.unwrap_or_default();
                match entry.prefix {
                    Some('D') if !folder.is_empty() => context.places.enter(&folder),
                    _ => context.places.leave(&folder),
                }
                return true;
            }
            Some('C' | 'Z') => return self.goes_on(entry, values, context),
            Some('O' | 'P' | 'Q') => {
                let rest = rest.filter(|rest| !rest.trim().is_empty() && depth < DEEPEST);
                return self.stack(entry, values, rest, depth, context);
            }
            Some('A' | 'E' | 'W' | 'I' | 'N') => (self.is_open, self.is_excluded) = (true, false),
            Some(_) | None => {}
        }
        if entry.is_excluded() {
            self.is_excluded = self.is_open;
            return false;
        }
        self.complete(context);
        if entry.prefix == Some('G') {
            return false;
        }
        values.file = values.file.or_else(|| self.files.last().cloned());
        if !values.has_likely_file(&matcher.treatment, context) {
            return false;
        }
        self.open = Some(values);
        self.lines = 1;
        if entry.prefix.is_none() {
            self.complete(context);
        }
        true
    }

    // What is left out of the message may still point to the column.
    fn goes_on(&mut self, entry: &Entry, values: Values, context: &mut Context) -> bool {
        let is_read = !self.is_excluded && self.lines < LONGEST;
        if let Some(open) = self.open.as_mut().filter(|_| is_read) {
            merge(open, values);
            self.lines += 1;
        }
        if entry.prefix == Some('Z') {
            (self.is_open, self.is_excluded) = (false, false);
            self.complete(context);
        }
        true
    }

    // The rest of the line is read as one of its own.
    fn stack(
        &mut self,
        entry: &Entry,
        values: Values,
        rest: Option<String>,
        depth: usize,
        context: &mut Context,
    ) -> bool {
        if entry.prefix == Some('Q') {
            self.files.pop();
        }
        let is_pushed = values.file.is_some() && entry.prefix != Some('Q') && self.files.len() < DEEPEST;
        if is_pushed {
            self.complete(context);
            self.files.extend(values.file);
        }
        if let Some(rest) = rest {
            self.scan(&rest, depth + 1, context);
        }
        if entry.prefix == Some('O') && is_pushed {
            self.files.pop();
        }
        true
    }
}

impl Format for Reader {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if self.matcher.ignores(line) {
            return true;
        }
        self.scan(line, 0, context)
    }

    fn flush(&mut self, context: &mut Context) {
        self.complete(context);
        self.is_open = false;
    }
}

fn read(entry: &Entry, line: &str) -> Option<(Values, Option<String>)> {
    let groups = entry.regex.captures(line)?;
    let mut values = Values::default();
    let mut rest = None;
    for (group, conversion) in &entry.conversions {
        let Some(found) = groups.get(*group) else { continue };
        match conversion {
            Conversion::Field(field) => values.fill(*field, found.as_str()),
            Conversion::ScreenColumn => {
                values.is_screen = true;
                values.fill(Field::Column, found.as_str());
            }
            Conversion::Pointer => {
                values.is_screen = true;
                values.column = Some(width(found.as_str()) + 1);
            }
            Conversion::Rest => rest = Some(found.as_str().to_owned()),
            Conversion::Nothing => {}
        }
    }
    if entry.is_whole() {
        values.message = Some(line.trim().to_owned());
    }
    if let Some(kind @ ('E' | 'W' | 'I' | 'N')) = entry.prefix {
        values.severity = values.severity.or_else(|| Some(kind.to_string()));
    }
    Some((values, rest))
}

// As seen on a screen.
fn width(text: &str) -> u32 {
    text.chars().fold(0, |column: u32, c| if c == '\t' { column - column % 8 + 8 } else { column + 1 })
}

fn merge(open: &mut Values, more: Values) {
    if open.column.is_none() && more.column.is_some() {
        (open.column, open.is_screen) = (more.column, more.is_screen);
    }
    open.file = open.file.take().or(more.file);
    open.line = open.line.or(more.line);
    open.end_line = open.end_line.or(more.end_line);
    open.end_column = open.end_column.or(more.end_column);
    open.severity = open.severity.take().or(more.severity);
    open.code = open.code.take().or(more.code);
    if let Some(message) = more.message {
        open.fill(Field::Message, &message);
    }
}
