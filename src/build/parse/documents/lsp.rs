//! Diagnostics as language servers publish them: `{uri, diagnostics}`, a list of these, or a whole notification.
//! A shape of `document`. Does not know: how the document was found, our own side of the protocol.

use serde_json::Value;

use super::document::Shape;
use super::fields::{Region, items, number, path_of, text};
use crate::build::parse::codes::tags;
use crate::build::parse::context::Context;
use crate::engine::{ColumnUnit, Place, Related, Severity, Tag};

pub(super) const SHAPE: Shape =
    Shape { marks: &["\"uri\"", "\"diagnostics\"", "\"range\""], foreign: &[], depth: 2, read };

fn read(value: &Value, context: &mut Context) -> bool {
    let alone = std::slice::from_ref(value);
    let all = value.as_array().map_or(alone, Vec::as_slice);
    let of_one = |one| -> Option<(String, &Value)> {
        let one = if text(one, "/method") == Some("textDocument/publishDiagnostics") {
            one.get("params")?
        } else {
            one
        };
        Some((path_of(text(one, "/uri")?), one.get("diagnostics").filter(|list| list.is_array())?))
    };
    let Some(all) = all.iter().map(of_one).collect::<Option<Vec<_>>>() else { return false };
    for (file, diagnostics) in all {
        for diagnostic in items(diagnostics, "") {
            report(&file, diagnostic, context);
        }
    }
    true
}

fn report(file: &str, diagnostic: &Value, context: &mut Context) {
    let (Some(message), Some(region)) = (text(diagnostic, "/message"), region(diagnostic)) else { return };
    let severity = match number(diagnostic, "/severity") {
        Some(2) => Severity::Warning,
        Some(3) => Severity::Information,
        Some(4) => Severity::Hint,
        _ => Severity::Error,
    };
    let tool = text(diagnostic, "/source").unwrap_or("lsp");
    let mut problem = region.problem(severity, tool, message, (file, ColumnUnit::Utf16), context);
    let code = diagnostic.get("code").map(|code| code.get("value").unwrap_or(code));
    problem.code =
        code.and_then(|code| code.as_str().map(str::to_owned).or_else(|| Some(code.as_i64()?.to_string())));
    problem.href = text(diagnostic, "/codeDescription/href").map(str::to_owned);
    problem.tags = match diagnostic.get("tags").and_then(Value::as_array) {
        Some(written) => written.iter().filter_map(tag).collect(),
        None => problem.code.as_deref().map(tags).unwrap_or_default(),
    };
    problem.related = items(diagnostic, "/relatedInformation")
        .iter()
        .filter_map(|related| {
            let message = text(related, "/message").unwrap_or("here").to_owned();
            Some(Related { place: place(related.get("location")?, context)?, message })
        })
        .collect();
    context.report(problem);
}

fn tag(tag: &Value) -> Option<Tag> {
    match tag.as_u64() {
        Some(1) => Some(Tag::Unnecessary),
        Some(2) => Some(Tag::Deprecated),
        _ => None,
    }
}

fn place(location: &Value, context: &mut Context) -> Option<Place> {
    region(location)?.place(&path_of(text(location, "/uri")?), ColumnUnit::Utf16, context)
}

// From 0 there, from 1 here.
fn region(value: &Value) -> Option<Region> {
    let next = |pointer: &str| number(value, pointer).and_then(|number| number.checked_add(1));
    Some(Region {
        line: next("/range/start/line")?,
        column: next("/range/start/character"),
        end_line: next("/range/end/line"),
        end_column: next("/range/end/character"),
    })
}
