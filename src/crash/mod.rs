//! What a program printed when it crashed → where and why. Called by `service` for the last words of a run, and by
//! `build::parse` for programs that crash within a build. Pure but for asking whether a file exists.
//! To read another language, add a file with a `read` function and a line to `LANGUAGES`.
//! Does not know: processes, which stream the text is from.

mod dotnet;
mod elixir;
mod go;
mod java;
mod node;
mod php;
mod places;
mod python;
mod race;
mod ruby;
mod rust;
mod sanitizer;
mod stack;

use crate::engine::{ColumnUnit, Place, Position, Problem, ProblemKind, Related, Severity};

pub use places::Project;

/// A language whose traces we read.
struct Language {
    /// `Problem::tool`.
    tool: &'static str,
    /// In which unit its columns are counted.
    unit: ColumnUnit,
    /// Folders below which its paths begin.
    roots: &'static [&'static str],
    /// How bad it is.
    severity: Severity,
    /// All the traces in some lines, in their order.
    read: fn(&[&str]) -> Vec<Trace>,
}

const HERE: &[&str] = &[""];

const LANGUAGES: [Language; 11] = [
    Language { tool: "go", unit: ColumnUnit::Byte, roots: HERE, severity: Severity::Error, read: go::read },
    Language {
        tool: "go",
        unit: ColumnUnit::Byte,
        roots: HERE,
        severity: Severity::Warning,
        read: race::read,
    },
    Language {
        tool: "rust",
        unit: ColumnUnit::Char,
        roots: HERE,
        severity: Severity::Error,
        read: rust::read,
    },
    Language {
        tool: "python",
        unit: ColumnUnit::Char,
        roots: HERE,
        severity: Severity::Error,
        read: python::read,
    },
    Language {
        tool: "node",
        unit: ColumnUnit::Utf16,
        roots: HERE,
        severity: Severity::Error,
        read: node::read,
    },
    Language {
        tool: "java",
        unit: ColumnUnit::Utf16,
        roots: java::ROOTS,
        severity: Severity::Error,
        read: java::read,
    },
    Language {
        tool: "ruby",
        unit: ColumnUnit::Char,
        roots: HERE,
        severity: Severity::Error,
        read: ruby::read,
    },
    Language { tool: "php", unit: ColumnUnit::Byte, roots: HERE, severity: Severity::Error, read: php::read },
    Language {
        tool: "dotnet",
        unit: ColumnUnit::Utf16,
        roots: HERE,
        severity: Severity::Error,
        read: dotnet::read,
    },
    Language {
        tool: "elixir",
        unit: ColumnUnit::Char,
        roots: HERE,
        severity: Severity::Error,
        read: elixir::read,
    },
    Language {
        tool: "sanitizer",
        unit: ColumnUnit::Byte,
        roots: HERE,
        severity: Severity::Error,
        read: sanitizer::read,
    },
];

/// How many lines may follow the trace of a crash: what `npm`, `go run` and `make` add. A trace further up belongs to an
/// error that the program has survived.
const TRAILER: usize = 40;

/// How many other frames are shown.
const RELATED: usize = 10;

/// One trace, as its language prints it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Trace {
    /// The type and the text of the error.
    message: String,
    /// Innermost first.
    frames: Vec<Frame>,
    /// Index of the line behind the last that belongs to it.
    end: usize,
}

/// One line of a trace.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    /// As printed.
    path: String,
    /// 1-based.
    line: u32,
    /// 1-based.
    column: Option<u32>,
    /// The function, or what it did.
    label: String,
}

/// The crash that `text` ends with, if a trace is near its end. Its place is the innermost frame in a file of the project.
pub fn find(text: &str, project: &Project<'_>) -> Option<Problem> {
    let lines: Vec<&str> = text.lines().collect();
    let mut best: Option<(bool, usize, Problem)> = None;
    for language in &LANGUAGES {
        for trace in (language.read)(&lines) {
            if lines.len() - trace.end.min(lines.len()) > TRAILER {
                continue;
            }
            let mut problem = problem(&trace, language, project);
            if problem.message.is_empty() {
                "the program crashed here".clone_into(&mut problem.message);
            }
            let rank = (problem.place.is_some(), trace.end);
            if best.as_ref().is_none_or(|(is_placed, end, _)| (*is_placed, *end) <= rank) {
                best = Some((rank.0, rank.1, problem));
            }
        }
    }
    best.map(|(_, _, problem)| problem)
}

/// Every crash in `lines` whose place is one of the project's own. Python's are left out: the parser of builds reads them line by line.
pub fn all(lines: &[&str], project: &Project<'_>) -> Vec<Problem> {
    let read = |language: &'static Language| {
        (language.read)(lines).into_iter().map(move |trace| (trace.end, problem(&trace, language, project)))
    };
    let others = LANGUAGES.iter().filter(|language| language.tool != "python");
    let is_own = |problem: &Problem| problem.place.as_ref().is_some_and(|place| project.is_own(&place.path));
    // Frames that nothing stands above are what somebody printed.
    let is_told = |problem: &Problem| !problem.message.is_empty() && is_own(problem);
    let mut found: Vec<_> = others.flat_map(read).filter(|(_, problem)| is_told(problem)).collect();
    found.sort_by_key(|(end, _)| *end);
    found.into_iter().map(|(_, problem)| problem).collect()
}

fn problem(trace: &Trace, language: &Language, project: &Project<'_>) -> Problem {
    let mut problem = Problem::new(language.severity, language.tool, trace.message.trim());
    problem.kind = ProblemKind::Crash;
    let mut frames: Vec<(Related, bool)> = Vec::new();
    for frame in &trace.frames {
        let found = language.roots.iter().find_map(|root| project.find(root, &frame.path));
        let Some(found) = found else { continue };
        let start = Position { line: frame.line, column: frame.column };
        let place = Place { path: found.path, start, end: None, unit: language.unit };
        let is_known = |(known, _): &(Related, bool)| {
            known.place.path == place.path && known.place.start.line == place.start.line
        };
        if !frames.iter().any(is_known) {
            frames.push((Related { place, message: frame.label.clone() }, found.is_own));
        }
    }
    let innermost = frames.iter().position(|(_, is_own)| *is_own).unwrap_or(0);
    if innermost < frames.len() {
        problem.place = Some(frames.remove(innermost).0.place);
        problem.related = frames.into_iter().map(|(related, _)| related).take(RELATED).collect();
    }
    problem
}

#[cfg(test)]
mod tests;
