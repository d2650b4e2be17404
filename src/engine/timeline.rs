//! How long each stage of a reload takes (product.md section 3, Timeline). Driven by `machine`.

use super::build_phase::Build;
use super::{Generation, Moment, Reload, RunId};
use std::time::Duration;

/// A reload whose run is to come up: the moments that are known so far.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Timeline {
    pub(super) generation: Generation,
    /// The first change.
    triggered: Moment,
    /// Begin and end of the build; equal without one.
    build: (Moment, Moment),
    /// The run that will end it, and when it was told to start.
    run: Option<(RunId, Moment)>,
    spawned: Option<Moment>,
}

impl Timeline {
    /// Its build has ended.
    pub(super) fn built(build: &Build, now: Moment) -> Self {
        let (generation, triggered) = (build.generation, build.asks.at());
        Self { generation, triggered, build: (build.started, now), run: None, spawned: None }
    }

    /// Without a build.
    pub(super) fn unbuilt(generation: Generation, triggered: Moment, now: Moment) -> Self {
        Self { generation, triggered, build: (now, now), run: None, spawned: None }
    }

    /// A run was told to start: this reload's, if it is of its generation.
    pub(super) fn started(&mut self, run: RunId, generation: Generation, now: Moment) {
        if generation == self.generation {
            self.run = Some((run, now));
            self.spawned = None;
        }
    }

    /// That run was spawned.
    pub(super) fn spawned(&mut self, run: RunId, now: Moment) {
        if self.is_of(run) {
            self.spawned = Some(now);
        }
    }

    /// Whether the reload ends with this run.
    pub(super) fn is_of(&self, run: RunId) -> bool {
        self.run.is_some_and(|(of, _)| of == run)
    }

    /// That run is ready: the reload is complete.
    pub(super) fn ready(&self, now: Moment) -> Reload {
        let (began, ended) = self.build;
        let started = self.run.map_or(ended, |(_, at)| at);
        let spawned = self.spawned.unwrap_or(started);
        let (settle, build) = (began.since(self.triggered), ended.since(began));
        let (stop, start) = (started.since(ended), spawned.since(started));
        let total: Duration = now.since(self.triggered);
        Reload { generation: self.generation, settle, build, stop, start, ready: now.since(spawned), total }
    }
}
