//! Reads what is no more than data: the lines that begin a problem, and those that belong to it.
//! A format of `Parser` for each `Tool`. Does not know: the tools, other formats, the file system.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::Captures;

use crate::build::parse::Format;
use crate::build::parse::context::Context;
use crate::build::parse::matcher::found::{Field, Treatment, Values};
use crate::build::parse::pattern::{Pattern as Ready, pattern};
use crate::engine::{ColumnUnit, Problem, Related, Severity};

/// More lines belong to no problem.
const LONGEST: usize = 200;
/// From here on a heading is for all that follows it.
pub(super) const FAR: usize = 40;

/// The text of a pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern(&'static str);

/// Groups: `file`, `line`, `column`, `end_line`, `end_column`, `severity`, `code`, `message`, and `tail`, which goes on
/// behind the message.
pub(super) const fn p(text: &'static str) -> Pattern {
    Pattern(text)
}

/// Patterns that have been needed. A lane asks for its own first, and all lanes share what is compiled.
#[derive(Debug, Default)]
struct Compiled(HashMap<usize, Arc<Ready>>);

impl Compiled {
    fn read<'a>(&mut self, Pattern(text): Pattern, line: &'a str) -> Option<Captures<'a>> {
        static ALL: LazyLock<Mutex<HashMap<&'static str, Arc<Ready>>>> = LazyLock::new(Mutex::default);
        let compile = || {
            let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
            all.entry(text).or_insert_with(|| Arc::new(pattern(text))).clone()
        };
        self.0.entry(text.as_ptr().addr()).or_insert_with(compile).captures(line)
    }
}

/// What a line is for the problem above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Goes on: what it names is added, a message as a further line.
    More,
    /// Every such line is a problem of its own, with what the head has said.
    Each,
    /// Belongs to it and says nothing.
    Skip,
    /// The first `^` stands below the column, and the last one below the end.
    Caret,
    /// Where it is, and what comes second is another place of it.
    Trace,
    /// Another place of it.
    Related,
    /// The last line of it. Goes on like `More`.
    Last,
    /// Goes on in the middle of a line that was too long.
    Wrap,
    /// Surely not of it.
    Stop,
}

/// How a problem looks.
#[derive(Debug)]
pub(super) struct Shape {
    /// What every head has in it. This is soon found, or not.
    pub(super) hint: &'static str,
    pub(super) head: Pattern,
    /// In the order in which they are tried.
    pub(super) body: &'static [(Role, Pattern)],
    /// Whether one line is source, whatever it looks like.
    pub(super) has_source: bool,
    /// A line above the head with the rest of what there is to say, and how many lines up it may be.
    pub(super) above: Option<(usize, Pattern)>,
    /// Whether the file must be there, as other programs print such lines too.
    pub(super) is_strict: bool,
}

impl Shape {
    /// A head that says everything.
    pub(super) const fn line(hint: &'static str, head: &'static str) -> Self {
        Self::block(hint, head, &[])
    }

    pub(super) const fn block(
        hint: &'static str,
        head: &'static str,
        body: &'static [(Role, Pattern)],
    ) -> Self {
        Self { hint, head: p(head), body, has_source: false, above: None, is_strict: false }
    }

    pub(super) const fn with_source(self) -> Self {
        Self { has_source: true, ..self }
    }

    pub(super) const fn below(self, reach: usize, above: &'static str) -> Self {
        Self { above: Some((reach, p(above))), ..self }
    }

    pub(super) const fn strict(self) -> Self {
        Self { is_strict: true, ..self }
    }
}

/// A tool whose output is read by its shapes.
#[derive(Debug)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) unit: ColumnUnit,
    /// What the first column is called.
    pub(super) first: u32,
    /// How bad it is if nothing is said.
    pub(super) usual: Severity,
    /// The words of the tool, in any case.
    pub(super) words: &'static [(&'static str, Severity)],
    pub(super) shapes: &'static [Shape],
    /// Corrects what was read. False if it is no problem.
    pub(super) complete: fn(&mut Problem) -> bool,
}

/// What most tools are like.
pub(super) const USUAL: Tool = Tool {
    name: "",
    unit: ColumnUnit::Char,
    first: 1,
    usual: Severity::Error,
    words: &[],
    shapes: &[],
    complete: |_| true,
};

/// A problem whose lines are still coming.
#[derive(Debug)]
struct Open {
    shape: &'static Shape,
    values: Values,
    related: Vec<(Values, String)>,
    lines: usize,
    has_source: bool,
    is_told: bool,
}

/// The state between two lines.
#[derive(Debug)]
pub(super) struct Reader {
    tool: &'static Tool,
    treatment: Treatment,
    open: Option<Open>,
    /// What stood above the last head, and the number of the shape.
    heading: Option<(usize, Values)>,
    compiled: Compiled,
}

impl Reader {
    pub(super) fn boxed(tool: &'static Tool) -> Box<dyn Format> {
        let treatment = Treatment {
            unit: tool.unit,
            first: tool.first,
            usual: tool.usual,
            words: tool.words.iter().map(|&(word, severity)| (word.to_owned(), severity)).collect(),
            ..Treatment::new(tool.name)
        };
        Box::new(Self { tool, treatment, open: None, heading: None, compiled: Compiled::default() })
    }

