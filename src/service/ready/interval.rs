//! How often a probe tries: every 20 ms at first, growing to 250 ms. Called by the probes.

use std::time::Duration;

use tokio::time::Instant;

const SHORTEST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_millis(250);

/// When to try next.
#[derive(Debug)]
pub(super) struct Interval {
    began: Instant,
    next: Instant,
}

impl Interval {
    /// Begins now; the first try is due after the shortest time.
    pub(super) fn new() -> Self {
        let began = Instant::now();
        Self { began, next: began + SHORTEST }
    }

    /// How long ago it began.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Waits until a try is due. Dropping the future is safe.
    pub(super) async fn due(&self) {
        tokio::time::sleep_until(self.next).await;
    }

    /// A try was made: the next is due after a tenth of the time since the beginning, within the limits.
    pub(super) fn again(&mut self) {
        self.next = Instant::now() + (self.elapsed() / 10).clamp(SHORTEST, LONGEST);
    }
}
