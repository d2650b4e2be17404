//! Tells what a build or the service itself writes from what people do (product.md 2.9). Driven by `machine`.
//!
//! Our own time is while a build or a task lives, a run starts or ends, and a moment longer. A trip that began for nothing but what
//! the disk told of in our own time may be a loop; a row of them at a steady pace, with the same path in three of them, is
//! one, if before the third there was quiet as long as the pace: somebody who saves again and again would have saved then.
//! That the run of the third is ready is told a little late, and a write that waits for it is no loop's.
//! The trips of the build and those of each task are rows of their own: a build that follows a task ends no row of it.
//! Does not know: builds, runs, files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::pending::Asks;
use super::{Moment, Problem, ServiceSpec, Severity, TaskId};

/// So long after it our own time is not over: what was written in it may not have been told.
const SLACK: Duration = Duration::from_millis(250);
/// More than enough for a run to be ready and be told so at the same time.
const MARGIN: Duration = Duration::from_millis(10);
/// Shortest and longest quiet before the trip that is to tell a loop from a person.
const QUIET: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));
/// So many trips in a row are a loop.
const ROW: u32 = 3;

/// What is known of our own writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OwnWrites {
    rows: BTreeMap<Trips, Row>,
    /// Since when our own time is over.
    over: Option<Moment>,
    /// The paths that the disk may no longer tell of.
    suspended: BTreeSet<Arc<Path>>,
}

/// Whose trips: those of the build, or of a task.
pub(super) type Trips = Option<TaskId>;

/// Trips in a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Row {
    /// In how many of them each path had a part.
    paths: BTreeMap<Arc<Path>, u32>,
    /// How long after its beginning the last of them was followed by the next.
    pace: Duration,
    /// When the last trip began.
    began: Moment,
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

    /// For how long a run that starts now keeps it secret that it is ready. What a loop's run writes after that comes all the
    /// same; what somebody writes as soon as they hear of it does not.
    pub(super) fn hush(&self) -> Duration {
        let is_on_trial = self.rows.values().any(|row| row.paths.values().any(|trips| *trips >= ROW));
        if is_on_trial { SLACK + MARGIN } else { Duration::ZERO }
    }

    /// It is told that a run is ready, which is so for as long as `hush`.
    pub(super) fn told_ready(&mut self, hush: Duration, now: Moment) {
        if hush > Duration::ZERO {
            self.over = Some(Moment(now.0.saturating_sub(hush)));
        }
    }

    /// The disk tells of a path. True if that does not count.
    pub(super) fn ignores(&mut self, path: &Arc<Path>, now: Moment) -> bool {
        if self.suspended.contains(path) {
            return true;
        }
        if !self.is_own_time(now) {
            self.end_rows();
        }
        let is_loop = self.rows.values().any(|row| row.paths.get(path).is_some_and(|trips| *trips >= ROW));
        if is_loop {
            self.rows.values_mut().for_each(|row| _ = row.paths.remove(path));
            self.suspended.insert(path.clone());
        }
        is_loop
    }

    /// Somebody saved the path in the editor: it is theirs, and so is what follows.
    pub(super) fn saved(&mut self, path: &Arc<Path>) {
        self.end_rows();
        self.suspended.remove(path);
    }

    /// Somebody has mended the configuration, or has tried to.
    pub(super) fn forget(&mut self) {
        self.end_rows();
        self.suspended.clear();
    }

    /// What follows is no longer for what came before: a person, or somebody who waits for what comes of it, wrote it.
    pub(super) fn end_rows(&mut self) {
        self.rows.values_mut().for_each(|row| row.paths.clear());
    }

    /// When a trip may begin that is wanted for this: later if it is to tell a loop from a person.
    pub(super) fn may_begin(&self, trips: Trips, asks: &Asks, due: Moment) -> Moment {
        let Some(row) = self.rows.get(&trips) else { return due };
        let is_third = |path| row.paths.get(path).is_some_and(|trips| trips + 1 >= ROW);
        if row.paths.is_empty() || !asks.are_own() || !asks.parts().keys().any(is_third) {
            return due;
        }
        let quiet = row.pace.clamp(QUIET.0, QUIET.1);
        // Something of ours may never end.
        let told = self.over.map_or(asks.at().after(QUIET.1), |over| over.after(quiet));
        due.max(told)
    }

    /// A trip begins for this.
    pub(super) fn trip_begins(&mut self, trips: Trips, asks: &Asks, now: Moment) {
        let row = self.rows.entry(trips).or_default();
        let pace = asks.at().since(row.began);
        let is_steady = pace <= row.pace * 3 / 2 + SLACK && row.pace <= pace * 3 / 2 + SLACK;
        if !asks.are_own() || !is_steady {
            row.paths.clear();
        }
        if asks.are_own() {
            for path in asks.parts().keys() {
                *row.paths.entry(path.clone()).or_default() += 1;
            }
        }
        (row.pace, row.began) = (pace, now);
    }

    /// The paths that no longer count.
    pub(super) fn suspended(&self) -> impl Iterator<Item = &Arc<Path>> {
        self.suspended.iter()
    }

    /// What people are told of them.
    pub(super) fn problems(&self, spec: &ServiceSpec) -> Vec<Problem> {
        let tell = |path: &Arc<Path>| {
            let glob = glob_of(path, &spec.root);
            let path = path.strip_prefix(&spec.root).unwrap_or(path).display();
            let text = format!(
                "`{path}` does not count any more: the build, a task or the service itself writes it, and three reloads in a \
                 row were for nothing else (help: write `ignore = [\"{glob}\"]` under [services.{}] in reload.toml)",
                spec.name
            );
            Problem::new(Severity::Warning, Problem::OURS, text)
        };
        self.suspended.iter().map(tell).collect()
    }
}

/// A glob of a configuration in `root` that matches nothing but this path.
pub fn glob_of(path: &Path, root: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let quote = |c: char| if "*?[]{}".contains(c) { format!("[{c}]") } else { c.to_string() };
    path.chars().map(quote).collect()
}
