//! Who has asked to collect changes for a while, and until when (product.md 2.4). Driven by `Engine`.
//! Does not know: services.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{HOLD_LIMIT, Moment};

/// One hold. Whoever asks for it chooses the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldId(pub u64);

/// Since when changes are held, and until when at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Held {
    pub(super) since: Moment,
    pub(super) until: Moment,
}

/// The holds of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Holds {
    since: Moment,
    until: BTreeMap<HoldId, Moment>,
}

impl Holds {
    /// Holds for `ttl` from now on; a hold that lasts already goes on for so long.
    pub(super) fn begin(&mut self, hold: HoldId, ttl: Duration, now: Moment) {
        if self.until.is_empty() {
            self.since = now;
        }
        self.until.insert(hold, now.after(ttl.min(HOLD_LIMIT)));
    }

    /// Ends one hold, or all.
    pub(super) fn release(&mut self, hold: Option<HoldId>) {
        match hold {
            Some(hold) => drop(self.until.remove(&hold)),
            None => self.until.clear(),
        }
    }

    /// Ends those whose time is over.
    pub(super) fn expire(&mut self, now: Moment) {
        self.until.retain(|_, until| *until > now);
    }

    /// What holds as long as any of them does.
    pub(super) fn held(&self) -> Option<Held> {
        self.until.values().max().map(|until| Held { since: self.since, until: *until })
    }
}
