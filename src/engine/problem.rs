//! One error or warning, as read from the output of a build or a run, and how a build ended.
//! Made by `build::parse` and `crash`. Does not know: LSP, where the editor shows it.

use std::path::PathBuf;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing works until it is repaired.
    Error,
    /// Works, but should be looked at.
    Warning,
    /// A remark of the tool.
    Information,
    /// A suggestion.
    Hint,
}

/// What was going on when a problem was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// Something was built or checked.
    Build,
    /// A test failed.
    Test,
    /// A program crashed.
    Crash,
}

/// In which unit a tool counts columns. Columns are converted where the text of the line is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnUnit {
    /// UTF-8 bytes (Go, clang, zig).
    Byte,
    /// Unicode scalar values (rustc, ruff).
    Char,
    /// UTF-16 code units (tsc, eslint).
    Utf16,
    /// Screen columns with tab stops every 8 (GCC).
    Display,
    /// Unicode scalar values behind the indentation of the line, which the tool did not print (Python).
    Indented,
}

/// A position as the tool gave it: line and column both 1-based, the column in the unit of the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column; `None` means the whole line.
    pub column: Option<u32>,
}

/// Where a problem is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Absolute path.
    pub path: PathBuf,
    /// Start.
    pub start: Position,
    /// Exclusive end, when the tool gives one.
    pub end: Option<Position>,
    /// Unit of both columns.
    pub unit: ColumnUnit,
}

/// Another place that helps to understand a problem.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What the tool says of it.
    pub message: String,
}

/// One replacement of text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced; both ends are given.
    pub place: Place,
    /// The new text.
    pub text: String,
}

/// A repair that the tool itself calls safe. Its edits belong together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fix {
    /// What it does, as the tool words it.
    pub title: String,
    /// All its edits.
    pub edits: Vec<Edit>,
}

/// What a problem says about its code beyond the severity (LSP `DiagnosticTag`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// Can be removed.
    Unnecessary,
    /// Should not be used any more.
    Deprecated,
}

/// One error or warning.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Problem {
    /// Where; `None` for a linker, a missing tool, a service that cannot start.
    pub place: Option<Place>,
    /// How bad.
    pub severity: Severity,
    /// What was going on.
    pub kind: ProblemKind,
    /// The tool that said it: `cargo`, `go`, `gcc`, `tsc`, `python`, or `reload` for what we say ourselves.
    pub tool: String,
    /// The tool's own code (`E0308`, `TS2322`, `-Wunused-variable`).
    pub code: Option<String>,
    /// Where the code is explained.
    pub href: Option<String>,
    /// First line: what is wrong; further lines: the tool's explanation.
    pub message: String,
    /// Other places.
    pub related: Vec<Related>,
    /// Extra marks.
    pub tags: Vec<Tag>,
    /// Safe repairs.
    pub fixes: Vec<Fix>,
}

impl Problem {
    /// The `tool` of what we say ourselves.
    pub const OURS: &str = "reload";

    /// A problem of a build, without place, code or related places.
    pub fn new(severity: Severity, tool: &str, message: impl Into<String>) -> Self {
        Self {
            place: None,
            severity,
            kind: ProblemKind::Build,
            tool: tool.to_owned(),
            code: None,
            href: None,
            message: message.into(),
            related: Vec::new(),
            tags: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// The same problem at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}

/// How a build ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BuildOutcome {
    /// The command ended with 0. `same_as` names the running generation if the result is byte for byte equal to it.
    Passed {
        /// The generation whose result is the same, among those that were running when the build began.
        same_as: Option<super::Generation>,
    },
    /// The command ended otherwise: `code`, or a signal nobody of us sent.
    Failed(Exit),
    /// We stopped it.
    Stopped,
    /// It never began: command not found, not executable, directory gone, disk full. The text is for people, with remedy.
    NotStarted(String),
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// It returned this code.
    Code(i32),
    /// This signal ended it.
    Signal(i32),
}

impl Exit {
    /// Whether it ended with code 0.
    pub fn is_success(self) -> bool {
        self == Self::Code(0)
    }
}
