//! The problem matchers that VS Code and its usual extensions bring along, by their names. Called by `config` and `vscode`.

use std::sync::{Arc, LazyLock};

use super::found::{Dir, Field, Treatment};
use super::steps::Step;
use super::{Kind, Matcher, javascript};
use crate::engine::{ColumnUnit, Severity};

/// One matcher. In a pattern the words say what the groups stand for, in their order; `loop` is one
/// problem for each line.
struct Row {
    name: &'static str,
    source: &'static str,
    patterns: &'static [(&'static str, &'static str)],
}

static ROWS: &[Row] = &[
    Row { name: "$eslint-compact", source: "eslint", patterns: ESLINT_COMPACT },
    Row { name: "$eslint-stylish", source: "eslint", patterns: ESLINT_STYLISH },
    Row { name: "$gcc", source: "gcc", patterns: GCC },
    Row { name: "$go", source: "go", patterns: GO },
    Row { name: "$gulp-tsc", source: "tsc", patterns: GULP_TSC },
    Row { name: "$jshint", source: "jshint", patterns: JSHINT },
    Row { name: "$jshint-stylish", source: "jshint", patterns: JSHINT_STYLISH },
    Row { name: "$lessCompile", source: "less", patterns: LESS_COMPILE },
    Row { name: "$lessc", source: "less", patterns: LESSC },
    Row { name: "$msCompile", source: "msCompile", patterns: MS_COMPILE },
    Row { name: "$node-sass", source: "node-sass", patterns: NODE_SASS },
    Row { name: "$nvcc", source: "nvcc", patterns: NVCC },
    Row { name: "$rust-panic", source: "rust-panic", patterns: RUST_PANIC },
    Row { name: "$rustc", source: "rustc", patterns: RUSTC },
    Row { name: "$rustc-watch", source: "rustc", patterns: RUSTC },
    Row { name: "$tsc", source: "tsc", patterns: TSC },
    Row { name: "$tsc-watch", source: "tsc", patterns: TSC },
];

type Patterns = &'static [(&'static str, &'static str)];

const ESLINT_COMPACT: Patterns = &[(
    r"^(.+):\sline\s(\d+),\scol\s(\d+),\s(Error|Warning|Info)\s-\s(.+)\s\((.+)\)$",
    "file line column severity message code",
)];
const ESLINT_STYLISH: Patterns = &[
    (r"^((?:[a-zA-Z]:)*[./\\]+.*?)$", "file"),
    (
        r"^\s+(\d+):(\d+)\s+(error|warning|info)\s+(.+?)(?:\s\s+(.*))?$",
        "line column severity message code loop",
    ),
];
const GCC: Patterns =
    &[(r"^(.*?):(\d+):(\d*):?\s+(?:fatal\s+)?(warning|error):\s+(.*)$", "file line column severity message")];
const GO: Patterns = &[(r"^(?:[^:]*: )?((?:.:)?[^:]*):(\d+)(?::(\d+))?: (.*)$", "file line column message")];
const GULP_TSC: Patterns =
    &[(r"^([^\s].*)\((\d+|\d+,\d+|\d+,\d+,\d+,\d+)\):\s+(\d+)\s+(.*)$", "file location code message")];
