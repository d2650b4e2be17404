//! `ready = "auto"`: the run listens on a TCP port, or has lived for a second without.

use std::time::Duration;

use super::Sign;
use super::interval::Interval;

/// How long a run must live to be ready without a port.
const LIFE: Duration = Duration::from_secs(1);

/// Looks at the listeners of the run.
#[derive(Debug)]
pub(super) struct Auto {
    interval: Interval,
}

impl Auto {
    pub(super) fn new() -> Self {
        Self { interval: Interval::new() }
    }

    pub(super) fn begin(&mut self) {
        self.interval = Interval::new();
    }

    pub(super) async fn wait(&mut self) {
        let left = LIFE.saturating_sub(self.interval.elapsed());
        tokio::select! {
            () = self.interval.due() => {}
            () = tokio::time::sleep(left) => {}
        }
    }

    pub(super) fn sign(&mut self) -> Sign {
        if self.interval.elapsed() >= LIFE {
            return Sign::Own;
        }
        self.interval.again();
        Sign::Look
    }
}
