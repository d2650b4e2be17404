//! `reload-lsp explain`: would a save of this path do something, and what decides that?

use std::path::{Path, PathBuf};

use crate::cli::args::Explain;
use crate::cli::block_on;
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print::{self, Color, Paint};
use crate::config;
use crate::control::{Client, protocol};
use crate::snapshot::{Explanation, Verdict};

/// Prints one line for each service.
pub(in crate::cli) fn explain(explain: &Explain) -> Result<ExitStatus, Error> {
    let path = absolute(&explain.path);
    let root = explain.project.root()?;
    let explanation = match asked(&root, &path) {
        Some(explanation) if explanation.is_concerned() => explanation,
        // One that may not run anything yet knows no service.
        known => {
            let config = config::load(&root, &explain.project.overrides()).map_err(Error::Configuration)?;
            let now = known.map(|known| known.now).unwrap_or_default();
            Explanation { now, ..Explanation::of_plan(&config.watch_plan(), &path) }
        }
    };
    let paint = Paint::for_stdout();
    let lines = explanation.verdicts.iter().map(|verdict| line(verdict, paint) + "\n");
    let now = explanation.now.iter().map(|line| format!("  {} {line}\n", paint.strong(Color::Yellow, "!")));
    print::out(&format!(
        "{}\n{}{}",
        paint.bold(&path.display().to_string()),
        lines.collect::<String>(),
        now.collect::<String>()
    ));
    Ok(ExitStatus::Success)
}

/// What the session that runs here says, if there is one: it knows what the builds read, and what holds a save back.
fn asked(root: &Path, path: &Path) -> Option<Explanation> {
    let params = protocol::Explain { path: path.display().to_string() };
    let asked = block_on(async {
        let mut client = Client::connect(root).await?;
        client.call::<Explanation>(protocol::EXPLAIN, &params).await
    });
    asked.ok()?.ok()
}

/// A path as typed, seen from the folder in which it was typed.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn line(verdict: &Verdict, paint: Paint) -> String {
    let service = verdict.service.as_ref().map(|service| format!("{service}: ")).unwrap_or_default();
    let action = match verdict.action.as_deref() {
        Some("rebuild") => "builds, then restarts",
        Some("restart") => "restarts without building",
        Some("task") => "runs a task",
        Some("refresh") => "refreshes browsers",
        // A word of a newer session.
        Some(other) => other,
        None => "does nothing",
    };
    let mark = if verdict.action.is_some() { paint.strong(Color::Green, "✓") } else { paint.dim("·") };
    format!("  {mark} {service}{action} {}", paint.dim(&format!("({})", verdict.because)))
}
