//! The diagnostics that the client shows, and what of them has changed. Called by `publish` and at the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::{Pictures, Worker};
use crate::lsp::diagnostics::{self, Files};
use crate::lsp::transport::Client;
use crate::lsp::types::Diagnostic;
use crate::lsp::uri;
use crate::session::Picture;

/// The diagnostics of every file, and whose they are: two roots may have something to say about one file.
#[derive(Debug, Default)]
pub(in crate::lsp) struct Published {
    // Held to look, or to send one message; never over an await.
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    files: BTreeMap<PathBuf, BTreeMap<PathBuf, Vec<Diagnostic>>>,
    is_over: bool,
}

impl Published {
    /// The diagnostics of a file.
    pub(in crate::lsp) fn of(&self, path: &Path) -> Vec<Diagnostic> {
        let shown = self.shown();
        shown.files.get(path).into_iter().flat_map(BTreeMap::values).flatten().cloned().collect()
    }

    /// Takes back everything of one root.
    pub(in crate::lsp) fn withdraw(&self, client: &Client, root: &Path) {
        for path in self.files_of(root) {
            self.update(root, &path, Vec::new(), true, |params| {
                client.notify("textDocument/publishDiagnostics", params);
            });
        }
    }

    /// Takes back everything; from now on nothing is published any more.
    pub(in crate::lsp) fn withdraw_all(&self, client: &Client) {
        let mut shown = self.shown();
        shown.is_over = true;
        for path in std::mem::take(&mut shown.files).into_keys() {
            let params = json!({ "uri": uri::from_path(&path), "diagnostics": [] });
            client.notify("textDocument/publishDiagnostics", &params);
        }
    }

    fn files_of(&self, root: &Path) -> Vec<PathBuf> {
        let shown = self.shown();
        let files = shown.files.iter().filter(|(_, roots)| roots.contains_key(root));
        files.map(|(path, _)| path.clone()).collect()
    }

    fn is_shown(&self, root: &Path, path: &Path, diagnostics: &[Diagnostic]) -> bool {
        let shown = self.shown();
        let known = shown.files.get(path).and_then(|roots| roots.get(root));
        known.map_or(&[][..], Vec::as_slice) == diagnostics
    }

    /// Keeps what `root` says of a file, and sends all that is said of it; the `data` only to a client that takes it.
    fn update(
        &self,
        root: &Path,
        path: &Path,
        diagnostics: Vec<Diagnostic>,
        takes_data: bool,
        send: impl FnOnce(&serde_json::Value),
    ) {
        let mut shown = self.shown();
        if shown.is_over {
            return;
        }
        let roots = shown.files.entry(path.to_owned()).or_default();
        if diagnostics.is_empty() {
            roots.remove(root);
        } else {
            roots.insert(root.to_owned(), diagnostics);
        }
        let mut all: Vec<_> = roots.values().flatten().cloned().collect();
        if !takes_data {
            for diagnostic in &mut all {
                diagnostic.data = None;
            }
        }
        let is_empty = all.is_empty();
        // No version: clients drop what does not match theirs.
        send(&json!({ "uri": uri::from_path(path), "diagnostics": all }));
        if is_empty {
            shown.files.remove(path);
        }
    }

    // Each update is complete before anything can panic.
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Publishes what differs from what the client shows, picture after picture.
pub(super) async fn run(worker: &Worker) {
    let mut pictures = Pictures::of(&worker.session);
    let mut before: Option<Arc<Picture>> = None;
    while let Some(picture) = pictures.next().await {
        if before.as_ref().is_some_and(|before| says_the_same(before, &picture)) {
            continue;
        }
        before = Some(picture.clone());
        let terms = worker.terms.clone();
        let current = picture.clone();
        let collected = tokio::task::spawn_blocking(move || {
            diagnostics::collect(&current, &terms.options, &terms.abilities)
        });
        // A panic in there was logged; the next picture comes all the same.
        let Ok(files) = collected.await else { continue };
        if publish(worker, &picture.root, files).await.is_none() {
            return;
        }
    }
}

async fn publish(worker: &Worker, root: &Path, mut files: Files) -> Option<()> {
    for gone in worker.published.files_of(root) {
        files.entry(gone).or_default();
    }
    for (path, diagnostics) in files {
        if worker.published.is_shown(root, &path, &diagnostics) {
            continue;
        }
        let place = worker.client.room().await?;
        let takes_data = worker.terms.abilities.diagnostic_data;
        worker.published.update(root, &path, diagnostics, takes_data, |params| {
            worker.client.notify_in(place, "textDocument/publishDiagnostics", params);
        });
    }
    Some(())
}

fn says_the_same(a: &Picture, b: &Picture) -> bool {
    Arc::ptr_eq(&a.problems, &b.problems)
        && Arc::ptr_eq(&a.configuration, &b.configuration)
        && Arc::ptr_eq(&a.trust, &b.trust)
}
