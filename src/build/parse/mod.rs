//! What a build prints → problems. Called by `build`; usable without one: `Parser::new`, `feed`, `finish`.
//! A new output format is a file here, fixtures, and a row in `FORMATS`.
//! Does not know: processes, builds, the file system (whoever makes a parser says which files exist).

mod biome;
mod boxes;
mod cargo;
mod checkstyle;
mod cmake;
mod commands;
mod context;
mod crashes;
mod document;
mod dotnet;
mod elixir;
mod esbuild;
mod eslint;
mod fields;
mod gcc;
mod gcc_json;
mod ghc;
mod gitlab;
mod go;
mod gotest;
mod gradle;
mod javac;
mod js_test;
mod json;
mod kotlin;
mod lane;
mod ld;
mod libtest;
mod lines;
mod lsp;
mod make;
mod marked;
pub mod matcher;
mod maven;
mod mypy;
mod one_line;
mod oneline;
mod php;
mod place;
mod pyright;
mod pytest;
mod python;
mod python_lint;
mod rdjson;
mod rollup;
mod ruby;
mod ruff;
mod rustc;
mod sarif;
mod svelte;
mod tsc;
mod webpack;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::{Problem, ProblemKind};
use crate::output::Stream;

use context::Context;
pub use context::Program;
use crashes::Crashes;
use lane::Lane;
use lines::{Lines, Raw};
use matcher::Matcher;
use one_line::OneLine;
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
#[derive(Debug)]
struct Row {
    /// As written in `problems = [..]`.
    name: &'static str,
    /// The programs that print it.
    commands: &'static [&'static str],
    make: fn() -> Box<dyn Format>,
}

/// What one lane reads with.
#[derive(Debug, Clone)]
enum Chosen {
    Format(&'static Row),
    Matcher(Arc<Matcher>),
}

impl Chosen {
    fn name(&self) -> &str {
        match self {
            Self::Format(row) => row.name,
            Self::Matcher(matcher) => &matcher.name,
        }
    }

