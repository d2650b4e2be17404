//! Tells what a build or the service itself writes from what people do (product.md 2.9). Driven by `machine`.
//!
//! Our own time is while a build lives, a run starts or ends, and a moment longer. A trip that began for nothing but what
//! the disk told of in our own time may be a loop; a row of them at a steady pace, with the same path in three of them, is
//! one, if before the third there was quiet as long as the pace: somebody who saves again and again would have saved then.
//! Does not know: builds, runs, files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::pending::Asks;
use super::{Moment, Problem, ServiceSpec, Severity};

/// So long after it our own time is not over: what was written in it may not have been told.
const SLACK: Duration = Duration::from_millis(250);
/// Shortest and longest quiet before the trip that is to tell a loop from a person.
const QUIET: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));
/// So many trips in a row are a loop.
const ROW: u32 = 3;

/// What is known of our own writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OwnWrites {
    /// In how many trips of the present row each path had a part.
    row: BTreeMap<Arc<Path>, u32>,
    /// How long after its beginning the last of them was followed by the next.
    pace: Duration,
    /// When the last trip began.
    began: Moment,
    /// Since when our own time is over.
    over: Option<Moment>,
    /// The paths that the disk may no longer tell of.
    suspended: BTreeSet<Arc<Path>>,
}

impl OwnWrites {
    /// Whether something of ours is going on from now on.
    pub(super) fn note(&mut self, is_busy: bool, now: Moment) {
        self.over = if is_busy { None } else { self.over.or(Some(now)) };
    }

    /// Whether what the disk tells of now may be our own.
    pub(super) fn is_own_time(&self, now: Moment) -> bool {
        self.over.is_none_or(|over| now.since(over) <= SLACK)
    }

    /// The disk tells of a path. True if that does not count.
    pub(super) fn ignores(&mut self, path: &Arc<Path>, now: Moment) -> bool {
        if self.suspended.contains(path) {
            return true;
        }
        if !self.is_own_time(now) {
            self.row.clear();
        }
        let is_loop = self.row.get(path).is_some_and(|trips| *trips >= ROW);
        if is_loop {
            self.row.remove(path);
            self.suspended.insert(path.clone());
        }
        is_loop
    }

    /// Somebody saved the path in the editor: it is theirs, and so is what follows.
    pub(super) fn saved(&mut self, path: &Arc<Path>) {
        self.row.clear();
        self.suspended.remove(path);
    }

    /// Somebody has mended the configuration, or has tried to.
    pub(super) fn forget(&mut self) {
        self.row.clear();
        self.suspended.clear();
    }

    /// When a trip may begin that is wanted for this: later if it is to tell a loop from a person.
    pub(super) fn may_begin(&self, asks: &Asks, due: Moment) -> Option<Moment> {
        let is_third = |path| self.row.get(path).is_some_and(|trips| trips + 1 >= ROW);
        if self.row.is_empty() || !asks.are_own() || !asks.parts().keys().any(is_third) {
            return Some(due);
        }
        let quiet = self.pace.clamp(QUIET.0, QUIET.1);
        self.over.map(|over| due.max(over.after(quiet)))
    }

    /// A trip begins for this.
    pub(super) fn trip_begins(&mut self, asks: &Asks, now: Moment) {
        let pace = asks.at().since(self.began);
        let is_steady = pace <= self.pace * 3 / 2 + SLACK && self.pace <= pace * 3 / 2 + SLACK;
        if !asks.are_own() || !is_steady {
            self.row.clear();
        }
        if asks.are_own() {
            for path in asks.parts().keys() {
                *self.row.entry(path.clone()).or_default() += 1;
            }
        }
        (self.pace, self.began) = (pace, now);
    }

    /// The paths that no longer count.
    pub(super) fn suspended(&self) -> impl Iterator<Item = &Arc<Path>> {
        self.suspended.iter()
    }

    /// What people are told of them.
    pub(super) fn problems(&self, spec: &ServiceSpec) -> Vec<Problem> {
        let tell = |path: &Arc<Path>| {
            let path = path.strip_prefix(&spec.root).unwrap_or(path).display().to_string();
            let text = format!(
                "`{path}` does not count any more: the build or the service itself writes it, and three reloads in a \
                 row were for nothing else (help: write `ignore = [\"{}\"]` under [services.{}] in reload.toml)",
                literal(&path),
                spec.name
            );
            Problem::new(Severity::Warning, Problem::OURS, text)
        };
        self.suspended.iter().map(tell).collect()
    }
}

/// A glob that matches nothing but this path.
fn literal(path: &str) -> String {
    let quote = |c: char| if "*?[]{}".contains(c) { format!("[{c}]") } else { c.to_string() };
    path.chars().map(quote).collect()
}