    // Whether the line belongs to what is open. If it does not, that is complete.
    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(open) = &mut self.open else { return false };
        open.lines += 1;
        let mut body = open.shape.body.iter().filter(|_| open.lines < LONGEST);
        let found = body.find_map(|(role, pattern)| Some((*role, self.compiled.read(*pattern, line)?)));
        let Some((role, groups)) = found else {
            return open.shape.has_source && !std::mem::replace(&mut open.has_source, true);
        };
        match role {
            Role::Skip => {}
            Role::Stop => return false,
            Role::More | Role::Last => fill(&mut open.values, &groups),
            Role::Wrap => {
                if let (Some(message), Some(text)) = (&mut open.values.message, groups.name("message")) {
                    message.push(' ');
                    message.push_str(text.as_str().trim());
                }
            }
            Role::Caret => caret(&mut open.values, line, self.treatment.unit),
            Role::Trace if open.values.file.is_none() => {
                let mut values = Values::default();
                fill(&mut values, &groups);
                values.message = None;
                open.values.complete(&values);
            }
            Role::Trace | Role::Related => {
                let mut values = Values::default();
                fill(&mut values, &groups);
                let message = values.message.take().unwrap_or_else(|| "from here".to_owned());
                open.related.push((values, message));
            }
            Role::Each => {
                open.is_told = true;
                let mut values = open.values.clone();
                if groups.name("severity").is_some() {
                    values.severity = None;
                }
                fill(&mut values, &groups);
                if values.column.is_none() {
                    caret(&mut values, line, self.treatment.unit);
                }
                report(self.tool, &self.treatment, values, vec![], context);
            }
        }
        if role == Role::Last {
            self.flush(context);
        }
        true
    }

    // Reads the line above. A heading may be far up, so the last one is kept.
    fn look_up(&mut self, number: usize, values: &mut Values, context: &Context) -> bool {
        let Some((reach, above)) = &self.tool.shapes[number].above else { return true };
        let found =
            context.recent.iter().rev().take(*reach).find_map(|line| self.compiled.read(*above, line));
        if let Some(groups) = found {
            let mut heading = Values::default();
            fill(&mut heading, &groups);
            self.heading = Some((number, heading));
        } else if *reach < FAR {
            return false;
        }
        let Some((_, heading)) = self.heading.as_ref().filter(|(of, _)| *of == number) else { return false };
        values.complete(heading);
        true
    }

    fn starts(&mut self, line: &str, context: &mut Context) -> bool {
        for (number, shape) in self.tool.shapes.iter().enumerate() {
            if !line.contains(shape.hint) {
                continue;
            }
            let Some(groups) = self.compiled.read(shape.head, line) else { continue };
            let mut values = Values::default();
            fill(&mut values, &groups);
            if !self.look_up(number, &mut values, context) {
                continue;
            }
            let is_there = match &values.file {
                Some(file) if shape.is_strict => self.treatment.find(file, context).is_some(),
                _ => values.has_likely_file(&self.treatment, context),
            };
            if !is_there {
                continue;
            }
            self.flush(context);
            self.open =
                Some(Open { shape, values, related: vec![], lines: 1, has_source: false, is_told: false });
            if shape.body.is_empty() {
                self.flush(context);
            }
            return true;
        }
        false
    }
}

impl Format for Reader {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        // Where the head is below its message, more lines look like one.
        let is_above = self.open.as_ref().is_some_and(|open| open.shape.above.is_some());
        if (is_above && self.goes_on(line, context)) || self.starts(line, context) {
            return true;
        }
        if !is_above && self.goes_on(line, context) {
            return true;
        }
        self.flush(context);
        false
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some(open) = self.open.take().filter(|open| !open.is_told) {
            report(self.tool, &self.treatment, open.values, open.related, context);
        }
    }
}

fn fill(values: &mut Values, groups: &Captures<'_>) {
    const FIELDS: [(&str, Field); 8] = [
        ("file", Field::File),
        ("line", Field::Line),
        ("column", Field::Column),
        ("end_line", Field::EndLine),
        ("end_column", Field::EndColumn),
        ("severity", Field::Severity),
        ("code", Field::Code),
        ("message", Field::Message),
    ];
    for (name, field) in FIELDS {
        if let Some(found) = groups.name(name) {
            values.fill(field, found.as_str());
        }
    }
    if let (Some(tail), Some(message)) = (groups.name("tail"), &mut values.message) {
        message.push_str(tail.as_str());
    }
}

// What is below the source is counted as on the screen, unless the tool has told a column.
fn caret(values: &mut Values, line: &str, unit: ColumnUnit) {
    let Some(at) = line.find('^') else { return };
    let before = u32::try_from(line[..at].chars().count() + 1).ok();
    let marks = line[at..].chars().take_while(|mark| "^~-".contains(*mark)).collect::<String>();
    // ShellCheck's arrow has only a beginning.
    let is_arrow = marks == "^--" && line[at..].starts_with("^-- SC");
    let marks = if is_arrow { 1 } else { u32::try_from(marks.len()).unwrap_or(1) };
    if values.column.is_none() {
        (values.column, values.is_screen) = (before, unit != ColumnUnit::Byte);
    }
    if marks > 1 && values.end_column.is_none() {
        values.end_column = values.column.map(|column| column.saturating_add(marks));
    }
}

fn report(
    tool: &Tool,
    treatment: &Treatment,
    mut values: Values,
    related: Vec<(Values, String)>,
    context: &mut Context,
) {
    if values.message.is_none() {
        return;
    }
    // Said of the whole file.
    values.line = values.line.or(values.file.as_ref().map(|_| 1));
    let Some(mut problem) = values.problem(treatment, context) else { return };
    for (values, message) in related {
        let place = values.place(treatment, context);
        problem.related.extend(place.map(|place| Related { place, message }));
    }
    if (tool.complete)(&mut problem) {
        context.report(problem);
    }
}
