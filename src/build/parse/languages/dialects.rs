//! Tools whose problems are one line each: protoc, buf, sqlc, templ, bazel, Swift Build.
//! What differs is in a `Dialect`.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity};

/// What is peculiar to one of the tools.
#[derive(Debug)]
pub(super) struct Dialect {
    tool: &'static str,
    unit: ColumnUnit,
    /// The groups `file`, `line`, `column`, `message`, `severity`, `code`; all but the message may be missing. `column0` is a
    /// column that begins with 0.
    patterns: LazyLock<Vec<Pattern>>,
    /// What others tell better.
    summary: LazyLock<Pattern>,
}

/// protoc, which prints no severity except for warnings.
pub(super) static PROTOC: Dialect = Dialect {
    tool: "protoc",
    unit: ColumnUnit::Display,
    patterns: LazyLock::new(|| {
        vec![
            pattern(
                r"^(?<file>[^\s:|\[#][^:|]*\.proto):(?<line>[0-9]+):(?<column>[0-9]+): (?:(?<severity>warning|error): )?(?<message>.+)$",
            ),
            pattern(
                r"^(?<file>[^\s(][^(]*\.proto)\((?<line>[0-9]+)\) ?: (?<severity>error|warning) in column=(?<column>[0-9]+) ?: (?<message>.+)$",
            ),
            pattern(
                r"^(?<file>[^\s:|\[#][^:|]*\.proto):(?:(?<line>[0-9]+):)? (?:(?<severity>warning|error): )?(?<message>File not found\.|Import .+|File does not reside within .+|Field .+|Suggested .+|.+ is not defined\.|.+ already defined .+)$",
            ),
            pattern(r"^(?:--(?<plugin>\w+)_out: (?:protoc-gen-\w+: )?)(?<message>.+)$"),
            pattern(
                r"^\[libprotobuf (?<severity>WARNING|ERROR) [^\]]*\] (?<message>(?:No syntax specified for the proto file: (?<file>\S+\.proto)\.)?.+)$",
            ),
            pattern(r"^(?<message>Could not make proto path relative: .+)$"),
        ]
    }),
    summary: LazyLock::new(|| pattern(r"^--\w+_out: protoc-gen-\w+: Plugin failed with status code")),
};

/// buf, which puts no blank before the message, and counts bytes where protoc counts what is on the screen.
pub(super) static BUF: Dialect = Dialect {
    tool: "buf",
    unit: ColumnUnit::Byte,
    patterns: LazyLock::new(|| {
        vec![
            pattern(
                r"^(?<file>[^\s:|\[#][^:|]*\.proto):(?<line>[0-9]+):(?<column>[0-9]+):(?:(?<severity>warning|error):)?(?<message>\S.+)$",
            ),
            pattern(
                r"^(?<file>[^\s(][^(]*\.proto)\((?<line>[0-9]+),(?<column>[0-9]+)\) ?: (?<severity>error|warning) (?<code>[A-Z][A-Z_]+) ?: (?<message>.+)$",
            ),
            pattern(r"^Failure: (?<message>(?:Module |module |no \.proto|.*\bbuf(?:\.\w+)?\.ya?ml\b).*)$"),
        ]
    }),
    summary: LazyLock::new(|| pattern(r"^buf: exit status [0-9]+$")),
};

/// sqlc, and what speaks like it of queries.
pub(super) static SQLC: Dialect = Dialect {
    tool: "sqlc",
    unit: ColumnUnit::Byte,
    patterns: LazyLock::new(|| {
        vec![
            pattern(r"^(?<file>[^\s:|\[#][^:|]*\.sql):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+)$"),
            pattern(
                r"^error parsing (?<file>sqlc\.(?:ya?ml|json)): yaml: line (?<line>[0-9]+): (?<message>.+)$",
            ),
            // Below `error parsing sqlc.yaml: yaml: unmarshal errors:`, which others of its kind don't name.
            pattern(r"^  (?<message>line [0-9]+: field \S+ (?:not found|already set) in type config\..+)$"),
            pattern(
                r"^error (?:parsing (?:schema|queries):|creating compiler:|parsing configuration files\.) (?<message>.+)$",
            ),
        ]
    }),
    summary: LazyLock::new(|| {
        pattern(r"^# package \w*$|^error generating code$|^error parsing sqlc\.\w+: yaml: unmarshal errors:$")
    }),
};

