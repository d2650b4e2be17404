//! What a build prints → problems. Called by `build`; usable without one: `Parser::new`, `feed`, `finish`.
//! A new output format is a file here, fixtures, and a row in `FORMATS`.
//! Does not know: processes, builds, the file system (whoever makes a parser says which files exist).

mod cargo;
mod cmake;
mod context;
mod dotnet;
mod elixir;
mod gcc;
mod ghc;
mod go;
mod gotest;
mod gradle;
mod javac;
mod kotlin;
mod lane;
mod ld;
mod libtest;
mod lines;
mod make;
mod marked;
mod maven;
mod oneline;
mod php;
mod place;
mod python;
mod ruby;
mod rustc;
mod tsc;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};

use crate::engine::Problem;
use crate::output::Stream;

use context::Context;
pub use context::Program;
use lane::Lane;
use lines::{Lines, Raw};
use place::Places;

/// How the lines of one tool are read. It sees the lines of one stream, without escapes and line ends.
trait Format: Send {
    /// Looks at a line; true if it belongs to this format. A problem that is complete is reported to `context`, one
    /// that may go on is kept.
    fn line(&mut self, line: &str, context: &mut Context) -> bool;

    /// Nothing more belongs to the problem that was kept, if there is one.
    fn flush(&mut self, context: &mut Context);
}

/// One output format.
struct Row {
    /// As written in `problems = [..]`.
    name: &'static str,
    /// The programs that print it.
    commands: &'static [&'static str],
    make: fn() -> Box<dyn Format>,
}

/// Every format, the ones that are easily told apart first.
static FORMATS: &[Row] = &[
    Row { name: "cargo", commands: &["cargo", "rustc"], make: || Box::<cargo::Cargo>::default() },
    Row { name: "libtest", commands: &["cargo"], make: || Box::<libtest::Libtest>::default() },
    Row { name: "tsc", commands: &["tsc", "vue-tsc"], make: || Box::<tsc::Tsc>::default() },
    Row { name: "gotest", commands: &["go"], make: || Box::<gotest::GoTest>::default() },
    Row { name: "go", commands: &["go"], make: || Box::<go::Go>::default() },
    Row { name: "maven", commands: MAVEN, make: || Box::<maven::Maven>::default() },
    Row { name: "gradle", commands: GRADLE, make: || Box::<gradle::Gradle>::default() },
    Row { name: "kotlin", commands: GRADLE, make: || Box::<kotlin::Kotlin>::default() },
    Row { name: "javac", commands: JAVA, make: || Box::<javac::Javac>::default() },
    Row { name: "kotlinc", commands: KOTLIN, make: || Box::new(marked::Marked::new(&marked::KOTLIN)) },
    Row { name: "zig", commands: &["zig"], make: || Box::new(marked::Marked::new(&marked::ZIG)) },
    Row { name: "swiftc", commands: SWIFT, make: || Box::new(marked::Marked::new(&marked::SWIFT)) },
    Row { name: "dotnet", commands: DOTNET, make: || Box::<dotnet::Dotnet>::default() },
    Row { name: "php", commands: &["php"], make: || Box::<php::Php>::default() },
    Row { name: "ruby", commands: &["ruby"], make: || Box::<ruby::Ruby>::default() },
    Row { name: "elixir", commands: ELIXIR, make: || Box::<elixir::Elixir>::default() },
    Row { name: "ghc", commands: HASKELL, make: || Box::<ghc::Ghc>::default() },
    Row { name: "cmake", commands: &[], make: || Box::<cmake::Cmake>::default() },
    Row {
        name: "protoc",
        commands: &["protoc", "buf"],
        make: || Box::new(oneline::Oneline::new(&oneline::PROTOC)),
    },
    Row { name: "sqlc", commands: &["sqlc"], make: || Box::new(oneline::Oneline::new(&oneline::SQLC)) },
    Row { name: "templ", commands: &["templ"], make: || Box::new(oneline::Oneline::new(&oneline::TEMPL)) },
    Row {
        name: "swift-build",
        commands: &["swift"],
        make: || Box::new(oneline::Oneline::new(&oneline::SWIFT_BUILD)),
    },
    Row { name: "bazel", commands: &[], make: || Box::new(oneline::Oneline::new(&oneline::BAZEL)) },
    Row { name: "rustc", commands: &["rustc", "cargo"], make: || Box::<rustc::Rustc>::default() },
    Row { name: "python", commands: PYTHON, make: || Box::<python::Python>::default() },
    Row { name: "gcc", commands: CC, make: || Box::<gcc::Gcc>::default() },
    Row { name: "ld", commands: CC, make: || Box::<ld::Ld>::default() },
    Row { name: "make", commands: &["make", "gmake"], make: || Box::<make::Make>::default() },
];

const CC: &[&str] =
    &["gcc", "g++", "cc", "c++", "clang", "clang++", "cargo", "go", "zig", "swift", "ghc", "cabal", "stack"];
const DOTNET: &[&str] = &["dotnet", "msbuild", "xbuild", "csc", "mcs", "fsc", "cl"];
const ELIXIR: &[&str] = &["elixir", "elixirc", "mix"];
const GRADLE: &[&str] = &["gradle", "gradlew"];
const JAVA: &[&str] =
    &["javac", "javadoc", "scalac", "ant", "mvn", "mvnw", "mvnd", "gradle", "gradlew", "kotlinc", "sbt"];
