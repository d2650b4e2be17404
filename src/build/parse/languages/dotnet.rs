//! The form that msbuild gives to the messages of every tool below it, and that csc, mcs, fsc, cl and link print on
//! their own: `origin(line,column): error CODE: text [project]`.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Position, Problem, Related, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };

static PLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\s*[0-9]+>|\s*)(?<file>(?:[A-Za-z]:[\\/])?[^\s:|\[#(][^:|]*?)\((?<line>[0-9]+)(?:,(?<column>[0-9]+))?(?:-(?<end_column>[0-9]+)|,(?<end_line>[0-9]+),(?<end_column2>[0-9]+))?\) ?: (?:[a-z]+ )?(?<severity>fatal error|error|warning|info|message|erreur|avertissement|Fehler|Warnung) (?<code>[A-Za-z]{1,12}[0-9]{1,6}) ?: ?(?<message>.*)$",
    )
});
static UNPLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\s*[0-9]+>|\s*)(?:(?<origin>(?:[A-Za-z]:[\\/])?[^\s:|\[#(][^(:|]*?) ?: )?(?:[A-Z]?[a-z]+ (?:line )?)?(?<severity>fatal error|error|warning) (?<code>(?:CS|FS|BC|MSB|NU|NETSDK|CA|IDE|LNK|C|D|RC|MC|AL|AD|SYSLIB|BL|RZ|MT|XA|APT|CSC)[0-9]{3,6}) ?: ?(?<message>.*)$",
    )
});
static PROJECT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\s*\[(?<file>[^\[\]]+?\.(?:\w*proj|slnx?|metaproj))(?:::[^\]]+)?\]$"));
static RELATED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>(?:[A-Za-z]:[\\/])?[^\s:|\[#(][^:|]*?)\((?<line>[0-9]+)(?:,(?<column>[0-9]+))?\) ?: (?:note: (?<note>.+)|\((?<message>(?:Location|Related) .+)\))$",
    )
});

static FSHARP: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?:but here has type|but given|does not match|Possible |Maybe |The type |Available overloads)")
});
static SUMMARY: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\s+(?:[0-9]+ (?:Warning|Error)\(s\)|.+ -> .+|.+ (?:succeeded|failed) .+)$"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Dotnet {
    open: Option<Problem>,
    /// How far the open one is indented; further lines of its message are indented more.
    indent: usize,
}

impl Format for Dotnet {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(placed) = PLACED.captures(line) {
            return self.placed(&placed, line, context);
        }
        if let Some(unplaced) = UNPLACED.captures(line) {
            self.flush(context);
            self.unplaced(&unplaced, line, context);
            return true;
        }
        let Some(problem) = &mut self.open else { return false };
        if let Some(related) = RELATED.captures(line)
            && let Some(spot) = spot(&related)
        {
            let message = related.name("note").or(related.name("message")).map_or("", |found| found.as_str());
            let place = context.place(spot, READING);
            problem.related.extend(place.map(|place| Related { place, message: message.to_owned() }));
            return true;
        }
        // The F# compiler breaks its messages; the terminal logger indents what does not fit into a line.
        let is_broken = problem.tool == "fsc" && (line.starts_with("    ") || FSHARP.is_match(line));
        let is_indented = (self.indent > 0 || problem.message.is_empty()) && indent(line) >= self.indent + 2;
        let is_more = (is_broken || is_indented) && !line.trim().is_empty() && !SUMMARY.is_match(line);
        if is_more {
            let (text, _) = without_project(line.trim());
            if problem.message.is_empty() {
                text.clone_into(&mut problem.message);
            } else {
                add_line(&mut problem.message, text);
            }
        }
        is_more
    }

    fn flush(&mut self, context: &mut Context) {
        let Some(problem) = self.open.take() else { return };
        if !problem.message.is_empty() {
            context.report(problem);
        }
    }
}

