//! Tries again and again until one try succeeds. Called by the probes that ask a port.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use super::Sign;
use super::interval::Interval;

/// How long one try may take. When it elapses, the try has failed.
const TRY: Duration = Duration::from_secs(1);

/// The tries of one probe.
pub(super) struct Attempts {
    interval: Interval,
    /// Kept here, so that it goes on when `wait` is dropped and called again.
    attempt: Option<Pin<Box<dyn Future<Output = bool> + Send>>>,
    has_succeeded: bool,
}

impl fmt::Debug for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts").field("interval", &self.interval).finish_non_exhaustive()
    }
}

impl Attempts {
    /// The first try is due soon.
    pub(super) fn new() -> Self {
        Self { interval: Interval::new(), attempt: None, has_succeeded: false }
    }

    /// Waits until a try has succeeded. Dropping the future is safe: the try under way is kept.
    pub(super) async fn wait<F>(&mut self, mut again: impl FnMut() -> F)
    where
        F: Future<Output = bool> + Send + 'static,
    {
        while !self.has_succeeded {
            if self.attempt.is_none() {
                self.interval.due().await;
            }
            let attempt = self.attempt.get_or_insert_with(|| {
                let limited = tokio::time::timeout(TRY, again());
                Box::pin(async { limited.await.unwrap_or(false) })
            });
            self.has_succeeded = attempt.as_mut().await;
            self.attempt = None;
            self.interval.again();
        }
    }

    /// Gives the try under way up: its connection would hold up a service that lets its clients finish.
    pub(super) fn end(&mut self) {
        self.attempt = None;
    }

    /// Whether a try has succeeded. If the answer was somebody else's, the next try follows.
    pub(super) fn sign(&mut self) -> Option<Sign> {
        std::mem::take(&mut self.has_succeeded).then_some(Sign::Port)
    }
}
