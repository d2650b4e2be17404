//! What is held while git is at work: the looking, and then the telling, so that all of it is told at once.
//! Called by `worker` only. Does not know: what git does.

use std::path::Path;

use tokio::time::Instant;

use super::Worker;
use crate::engine::Origin;
use crate::watch::Report;
use crate::watch::vcs::Git;

/// What is held, and until when people were told that it is.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) git: Git,
    told: Option<Instant>,
    /// What was found once git was done. A look at thousands of files takes longer than the engine waits for quiet.
    found: Vec<Report>,
}

impl Held {
    /// This is the root from now on.
    pub(super) fn look_after(&mut self, root: &Path) {
        let git = Git::of(root);
        if git.directory() != self.git.directory() {
            self.git = git;
        }
    }

    /// Until when the looking is held.
    pub(super) fn until(&mut self) -> Option<Instant> {
        self.git.holds_until(Instant::now())
    }

    /// Keeps what the disk says while something is held; what is not kept is returned.
    pub(super) fn keep(&mut self, report: Report) -> Option<Report> {
        let is_disk = matches!(&report, Report::Changed(_, change) if change.origin == Origin::Disk);
        if self.told.is_none() || !is_disk {
            return Some(report);
        }
        self.found.push(report);
        None
    }
}

impl Worker {
    /// Holds until then. When that is over and everything was looked at, everything is told.
    pub(super) fn hold(&mut self, until: Option<Instant>) {
        if until == self.held.told {
            return;
        }
        if until.is_none() {
            self.tell_all();
        }
        self.held.told = until;
        self.send(Report::Held { until });
    }

    /// Tells what was found while it was held.
    pub(super) fn tell_all(&mut self) {
        for report in std::mem::take(&mut self.held.found) {
            self.send(report);
        }
    }
}
