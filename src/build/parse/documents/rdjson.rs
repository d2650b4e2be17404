//! Reviewdog's formats: `rdjson`, one document, and `rdjsonl`, one diagnostic on each line.
//! A shape of `document`. Does not know: how the document was found.

use serde_json::Value;

use super::document::Shape;
use super::fields::{Region, items, number, path_of, text, tool_name};
use crate::build::parse::codes::tags;
use crate::build::parse::context::Context;
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Edit, Fix, Problem, Related, Severity};

pub(super) const SHAPE: Shape = Shape {
    marks: &["\"location\"", "\"path\"", "\"message\""],
    foreign: &["\"category\"", "\"advices\""],
    depth: 2,
    read,
};

fn read(value: &Value, context: &mut Context) -> bool {
    let whole = value.get("diagnostics").and_then(Value::as_array);
    let tool = text(value, "/source/name").unwrap_or("rdjson");
    // Ruff writes the same word for whatever it finds, which are errors in all its other formats.
    let usual = text(value, "/severity").filter(|_| tool != "ruff");
    let Some(all) = whole else {
        // What programs log has messages too, and now and then a location.
        return is_diagnostic(value, context) && report(value, tool, usual, context);
    };
    // Now and then one is about no place.
    let is_diagnostic = |one: &Value| text(one, "/message").is_some();
    let has_place = |one: &Value| text(one, "/location/path").is_some();
    if !(all.iter().all(is_diagnostic) && all.iter().any(has_place)) {
        return false;
    }
    for one in all {
        report(one, tool, usual, context);
    }
    true
}

fn is_diagnostic(value: &Value, context: &mut Context) -> bool {
    let Some(path) = text(value, "/location/path") else { return false };
    value.pointer("/location/range/start/line").is_some()
        || context.places.find(&path_of(path), Base::Process).is_some()
}

fn report(one: &Value, tool: &str, usual: Option<&str>, context: &mut Context) -> bool {
    let Some(message) = text(one, "/message") else { return false };
    let severity = match text(one, "/severity").or(usual) {
        Some("WARNING") => Severity::Warning,
        Some("INFO") => Severity::Information,
        _ => match one.get("severity").and_then(Value::as_u64) {
            Some(2) => Severity::Warning,
            Some(3) => Severity::Information,
            _ => Severity::Error,
        },
    };
    let tool = &*tool_name(text(one, "/source/name").unwrap_or(tool));
    let file = text(one, "/location/path").map(path_of).unwrap_or_default();
    let unit = unit_of(tool);
    let range = one.pointer("/location/range");
    let mut problem: Problem = if file.is_empty() {
        Problem::new(severity, tool, message)
    } else {
        region(range).problem(severity, tool, message, (&file, unit), context)
    };
    problem.code = text(one, "/code/value").map(str::to_owned);
    problem.href = text(one, "/code/url").map(str::to_owned);
    problem.tags = problem.code.as_deref().map(tags).unwrap_or_default();
    for related in items(one, "/relatedLocations").iter().chain(items(one, "/related_locations")) {
        let file = text(related, "/location/path").map(path_of);
        let place =
            file.and_then(|file| region(related.pointer("/location/range")).place(&file, unit, context));
        let message = text(related, "/message").unwrap_or("here").to_owned();
        problem.related.extend(place.map(|place| Related { place, message }));
    }
    let title = message.lines().next().unwrap_or_default();
    for suggestion in items(one, "/suggestions") {
        let place = region(suggestion.get("range")).replaced(&file, unit, context);
        let text = suggestion.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        let edits: Vec<Edit> = place.into_iter().map(|place| Edit { place, text: text.clone() }).collect();
        if !edits.is_empty() {
            problem.fixes.push(Fix { title: title.to_owned(), edits });
        }
    }
    context.report(problem);
    true
}

// The definition says bytes; these two go by their own habit.
fn unit_of(tool: &str) -> ColumnUnit {
    if ["ruff", "biome"].contains(&tool) { ColumnUnit::Char } else { ColumnUnit::Byte }
}

// A range without an end is empty; without a column it is the whole line.
fn region(range: Option<&Value>) -> Region {
    let Some(range) = range else { return Region { line: 1, ..Region::default() } };
    let column = |pointer: &str| number(range, pointer).filter(|&column| column > 0);
    Region {
        line: number(range, "/start/line").unwrap_or(1),
        column: column("/start/column"),
        end_line: number(range, "/end/line").filter(|&line| line > 0),
        end_column: column("/end/column").or_else(|| column("/start/column")),
    }
}
