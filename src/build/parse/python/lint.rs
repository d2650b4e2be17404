//! The one-line forms of ruff, flake8 with pycodestyle, and pylint, and what their codes mean.
//! Read by `linters`. Does not know: how lines are read.

use std::sync::LazyLock;

use regex::Captures;

use crate::build::parse::linters::Form;
use crate::build::parse::pattern::pattern;
use crate::engine::{Problem, Severity, Tag};

const PYTHON: &[&str] = &["py", "pyi", "pyw", "pyx", "pxd", "ipynb"];

/// What ruff prints with `--output-format concise` and `pylint`, and before its excerpts until version 0.11. Previews
/// have the name of a rule instead of its code.
pub(super) static RUFF: [Form; 2] = [
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^(?<file>[^\s:(\[][^:]*(?::cell [0-9]+)?):(?<line>[0-9]+):(?<column>[0-9]+): (?:(?<code>[A-Z]{1,6}[0-9]{2,5})|(?<name>SyntaxError|assert|print|debugger|[a-z][a-z0-9]*(?:-[a-z0-9]+)+):)(?<fix> \[[*-]\])? (?<message>\S.*)$",
            )
        }),
        end: None,
        extensions: PYTHON,
        first: 1,
        tool: "ruff",
        complete: ruff,
    },
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^(?<file>[^\s:(\[][^:]*):(?<line>[0-9]+): \[(?<code>[A-Z]{1,6}[0-9]{2,5}|assert|print|debugger|[a-z][a-z0-9]*(?:-[a-z0-9]+)+)\] (?<message>.+)$",
            )
        }),
        end: None,
        extensions: PYTHON,
        first: 1,
        tool: "ruff",
        complete: ruff,
    },
];

/// What flake8 and pycodestyle print, the former also with `--format pylint`.
pub(super) static FLAKE8: [Form; 2] = [
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^(?<file>[^\s:(\[][^:]*):(?<line>[0-9]+):(?<column>[0-9]+): (?<code>[A-Z]{1,6}[0-9]{2,5}):? (?<message>.+)$",
            )
        }),
        end: None,
        extensions: PYTHON,
        first: 1,
        tool: "flake8",
        complete: flake8,
    },
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^(?<file>[^\s:(\[][^:]*):(?<line>[0-9]+): \[(?<code>[A-Z]{1,6}[0-9]{2,5})\] (?<message>.+)$",
            )
        }),
        end: None,
        extensions: PYTHON,
        first: 1,
        tool: "flake8",
        complete: flake8,
    },
];

/// What pyflakes prints by itself: neither code nor severity, but always one of these texts.
pub(super) static PYFLAKES: [Form; 1] = [Form {
    pattern: LazyLock::new(|| {
        pattern(
            r"^(?<file>[^\s:(\[*][^:]*):(?<line>[0-9]+):(?<column>[0-9]+):? (?<message>(?:undefined name '|redefinition of unused '|import '.*' from line [0-9]+ shadowed|'from .* import \*' |local variable '.*' |duplicate argument '.*' in function|dictionary key |from __future__ imports |future feature |syntax error in |invalid syntax|unindent does not |unexpected |assertion is always true|default 'except:' must|use of >> is invalid|use ==/!= to compare|[ft]-string is missing placeholders|'\.\.\.'(?: %|\.format)|two starred|too many expressions in|'if tuple literal'|'raise NotImplemented'|'(?:return|yield|continue|break)' (?:outside|not)|`\w+ .*` is unused|'.*' (?:imported but unused|may be undefined)).*)$",
        )
    }),
    end: None,
    extensions: PYTHON,
    first: 1,
    tool: "pyflakes",
    complete: |_, _| true,
}];

/// What pylint prints, also with `-f parseable` and `msvs`.
pub(super) static PYLINT: [Form; 2] = [
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^(?<file>[^\s:(\[][^:]*):(?<line>[0-9]+):(?<column>[0-9]+): (?<id>[CRWEFI][0-9]{4}): (?<message>.+?)(?: \((?<code>[a-z][a-z0-9-]+)\))?$",
            )
        }),
        end: Some(LazyLock::new(|| pattern(r"^(?<message>.*?) \((?<code>[a-z][a-z0-9-]+)\)$"))),
        extensions: PYTHON,
        first: 0,
        tool: "pylint",
        complete: pylint,
    },
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^(?<file>[^\s:(\[][^:(]*)(?::(?<line>[0-9]+):|\((?<line2>[0-9]+)\):) \[(?<id>[CRWEFI][0-9]{4})\((?<code>[a-z0-9-]+)\)[^\]]*\] (?<message>.+)$",
            )
        }),
        end: None,
        extensions: PYTHON,
        first: 0,
        tool: "pylint",
        complete: pylint,
    },
];

