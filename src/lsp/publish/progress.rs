//! `$/progress` of builds: one token for each, created first, always ended. For clients that can show it.
//! Called by `publish`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::{Pictures, Worker};
use crate::engine::{BuildStage, BuildStatus, Generation, ServiceName, ServiceStatus};
use crate::lsp::transport::{Client, NoAnswer};
use crate::session::{Handle, Picture};

/// The tokens that the client shows, and which build each is about.
#[derive(Debug, Default)]
pub(in crate::lsp) struct Tokens {
    // Held to look, or to send one message; never over an await.
    live: Mutex<Live>,
}

#[derive(Debug, Default)]
struct Live {
    tokens: BTreeMap<String, About>,
    is_over: bool,
}

/// What a token is about.
#[derive(Debug)]
struct About {
    root: Arc<Path>,
    session: Handle,
    service: ServiceName,
}

impl Tokens {
    /// Whose build a token is about.
    pub(in crate::lsp) fn find(&self, token: &str) -> Option<(Handle, ServiceName)> {
        self.live().tokens.get(token).map(|about| (about.session.clone(), about.service.clone()))
    }

    /// Ends the progress of one root, because its folder is closed.
    pub(in crate::lsp) fn end_root(&self, client: &Client, root: &Path) {
        self.live().tokens.retain(|token, about| {
            let stays = *about.root != *root;
            if !stays {
                client.notify("$/progress", &end(token, "stopped"));
            }
            stays
        });
    }

    /// Ends all progress, because everything ends; from now on none begins.
    pub(in crate::lsp) fn end_all(&self, client: &Client) {
        let mut live = self.live();
        live.is_over = true;
        for token in std::mem::take(&mut live.tokens).into_keys() {
            client.notify("$/progress", &end(&token, "stopped"));
        }
    }

    fn begin(&self, client: &Client, token: &str, about: About, message: &Value) {
        let mut live = self.live();
        if !live.is_over {
            client.notify("$/progress", message);
            live.tokens.insert(token.to_owned(), about);
        }
    }

    fn finish(&self, client: &Client, token: &str, message: &str) {
        if self.live().tokens.remove(token).is_some() {
            client.notify("$/progress", &end(token, message));
        }
    }

    /// `name`, with a number where two roots would use the same.
    fn unique(&self, name: String) -> String {
        let live = self.live();
        let mut names = (2..).map(|n| format!("{name}-{n}"));
        if live.tokens.contains_key(&name) {
            names.find(|name| !live.tokens.contains_key(name)).unwrap_or_default()
        } else {
            name
        }
    }

    // Whoever panicked has left the map whole.
    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The builds of one session that are shown: which generation, and under which token.
type Shown = BTreeMap<ServiceName, (Generation, String)>;

/// Shows the builds of a session, until the session or the client is gone.
pub(super) async fn run(worker: &Worker) {
    if !worker.terms.abilities.progress {
        return;
    }
    let mut pictures = Pictures::of(&worker.session);
    let mut shown = Shown::new();
    while let Some(picture) = pictures.next().await {
        if let Err(error) = follow(worker, &picture, &mut shown).await {
            // To ask again at every build would cost the same time again.
            tracing::debug!("no more progress is shown: {error}");
            break;
        }
    }
    for (_, token) in shown.values() {
        worker.tokens.finish(&worker.client, token, "stopped");
    }
}

/// Ends what is over and begins what is new. An error means that the client does not answer.
async fn follow(worker: &Worker, picture: &Picture, shown: &mut Shown) -> Result<(), NoAnswer> {
    let services = &picture.status.services;
    shown.retain(|name, (generation, token)| {
        let service = services.iter().find(|service| service.name == *name);
        let build = service.and_then(|service| service.build.as_ref()).filter(|build| is_running(build));
        let goes_on = build.is_some_and(|build| build.generation == *generation);
        if !goes_on {
            let message = service.map_or("removed from the configuration", |service| &service.message);
            worker.tokens.finish(&worker.client, token, message);
        }
        goes_on
    });
    for service in services {
        let build = service.build.as_ref().filter(|build| is_running(build));
        let Some(build) = build.filter(|_| !shown.contains_key(&service.name)) else { continue };
        match begin(worker, picture, service, build).await {
            Ok(token) => drop(shown.insert(service.name.clone(), (build.generation, token))),
            Err(NoAnswer::Refused { .. }) => {}
            Err(error @ (NoAnswer::Late { .. } | NoAnswer::Gone)) => return Err(error),
        }
    }
    Ok(())
}

fn is_running(build: &BuildStatus) -> bool {
    match build.stage {
        BuildStage::Running | BuildStage::Stopping => true,
        BuildStage::Passed | BuildStage::Unchanged | BuildStage::Failed | BuildStage::Stopped => false,
    }
}

async fn begin(
    worker: &Worker,
    picture: &Picture,
    service: &ServiceStatus,
    build: &BuildStatus,
) -> Result<String, NoAnswer> {
    // Some clients show the token itself.
    let folder = picture.root.file_name().unwrap_or_default().to_string_lossy();
    let token = format!("reload-lsp/{folder}/{}/{}", service.name, build.generation);
    let token = worker.tokens.unique(token);
    worker.client.ask("window/workDoneProgress/create", &json!({ "token": token })).await?;
    let about =
        About { root: picture.root.clone(), session: worker.session.clone(), service: service.name.clone() };
    let message = json!({ "token": token, "value": {
        "kind": "begin",
        "title": format!("reload: building {}", service.name),
        "message": format!("generation {}", build.generation),
        "cancellable": true,
    } });
    worker.tokens.begin(&worker.client, &token, about, &message);
    Ok(token)
}

fn end(token: &str, message: &str) -> Value {
    json!({ "token": token, "value": { "kind": "end", "message": message } })
}
