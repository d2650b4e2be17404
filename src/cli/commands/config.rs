//! `reload-lsp config`: every value that holds, and who decided it.

use serde_json::json;

use crate::cli::args::Config;
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print::{self, Paint};
use crate::config::{self, Row};

/// Prints one line for each value.
pub(in crate::cli) fn config(config: &Config) -> Result<ExitStatus, Error> {
    let project = &config.project;
    let rows = config::explain(&project.root()?, &project.overrides()).map_err(Error::Configuration)?;
    print::out(&if config.json { as_json(&rows) } else { as_text(&rows, Paint::for_stdout()) });
    Ok(ExitStatus::Success)
}

fn as_json(rows: &[Row]) -> String {
    let rows: Vec<_> =
        rows.iter().map(|row| json!({ "key": row.key, "value": row.value, "from": row.from })).collect();
    format!("{:#}\n", json!(rows))
}

/// Like the file itself, with the origin as a comment. What nobody chose may be overlooked.
fn as_text(rows: &[Row], paint: Paint) -> String {
    let width = rows.iter().map(|row| row.key.chars().count()).max().unwrap_or(0);
    let line = |row: &Row| {
        let text = format!("{:width$} = {}", row.key, row.value);
        let text = if row.from == "default" { paint.dim(&text) } else { text };
        format!("{text}  {}\n", paint.dim(&format!("# {}", row.from)))
    };
    rows.iter().map(line).collect()
}