fn ruff(problem: &mut Problem, groups: &Captures<'_>) -> bool {
    let code = groups.name("code").or(groups.name("name")).map_or("", |code| code.as_str());
    if groups.name("fix").is_none() && is_flake8(code, &problem.message) {
        return false;
    }
    problem.severity = Severity::Error;
    problem.tags = ruff_tags(code);
    // Before there was `invalid-syntax`.
    problem.code = Some(if code == "SyntaxError" { "invalid-syntax" } else { code }.to_owned());
    true
}

fn flake8(problem: &mut Problem, groups: &Captures<'_>) -> bool {
    let code = groups.name("code").map_or("", |code| code.as_str());
    if is_ruff(code, &problem.message) {
        return false;
    }
    // Errors and pyflakes, which finds what fails; all else is taste.
    let is_error = code.starts_with('E') || (code.starts_with('F') && code.len() == 4);
    problem.severity = if is_error { Severity::Error } else { Severity::Warning };
    problem.tags = ruff_tags(code);
    problem.code = Some(code.to_owned());
    true
}

// The two print the same codes, but what pycodestyle, pyflakes and their like say begins small, and ruff quotes with
// backticks. What Python says of the syntax begins small, too, and flake8 names the exception before it.
fn is_flake8(code: &str, message: &str) -> bool {
    let (first, rest) = message.split_once(' ').unwrap_or((message, ""));
    let is_exception = first.ends_with("Error:");
    let told = if is_exception { rest } else { message };
    let is_small = !told.starts_with(|letter: char| letter.is_uppercase() || letter == '`');
    let is_known = told == "f-string without any placeholders";
    let is_file = code == "E902" && is_exception;
    is_file || code == "F824" || (is_old(code) && is_small && !is_known)
}

fn is_ruff(code: &str, message: &str) -> bool {
    let is_exception = code == "E999" || code == "E902";
    message.starts_with("[*] ") || (is_old(code) && !is_exception && !is_flake8(code, message))
}

// Codes of pycodestyle, pyflakes, mccabe and pep8-naming.
fn is_old(code: &str) -> bool {
    let letters = code.trim_end_matches(|letter: char| letter.is_ascii_digit());
    ["E", "W", "F", "C", "N"].contains(&letters)
}

fn pylint(problem: &mut Problem, groups: &Captures<'_>) -> bool {
    if let Some(id) = groups.name("id") {
        problem.severity = severity_of_letter(id.as_str());
        problem.code = Some(id.as_str().to_owned());
    }
    if let Some(code) = groups.name("code") {
        problem.tags = tags(code.as_str());
        problem.code = Some(code.as_str().to_owned());
    }
    true
}

/// How bad pylint takes a message, by its number.
pub(super) fn severity_of_letter(id: &str) -> Severity {
    match id.as_bytes().first() {
        Some(b'W') => Severity::Warning,
        Some(b'C' | b'R' | b'I') => Severity::Information,
        _ => Severity::Error,
    }
}

/// What a code of ruff or flake8 says of the code.
pub(super) fn ruff_tags(code: &str) -> Vec<Tag> {
    match code {
        "F401" | "F841" | "F811" | "F842" | "RUF059" | "RUF100" => vec![Tag::Unnecessary],
        _ if code.starts_with("ARG") => vec![Tag::Unnecessary],
        "UP035" => vec![Tag::Deprecated],
        _ => vec![],
    }
}

/// Whether a file is Python by its name.
pub(super) fn is_python(file: &str) -> bool {
    matches!(file.rsplit_once('.'), Some((_, "py" | "pyi")))
}

/// What a rule of mypy, pyright or pylint says of the code.
pub(super) fn tags(rule: &str) -> Vec<Tag> {
    match rule {
        "unreachable" | "unused-ignore" => vec![Tag::Unnecessary],
        "reportUnusedExpression" | "reportUnusedCoroutine" | "reportUnusedCallResult" => vec![],
        _ if rule.starts_with("unused-") || rule.starts_with("reportUnused") => vec![Tag::Unnecessary],
        _ if rule.starts_with("deprecated") || rule == "reportDeprecated" => vec![Tag::Deprecated],
        _ => vec![],
    }
}
