//! `$/progress` of builds: one token for each, created first, always ended. For clients that can show it.
//! Called by `publish`.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::{Pictures, Worker};
use crate::engine::{BuildStage, BuildStatus, Generation, ServiceName, ServiceStatus};
use crate::lsp::transport::{Client, NoAnswer};
use crate::session::Handle;

/// The tokens that the client shows, and which build each is about.
#[derive(Debug, Default)]
pub(in crate::lsp) struct Tokens {
    // Held to look, insert or remove; never over an await.
    live: Mutex<BTreeMap<String, (Handle, ServiceName)>>,
}

impl Tokens {
    /// Whose build a token is about.
    pub(in crate::lsp) fn find(&self, token: &str) -> Option<(Handle, ServiceName)> {
        self.live().get(token).cloned()
    }

    /// Ends all progress, because everything ends.
    pub(in crate::lsp) fn end_all(&self, client: &Client) {
        for token in std::mem::take(&mut *self.live()).into_keys() {
            client.notify("$/progress", &end(&token, "stopped"));
        }
    }

    // Whoever panicked has left the map whole.
    fn live(&self) -> MutexGuard<'_, BTreeMap<String, (Handle, ServiceName)>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows the builds of a session, until the session or the client is gone.
pub(super) async fn run(worker: &Worker) {
    if !worker.terms.abilities.progress {
        return;
    }
    let mut pictures = Pictures::of(&worker.session);
    let mut shown: BTreeMap<ServiceName, (Generation, String)> = BTreeMap::new();
    while let Some(picture) = pictures.next().await {
        for service in &picture.status.services {
            let running = service.build.as_ref().filter(|build| is_running(build));
            if let Some((generation, token)) = shown.get(&service.name)
                && running.map(|build| build.generation) != Some(*generation)
            {
                finish(worker, token, &service.message);
                shown.remove(&service.name);
            }
            if let Some(build) = running.filter(|_| !shown.contains_key(&service.name)) {
                match begin(worker, service, build).await {
                    Ok(token) => drop(shown.insert(service.name.clone(), (build.generation, token))),
                    Err(NoAnswer::Refused { .. }) => {}
                    // It would cost the same time at every build.
                    Err(NoAnswer::Late { .. } | NoAnswer::Gone) => return,
                }
            }
        }
        shown.retain(|name, (_, token)| {
            let is_there = picture.status.services.iter().any(|service| service.name == *name);
            if !is_there {
                finish(worker, token, "removed from the configuration");
            }
            is_there
        });
    }
    shown.values().for_each(|(_, token)| finish(worker, token, "stopped"));
}

fn is_running(build: &BuildStatus) -> bool {
    match build.stage {
        BuildStage::Running | BuildStage::Stopping => true,
        BuildStage::Passed | BuildStage::Unchanged | BuildStage::Failed | BuildStage::Stopped => false,
    }
}

async fn begin(worker: &Worker, service: &ServiceStatus, build: &BuildStatus) -> Result<String, NoAnswer> {
    // Some clients show the token itself. The time makes it unique among roots with services of the same name.
    let root = worker.session.picture().borrow().root.clone();
    let folder = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let token = worker.tokens.unique(&format!("reload-lsp/{folder}/{}/{}", service.name, build.generation));
    worker.client.ask("window/workDoneProgress/create", &json!({ "token": token })).await?;
    worker.tokens.live().insert(token.clone(), (worker.session.clone(), service.name.clone()));
    worker.client.notify(
        "$/progress",
        &json!({ "token": token, "value": {
            "kind": "begin",
            "title": format!("reload: building {}", service.name),
            "message": format!("generation {}", build.generation),
            "cancellable": true,
        } }),
    );
    Ok(token)
}

fn finish(worker: &Worker, token: &str, message: &str) {
    if worker.tokens.live().remove(token).is_some() {
        worker.client.notify("$/progress", &end(token, message));
    }
}

fn end(token: &str, message: &str) -> Value {
    json!({ "token": token, "value": { "kind": "end", "message": message } })
}

impl Tokens {
    /// `name`, with a number where two roots would use the same.
    fn unique(&self, name: &str) -> String {
        let live = self.live();
        let mut names = (2..).map(|n| format!("{name}-{n}"));
        if live.contains_key(name) {
            names.find(|name| !live.contains_key(name)).unwrap_or_default()
        } else {
            name.to_owned()
        }
    }
}
