//! What a build prints → problems. Called by `build`; usable without one: `Parser::new`, `feed`, `finish`.
//! A new output format is a file in its family, a row there, and fixtures.
//! Does not know: processes, builds, the file system (whoever makes a parser says which files exist).

mod choice;
mod codes;
mod context;
mod crashes;
mod documents;
mod formats;
mod go;
mod jvm;
mod lane;
mod languages;
mod lines;
mod linters;
pub mod matcher;
mod native;
mod pattern;
mod place;
mod python;
mod rust;
mod tools;
mod web;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::{Problem, ProblemKind};
use crate::output::Stream;

use choice::{Chosen, chosen, inner_dirs, program};
use context::Context;
pub use context::Program;
use crashes::Crashes;
pub use formats::names;
use lane::Lane;
use lines::{Lines, Raw};
use matcher::Matcher;
use place::Places;

/// How the lines of one tool are read. It sees the lines of one stream, without escapes and line ends.
trait Format: Send {
    /// Looks at a line; true if it belongs to this format. A problem that is complete is reported to `context`, one
    /// that may go on is kept.
    fn line(&mut self, line: &str, context: &mut Context) -> bool;

    /// Nothing more belongs to the problem that was kept, if there is one.
    fn flush(&mut self, context: &mut Context);
}

/// A line as a terminal would show it, without colors, links and line end.
pub fn plain(line: &str) -> Cow<'_, str> {
    lines::plain(line.as_bytes())
}

/// Where the text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirs {
    /// The root of the project, absolute.
    pub root: PathBuf,
    /// Where the command ran, absolute.
    pub dir: PathBuf,
}

/// What is known beforehand of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hints {
    /// The formats to read, by their names or those of the programs that print them; unknown ones are ignored. Empty: by
    /// the commands, else all.
    pub formats: Vec<String>,
    /// The simple commands of which it is the output, each as its words. Empty if unknown.
    pub commands: Vec<Vec<String>>,
    /// What users described. They come first; if some are named, the others are not read.
    pub matchers: Vec<Arc<Matcher>>,
}

/// What a chunk of output has brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fed {
    /// The lines to show, with colors and line ends. A line that only machines read is replaced by what it says.
    pub lines: Vec<String>,
    /// The problems that are complete now. None comes twice.
    pub problems: Vec<Problem>,
    /// The format that the last line belongs to.
    pub read_by: Option<String>,
}

/// Reads output while it comes.
pub struct Parser {
    chosen: Vec<Chosen>,
    lines: BTreeMap<u8, Lines>,
    lanes: BTreeMap<(u8, String), Lane>,
    crashes: BTreeMap<u8, Crashes>,
    /// Which of `chosen` took the last line.
    read_by: Option<usize>,
    context: Context,
    hasher: RandomState,
    /// The hashes of place, severity and message of every problem, and of every place.
    seen: HashSet<u64>,
}

impl Parser {
    /// A parser for the output of one build. `exists` says whether a file is there.
    pub fn new(hints: &Hints, dirs: Dirs, exists: impl Fn(&Path) -> bool + Send + 'static) -> Self {
        let programs: Vec<&str> = hints.commands.iter().filter_map(|words| program(words)).collect();
        let places = Places::new(dirs, &inner_dirs(&hints.commands), Box::new(exists));
        let mut context = Context::new(places);
        context.is_cargo = programs.contains(&"cargo") || hints.formats.iter().any(|name| name == "cargo");
        context.is_vet =
            hints.commands.iter().any(|words| words.windows(2).any(|pair| pair == ["go", "vet"]));
        Self {
            chosen: chosen(hints, &programs),
            lines: BTreeMap::new(),
            lanes: BTreeMap::new(),
            crashes: BTreeMap::new(),
            read_by: None,
            context,
            hasher: RandomState::new(),
            seen: HashSet::new(),
        }
    }

    /// For the text of another machine: a place counts although its file is not here, if it looks like one.
    #[must_use]
    pub fn accepting_absent_files(mut self) -> Self {
        self.context.places.accept_absent();
        self
    }

    /// Reads a chunk of one stream. Linear in its length; any bytes will do.
    pub fn feed(&mut self, stream: Stream, bytes: &[u8]) -> Fed {
        let mut whole = Vec::new();
        self.lines.entry(key(stream)).or_default().push(bytes, &mut whole);
        let mut fed = Fed::default();
        for raw in whole {
            self.read(stream, &raw, &mut fed);
        }
        fed.problems = self.fresh();
        let by = self.read_by.and_then(|at| self.chosen.get(at));
        fed.read_by = by.map(|by| by.name().to_owned());
        fed
    }

    /// Nothing has come for a while: shows the unfinished line of a stream and completes what may have gone on.
    pub fn pause(&mut self, stream: Stream) -> Fed {
        let lines = self.lines.get_mut(&key(stream)).and_then(Lines::pause).into_iter().collect();
        for (_, lane) in self.lanes.iter_mut().filter(|((of, _), _)| *of == key(stream)) {
            lane.flush(&mut self.context);
        }
        if let Some(crashes) = self.crashes.get_mut(&key(stream)) {
            crashes.flush(&mut self.context);
        }
        Fed { lines, problems: self.fresh(), read_by: None }
    }

    /// A stream has ended. The parser can go on with others.
    pub fn finish(&mut self, stream: Stream) -> Fed {
        let mut fed = Fed::default();
        if let Some(raw) = self.lines.get_mut(&key(stream)).and_then(Lines::take) {
            self.read(stream, &raw, &mut fed);
        }
        fed.problems = self.pause(stream).problems;
        fed
    }

    /// The programs that cargo said it made, in its order.
    pub fn programs(&self) -> &[Program] {
        &self.context.programs
    }

    fn read(&mut self, stream: Stream, raw: &Raw, fed: &mut Fed) {
        let line = lines::plain(&raw.bytes);
        self.context.shown = None;
        self.read_by = if self.context.observe(&line) {
            None
        } else {
            lane::read(&mut self.lanes, &self.chosen, key(stream), &line, &mut self.context)
        };
        if self.read_by.is_none() {
            self.crashes.entry(key(stream)).or_default().see(&line, &mut self.context);
        }
        match self.context.shown.take() {
            Some(text) => fed.lines.extend(text.split_inclusive('\n').map(str::to_owned)),
            None => fed.lines.push(String::from_utf8_lossy(&raw.bytes[raw.handed..]).into_owned()),
        }
    }

    fn fresh(&mut self) -> Vec<Problem> {
        let mut found = std::mem::take(&mut self.context.found);
        found.retain(|problem| {
            let place = problem.place.as_ref();
            let line = place.map(|place| (&place.path, place.start.line));
            let is_new_place = self.seen.insert(self.hasher.hash_one(line));
            if problem.kind == ProblemKind::Crash && !is_new_place {
                // A format has read it, too, and knows more of its tool.
                return false;
            }
            // Without its source below it, a problem that is told again has no end.
            let start = place.map(|place| (&place.path, place.start));
            let hash = self.hasher.hash_one((start, problem.severity, &problem.message));
            self.seen.insert(hash)
        });
        found
    }
}

impl std::fmt::Debug for Parser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let formats: Vec<_> = self.chosen.iter().map(Chosen::name).collect();
        f.debug_struct("Parser").field("formats", &formats).finish_non_exhaustive()
    }
}

fn key(stream: Stream) -> u8 {
    match stream {
        Stream::Stdout => 1,
        Stream::Stderr => 2,
    }
}
