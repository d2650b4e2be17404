//! Lets the client watch files while the configuration wants that of it. Called by `publish`.
//! Does not know: what comes of what the client tells.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Pictures, Worker};
use crate::lsp::uri;
use crate::watch::Mode;

const METHOD: &str = "workspace/didChangeWatchedFiles";

/// Follows a session, until it or the client is gone. One registration for its root.
pub(super) async fn run(worker: &Worker) {
    let mut pictures = Pictures::of(&worker.session);
    let mut registered: Option<PathBuf> = None;
    while let Some(picture) = pictures.next().await {
        let plan = &picture.watch_plan;
        let wanted = (plan.mode == Mode::Client).then(|| plan.root.clone());
        if wanted == registered {
            continue;
        }
        if let Some(root) = registered.take() {
            let params = json!({ "unregisterations": [{ "id": id(&root), "method": METHOD }] });
            if let Err(error) = worker.client.ask("client/unregisterCapability", &params).await {
                tracing::debug!("{error}");
            }
        }
        let Some(root) = wanted else { continue };
        let registration = json!({
            "id": id(&root),
            "method": METHOD,
            "registerOptions": { "watchers": [{ "globPattern": pattern(worker, &root) }] },
        });
        let params = json!({ "registrations": [registration] });
        let answer = worker.client.ask("client/registerCapability", &params).await;
        if let Err(error) = &answer {
            tracing::warn!("the client does not watch files: {error}");
        }
        worker.session.client_watches(answer.is_ok());
        registered = Some(root);
    }
}

fn id(root: &Path) -> String {
    format!("reload-watch:{}", uri::text_from_path(root))
}

fn pattern(worker: &Worker, root: &Path) -> Value {
    if worker.terms.abilities.relative_patterns {
        json!({ "baseUri": uri::text_from_path(root), "pattern": "**/*" })
    } else {
        json!("**/*")
    }
}
