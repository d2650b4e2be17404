//! What the lines so far say about those that follow: directories, the tool at work. Shared by all formats of a parser.
//! Does not know: the formats.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::pattern::{Pattern, pattern};
use super::place::{Base, Places};
use crate::engine::{ColumnUnit, Place, Position, Problem, Related, Severity};

/// What is said of the place of an include.
pub(super) const INCLUDED: &str = "included from here";

/// A longer message is cut.
const MESSAGE: usize = 8 * 1024;

/// A program that cargo said it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The name of its target.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// The manifest of its package.
    pub manifest: PathBuf,
}

/// A place as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) file: &'a str,
    pub(super) line: &'a str,
    pub(super) column: Option<&'a str>,
}

/// How a tool means its places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) unit: ColumnUnit,
    pub(super) base: Base,
}

/// What the formats share.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) places: Places,
    /// Problems that are complete, oldest first.
    pub(super) found: Vec<Problem>,
    /// Whether cargo is at work: a plain `error: …` is one of its own then.
    pub(super) is_cargo: bool,
    /// Whether `go vet` is at work.
    pub(super) is_vet: bool,
    /// What people are shown in the place of the current line.
    pub(super) shown: Option<String>,
    /// The lines before the current one in its lane, oldest first: some tools put the place below the message.
    pub(super) recent: VecDeque<String>,
    /// What cargo made.
    pub(super) programs: Vec<Program>,
}

impl Context {
    pub(super) fn new(places: Places) -> Self {
        Self {
            places,
            found: Vec::new(),
            is_cargo: false,
            is_vet: false,
            shown: None,
            recent: VecDeque::new(),
            programs: Vec::new(),
        }
    }

    /// Learns from a line. True if the line says nothing else.
    pub(super) fn observe(&mut self, line: &str) -> bool {
        static ENTERING: LazyLock<Pattern> = LazyLock::new(|| {
            pattern(r"^\S*(?:make|ninja)\S*: (Entering|Leaving) directory [`'‘“](.+)['’”]$")
        });
        static STATUS: LazyLock<Pattern> = LazyLock::new(|| {
            pattern(
                r"^ {1,9}(?:Compiling|Checking|Building|Finished|Updating|Locking|Downloading|Downloaded|Blocking|Adding|Fresh|Running) (?:\S+ v\S+ \((/.+)\)$)?",
            )
        });
        if line.starts_with(' ') {
            // cargo's verbs end in the twelfth column.
            let Some(status) = STATUS.captures(line).filter(|_| line.as_bytes().get(12) == Some(&b' '))
            else {
                return false;
            };
            self.is_cargo = true;
            if let Some(package) = status.get(1) {
                self.places.learn_package(Path::new(package.as_str()));
            }
            return true;
        }
        if !line.contains(" directory ") {
            return false;
        }
        let Some(entering) = ENTERING.captures(line) else { return false };
        match &entering[1] {
            "Entering" => self.places.enter(&entering[2]),
            _ => self.places.leave(&entering[2]),
        }
        true
    }

    /// The place, if its file exists.
    pub(super) fn place(&mut self, spot: Spot<'_>, reading: Reading) -> Option<Place> {
        let line: u32 = spot.line.parse().ok()?;
        let column = spot.column.and_then(|column| column.parse().ok()).filter(|&column: &u32| column > 0);
        let path = self.places.find(spot.file, reading.base)?;
        Some(Place { path, start: Position { line: line.max(1), column }, end: None, unit: reading.unit })
    }

    /// A problem at the spot. If the file isn't found, the message says where it was.
    pub(super) fn problem(
        &mut self,
        severity: Severity,
        tool: &str,
        message: &str,
        spot: Spot<'_>,
        reading: Reading,
    ) -> Problem {
        if let Some(place) = self.place(spot, reading) {
            return Problem::new(severity, tool, message).at(place);
        }
        let column = spot.column.map_or(String::new(), |column| format!(":{column}"));
        let message = format!("{}:{}{column}: {message}", spot.file, spot.line);
        Problem::new(severity, tool, message)
    }

