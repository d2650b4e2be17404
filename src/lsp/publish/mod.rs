//! Tells the client of one session: status, diagnostics, progress, messages, output, the question of trust. One task for
//! each session; its parts only ever know the latest picture, so a client that does not read costs nothing.
//! Called by `handlers`. Does not know: what the client asks.

mod ask;
pub(super) mod log;
mod messages;
mod progress;
mod published;
mod watching;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::handlers::Terms;
use super::protocol;
use super::transport::Client;
use crate::session::{Handle, Picture};

pub(super) use progress::Tokens;
pub(super) use published::Published;

/// The mean time between two `reload/status` of a flood, and how far ahead of it a few may come: one trip is shown as it goes,
/// and there are never more than ten a second.
const STATUS_GAP: Duration = Duration::from_millis(160);
const STATUS_AHEAD: Duration = STATUS_GAP.saturating_mul(3);

/// Everything the task of one session needs.
pub(super) struct Worker {
    /// The client.
    pub client: Client,
    /// What was agreed with it.
    pub terms: Arc<Terms>,
    /// The session.
    pub session: Handle,
    /// The diagnostics that the client shows.
    pub published: Arc<Published>,
    /// The progress that the client shows.
    pub tokens: Arc<Tokens>,
    /// Asks about the plan once more.
    pub ask_again: Arc<Notify>,
}

/// Starts to tell the client of a session, until the session or the client is gone.
pub(super) fn spawn(worker: Worker) -> AbortHandle {
    #[expect(clippy::disallowed_methods, reason = "the task of this worker")]
    let task = tokio::spawn(async move {
        tokio::join!(
            status(&worker),
            published::run(&worker),
            progress::run(&worker),
            messages::run(&worker),
            log::run(&worker),
            ask::run(&worker),
            watching::run(&worker),
        );
    });
    task.abort_handle()
}

/// The pictures of a session, each only if it is the latest when asked for.
struct Pictures(watch::Receiver<Arc<Picture>>);

impl Pictures {
    fn of(session: &Handle) -> Self {
        let mut pictures = session.picture();
        pictures.mark_changed();
        Self(pictures)
    }

    /// The next picture; `None` when there will be none any more. Dropping the future loses nothing.
    async fn next(&mut self) -> Option<Arc<Picture>> {
        self.0.changed().await.ok()?;
        Some(self.0.borrow_and_update().clone())
    }
}

/// Sends `reload/status`, if the client wants it.
async fn status(worker: &Worker) {
    if !worker.terms.options.opt_in.status {
        return;
    }
    let mut pictures = Pictures::of(&worker.session);
    let mut paid_until = Instant::now();
    while pictures.next().await.is_some() {
        if paid_until > Instant::now() + STATUS_AHEAD {
            sleep_until(paid_until - STATUS_AHEAD).await;
        }
        let Some(room) = worker.client.room().await else { return };
        // The latest, not the one that was current before there was room.
        let picture = pictures.0.borrow_and_update().clone();
        worker.client.notify_in(room, protocol::STATUS, &crate::snapshot::snapshot(&picture));
        paid_until = paid_until.max(Instant::now()) + STATUS_GAP;
    }
}
