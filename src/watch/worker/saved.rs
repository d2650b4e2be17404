//! What the worker does when the editor has saved a file, and how it learns what a file holds. Called by `worker` only.
//! Does not know: services, builds.

use std::path::Path;

use super::{Worker, canonical, fingerprint, is_plain};
use crate::engine::{Identity, Origin, SaveReason};
use crate::watch::fingerprint::Seen;

impl Worker {
    pub(super) fn on_saved(&mut self, path: &Path, reason: SaveReason) {
        let named = path;
        let path = canonical(named);
        let mut concern = self.ground.concern(&path);
        if concern.is_none() && path.starts_with(&self.plan.root) && is_plain(named) {
            // The editor may have gone through a symlink that no walk has come across.
            concern = self.ground.filter.concern(named);
        }
        if concern.is_none() {
            return;
        }
        let (before, after) = self.take_over(&path);
        self.tell_all();
        self.report(&path, Origin::Editor(reason), before, after, &concern);
    }

    /// Reads a path and takes over what it holds. Returns what was known of it, and what it holds now.
    pub(super) fn take_over(&mut self, path: &Path) -> (Identity, Identity) {
        let Some(seen) = fingerprint::read(path, &mut self.buffer) else {
            let before = self.ground.fingerprints.remove(path);
            // That nothing is there is news to nobody, but an editor that saved it knows better.
            return (before.unwrap_or(Identity::Unknown), Identity::Nothing);
        };
        let after = seen.identity();
        let before = self.ground.fingerprints.record(path, seen);
        (before.unwrap_or_else(|| self.unseen(&seen)), after)
    }

    /// What is to be believed of a path of which nothing was known. Once everything was walked it has come into being; while a
    /// walk is on its way there, it is what the walk would make of it.
    fn unseen(&self, seen: &Seen) -> Identity {
        match &self.walk {
            Some(walk) if seen.modified < walk.since => seen.identity(),
            None if self.is_covered => Identity::Nothing,
            Some(_) | None => Identity::Unknown,
        }
    }
}
