//! Reads by steps: a line that starts a problem, then those that belong to it. Also problem matchers of VS Code.
//! A format of `Parser`. Does not know: how the steps were written.

use std::sync::Arc;

use regex::Regex;

use super::Matcher;
use super::found::{Field, Values};
use crate::build::parse::Format;
use crate::build::parse::context::Context;
use crate::engine::{Problem, Related};

/// More lines in a row belong to no problem.
const LONGEST: usize = 200;

/// What one line of a problem looks like.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key that users may set by itself")]
pub(super) struct Step {
    pub(super) regex: Regex,
    /// What the groups stand for. Group 0 is all that matched.
    pub(super) fields: Vec<(usize, Field)>,
    /// Any number of lines.
    pub(super) repeat: bool,
    /// The line may be missing.
    pub(super) optional: bool,
    /// Every such line is a problem of its own, with what the lines before said.
    pub(super) each: bool,
    /// The first `^` of the line stands below the column.
    pub(super) caret: bool,
    /// Ends a step that repeats.
    pub(super) until: Option<Regex>,
}

impl Step {
    pub(super) fn new(regex: Regex, fields: Vec<(usize, Field)>) -> Self {
        Self { regex, fields, repeat: false, optional: false, each: false, caret: false, until: None }
    }

    fn read(&self, line: &str, values: &mut Values) -> bool {
        let Some(groups) = self.regex.captures(line) else { return false };
        for (group, field) in &self.fields {
            if let Some(found) = groups.get(*group) {
                values.fill(*field, found.as_str());
            }
        }
        if self.caret
            && let Some(at) = line.find('^')
        {
            let column = u32::try_from(line[..at].chars().count() + 1).ok();
            values.column = values.column.or(column);
        }
        true
    }

    fn may_be_missing(&self) -> bool {
        self.optional || self.repeat || self.each
    }
}

/// A problem whose lines are still coming.
#[derive(Debug)]
struct Open {
    values: Values,
    /// Which step is next.
    next: usize,
    /// How many lines it has so far.
    lines: usize,
    /// Whether a problem came out of a step that is one for each line.
    is_told: bool,
}

/// The state between two lines.
#[derive(Debug)]
pub(super) struct Reader {
    matcher: Arc<Matcher>,
    open: Option<Open>,
    /// Complete but for what is related to it.
    last: Option<Problem>,
}

impl Reader {
    pub(super) fn new(matcher: Arc<Matcher>) -> Self {
        Self { matcher, open: None, last: None }
    }

    // True if the line belongs to the problem that is open.
    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        let matcher = Arc::clone(&self.matcher);
        let Some(mut open) = self.open.take() else { return false };
        open.lines += 1;
        while let Some(step) = matcher.steps().get(open.next).filter(|_| open.lines < LONGEST) {
            if step.until.as_ref().is_some_and(|until| until.is_match(line)) {
                open.next += 1;
                self.open = Some(open);
                return true;
            }
            let mut values = open.values.clone();
            if step.read(line, &mut values) {
                if step.each {
                    open.lines = 0;
                    open.is_told = true;
                    self.tell(values, context);
                } else {
                    open.values = values;
                    open.next += usize::from(!step.repeat);
                }
                self.open = Some(open);
                return true;
            }
            if !step.may_be_missing() {
                return false;
            }
            open.next += 1;
        }
        self.complete(open, context);
        false
    }

    fn complete(&mut self, open: Open, context: &mut Context) {
        let steps = self.matcher.steps();
        let is_whole = steps.iter().skip(open.next).all(Step::may_be_missing);
        // One for each line, and there was no such line.
        let is_header = open.is_told || steps.iter().any(|step| step.each);
        if is_whole && !is_header {
            self.tell(open.values, context);
        }
    }

    fn tell(&mut self, values: Values, context: &mut Context) {
        self.report(context);
        self.last = values.problem(&self.matcher.treatment, context);
        if self.matcher.related.is_none() {
            self.report(context);
        }
    }

    fn report(&mut self, context: &mut Context) {
        if let Some(problem) = self.last.take() {
            context.report(problem);
        }
    }

    fn is_related(&mut self, line: &str, context: &mut Context) -> bool {
        let (Some(step), Some(problem)) = (&self.matcher.related, &mut self.last) else { return false };
        let mut values = Values::default();
        if !step.read(line, &mut values) {
            return false;
        }
        let place = values.place(&self.matcher.treatment, context);
        let message = values.message.unwrap_or_else(|| "here".to_owned());
        problem.related.extend(place.map(|place| Related { place, message }));
        true
    }

    fn starts(&mut self, line: &str, context: &mut Context) -> bool {
        let matcher = Arc::clone(&self.matcher);
        let Some(first) = matcher.steps().first() else { return false };
        let mut values = Values::default();
        if !first.read(line, &mut values) || !values.has_likely_file(&matcher.treatment, context) {
            return false;
        }
        // A file alone is only a heading if it exists.
        let is_heading = values.line.is_none() && matcher.steps().len() > 1;
        let is_found =
            values.file.as_ref().is_none_or(|file| matcher.treatment.find(file, context).is_some());
        if is_heading && !is_found {
            return false;
        }
        let open = Open { values, next: 1, lines: 1, is_told: false };
        if matcher.steps().len() > 1 {
            self.open = Some(open);
            return true;
        }
        // A pattern that fits everything, as tasks have it that nobody waits for, takes no line from others.
        let before = context.found.len();
        self.complete(open, context);
        self.last.is_some() || context.found.len() > before
    }
}

impl Format for Reader {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if self.matcher.ignores(line) {
            return true;
        }
        if self.goes_on(line, context) || self.is_related(line, context) {
            return true;
        }
        self.report(context);
        self.starts(line, context)
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some(open) = self.open.take() {
            self.complete(open, context);
        }
        self.report(context);
    }
}
