//! Lets a Watchman server watch the root: nothing is walked, so that a huge tree costs nothing here. What it tells is
//! news like any other; when it is not there, or no longer, we watch by ourselves. Called by `worker` only.
//! Does not know: filters, contents.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::oneshot;
use watchman_client::prelude::*;
use watchman_client::{SubscriptionData, fields::NameOnly};

use super::Worker;
use crate::watch::Mode;
use crate::watch::fingerprint::FileTime;
use crate::watch::queue::{Hint, News, Queue};

/// A server that is there answers at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// A conversation with the server. Dropping it ends it soon, and it tells nothing more that counts.
#[derive(Debug)]
pub(super) struct Watchman {
    number: u64,
    /// True once every change is told.
    pub(super) is_complete: bool,
    _end: oneshot::Sender<()>,
}

/// What the server is to us by now.
#[derive(Debug)]
pub(in crate::watch) enum Word {
    /// Every change is told from now on.
    Complete,
    /// Nothing will be told anymore, for this reason; up to this moment everything was.
    Lost(String, FileTime),
}

#[derive(Debug, thiserror::Error)]
enum Loss {
    #[error("{0}")]
    Client(#[from] watchman_client::Error),
    #[error("{0}")]
    System(#[from] std::io::Error),
    #[error("it does not answer")]
    Silent,
    #[error("it watches the folder no longer")]
    Canceled,
}

/// Starts a conversation on a thread of its own. What was modified at `since` or later is told.
fn start(root: PathBuf, number: u64, since: FileTime, queue: Arc<Queue>) -> Watchman {
    let (end, ended) = oneshot::channel::<()>();
    let spawned = std::thread::Builder::new().name("reload-watchman".to_owned()).spawn(move || {
        let mut heard = since;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let loss = match runtime {
            Ok(runtime) => runtime.block_on(async {
                tokio::select! {
                    loss = talk(&root, number, &mut heard, &queue) => Some(loss),
                    _ = ended => None,
                }
            }),
            Err(error) => Some(error.into()),
        };
        if let Some(loss) = loss {
            queue.tell(News::Watchman(number, Word::Lost(loss.to_string(), heard)));
        }
    });
    if let Err(error) = spawned {
        tracing::error!("could not start the thread that talks to Watchman: {error}");
    }
    Watchman { number, is_complete: false, _end: end }
}

/// Tells what is modified until the server is lost. `heard` is when everything before had been told.
async fn talk(root: &Path, number: u64, heard: &mut FileTime, queue: &Queue) -> Loss {
    loop {
        match follow(root, number, heard, queue).await {
            // It has lost track, and begins anew.
            Ok(()) => queue.tell(News::Dropped),
            Err(loss) => return loss,
        }
    }
}

async fn follow(root: &Path, number: u64, heard: &mut FileTime, queue: &Queue) -> Result<(), Loss> {
    let client =
        tokio::time::timeout(PATIENCE, Connector::new().connect()).await.map_err(|_| Loss::Silent)??;
    // This takes as long as the server needs to crawl what it has never seen.
    let resolved = client.resolve_root(CanonicalPath::canonicalize(root)?).await?;
    let now = FileTime::now();
    let query = json!({
        "expression": ["allof", ["since", heard.seconds() - 1, "ctime"], ["anyof", ["type", "f"], ["type", "l"]]],
        "fields": ["name"],
        "relative_root": resolved.project_relative_path().unwrap_or(Path::new("")),
    });
    let meanwhile: QueryResult<NameOnly> =
        client.generic_request(("query", resolved.project_root(), query)).await?;
    for file in meanwhile.files.unwrap_or_default() {
        let path = root.join(file.name.as_path());
        if FileTime::of_path(&path).is_some_and(|modified| modified >= *heard) {
            queue.tell(News::Disk(Hint::Written, path));
        }
    }
    let wanted = SubscribeRequest {
        since: Some(meanwhile.clock),
        expression: Some(Expr::Any(vec![
            Expr::FileType(FileType::Regular),
            Expr::FileType(FileType::Symlink),
        ])),
        empty_on_fresh_instance: true,
        ..SubscribeRequest::default()
    };
    let (mut subscription, _) = client.subscribe::<NameOnly>(&resolved, wanted).await?;
    *heard = now;
    queue.tell(News::Watchman(number, Word::Complete));
    loop {
        let now = FileTime::now();
        match subscription.next().await? {
            SubscriptionData::FilesChanged(result) if result.is_fresh_instance => return Ok(()),
            SubscriptionData::FilesChanged(result) => {
                for file in result.files.unwrap_or_default() {
                    queue.tell(News::Disk(Hint::Written, root.join(file.name.as_path())));
                }
                *heard = now;
            }
            SubscriptionData::StateEnter { .. } | SubscriptionData::StateLeave { .. } => {}
            SubscriptionData::Canceled => return Err(Loss::Canceled),
        }
    }
}

impl Worker {
    /// True while a server watches the root instead of us.
    pub(super) fn is_by_watchman(&self) -> bool {
        self.plan.mode == Mode::Watchman && self.without_watchman.is_none()
    }

    /// Asks the server to watch, if it does not; else compares what is known.
    pub(super) fn ask_watchman(&mut self, since: FileTime) {
        if self.watchman.is_none() {
            self.walks += 1;
            let queue = self.ground.queue.clone();
            self.watchman = Some(start(self.plan.root.clone(), self.walks, since, queue));
        }
        for path in self.ground.fingerprints.paths() {
            if !self.ground.fingerprints.is_untouched(&path) {
                self.ground.queue.tell(News::Suspect(path.into()));
            }
        }
    }

    pub(super) fn on_watchman(&mut self, number: u64, word: Word) {
        let Some(watchman) = self.watchman.as_mut().filter(|watchman| watchman.number == number) else {
            return;
        };
        match word {
            Word::Complete => watchman.is_complete = true,
            Word::Lost(why, heard) => {
                let help = "start Watchman and save the configuration, or write mode = \"auto\"";
                self.without_watchman = Some(format!(
                    "Watchman can't be used, so the tree is watched as by `auto`: {why} (help: {help})"
                ));
                self.watchman = None;
                self.open_tree();
                self.begin(heard);
            }
        }
    }
}
