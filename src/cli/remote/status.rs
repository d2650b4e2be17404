//! `reload-lsp status`: what runs, what failed, what is being waited for.

use super::with_session;
use crate::cli::args::Status;
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print::{self, Color, Paint};
use crate::control::protocol;
use crate::snapshot::uri::to_path;
use crate::snapshot::{Service, Snapshot};

/// Prints the picture of the session.
pub(in crate::cli) fn status(status: &Status) -> Result<ExitStatus, Error> {
    let picture: Snapshot = with_session(&status.session, async |mut client| {
        Ok(client.call(protocol::STATUS, &protocol::Target::default()).await?)
    })?;
    print::out(&if status.json {
        // What came from JSON goes back to it.
        format!("{:#}\n", serde_json::to_value(&picture).unwrap_or_default())
    } else {
        text(&picture, Paint::for_stdout())
    });
    Ok(ExitStatus::Success)
}

fn text(picture: &Snapshot, paint: Paint) -> String {
    let root = to_path(&picture.root).map_or_else(|| picture.root.clone(), |path| path.display().to_string());
    let mut lines = vec![format!("{}: {}", paint.bold(&root), picture.state)];
    lines.extend(picture.errors.iter().map(|error| format!("  {} {error}", paint.strong(Color::Red, "✗"))));
    for command in &picture.trust.commands {
        lines.push(format!("  {} {command}", paint.strong(Color::Yellow, "?")));
    }
    if picture.trust.state != "allowed" {
        lines.push(format!("  {} {}", paint.strong(Color::Yellow, "!"), picture.message));
    }
    lines.extend(picture.services.iter().flat_map(|service| of_service(service, paint)));
    if let Some(degraded) = &picture.watch.degraded {
        lines
            .push(format!("  {} some changes may not be seen: {degraded}", paint.strong(Color::Yellow, "!")));
    }
    lines.join("\n") + "\n"
}

fn of_service(service: &Service, paint: Paint) -> Vec<String> {
    let mark = match service.state.as_str() {
        "ready" | "finished" | "idle" => paint.strong(Color::Green, "✓"),
        "buildFailed" | "crashed" => paint.strong(Color::Red, "✗"),
        _ => paint.strong(Color::Yellow, "·"),
    };
    let mut notes = Vec::new();
    if let Some(run) = &service.run {
        notes.push(format!("generation {}", run.generation));
        notes.extend(run.pid.map(|pid| format!("pid {pid}")));
    }
    if service.stale {
        notes.push("older than what is saved".to_owned());
    }
    if let Some(waiting) = &service.waiting {
        let until = waiting.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
        notes.push(format!("waits: {}{until}", waiting.why));
    }
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
    let mut lines = vec![format!("  {mark} {}: {}{}", service.name, service.message, paint.dim(&notes))];
    let failed = service.tasks.iter().filter_map(|task| task.last.as_ref()).chain(&service.build);
    for first in failed.filter(|build| build.phase == "failed").flat_map(|build| &build.first) {
        let place = first.uri.as_deref().and_then(to_path);
        let place = place.map(|path| format!("{}:{}: ", path.display(), first.line + 1)).unwrap_or_default();
        lines.push(format!("      {place}{}", first.message));
    }
    lines
}