const JSHINT: Patterns = &[(
    r"^(.*):\s+line\s+(\d+),\s+col\s+(\d+),\s(.+?)(?:\s+\((\w)(\d+)\))?$",
    "file line column message severity code",
)];
const JSHINT_STYLISH: Patterns = &[
    (r"^(.+)$", "file"),
    (
        r"^\s+line\s+(\d+)\s+col\s+(\d+)\s+(.+?)(?:\s+\((\w)(\d+)\))?$",
        "line column message severity code loop",
    ),
];
const LESS_COMPILE: Patterns = &[(r"^\s*(.*) in file (.*) line no\. (\d+)$", "message file line")];
const LESSC: Patterns = &[(r"^(.*)\sin\s(.*)\son line\s(\d+),\scolumn\s(\d+)", "message file line column")];
const MS_COMPILE: Patterns = &[(
    r"^\s*(?:\d+>)?(\S.*?)\((\d+|\d+,\d+|\d+,\d+,\d+,\d+)\)\s*:\s+(?:\S+\s+)?((?:fatal +)?error|warning|info)\s+(\w+\d+)?\s*:\s*(.*)$",
    "file location severity code message",
)];
const NODE_SASS: Patterns = &[
    (r"^{$", ""),
    (r#"\s*"status":\s\d+,"#, ""),
    (r#"\s*"file":\s"(.*)","#, "file"),
    (r#"\s*"line":\s(\d+),"#, "line"),
    (r#"\s*"column":\s(\d+),"#, "column"),
    (r#"\s*"message":\s"(.*)","#, "message"),
    (r#"\s*"formatted":\s(.*)"#, ""),
    (r"^}$", ""),
];
const NVCC: Patterns = &[(r"^(.*)\((\d+)\):\s+(warning|error):\s+(.*)", "file location severity message")];
// The thread has had a number since Rust 1.91, the place a line of its own since 1.73.
const RUST_PANIC: Patterns = &[
    (r"^thread '.*'(?: \(\d+\))? panicked at (.*?):(\d+):(\d+):$", "file line column"),
    (r"^(.*)$", "message"),
];
const RUSTC: Patterns = &[
    (r"^(warning|warn|error)(?:\[(.*?)\])?: (.*)$", "severity code message"),
    (r"^[\s->=]*(.*?):(\d*):(\d*)\s*$", "file line column"),
];
const TSC: Patterns = &[(
    r"^([^\s].*)[\(:](\d+)[,:](\d+)(?:\):\s+|\s+-\s+)(error|warning|info)\s+(TS\d+)\s*:\s*(.*)$",
    "file line column severity code message",
)];

static MATCHERS: LazyLock<Vec<Arc<Matcher>>> = LazyLock::new(|| ROWS.iter().map(matcher).collect());

/// The names of all, sorted.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    ROWS.iter().map(|row| row.name)
}

/// The one with this name; the `$` may be missing.
pub fn named(name: &str) -> Option<Arc<Matcher>> {
    let name = name.strip_prefix('$').unwrap_or(name);
    MATCHERS.iter().find(|matcher| &matcher.name[1..] == name).map(Arc::clone)
}

fn matcher(row: &Row) -> Arc<Matcher> {
    let unit = match row.name {
        "$gcc" => ColumnUnit::Display,
        "$go" => ColumnUnit::Byte,
        "$rustc" | "$rustc-watch" | "$rust-panic" => ColumnUnit::Char,
        _ => ColumnUnit::Utf16,
    };
    let treatment = Treatment {
        unit,
        words: vec![("warn".to_owned(), Severity::Warning)],
        dirs: vec![Dir::Cwd],
        ..Treatment::new(row.source)
    };
    Arc::new(Matcher {
        name: row.name.to_owned(),
        kind: Kind::Steps(row.patterns.iter().map(|(regexp, fields)| step(regexp, fields)).collect()),
        treatment,
        related: None,
        ignore: vec![],
        text: row.name.to_owned(),
    })
}

fn step(regexp: &str, fields: &str) -> Step {
    let regex = javascript::compile(regexp).expect("the patterns of the rows are valid");
    let named = |word: &str| {
        Some(match word {
            "file" => Field::File,
            "line" => Field::Line,
            "column" => Field::Column,
            "location" => Field::Location,
            "severity" => Field::Severity,
            "code" => Field::Code,
            "message" => Field::Message,
            _ => return None,
        })
    };
    let words = fields.split_whitespace();
    let fields = words.clone().filter_map(named).enumerate().map(|(at, field)| (at + 1, field)).collect();
    Step { each: words.into_iter().any(|word| word == "loop"), ..Step::new(regex, fields) }
}
