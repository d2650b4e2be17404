//! `reload-lsp explain`: would a save of this path do something, and what decides that?

use std::path::{Path, PathBuf};

use crate::cli::args::{Explain, Project};
use crate::cli::block_on;
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print::{self, Color, Paint};
use crate::config;
use crate::control::{Client, protocol};
use crate::engine::Action;
use crate::snapshot::Explanation;
use crate::watch::{self, Verdict};

/// Prints one line for each service.
pub(in crate::cli) fn explain(explain: &Explain) -> Result<ExitStatus, Error> {
    let root = explain.project.root()?;
    let config = config::load(&root, &explain.project.overrides()).map_err(Error::Configuration)?;
    let path = absolute(&explain.path);
    let paint = Paint::for_stdout();
    let verdicts = watch::explain(&config.watch_plan(), &path);
    let lines = verdicts.iter().map(|verdict| line(verdict, paint) + "\n");
    let now = now(&explain.project, &path);
    let now = now.iter().map(|line| format!("  {} {line}\n", paint.strong(Color::Yellow, "!")));
    print::out(&format!(
        "{}\n{}{}",
        paint.bold(&path.display().to_string()),
        lines.collect::<String>(),
        now.collect::<String>()
    ));
    Ok(ExitStatus::Success)
}

/// What holds back a save now, if a session runs here.
fn now(project: &Project, path: &Path) -> Vec<String> {
    let Ok(root) = project.root() else { return Vec::new() };
    let params = protocol::Explain { path: path.display().to_string() };
    let asked = block_on(async {
        let mut client = Client::connect(&root).await?;
        client.call::<Explanation>(protocol::EXPLAIN, &params).await
    });
    match asked {
        Ok(Ok(explanation)) => explanation.now,
        // Without a session nothing but the configuration counts.
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
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
        Some(Action::Task(_)) => (paint.strong(Color::Green, "✓"), "runs a task"),
        Some(Action::Refresh) => (paint.strong(Color::Green, "✓"), "refreshes browsers"),
        None => (paint.dim("·"), "does nothing"),
    };
    format!("  {mark} {service}{action} {}", paint.dim(&format!("({})", verdict.because)))
}