    /// Takes in a problem that is complete. Output that breaks off can leave one without words, which tells nobody anything.
    pub(super) fn report(&mut self, mut problem: Problem) {
        if problem.message.trim().is_empty() {
            return;
        }
        cut(&mut problem.message);
        problem.related.truncate(20);
        self.move_home(&mut problem);
        self.found.push(problem);
    }

    // An error inside a library that the project's own code caused is shown at that code.
    fn move_home(&self, problem: &mut Problem) {
        if problem.place.as_ref().is_some_and(|place| self.places.is_own(&place.path)) {
            return;
        }
        // An include leads to the library, but what was asked of it comes after.
        let is_own = |related: &Related| self.places.is_own(&related.place.path);
        let is_include = |related: &Related| related.message == INCLUDED;
        let asked = problem.related.iter().position(|related| is_own(related) && !is_include(related));
        let own = asked.or_else(|| problem.related.iter().position(is_own));
        match (own, &mut problem.place) {
            (Some(own), Some(place)) => std::mem::swap(place, &mut problem.related[own].place),
            (Some(own), None) => problem.place = Some(problem.related.remove(own).place),
            (None, _) => {}
        }
    }
}

/// Adds a line to a message, up to the length that is kept anyway.
pub(super) fn add_line(message: &mut String, line: &str) {
    if message.len() < MESSAGE && !line.is_empty() {
        message.push('\n');
        message.push_str(line);
    }
}

fn cut(message: &mut String) {
    if message.len() > MESSAGE {
        let end = (0..=MESSAGE).rev().find(|&end| message.is_char_boundary(end)).unwrap_or(0);
        message.truncate(end);
        message.push('…');
    }
}

/// A pattern that is part of the program.
///
/// # Panics
/// If it is not valid, which the first test that uses it shows.
/// The spot in the groups `file`, `line` and `column`.
pub(super) fn spot<'a>(groups: &regex::Captures<'a>) -> Option<Spot<'a>> {
    Some(Spot {
        file: groups.name("file")?.as_str(),
        line: groups.name("line")?.as_str(),
        column: groups.name("column").map(|column| column.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::parse::Dirs;

    fn context() -> Context {
        let dirs = Dirs { root: "/p".into(), dir: "/p".into() };
        Context::new(Places::new(dirs, &[], Box::new(|_| true)))
    }

    fn path(context: &mut Context, file: &str) -> PathBuf {
        let reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };
        context.place(Spot { file, line: "1", column: None }, reading).unwrap().path
    }

    #[test]
    fn makes_of_any_name_and_ninja_enter_directories() {
        let mut context = context();
        for line in [
            "make[1]: Entering directory '/p/a'",
            "gmake: Entering directory `/p/b'",
            "ninja: Entering directory `out'",
        ] {
            assert!(context.observe(line));
        }
        assert_eq!(path(&mut context, "x.c"), Path::new("/p/b/out/x.c"));
        assert!(context.observe("gmake: Leaving directory `/p/b'"));
        assert!(!context.observe("he said: Entering directory now"));
    }

    #[test]
    fn an_error_in_a_library_is_shown_where_the_project_caused_it() {
        let mut context = context();
        let reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };
        let library = Spot { file: "/usr/include/c++/12/vector", line: "7", column: Some("2") };
        let mut problem = context.problem(Severity::Error, "gcc", "no match", library, reading);
        let own = context.place(Spot { file: "/p/a.cc", line: "3", column: None }, reading).unwrap();
        problem.related.push(crate::engine::Related { place: own, message: "required from here".into() });
        context.report(problem);
        assert_eq!(context.found[0].place.as_ref().unwrap().path, Path::new("/p/a.cc"));
        assert_eq!(context.found[0].related[0].place.start.line, 7);
    }
}
