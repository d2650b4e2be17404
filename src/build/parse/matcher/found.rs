//! What a matcher has captured → a problem. Called by its readers. Does not know: how it was captured.

use crate::build::parse::codes::tags;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Severity};

/// What a group stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::build::parse) enum Field {
    File,
    Line,
    Column,
    EndLine,
    EndColumn,
    /// Line and column, maybe also those of the end, with commas between.
    Location,
    Severity,
    Code,
    Message,
}

/// Where a relative path may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::build::parse) enum Dir {
    /// Where the command ran, or where make went.
    Cwd,
    /// A folder, by its path from the root of the project.
    Folder(String),
}

/// How what was captured is meant.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::build::parse) struct Treatment {
    /// Who said it.
    pub(in crate::build::parse) source: String,
    /// Words of the tool.
    pub(in crate::build::parse) words: Vec<(String, Severity)>,
    /// For words that nobody knows, and where there is none.
    pub(in crate::build::parse) usual: Severity,
    /// What the first column is called.
    pub(in crate::build::parse) first: u32,
    pub(in crate::build::parse) unit: ColumnUnit,
    pub(in crate::build::parse) dirs: Vec<Dir>,
    /// Whether problems belong to whole files.
    pub(in crate::build::parse) is_whole_file: bool,
}

impl Treatment {
    pub(in crate::build::parse) fn new(source: &str) -> Self {
        Self {
            source: source.to_owned(),
            words: vec![],
            usual: Severity::Error,
            first: 1,
            unit: ColumnUnit::Char,
            dirs: vec![],
            is_whole_file: false,
        }
    }

    fn severity(&self, word: Option<&str>) -> Severity {
        let Some(word) = word else { return self.usual };
        let own = self.words.iter().find(|(own, _)| own.eq_ignore_ascii_case(word));
        if let Some((_, severity)) = own {
            return *severity;
        }
        match word.to_ascii_lowercase().as_str() {
            "error" | "err" | "fatal" | "fatal error" | "critical" | "e" | "f" => Severity::Error,
            "warning" | "warn" | "w" => Severity::Warning,
            "info" | "information" | "note" | "notice" | "i" | "n" => Severity::Information,
            "hint" | "help" | "h" => Severity::Hint,
            _ => self.usual,
        }
    }

    /// The file that is meant, if it exists.
    pub(in crate::build::parse) fn find(&self, file: &str, context: &mut Context) -> Option<String> {
        for dir in &self.dirs {
            let written = match dir {
                Dir::Cwd => file.to_owned(),
                Dir::Folder(folder) => context.places.below_root(folder, file),
            };
            if context.places.find(&written, Base::Process).is_some() {
                return Some(written);
            }
        }
        context.places.find(file, Base::Process).map(|_| file.to_owned())
    }
}

/// What was captured so far. What comes first counts, except that a message goes on.
#[derive(Debug, Clone, Default)]
pub(in crate::build::parse) struct Values {
    pub(in crate::build::parse) file: Option<String>,
    pub(in crate::build::parse) line: Option<u32>,
    pub(in crate::build::parse) column: Option<u32>,
    pub(in crate::build::parse) end_line: Option<u32>,
    pub(in crate::build::parse) end_column: Option<u32>,
    pub(in crate::build::parse) severity: Option<String>,
    pub(in crate::build::parse) code: Option<String>,
    pub(in crate::build::parse) message: Option<String>,
    /// Whether the column was counted as on the screen.
    pub(in crate::build::parse) is_screen: bool,
}

impl Values {
    pub(in crate::build::parse) fn fill(&mut self, field: Field, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let owned = || Some(text.to_owned());
        let number = || text.parse().ok();
        match field {
            Field::File => self.file = self.file.take().or_else(owned),
            Field::Line => self.line = self.line.or_else(number),
            Field::Column => self.column = self.column.or_else(number),
            Field::EndLine => self.end_line = self.end_line.or_else(number),
            Field::EndColumn => self.end_column = self.end_column.or_else(number),
            Field::Severity => self.severity = self.severity.take().or_else(owned),
            Field::Code => self.code = self.code.take().or_else(owned),
            Field::Message => match &mut self.message {
                Some(message) => add_line(message, text),
                None => self.message = owned(),
            },
            Field::Location => self.fill_location(text),
        }
    }

