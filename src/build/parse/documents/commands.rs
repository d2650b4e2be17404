//! What linters print for the logs of GitHub, Azure and `TeamCity`: `::error file=…,line=…::message`,
//! `##vso[task.logissue …]message`, `##teamcity[inspection …]`.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use super::fields::{Region, decode, is_of_oxlint, path_of};
use crate::build::parse::Format;
use crate::build::parse::codes::tags;
use crate::build::parse::context::{Context, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::engine::{ColumnUnit, Problem, Severity};

static GITHUB: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^\s*::(?<severity>error|warning|notice|debug)(?:\s+(?<fields>[A-Za-z]+=.*?))?\s*::(?<message>.*)$",
    )
});
static AZURE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\s*##vso\[task\.logissue\s+(?<fields>[^\]]*)\](?<message>.*)$"));
static TEAMCITY: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\s*##teamcity\[inspection\s+(?<fields>.*)\]\s*$"));
static FIELD: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?<key>\w+)\s*=\s*'(?<value>(?:[^'|]|\|.)*)'"));
// `Ruff (F401)`, `Ruff (invalid-syntax)`.
static TITLE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<tool>[A-Za-z][\w.-]*) \((?<code>[\w:/.@-]+)\)$"));
// yamllint: `2:1 [key-duplicates] duplication …`.
static BEGUN: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<line>[0-9]+):(?<column>[0-9]+) (?:\[(?<code>[a-z][a-z-]*)\] )?"));
// `Style/NilComparison: Prefer …`.
static COP: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<code>[A-Z]\w+(?:/[A-Z]\w+)+): "));
// `LT09: Select targets …` below the name of the tool.
static CODED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<code>[A-Z]{1,6}[0-9]{2,5}|PRS|TMP): "));
// Some say the place again: `a.py:1:8: F401 unused`.
static REPEATED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<file>\S.*?):(?<line>[0-9]+)(?::(?<column>[0-9]+))?:\s*"));

/// Each line is complete, so nothing is kept.
#[derive(Debug, Default)]
pub(super) struct Commands {}

/// What one command says.
#[derive(Debug, Default)]
struct Said {
    severity: Option<Severity>,
    tool: String,
    file: Option<String>,
    region: Region,
    title: Option<String>,
    code: Option<String>,
    message: String,
}

impl Format for Commands {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(github) = GITHUB.captures(line) {
            github_command(&github).report(context);
            return true;
        }
        if let Some(azure) = AZURE.captures(line) {
            azure_command(&azure).report(context);
            return true;
        }
        if let Some(teamcity) = TEAMCITY.captures(line) {
            teamcity_command(&teamcity["fields"]).report(context);
            return true;
        }
        false
    }

    fn flush(&mut self, _context: &mut Context) {}
}

fn github_command(command: &regex::Captures<'_>) -> Said {
    let severity = match &command["severity"] {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "notice" => Some(Severity::Information),
        _ => None,
    };
    let mut said = Said {
        severity,
        tool: "github".to_owned(),
        message: decode(&command["message"]).trim().to_owned(),
        ..Said::default()
    };
    for (key, value) in fields(command.name("fields").map_or("", |fields| fields.as_str()), ',') {
        let value = decode(&value);
        match key {
            "file" => said.file = Some(value),
            "line" => said.region.line = value.parse().unwrap_or(0),
            "col" => said.region.column = value.parse().ok(),
            "endLine" => said.region.end_line = value.parse().ok(),
            "endColumn" => said.region.end_column = value.parse().ok(),
            "title" => said.title = Some(value),
            // Only pylint writes it small, and it counts columns from 0.
            "endline" => "pylint".clone_into(&mut said.tool),
            _ => {}
        }
    }
    if said.tool == "pylint" {
        said.region.column = said.region.column.map(|column: u32| column.saturating_add(1));
    }
    said
}

fn azure_command(command: &regex::Captures<'_>) -> Said {
    let unescape = |text: &str| decode(&text.replace("%AZP25", "%25")).trim().to_owned();
    let mut said =
        Said { tool: "azure".to_owned(), message: unescape(&command["message"]), ..Said::default() };
    for (key, value) in fields(&command["fields"], ';') {
        let value = unescape(&value);
        match key.to_ascii_lowercase().as_str() {
            "type" if value.eq_ignore_ascii_case("error") => said.severity = Some(Severity::Error),
            "type" if value.eq_ignore_ascii_case("warning") => said.severity = Some(Severity::Warning),
            "sourcepath" => said.file = Some(value),
            "linenumber" => said.region.line = value.parse().unwrap_or(0),
            "columnnumber" => said.region.column = value.parse().ok(),
            "code" => said.code = Some(value).filter(|code| !code.is_empty() && code != "null"),
            _ => {}
        }
    }
    said
}

fn teamcity_command(fields: &str) -> Said {
    let mut said = Said { tool: "teamcity".to_owned(), severity: Some(Severity::Error), ..Said::default() };
    for field in FIELD.regex().captures_iter(fields) {
        let value = unescape_bars(&field["value"]);
        match &field["key"] {
            "typeId" => said.code = Some(value),
            "message" => said.message = value,
            "file" => said.file = Some(value).filter(|file| !file.is_empty()),
            "line" => said.region.line = value.parse().unwrap_or(0),
            "SEVERITY" => {
                said.severity = match value.as_str() {
                    "WARNING" | "WEAK WARNING" => Some(Severity::Warning),
                    "INFO" => Some(Severity::Information),
                    _ => Some(Severity::Error),
                };
            }
            _ => {}
        }
    }
    said
}