const KOTLIN: &[&str] = &["kotlinc", "kotlin", "gradle", "gradlew", "mvn", "mvnw", "mvnd"];
const HASKELL: &[&str] = &["ghc", "cabal", "stack", "runghc", "runhaskell"];
const MAVEN: &[&str] = &["mvn", "mvnw", "mvnd"];
const SWIFT: &[&str] = &["swiftc", "swift", "xcodebuild"];
const PYTHON: &[&str] = &["python", "python3"];

/// Commands that print nothing to look for.
const SILENT: &[&str] = &["cd", "cp", "echo", "export", "ln", "mkdir", "mv", "rm", "set", "touch", "true"];

/// What `problems = [..]` may name: the formats, and the programs that print them. Sorted.
pub fn names() -> Vec<&'static str> {
    let all = FORMATS.iter().flat_map(|row| row.commands.iter().copied().chain([row.name]));
    all.collect::<BTreeSet<_>>().into_iter().collect()
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
}

/// What a chunk of output has brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fed {
    /// The lines to show, with colors and line ends. A line that only machines read is replaced by what it says.
    pub lines: Vec<String>,
    /// The problems that are complete now. None comes twice.
    pub problems: Vec<Problem>,
}

/// Reads output while it comes.
pub struct Parser {
    rows: Vec<&'static Row>,
    lines: BTreeMap<u8, Lines>,
    lanes: BTreeMap<(u8, String), Lane>,
    context: Context,
    hasher: RandomState,
    /// The hashes of place, severity and message of every problem.
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
            rows: choose(&hints.formats, &programs),
            lines: BTreeMap::new(),
            lanes: BTreeMap::new(),
            context,
            hasher: RandomState::new(),
            seen: HashSet::new(),
        }
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
        fed
    }

    /// Nothing has come for a while: shows the unfinished line of a stream and completes what may have gone on.
    pub fn pause(&mut self, stream: Stream) -> Fed {
        let lines = self.lines.get_mut(&key(stream)).and_then(Lines::pause).into_iter().collect();
        for (_, lane) in self.lanes.iter_mut().filter(|((of, _), _)| *of == key(stream)) {
            lane.flush(&mut self.context);
        }
        Fed { lines, problems: self.fresh() }
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
        if !self.context.observe(&line) {
            lane::read(&mut self.lanes, &self.rows, key(stream), &line, &mut self.context);
        }
        match self.context.shown.take() {
            Some(text) => fed.lines.extend(text.split_inclusive('\n').map(str::to_owned)),
            None => fed.lines.push(String::from_utf8_lossy(&raw.bytes[raw.handed..]).into_owned()),
        }
    }

    fn fresh(&mut self) -> Vec<Problem> {
        let mut found = std::mem::take(&mut self.context.found);
        found.retain(|problem| {
            let hash = self.hasher.hash_one((&problem.place, problem.severity, &problem.message));
            self.seen.insert(hash)
        });
        found
    }
}

impl std::fmt::Debug for Parser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let formats: Vec<_> = self.rows.iter().map(|row| row.name).collect();
        f.debug_struct("Parser").field("formats", &formats).finish_non_exhaustive()
    }
}

fn key(stream: Stream) -> u8 {
    match stream {
        Stream::Stdout => 1,
        Stream::Stderr => 2,
    }
}

// Named ones, else those of the programs if all of these are known, else all.
fn choose(names: &[String], programs: &[&str]) -> Vec<&'static Row> {
    let is_of = |row: &Row, program: &str| row.commands.contains(&program);
    let is_named = |row: &&Row| names.iter().any(|name| name == row.name || is_of(row, name));
    let chosen: Vec<_> = FORMATS.iter().filter(is_named).collect();
    if !chosen.is_empty() {
        return chosen;
    }
    let speaking: Vec<_> = programs.iter().filter(|program| !SILENT.contains(program)).collect();
    let all_known = speaking.iter().all(|program| FORMATS.iter().any(|row| is_of(row, program)));
    let starts_others = speaking.iter().any(|program| ["make", "gmake"].contains(program));
    if speaking.is_empty() || !all_known || starts_others {
        return FORMATS.iter().collect();
    }
    FORMATS.iter().filter(|row| speaking.iter().any(|program| is_of(row, program))).collect()
}

// The name of the program that a simple command starts, past what starts others.
fn program(words: &[String]) -> Option<&str> {
    const STARTERS: [&str; 9] = ["env", "exec", "nice", "npx", "time", "bunx", "command", "nohup", "rustup"];
    let mut words = words.iter().map(|word| word.rsplit('/').next().unwrap_or(word));
    words.find(|word| !word.contains('=') && !word.starts_with('-') && !STARTERS.contains(word))
}

// The directories that the commands change to, in their order.
fn inner_dirs(commands: &[Vec<String>]) -> Vec<String> {
    const OPTIONS: [&str; 5] = ["-C", "--directory", "--prefix", "--cwd", "--manifest-path"];
    let mut dirs = Vec::new();
    for words in commands {
        if words.first().is_some_and(|word| word == "cd") {
            dirs.extend(words.get(1).cloned());
        }
        for pair in words.windows(2).filter(|pair| OPTIONS.contains(&pair[0].as_str())) {
            let parent = pair[1].strip_suffix("Cargo.toml").unwrap_or(&pair[1]);
            dirs.push(parent.to_owned());
        }
    }
    dirs
}
