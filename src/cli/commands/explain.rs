//! `reload-lsp explain`: would a save of this path do something, and what decides that?

use std::path::{Path, PathBuf};

use crate::cli::args::Explain;
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print::{self, Color, Paint};
use crate::config;
use crate::engine::Action;
use crate::watch::{self, Verdict};

/// Prints one line for each service.
pub(in crate::cli) fn explain(explain: &Explain) -> Result<ExitStatus, Error> {
    let root = explain.project.root()?;
    let config = config::load(&root, &explain.project.overrides()).map_err(Error::Configuration)?;
    let path = absolute(&explain.path);
    let paint = Paint::for_stdout();
    let verdicts = watch::explain(&config.watch_plan(), &path);
    let lines = verdicts.iter().map(|verdict| line(verdict, paint) + "\n");
    print::out(&format!("{}\n{}", paint.bold(&path.display().to_string()), lines.collect::<String>()));
    Ok(ExitStatus::Success)
}

/// A path as typed, seen from the folder in which it was typed.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn line(verdict: &Verdict, paint: Paint) -> String {
    let service = verdict.service.as_ref().map(|service| format!("{service}: ")).unwrap_or_default();
    let (mark, action) = match verdict.action {
        Some(Action::Rebuild) => (paint.strong(Color::Green, "✓"), "builds, then restarts"),
        Some(Action::Restart) => (paint.strong(Color::Green, "✓"), "restarts without building"),
        Some(Action::Refresh) => (paint.strong(Color::Green, "✓"), "refreshes browsers"),
        None => (paint.dim("·"), "does nothing"),
    };
    format!("  {mark} {service}{action} {}", paint.dim(&format!("({})", verdict.because)))
}
