//! What builds and runs print, as `reload/log`, and on request. A client that does not read loses the oldest lines and is
//! told how many; nothing waits for it. Called by `publish` and `commands`.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::Worker;
use crate::lsp::protocol::{self, Entry};
use crate::lsp::transport::Client;
use crate::lsp::uri;
use crate::snapshot;

/// The shortest time between two batches.
const GAP: Duration = Duration::from_millis(50);
/// How many lines a batch has at most.
const LINES: usize = 1000;

/// Sends `reload/log`, if the client wants it.
pub(super) async fn run(worker: &Worker) {
    if !worker.terms.options.opt_in.log {
        return;
    }
    let output = worker.session.output();
    let root = worker.session.picture().borrow().root.clone();
    let mut news = output.subscribe();
    news.mark_changed();
    let mut after = 0;
    while news.changed().await.is_ok() {
        while *news.borrow_and_update() > after {
            let Some(place) = worker.client.room().await else { return };
            let lines = snapshot::lines(output, &root, after, LINES);
            after = lines.next;
            worker.client.notify_in(place, protocol::LOG, &lines.log);
            tokio::time::sleep(GAP).await;
        }
    }
}

/// Writes lines to a file of our own and asks the client to show it. Returns at once.
pub(in crate::lsp) fn show(client: Client, entries: &[Entry]) {
    let mut text = String::new();
    for entry in entries {
        let line = plain(&entry.text);
        let _ = writeln!(text, "{} {} | {}", entry.service, entry.generation, line.trim_end());
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "one question to the client; a handler must not wait for it"
    )]
    tokio::spawn(async move {
        let written = tokio::task::spawn_blocking(move || write(&text)).await;
        let path = match written {
            Ok(Ok(path)) => path,
            Ok(Err(error)) => return tracing::warn!("could not write the output for the editor: {error}"),
            Err(_) => return,
        };
        let params = json!({ "uri": uri::from_path(&path), "takeFocus": true });
        if let Err(error) = client.ask("window/showDocument", &params).await {
            tracing::debug!("{error}");
        }
    });
}

/// The text without colors and other escapes.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => drop(chars.find(|c| ('@'..='~').contains(c))),
                Some(']') => drop(chars.find(|c| *c == '\u{7}' || *c == '\\')),
                Some(_) | None => {}
            },
            c => plain.push(c),
        }
    }
    plain
}

/// A file for our eyes only, outside the workspace, one for each process of ours.
fn write(text: &str) -> std::io::Result<PathBuf> {
    let base = dirs::runtime_dir().or_else(dirs::cache_dir);
    let base = base.ok_or_else(|| std::io::Error::other("no runtime and no cache directory"))?;
    let folder = base.join("reload-lsp");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let path = folder.join(format!("output-{}.log", std::process::id()));
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    file.write_all(text.as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_log_in_an_editor_has_no_escapes() {
        assert_eq!(plain("\u{1b}[1;31merror\u{1b}[0m: \u{1b}]8;;http://a\u{1b}\\x"), "error: x");
    }
}
