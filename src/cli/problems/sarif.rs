//! Problems as SARIF 2.1.0. Called by `problems`.

use serde_json::{Value, json};

use super::entry::{Columns, Entry};
use crate::engine::{ColumnUnit, Place, Severity};
use crate::snapshot::uri::text_from_path;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The one document that holds all results.
pub(super) fn document(results: &Value) -> Value {
    let driver = json!({ "name": "reload-lsp", "version": env!("CARGO_PKG_VERSION") });
    let run = json!({ "tool": { "driver": driver }, "columnKind": "utf16CodeUnits", "results": results });
    json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] })
}

/// One problem (SARIF 3.27). Columns that are not known in UTF-16 are left out.
pub(super) fn result(entry: &Entry<'_>) -> Value {
    let problem = entry.problem;
    let level = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information | Severity::Hint => "note",
    };
    let mut result = json!({
        "level": level,
        "message": { "text": problem.message },
        "properties": { "tool": problem.tool },
    });
    if let Some(code) = &problem.code {
        result["ruleId"] = json!(code);
    }
    if let Some(place) = &problem.place {
        result["locations"] = json!([{ "physicalLocation": physical(place, entry.utf16) }]);
    }
    let related = problem.related.iter().map(|related| {
        let columns = (related.place.unit == ColumnUnit::Utf16)
            .then(|| related.place.start.column.map(|start| (start, None)))
            .flatten();
        json!({
            "message": { "text": related.message },
            "physicalLocation": physical(&related.place, columns),
        })
    });
    let related: Vec<_> = related.collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    result
}

fn physical(place: &Place, columns: Columns) -> Value {
    let mut region = json!({ "startLine": place.start.line });
    if let Some((start, end)) = columns {
        region["startColumn"] = json!(start);
        if let (Some(to), Some(end)) = (place.end, end) {
            region["endLine"] = json!(to.line);
            region["endColumn"] = json!(end);
        }
    }
    let uri = text_from_path(&place.path);
    json!({ "artifactLocation": { "uri": uri }, "region": region })
}
