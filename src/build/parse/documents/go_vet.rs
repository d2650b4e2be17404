//! The JSON of `go vet -json`: for each package, by the names of analyzers, what they found.
//! A shape of `document`. Does not know: how the document was found; the text is read by `go`.

use serde_json::Value;

use super::document::Shape;
use super::fields::{Region, items, text};
use crate::build::parse::context::Context;
use crate::engine::{ColumnUnit, Related, Severity};

pub(super) const SHAPE: Shape = Shape { marks: &["\"posn\"", "\"message\""], foreign: &[], depth: 3, read };

fn read(value: &Value, context: &mut Context) -> bool {
    let Some(packages) = value.as_object() else { return false };
    for found in packages.values().filter_map(Value::as_object) {
        for (analyzer, all) in found {
            for one in all.as_array().into_iter().flatten() {
                finding(analyzer, one, context);
            }
        }
    }
    true
}

fn finding(analyzer: &str, one: &Value, context: &mut Context) {
    let (Some((file, region)), Some(message)) = (position(one), text(one, "/message")) else { return };
    let mut problem = region.problem(Severity::Warning, "go", message, (file, ColumnUnit::Byte), context);
    problem.code = Some(analyzer.to_owned());
    for other in items(one, "/related") {
        let place = position(other).and_then(|(file, region)| region.place(file, ColumnUnit::Byte, context));
        let message = text(other, "/message").unwrap_or("here").to_owned();
        problem.related.extend(place.map(|place| Related { place, message }));
    }
    context.report(problem);
}

// `main.go:3:7`, and where it ends.
fn position(value: &Value) -> Option<(&str, Region)> {
    let (file, line, column) = split(text(value, "/posn")?)?;
    let end = text(value, "/end").and_then(split);
    let (end_line, end_column) = end.map(|(_, line, column)| (line, column)).unzip();
    Some((file, Region { line, column: Some(column), end_line, end_column }))
}

fn split(posn: &str) -> Option<(&str, u32, u32)> {
    let (rest, column) = posn.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?, column.parse().ok()?))
}