impl Dotnet {
    fn placed(&mut self, placed: &regex::Captures<'_>, line: &str, context: &mut Context) -> bool {
        // The TypeScript compiler's own format knows more of it.
        if placed["code"].starts_with("TS") {
            return false;
        }
        let Some(written) = spot(placed) else { return false };
        self.flush(context);
        let (message, project) = without_project(placed["message"].trim());
        // Below a project, files are relative to it.
        let dir = project.and_then(|project| project.rfind(['/', '\\']).map(|at| &project[..=at]));
        let below = dir.map(|dir| format!("{dir}{}", written.file));
        let is_below = below.as_ref().is_some_and(|file| {
            !written.file.starts_with('/') && context.places.find(file, READING.base).is_some()
        });
        let file = below.as_deref().filter(|_| is_below).unwrap_or(written.file);
        let severity = severity(&placed["severity"]);
        let tool = tool(&placed["code"]);
        let mut problem = context.problem(severity, tool, message, Spot { file, ..written }, READING);
        add_code(&mut problem, &placed["code"]);
        if let Some(place) = &mut problem.place {
            let end_line =
                placed.name("end_line").map_or(Some(place.start.line), |end| end.as_str().parse().ok());
            let end_column = placed.name("end_column").or(placed.name("end_column2"));
            let column = end_column.and_then(|end| end.as_str().parse().ok());
            place.end = end_line.filter(|_| column.is_some()).map(|line| Position { line, column });
        }
        self.indent = indent(line);
        self.open = Some(problem);
        true
    }

    fn unplaced(&mut self, unplaced: &regex::Captures<'_>, line: &str, context: &mut Context) {
        let (message, _) = without_project(unplaced["message"].trim());
        let mut problem = Problem::new(severity(&unplaced["severity"]), tool(&unplaced["code"]), message);
        add_code(&mut problem, &unplaced["code"]);
        // The origin is a file, or the name of a tool.
        let origin = unplaced.name("origin").map(|origin| origin.as_str());
        let whole = origin.map(|file| Spot { file, line: "1", column: None });
        problem.place = whole.and_then(|spot| context.place(spot, READING));
        self.indent = indent(line);
        self.open = Some(problem);
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn without_project(message: &str) -> (&str, Option<&str>) {
    let Some(project) = PROJECT.captures(message) else { return (message, None) };
    let start = project.get(0).map_or(message.len(), |whole| whole.start());
    (&message[..start], project.name("file").map(|file| file.as_str()))
}

fn severity(word: &str) -> Severity {
    match word {
        "warning" | "avertissement" | "Warnung" => Severity::Warning,
        "info" | "message" => Severity::Information,
        _ => Severity::Error,
    }
}

fn tool(code: &str) -> &'static str {
    let letters = code.trim_end_matches(|digit: char| digit.is_ascii_digit());
    match letters {
        "CS" => "csc",
        "FS" => "fsc",
        "BC" => "vbc",
        "C" | "D" => "cl",
        "LNK" => "link",
        "RC" => "rc",
        "NU" => "nuget",
        _ => "msbuild",
    }
}

fn add_code(problem: &mut Problem, code: &str) {
    const UNUSED: [&str; 12] = [
        "CS0162", "CS0168", "CS0169", "CS0219", "CS0414", "CS0649", "CS8019", "IDE0005", "IDE0051",
        "IDE0052", "IDE0059", "IDE0060",
    ];
    if UNUSED.contains(&code) {
        problem.tags.push(Tag::Unnecessary);
    } else if ["CS0612", "CS0618", "CS0619", "CS0672", "FS0044", "C4996"].contains(&code) {
        problem.tags.push(Tag::Deprecated);
    }
    if code.starts_with("CS") {
        let name = code.to_ascii_lowercase();
        problem.href = Some(format!("https://learn.microsoft.com/dotnet/csharp/misc/{name}"));
    }
    problem.code = Some(code.to_owned());
}