    fn make(&self) -> Box<dyn Format> {
        match self {
            Self::Format(row) => (row.make)(),
            Self::Matcher(matcher) => matcher.reader(),
        }
    }
}

/// Every format, the ones that are easily told apart first.
static FORMATS: &[Row] = &[
    Row { name: "sarif", commands: &[], make: || document(sarif::SHAPE) },
    Row { name: "gcc-json", commands: &[], make: || document(gcc_json::SHAPE) },
    Row { name: "rdjson", commands: &["rdjsonl"], make: || document(rdjson::SHAPE) },
    Row { name: "lsp", commands: &[], make: || document(lsp::SHAPE) },
    Row { name: "gitlab", commands: &["codeclimate"], make: || document(gitlab::SHAPE) },
    Row { name: "checkstyle", commands: &[], make: || Box::<checkstyle::Checkstyle>::default() },
    Row { name: "github", commands: &["azure", "teamcity"], make: || Box::<commands::Commands>::default() },
    Row { name: "cargo", commands: &["cargo", "rustc"], make: || Box::<cargo::Cargo>::default() },
    Row { name: "libtest", commands: &["cargo"], make: || Box::<libtest::Libtest>::default() },
    Row { name: "tsc", commands: &["tsc", "vue-tsc", "webpack"], make: || Box::<tsc::Tsc>::default() },
    Row { name: "gotest", commands: &["go"], make: || Box::<gotest::GoTest>::default() },
    Row { name: "go", commands: &["go"], make: || Box::<go::Go>::default() },
    Row { name: "json", commands: JSON, make: || Box::<json::Json>::default() },
    Row { name: "eslint", commands: ESLINT, make: || Box::<eslint::Eslint>::default() },
    Row { name: "biome", commands: &["biome"], make: || Box::<biome::Biome>::default() },
    Row { name: "svelte-check", commands: SVELTE, make: || Box::<svelte::Svelte>::default() },
    Row { name: "js-test", commands: JS_TEST, make: || Box::<js_test::JsTest>::default() },
    Row { name: "esbuild", commands: ESBUILD, make: || Box::<esbuild::Esbuild>::default() },
    Row { name: "rollup", commands: &["rollup", "vite"], make: || Box::<rollup::Rollup>::default() },
    Row { name: "webpack", commands: &["webpack", "rspack"], make: || Box::<webpack::Webpack>::default() },
    Row { name: "boxes", commands: BOXES, make: || Box::<boxes::Boxes>::default() },
    Row {
        name: "pyright",
        commands: &["pyright", "basedpyright"],
        make: || Box::<pyright::Pyright>::default(),
    },
    Row { name: "pytest", commands: PYTEST, make: || Box::<pytest::Pytest>::default() },
    Row { name: "mypy", commands: &["mypy", "dmypy"], make: || Box::<mypy::Mypy>::default() },
    Row { name: "pylint", commands: &["pylint"], make: || Box::new(OneLine::new(&python_lint::PYLINT)) },
    Row { name: "ruff", commands: &["ruff"], make: || Box::<ruff::Ruff>::default() },
    Row { name: "flake8", commands: FLAKE8, make: || Box::new(OneLine::new(&python_lint::FLAKE8)) },
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

/// Formats that no tool prints by itself and many print on demand: they are looked for whatever the command is.
const ON_DEMAND: &[&str] = &["sarif", "gcc-json", "rdjson", "lsp", "gitlab", "checkstyle", "github"];

fn document(shape: document::Shape) -> Box<dyn Format> {
    Box::new(document::Documents::of(shape))
}

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
/// They print JSON when they are told to.
const JSON: &[&str] =
    &["basedpyright", "biome", "eslint", "mypy", "oxlint", "pylint", "pyright", "ruff", "stylelint"];
const ESLINT: &[&str] = &["babel", "eslint", "oxlint", "prettier", "stylelint", "webpack"];
const SVELTE: &[&str] = &["svelte-check"];
const JS_TEST: &[&str] = &["jest", "mocha", "vitest"];
const ESBUILD: &[&str] = &["esbuild", "tsup", "vite"];
const BOXES: &[&str] = &["oxlint", "rolldown", "swc", "vite"];
const FLAKE8: &[&str] = &["flake8", "pycodestyle"];
const PYTEST: &[&str] = &["py.test", "pytest"];
const PYTHON: &[&str] = &["pytest", "python", "python3"];

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
            let start = problem.place.as_ref().map(|place| (&place.path, place.start));
            let is_new_place = self.seen.insert(self.hasher.hash_one(start));
            if problem.kind == ProblemKind::Crash && !is_new_place {
                // A format has read it, too, and knows more of its tool.
                return false;
            }
            let hash = self.hasher.hash_one((&problem.place, problem.severity, &problem.message));
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

// Matchers come first, as somebody has described them for this very output, and before a format of the same name. If
// something is named, nothing else is read.
fn chosen(hints: &Hints, programs: &[&str]) -> Vec<Chosen> {
    let Hints { formats: named, matchers: own, .. } = hints;
    if named.is_empty() {
        let rows = with_on_demand(&choose(&[], programs));
        let own = own.iter().cloned().map(Chosen::Matcher);
        return own.chain(rows.into_iter().map(Chosen::Format)).collect();
    }
    let of_name = |name: &String| {
        let own = own.iter().find(|own| own.name == *name).cloned();
        own.or_else(|| matcher::named(name).filter(|_| name.starts_with('$')))
    };
    let mut chosen: Vec<Chosen> = named.iter().filter_map(of_name).map(Chosen::Matcher).collect();
    let others: Vec<String> = named.iter().filter(|name| of_name(name).is_none()).cloned().collect();
    // Names that nobody knows are as good as none.
    if chosen.is_empty() || !others.is_empty() {
        let rows = choose(&others, programs);
        chosen.extend(rows.into_iter().map(Chosen::Format));
    }
    chosen
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

fn with_on_demand(rows: &[&'static Row]) -> Vec<&'static Row> {
    let is_chosen = |row: &Row| rows.iter().any(|chosen| chosen.name == row.name);
    FORMATS.iter().filter(|row| is_chosen(row) || ON_DEMAND.contains(&row.name)).collect()
}

// The name of the program that a simple command starts, past what starts others.
fn program(words: &[String]) -> Option<&str> {
    const STARTERS: [&str; 9] = ["env", "exec", "nice", "npx", "time", "bunx", "command", "nohup", "rustup"];
    let mut words = words.iter().map(|word| word.rsplit('/').next().unwrap_or(word));
    let is_program = |word: &&str| !word.contains('=') && !word.starts_with('-') && !STARTERS.contains(word);
    let program = words.find(is_program)?;
    // `python -m mypy`: the module is the tool.
    let module = words.next().filter(|word| *word == "-m" && PYTHON.contains(&program)).and(words.next());
    let is_known = |module: &&str| FORMATS.iter().any(|row| row.commands.contains(module));
    Some(module.filter(is_known).unwrap_or(program))
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