    /// Takes over what is missing.
    pub(in crate::build::parse) fn complete(&mut self, other: &Self) {
        let Self { file, line, column, severity, code, message, .. } = other;
        self.file = self.file.take().or_else(|| file.clone());
        self.line = self.line.or(*line);
        self.column = self.column.or(*column);
        self.severity = self.severity.take().or_else(|| severity.clone());
        self.code = self.code.take().or_else(|| code.clone());
        self.message = self.message.take().or_else(|| message.clone());
    }

    fn fill_location(&mut self, text: &str) {
        let mut numbers = text.split(',').map(|number| number.trim().parse().ok());
        let mut next = || numbers.next().flatten();
        self.line = self.line.or_else(&mut next);
        self.column = self.column.or_else(&mut next);
        self.end_line = self.end_line.or_else(&mut next);
        self.end_column = self.end_column.or_else(&mut next);
    }

    /// Whether the file is there, or may be somewhere else: a clock with a colon behind it is none.
    pub(in crate::build::parse) fn has_likely_file(
        &self,
        treatment: &Treatment,
        context: &mut Context,
    ) -> bool {
        let Some(file) = &self.file else { return true };
        treatment.find(file, context).is_some() || looks_like_file(file)
    }

    pub(in crate::build::parse) fn place(
        &self,
        treatment: &Treatment,
        context: &mut Context,
    ) -> Option<Place> {
        let file = treatment.find(self.file.as_deref()?, context)?;
        let (line, column) = self.start(treatment)?;
        let spot = Spot { file: &file, line: &line, column: column.as_deref() };
        let mut place = context.place(spot, self.reading(treatment))?;
        place.end = self.end(treatment, place.start);
        Some(place)
    }

    /// The problem. `None` if nothing says where it is, unless it is said how bad it is.
    pub(in crate::build::parse) fn problem(
        self,
        treatment: &Treatment,
        context: &mut Context,
    ) -> Option<Problem> {
        let message = self.message.clone().or_else(|| self.code.clone())?;
        let severity = treatment.severity(self.severity.as_deref());
        let source = &treatment.source;
        let mut problem = if let Some(place) = self.place(treatment, context) {
            Problem::new(severity, source, message).at(place)
        } else if let (Some(file), Some((line, column))) = (&self.file, self.start(treatment)) {
            if !looks_like_file(file) {
                return None;
            }
            let spot = Spot { file, line: &line, column: column.as_deref() };
            context.problem(severity, source, &message, spot, self.reading(treatment))
        } else {
            self.severity.as_ref()?;
            Problem::new(severity, source, message)
        };
        problem.tags = self.code.as_deref().map(tags).unwrap_or_default();
        problem.code = self.code;
        Some(problem)
    }

    fn reading(&self, treatment: &Treatment) -> Reading {
        let unit = if self.is_screen { ColumnUnit::Display } else { treatment.unit };
        Reading { unit, base: Base::Process }
    }

    fn start(&self, treatment: &Treatment) -> Option<(String, Option<String>)> {
        let line = if treatment.is_whole_file { 1 } else { self.line? };
        let column = self.column.map(|column| (column + 1).saturating_sub(treatment.first).to_string());
        Some((line.to_string(), column.filter(|_| !treatment.is_whole_file)))
    }

    fn end(&self, treatment: &Treatment, start: Position) -> Option<Position> {
        let column = self.end_column.map(|column| (column + 1).saturating_sub(treatment.first));
        let end = Position { line: self.end_line.unwrap_or(start.line), column };
        (start.column.is_some() && column.is_some() && end > start).then_some(end)
    }
}

fn looks_like_file(file: &str) -> bool {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let has_extension = name.rsplit_once('.').is_some_and(|(stem, end)| {
        !stem.is_empty() && end.starts_with(|c: char| c.is_ascii_alphabetic()) && end.len() <= 8
    });
    has_extension
        && !file.contains("://")
        && !file.contains(' ')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
