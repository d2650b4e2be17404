//! Formats that users describe: by steps of regular expressions, by a problem matcher of VS Code, by errorformats of Vim.
//! Called by `config`, which compiles them, and by `Parser`, which reads with them. Does not know: where they are written.

mod builtin;
mod definition;
mod efm;
pub(super) mod found;
mod javascript;
mod steps;
mod vscode;

#[cfg(test)]
mod tests;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use builtin::{named, names};
pub use definition::{Definition, StepDefinition, compile};
pub use vscode::KEYS as VSCODE_KEYS;

use super::Format;
use found::Treatment;

/// A format that was described, ready to read with.
#[derive(Debug, Clone)]
pub struct Matcher {
    /// As written in `problems = [..]`.
    pub name: String,
    kind: Kind,
    treatment: Treatment,
    /// What follows a problem and tells of another place of it.
    related: Option<steps::Step>,
    /// Lines that say nothing.
    ignore: Vec<regex::Regex>,
    /// All that it was made from: two are the same if this is.
    text: String,
}

/// How lines are read.
#[derive(Debug, Clone)]
enum Kind {
    /// One step for each line.
    Steps(Vec<steps::Step>),
    /// Vim's way.
    Errorformat(Vec<efm::Entry>),
}

/// What is wrong with a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The keys and indices that lead to it from the table of the matcher.
    pub at: Vec<String>,
    /// What is wrong: a fragment that goes on after the name of the key.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Mistake {
    fn new(at: &[&str], message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            at: at.iter().map(|&key| key.to_owned()).collect(),
            message: message.into(),
            help: help.into(),
        }
    }
}

impl Matcher {
    /// A reader for one lane.
    pub(super) fn reader(self: &Arc<Self>) -> Box<dyn Format> {
        match &self.kind {
            Kind::Steps(_) => Box::new(steps::Reader::new(Arc::clone(self))),
            Kind::Errorformat(_) => Box::new(efm::Reader::new(Arc::clone(self))),
        }
    }

    fn steps(&self) -> &[steps::Step] {
        match &self.kind {
            Kind::Steps(steps) => steps,
            Kind::Errorformat(_) => &[],
        }
    }

    fn entries(&self) -> &[efm::Entry] {
        match &self.kind {
            Kind::Errorformat(entries) => entries,
            Kind::Steps(_) => &[],
        }
    }

    fn ignores(&self, line: &str) -> bool {
        self.ignore.iter().any(|pattern| pattern.is_match(line))
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Matcher {}

impl Hash for Matcher {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