// `|n` is a line end, `|x263A` and `|0x263A` are characters by their number, `||` and the like mean themselves.
fn unescape_bars(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escaped)) = rest.split_once('|') {
        plain.push_str(before);
        let number = escaped.strip_prefix("0x").or_else(|| escaped.strip_prefix('x'));
        let number = number.and_then(|digits| Some((digits.get(..4)?, digits.get(4..)?)));
        let found = number.and_then(|(digits, rest)| {
            Some((u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?, rest))
        });
        let mut chars = escaped.chars();
        let (c, after) = found.unwrap_or_else(|| match chars.next() {
            Some('n' | 'l' | 'p') => ('\n', chars.as_str()),
            Some('r') => (' ', chars.as_str()),
            Some(c) => (c, chars.as_str()),
            None => ('|', ""),
        });
        plain.push(c);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

// `file=a,b.js,line=1`: what is no field of its own belongs to the one before.
fn fields(text: &str, separator: char) -> Vec<(&str, String)> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for part in text.split(separator).filter(|part| !part.trim().is_empty()) {
        let field = part.split_once('=').map(|(key, value)| (key.trim(), value));
        match (field, fields.last_mut()) {
            (Some((key, value)), _) if key.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                fields.push((key, value.to_owned()));
            }
            (_, Some((_, before))) => before.extend([separator.to_string().as_str(), part]),
            (_, None) => {}
        }
    }
    fields
}

impl Said {
    fn report(mut self, context: &mut Context) {
        let Some(severity) = self.severity else { return };
        if let Some(title) = self.title.take() {
            self.read_title(&title);
        }
        let summary = self.message.strip_prefix("Process completed with exit code ");
        if self.message.is_empty() || summary.is_some() && self.file.is_none() {
            return;
        }
        let mut problem = match self.file.take() {
            Some(file) => {
                let file = path_of(&file);
                self.drop_repeated(&file);
                self.region.line = self.region.line.max(1);
                self.region.column = self.region.column.filter(|&column| column > 0);
                let is_byte = ["oxlint", "pylint"].contains(&&*self.tool);
                let unit = if is_byte { ColumnUnit::Byte } else { ColumnUnit::Char };
                let at = (file.as_str(), unit);
                self.region.problem(severity, &self.tool, self.message.trim_end(), at, context)
            }
            None => Problem::new(severity, &self.tool, self.message.trim_end()),
        };
        problem.tags = self.code.as_deref().map(tags).unwrap_or_default();
        problem.code = self.code;
        context.report(problem);
    }

    fn read_title(&mut self, title: &str) {
        if let Some(parts) = TITLE.captures(title) {
            self.tool = parts["tool"].to_lowercase();
            self.code = Some(parts["code"].to_owned());
        } else if title == "oxlint" || is_of_oxlint(title) {
            "oxlint".clone_into(&mut self.tool);
            self.code = Some(title.to_owned()).filter(|title| is_of_oxlint(title));
        } else if !title.contains(char::is_whitespace) {
            if let Some(coded) = CODED.captures(&self.message) {
                self.tool = title.to_lowercase();
                self.code = Some(coded["code"].to_owned());
                return;
            }
            self.code = Some(title.to_owned());
        } else if !self.message.contains(title) {
            let said = std::mem::replace(&mut self.message, title.to_owned());
            add_line(&mut self.message, &said);
        }
    }

    // What some say only at the beginning of the message.
    fn read_beginning(&mut self) {
        if self.code.is_some() {
            return;
        }
        let same = |text: &str, number: Option<u32>| text.parse().ok() == number;
        let end = if let Some(cop) = COP.captures(&self.message) {
            "rubocop".clone_into(&mut self.tool);
            self.code = Some(cop["code"].to_owned());
            cop[0].len()
        } else if let Some(begun) = BEGUN.captures(&self.message).filter(|begun| {
            same(&begun["line"], Some(self.region.line)) && same(&begun["column"], self.region.column)
        }) {
            self.code = begun.name("code").map(|code| code.as_str().to_owned());
            begun[0].len()
        } else {
            0
        };
        self.message.drain(..end);
    }

    fn drop_repeated(&mut self, file: &str) {
        let repeated = REPEATED.captures(&self.message);
        let is_same = |file_again: &str| file.ends_with(file_again.trim_start_matches("./"));
        let end = match repeated.filter(|repeated| is_same(&repeated["file"])) {
            Some(repeated) => {
                let number = |name: &str| repeated.name(name)?.as_str().parse().ok();
                // What stretches over lines has no columns as a command.
                if self.region.column.is_none() && number("line") == Some(self.region.line) {
                    self.region.column = number("column");
                }
                repeated[0].len()
            }
            None => 0,
        };
        self.message.drain(..end);
        self.read_beginning();
        if let Some(code) = &self.code
            && let Some(rest) = self.message.strip_prefix(code.as_str())
        {
            let rest = rest.trim_start_matches(':').trim_start();
            self.message = rest.strip_prefix("[*] ").unwrap_or(rest).to_owned();
        }
    }
}
