//! The code quality report of GitLab and Code Climate: an array of issues, or one after the other.
//! A shape of `document`. Does not know: how the document was found.

use serde_json::Value;

use super::document::Shape;
use super::fields::{Region, is_of_oxlint, items, number, path_of, text};
use crate::build::parse::codes::tags;
use crate::build::parse::context::Context;
use crate::engine::{ColumnUnit, Related, Severity};

pub(super) const SHAPE: Shape =
    Shape { marks: &["\"description\"", "\"location\"", "\"path\""], foreign: &[], depth: 1, read };

fn read(value: &Value, context: &mut Context) -> bool {
    let alone = std::slice::from_ref(value);
    let all = value.as_array().map_or(alone, Vec::as_slice);
    let is_issue = |one: &Value| {
        text(one, "/description").is_some()
            && text(one, "/location/path").is_some()
            && region(&one["location"]).is_some()
            && (one.get("check_name").is_some() || one.get("fingerprint").is_some())
    };
    if all.is_empty() || !all.iter().all(is_issue) {
        return false;
    }
    for one in all {
        report(one, context);
    }
    true
}

fn report(one: &Value, context: &mut Context) {
    let (Some(message), Some(path)) = (text(one, "/description"), text(one, "/location/path")) else {
        return;
    };
    let Some(region) = region(&one["location"]) else { return };
    let code = text(one, "/check_name");
    // Three linters have a scale of their own.
    let is_milder =
        code.is_some_and(|code| code.starts_with("lint/") || is_of_oxlint(code) || is_of_hadolint(code));
    let severity = match text(one, "/severity") {
        Some("info") => Severity::Information,
        Some("minor") if code.is_some_and(is_of_hadolint) => Severity::Information,
        Some("minor") => Severity::Warning,
        Some("major") if is_milder => Severity::Warning,
        _ => Severity::Error,
    };
    // Ruff says the code again.
    let said = code.and_then(|code| message.strip_prefix(code)?.strip_prefix(": "));
    let message = said.unwrap_or(message);
    let usual = if code.is_some_and(is_of_oxlint) { "oxlint" } else { "code-quality" };
    let tool = text(one, "/engine_name").unwrap_or(usual);
    let at = (&*path_of(path), ColumnUnit::Char);
    let mut problem = region.problem(severity, tool, message, at, context);
    problem.code = code.map(str::to_owned);
    problem.tags = problem.code.as_deref().map(tags).unwrap_or_default();
    for other in items(one, "/other_locations") {
        let file = text(other, "/path").map(path_of);
        let place = file
            .zip(self::region(other))
            .and_then(|(file, region)| region.place(&file, ColumnUnit::Char, context));
        problem.related.extend(place.map(|place| Related { place, message: "here".to_owned() }));
    }
    context.report(problem);
}

// `DL3006`, and `SC2086` of the ShellCheck within.
fn is_of_hadolint(code: &str) -> bool {
    let digits = code.strip_prefix("DL").or(code.strip_prefix("SC"));
    digits.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

// Lines alone, or positions. An end in `lines` is the last line of what is meant, not where it stops.
fn region(location: &Value) -> Option<Region> {
    if let Some(line) = number(location, "/lines/begin") {
        return Some(Region { line, ..Region::default() });
    }
    // Some write the positions into `lines`.
    let from = if location.get("positions").is_some() { "/positions" } else { "/lines" };
    let at = |inner: &str| number(location, &format!("{from}/{inner}")).filter(|&number| number > 0);
    Some(Region {
        line: at("begin/line")?,
        column: at("begin/column"),
        end_line: at("end/line"),
        end_column: at("end/column"),
    })
}
