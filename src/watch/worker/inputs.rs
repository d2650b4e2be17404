//! What the worker does when builds read something else than was known. Called by `worker` only.
//! Does not know: toolchains, builds.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::time::Instant;

use super::{Anchors, FileTime, Filter, Plan, Worker, fingerprint};
use crate::watch::Inputs;

impl Worker {
    /// Takes over a plan that differs in the lists alone. Nothing is walked unless there is something to watch that is not.
    /// What counts only from now on is a change if it was modified after `since`: nobody was told.
    pub(super) fn on_inputs(&mut self, plan: Plan, since: FileTime) {
        let filter = Arc::new(Filter::new(&plan));
        let plan_before = std::mem::replace(&mut self.plan, plan);
        let filter_before = std::mem::replace(&mut self.ground.filter, filter);
        let is_new = |file: &Path| !plan_before.inputs().any(|inputs| inputs.lists(file));
        let files: Vec<PathBuf> = self.plan.inputs().flat_map(Inputs::files).collect();
        self.anchors = Anchors::new(&self.plan, &self.ground.filter, self.held.git.directory());
        self.anchors.watch(&self.ground.tree);
        let mut is_out_of_sight = false;
        for file in files.into_iter().filter(|file| is_new(file)) {
            let (before, now) = (filter_before.concern(&file), self.ground.concern(&file));
            if now.services.iter().all(|wanting| before.services.contains(wanting)) {
                continue;
            }
            is_out_of_sight |= file.parent().is_some_and(|parent| !self.ground.tree.is_watched(parent));
            match FileTime::of_path(&file) {
                Some(modified) if modified < since => {
                    if let Some(seen) = fingerprint::read(&file, &mut self.buffer) {
                        self.ground.fingerprints.record_first(&file, seen);
                    }
                    continue;
                }
                // Whatever was seen of it since may not be what was read.
                Some(_) => drop(self.ground.fingerprints.remove(&file)),
                None => {}
            }
            self.pending.add(file, Instant::now());
        }
        // A walk that goes on asks the filter of before.
        if is_out_of_sight || self.walk.is_some() {
            self.walk_again(since);
        }
    }
}