/// templ: lines begin with 1, columns with 0, but where Go's own formatter speaks.
pub(super) static TEMPL: Dialect = Dialect {
    tool: "templ",
    unit: ColumnUnit::Byte,
    patterns: LazyLock::new(|| {
        vec![
            pattern(
                r#"failed to generate code for "(?<file>[^"]+\.templ)": .*\.templ parsing error: (?<message>.+): line (?<line>[0-9]+), col (?<column0>[0-9]+)(?: \])?$"#,
            ),
            pattern(
                r#"failed to generate code for "(?<file>[^"]+\.templ)": .*\.templ source formatting error:? /.*\.templ:(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+?)(?: \(and [0-9]+ more errors\))?(?: \])?$"#,
            ),
            // Its place is one in the Go code that was made of it.
            pattern(
                r#"failed to generate code for "(?<file>[^"]+\.templ)": .*\.templ source formatting error:? (?<message>[0-9]+:[0-9]+: .+?)(?: \])?$"#,
            ),
            pattern(
                r"(?<file>[^\s:()\[\]=]+\.templ) parsing error: (?<message>.+?)(?::| at) line (?<line>[0-9]+), col(?:umn)? (?<column0>[0-9]+)",
            ),
            // Of which file it is is not said.
            pattern(r"^\((?<severity>!)\) (?<message>`.+) \[ from=[0-9]+:[0-9]+ to=[0-9]+:[0-9]+ \]$"),
        ]
    }),
    summary: LazyLock::new(|| {
        pattern(r"^\(✗\) Command failed: |^Generated code for [0-9]+ templates with [0-9]+ errors")
    }),
};

/// bazel, of its own files. What failed to compile is told by the compiler.
pub(super) static BAZEL: Dialect = Dialect {
    tool: "bazel",
    unit: ColumnUnit::Byte,
    patterns: LazyLock::new(|| {
        vec![
            pattern(
                r"^(?:\([0-9:]+\) )?(?<severity>ERROR|WARNING): (?<file>(?:/|[A-Za-z]:)[^:]*):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+)$",
            ),
            pattern(
                r"^(?:\([0-9:]+\) )?(?<severity>ERROR|WARNING): (?<file>(?:/|[A-Za-z]:)[^:]*/(?:BUILD|WORKSPACE|MODULE)(?:\.bazel)?): (?<message>.+)$",
            ),
            pattern(
                r"^(?:\([0-9:]+\) )?(?<severity>ERROR): (?:Skipping '[^']*': )?(?<message>(?:no such (?:package|target) |error loading package |Error computing |Unrecognized option).+)$",
            ),
        ]
    }),
    summary: LazyLock::new(|| {
        pattern(
            r"^(?:\([0-9:]+\) )?(?:ERROR|WARNING): (?:Build did NOT complete|Analysis of target|Build failed|package contains errors: |error loading package '[^']*': Package '[^']*' contains errors|Target pattern parsing failed|errors encountered while|.+:[0-9]+:[0-9]+: (?:Compiling|Linking|Building|Testing|Running|Action|CppCompile|GoCompilePkg|GoLink|KotlinCompile|Javac|Compile|Transpiling)\b.* failed: )",
        )
    }),
};

/// Swift Build, the newer one of the two builders below `swift build`.
pub(super) static SWIFT_BUILD: Dialect = Dialect {
    tool: "swiftc",
    unit: ColumnUnit::Byte,
    patterns: LazyLock::new(|| {
        vec![pattern(
            r"^(?<severity>error|warning): (?<file>/[^:]*\.swift):(?<line>[0-9]+):(?<column>[0-9]+):? (?<message>.+)$",
        )]
    }),
    summary: LazyLock::new(|| pattern(r"^error: emit-module command failed with exit code ")),
};

/// Each line is complete, so nothing is kept.
#[derive(Debug)]
pub(super) struct Line {
    dialect: &'static Dialect,
}

impl Line {
    pub(super) fn new(dialect: &'static Dialect) -> Self {
        Self { dialect }
    }
}

impl Format for Line {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if self.dialect.summary.is_match(line) {
            return true;
        }
        let Some(found) = self.dialect.patterns.iter().find_map(|pattern| pattern.captures(line)) else {
            return false;
        };
        let problem = self.problem(&found, context);
        context.report(problem);
        true
    }

    fn flush(&mut self, _context: &mut Context) {}
}

impl Line {
    fn problem(&self, found: &regex::Captures<'_>, context: &mut Context) -> Problem {
        let Dialect { tool, unit, .. } = *self.dialect;
        let group = |name: &str| found.name(name).map(|found| found.as_str());
        let severity = match group("severity") {
            Some("warning" | "WARNING" | "!") => Severity::Warning,
            Some("DEBUG") => Severity::Information,
            _ => Severity::Error,
        };
        let message = group("message").unwrap_or_default().trim();
        let line = group("line");
        let column0 = group("column0").and_then(|column| column.parse::<u32>().ok());
        let column = column0.map(|column| column.saturating_add(1).to_string());
        let column = column.as_deref().or(group("column"));
        let reading = Reading { unit, base: Base::Process };
        let mut problem = match (group("file"), line) {
            (Some(file), Some(line)) => {
                let spot = Spot { file, line, column };
                context.problem(severity, tool, message, spot, reading)
            }
            // Said of the whole file.
            (Some(file), None) => match context.place(Spot { file, line: "1", column: None }, reading) {
                Some(place) => Problem::new(severity, tool, message).at(place),
                None => Problem::new(severity, tool, format!("{file}: {message}")),
            },
            (None, _) => Problem::new(severity, tool, message),
        };
        problem.code = group("code").map(str::to_owned);
        problem
    }
}
