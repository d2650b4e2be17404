//! The text of eslint: `stylish`, and the one-line forms `unix` and `compact`. Others that lint the web print the same.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use regex::Captures;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::linters::{Form, Linter};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };
const WEB: &[&str] = &[
    "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro", "json", "md", "html",
    "css", "scss", "less",
];
/// A message of more lines is not read to its end.
const LINES: usize = 20;

/// What eslint prints with `-f unix` and `compact`.
static FORMS: [Form; 5] = [
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^(?<file>[^\s\[(].*?):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+) \[(?<severity>Error|Warning)(?:/(?<code>[^\]]+))?\]$",
            )
        }),
        end: None,
        extensions: WEB,
        first: 1,
        tool: "eslint",
        complete,
    },
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^(?<file>\S.*?): line (?<line>[0-9]+), col (?<column>[0-9]+), (?<severity>[Ee]rror|[Ww]arning) - (?<message>.+?)(?: \((?<code>[@A-Za-z][\w@/-]*)\))?$",
            )
        }),
        end: Some(LazyLock::new(|| pattern(r"^(?<message>.*\S) \((?<code>[@A-Za-z][\w@/-]*)\)$"))),
        extensions: WEB,
        first: 1,
        tool: "eslint",
        complete,
    },
    // stylelint -f unix
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^(?<file>[^\s\[(].*?\.(?:css|scss|sass|less|vue|svelte|html)):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+?)(?: \((?<code>[\w/-]+)\))? \[(?<severity>error|warning)\]$",
            )
        }),
        end: None,
        extensions: WEB,
        first: 1,
        tool: "stylelint",
        complete,
    },
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^\[error\] (?<file>\S.*?): (?:\w*Error: )?(?<message>.+) \((?<line>[0-9]+):(?<column>[0-9]+)\)$",
            )
        }),
        end: None,
        extensions: WEB,
        first: 1,
        tool: "prettier",
        complete,
    },
    Form {
        pattern: LazyLock::new(|| {
            pattern(
                r"^SyntaxError: (?<file>[^\s(].*?): (?<message>.+) \((?<line>[0-9]+):(?<column>[0-9]+)\)$",
            )
        }),
        end: None,
        extensions: WEB,
        first: 0,
        tool: "babel",
        complete,
    },
];

static ROW: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^ +(?<line>[0-9]+):(?<column>[0-9]+) *  (?<severity>error|warning|[✖×⚠ℹ!]) {2,}(?<message>\S.*?)(?: {2,}(?<code>(?:--)?[@A-Za-z][\w@/()-]*))?\s*$",
    )
});
// The last line of a message of several.
static LAST: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<message>\S.*?) {2,}(?<code>[@a-z][\w@/()-]*)$"));
static COUNT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?:[✖×⚠✔] [0-9]+ problems? \(|  [0-9]+ errors? and [0-9]+ warnings? potentially fixable)")
});

/// The state between two lines.
#[derive(Debug)]
pub(super) struct Eslint {
    linter: Linter,
    /// The line above the rows: the file that they are about.
    file: String,
    /// It has no rule yet, so its message may go on.
    open: Option<Problem>,
    lines: usize,
}

impl Default for Eslint {
    fn default() -> Self {
        Self { linter: Linter::new(&FORMS), file: String::new(), open: None, lines: 0 }
    }
}

impl Format for Eslint {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if self.linter.line(line, context) {
            return true;
        }
        if let Some(row) = ROW.captures(line) {
            self.flush(context);
            return self.row(&row, context);
        }
        if line.trim().is_empty() || COUNT.is_match(line) {
            self.flush(context);
            self.file.clear();
            return !line.trim().is_empty();
        }
        if self.goes_on(line, context) {
            return true;
        }
        self.flush(context);
        self.file.clear();
        if !line.starts_with(' ') && line.len() < 1000 {
            self.file.push_str(line);
        }
        // It may as well be anything else.
        false
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
        self.linter.flush(context);
    }
}

impl Eslint {
    fn row(&mut self, row: &Captures<'_>, context: &mut Context) -> bool {
        let file = self.file.trim_end();
        let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
        // yamllint puts its rules into brackets.
        if ["yml", "yaml"].contains(&extension) && row["message"].ends_with(')') {
            return false;
        }
        if !WEB.contains(&extension) && context.places.find(file, Base::Process).is_none() {
            return false;
        }
        let tool = if is_style(file) { "stylelint" } else { "eslint" };
        let spot = Spot { file, line: &row["line"], column: Some(&row["column"]) };
        let mut problem = context.problem(Severity::Error, tool, &row["message"], spot, READING);
        complete(&mut problem, row);
        self.lines = 0;
        if row.name("code").is_some() {
            context.report(problem);
        } else {
            self.open = Some(problem);
        }
        true
    }

    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(problem) = &mut self.open else { return false };
        self.lines += 1;
        if self.lines > LINES {
            return false;
        }
        let Some(last) = LAST.captures(line) else {
            add_line(&mut problem.message, line);
            return true;
        };
        add_line(&mut problem.message, &last["message"]);
        complete(problem, &last);
        self.flush(context);
        true
    }
}

// Severity and rule, as far as the groups tell.
fn complete(problem: &mut Problem, groups: &Captures<'_>) -> bool {
    if groups.name("file").is_some_and(|file| is_style(file.as_str())) && problem.tool == "eslint" {
        "stylelint".clone_into(&mut problem.tool);
    }
    if let Some(severity) = groups.name("severity") {
        problem.severity = match severity.as_str() {
            "warning" | "Warning" | "⚠" | "!" => Severity::Warning,
            "ℹ" => Severity::Information,
            _ => Severity::Error,
        };
    }
    if let Some(rule) = groups.name("code") {
        let rule = rule.as_str();
        problem.tags = tags(rule);
        problem.href = href(rule).filter(|_| problem.tool == "eslint");
        problem.code = Some(rule.to_owned());
        // `eslint(no-debugger)`: the family of rules and one of them.
        if rule.ends_with(')') && rule.contains('(') {
            "oxlint".clone_into(&mut problem.tool);
            problem.href = None;
            if let Some(place) = &mut problem.place {
                place.unit = ColumnUnit::Byte;
            }
        }
    }
    true
}

fn is_style(file: &str) -> bool {
    matches!(file.rsplit_once('.'), Some((_, "css" | "scss" | "sass" | "less")))
}

/// What a rule says of the code.
pub(super) fn tags(rule: &str) -> Vec<Tag> {
    match rule.trim_end_matches(')').rsplit(['/', '(']).next().unwrap_or(rule) {
        "no-unused-vars"
        | "no-unused-imports"
        | "no-unused-labels"
        | "no-unused-private-class-members"
        | "no-unreachable"
        | "no-useless-return"
        | "no-extra-semi" => vec![Tag::Unnecessary],
        "no-deprecated" | "deprecation" => vec![Tag::Deprecated],
        _ => vec![],
    }
}

/// Where a rule is explained.
pub(super) fn href(rule: &str) -> Option<String> {
    if let Some(name) = rule.strip_prefix("@typescript-eslint/") {
        return Some(format!("https://typescript-eslint.io/rules/{name}"));
    }
    let is_own = rule.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_own.then(|| format!("https://eslint.org/docs/latest/rules/{rule}"))
}
