//! The JSON of GCC (`-fdiagnostics-format=json`): one array for each process.
//! A shape of `document`. Does not know: how the document was found.

use serde_json::Value;

use super::document::Shape;
use super::fields::{Region, items, number, text};
use crate::build::parse::codes::tags;
use crate::build::parse::context::Context;
use crate::engine::{ColumnUnit, Edit, Fix, Place, Problem, Related, Severity};

pub(super) const SHAPE: Shape =
    Shape { marks: &["\"kind\"", "\"message\"", "\"caret\""], foreign: &[], depth: 1, read };

fn read(value: &Value, context: &mut Context) -> bool {
    let Some(all) = value.as_array() else { return false };
    if !all.iter().all(|one| text(one, "/kind").is_some() && one.get("locations").is_some()) {
        return false;
    }
    let mut problems: Vec<Problem> = Vec::new();
    // Of a group the first problem has the others as its children.
    for one in all.iter().flat_map(|one| {
        std::iter::once(one).chain(items(one, "/children").iter().filter(|child| is_own(child)))
    }) {
        // Some notes come by themselves, behind what they are about.
        if text(one, "/kind") == Some("note")
            && let Some(before) = problems.last_mut()
        {
            before.related.extend(related(one, context));
            continue;
        }
        let severity = match text(one, "/kind") {
            Some("warning") => Severity::Warning,
            Some("note" | "remark" | "anachronism") => Severity::Information,
            _ => Severity::Error,
        };
        let message = text(one, "/message").map_or("error", str::trim);
        let mut locations = items(one, "/locations").iter();
        let mut problem = match locations.next().and_then(|location| Some((location, file(location)?))) {
            Some((location, file)) => {
                // Ada's has its own JSON, with the columns of its text.
                let is_ada =
                    file.rsplit('.').next().is_some_and(|extension| ["adb", "ads"].contains(&extension));
                let (tool, unit) =
                    if is_ada { ("gnat", ColumnUnit::Display) } else { ("gcc", ColumnUnit::Byte) };
                region(location).problem(severity, tool, message, (file, unit), context)
            }
            None => Problem::new(severity, "gcc", message),
        };
        problem.code = text(one, "/option").map(str::to_owned);
        problem.href = text(one, "/option_url").map(str::to_owned);
        problem.tags = problem.code.as_deref().map(tags).unwrap_or_default();
        problem.related = locations.filter_map(|location| labeled(location, context)).collect();
        for child in items(one, "/children").iter().filter(|child| !is_own(child)) {
            problem.related.extend(related(child, context));
        }
        problem.fixes.extend(fix(one, message, context));
        problems.push(problem);
    }
    for problem in problems {
        context.report(problem);
    }
    true
}

// An error or a warning that stands below another one, and not one that only goes on with it, as Ada's does.
fn is_own(child: &Value) -> bool {
    !matches!(text(child, "/kind"), None | Some("note"))
        && child.get("column-origin").is_none()
        && child.get("escape-source").is_some()
}

fn file(location: &Value) -> Option<&str> {
    text(location, "/caret/file")
}

// GCC before 11 gives only `column`, which counts bytes. The last character is the end.
fn column(position: &Value) -> Option<u32> {
    number(position, "/byte-column").or_else(|| number(position, "/column")).filter(|&column| column > 0)
}

fn region(location: &Value) -> Region {
    let Some(caret) = location.get("caret") else { return Region::default() };
    let finish = location.get("finish");
    let line = number(caret, "/line").unwrap_or(1);
    let end_column = finish.and_then(column).or_else(|| column(caret)).map(|column| column + 1);
    let end_line = finish.and_then(|finish| number(finish, "/line"));
    Region { line, column: column(caret), end_line, end_column }
}

fn place(location: &Value, context: &mut Context) -> Option<Place> {
    region(location).place(file(location)?, ColumnUnit::Byte, context)
}

fn labeled(location: &Value, context: &mut Context) -> Option<Related> {
    let message = text(location, "/label")?.to_owned();
    Some(Related { place: place(location, context)?, message })
}

fn related(child: &Value, context: &mut Context) -> Option<Related> {
    let message = text(child, "/message")?.trim().to_owned();
    Some(Related { place: place(items(child, "/locations").first()?, context)?, message })
}

// The fix-its belong together. `next` is already behind what is replaced.
fn fix(one: &Value, message: &str, context: &mut Context) -> Option<Fix> {
    let edit = |fixit: &Value| {
        let (start, next) = (fixit.get("start")?, fixit.get("next")?);
        let region = Region {
            line: number(start, "/line")?,
            column: column(start),
            end_line: number(next, "/line"),
            end_column: column(next),
        };
        let place = region.replaced(text(start, "/file")?, ColumnUnit::Byte, context)?;
        Some(Edit { place, text: fixit.get("string")?.as_str()?.to_owned() })
    };
    let edits: Option<Vec<Edit>> = items(one, "/fixits").iter().map(edit).collect();
    let edits = edits.filter(|edits| !edits.is_empty())?;
    Some(Fix { title: message.lines().next().unwrap_or_default().to_owned(), edits })
}
