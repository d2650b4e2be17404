//! A problem as a line: for people, for GitHub Actions, for reviewdog. Called by `problems`.

use std::path::Path;

use serde_json::{Value, json};

use super::entry::Entry;
use crate::cli::print::{Color, Paint};
use crate::engine::{Place, Severity};

/// `file:line:column: severity: message [code]`, the file relative to the root; further lines indented.
pub(super) fn text(entry: &Entry<'_>, root: &Path, paint: Paint) -> String {
    let problem = entry.problem;
    let color = if problem.severity == Severity::Error { Color::Red } else { Color::Yellow };
    let place = problem.place.as_ref().map_or(String::new(), |place| {
        let column = place.start.column.map_or(String::new(), |column| format!(":{column}"));
        paint.bold(&format!("{}:{}{column}: ", below(place, root), place.start.line))
    });
    let code = problem.code.as_ref().map_or(String::new(), |code| format!(" [{code}]"));
    let mut lines = problem.message.lines();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<_> = lines.map(|line| format!("    {line}\n")).collect();
    format!("{place}{}: {first}{code}\n{}", paint.strong(color, entry.severity()), rest.concat())
}

/// As GitHub Actions read it: columns in UTF-8 bytes would be as good a guess as any, so they are the tool's own.
pub(super) fn github(entry: &Entry<'_>, root: &Path) -> String {
    let problem = entry.problem;
    let command = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information | Severity::Hint => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = &problem.place {
        properties.push(format!("file={}", escaped(&below(place, root), true)));
        properties.push(format!("line={}", place.start.line));
        properties.extend(place.start.column.map(|column| format!("col={column}")));
        if let Some(end) = place.end {
            properties.push(format!("endLine={}", end.line));
            properties.extend(end.column.map(|column| format!("endColumn={column}")));
        }
    }
    let title = problem.code.as_ref().map_or(problem.tool.clone(), |code| format!("{} {code}", problem.tool));
    properties.push(format!("title={}", escaped(&title, true)));
    format!("::{command} {}::{}\n", properties.join(","), escaped(&problem.message, false))
}

/// Of the Reviewdog Diagnostic Format, which counts columns in UTF-8 bytes.
pub(super) fn rdjson(entry: &Entry<'_>, root: &Path) -> Value {
    let problem = entry.problem;
    let severity = match problem.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Information | Severity::Hint => "INFO",
    };
    let mut value =
        json!({ "message": problem.message, "severity": severity, "source": { "name": problem.tool } });
    if let Some(code) = &problem.code {
        value["code"] = json!({ "value": code, "url": problem.href.clone().unwrap_or_default() });
    }
    if let Some(place) = &problem.place {
        let position = |line: u32, column: Option<u32>| match column {
            Some(column) => json!({ "line": line, "column": column }),
            None => json!({ "line": line }),
        };
        let start = position(place.start.line, entry.bytes.map(|(start, _)| start));
        let mut range = json!({ "start": start });
        if let Some(end) = place.end {
            range["end"] = position(end.line, entry.bytes.and_then(|(_, end)| end));
        }
        value["location"] = json!({ "path": below(place, root), "range": range });
    }
    value
}

fn below(place: &Place, root: &Path) -> String {
    place.path.strip_prefix(root).unwrap_or(&place.path).display().to_string()
}

fn escaped(text: &str, is_property: bool) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if is_property { text.replace(':', "%3A").replace(',', "%2C") } else { text }
}
