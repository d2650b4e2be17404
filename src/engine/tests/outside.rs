//! What one service has outside of the engine: processes on paper, files, and what is owed to whom.
//! Used by `World`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::world::World;
use crate::engine::machine::Machine;
use crate::engine::*;

/// A process on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Live {
    pub(super) run: RunId,
    pub(super) generation: Generation,
    /// The source it was built from, how new that is, and what it has read by itself.
    pub(super) source: Sources,
    pub(super) age: u32,
    pub(super) data: Sources,
    pub(super) is_ready: bool,
    pub(super) ready_since: Moment,
    pub(super) started: Moment,
    pub(super) is_stopping: bool,
    /// How long it was given when it was told to stop.
    pub(super) grace: Duration,
}

/// What some files hold, and how often the configuration has changed. Files that hold what they always held are left out.
pub(super) type Sources = (u32, Rc<BTreeMap<Arc<Path>, Identity>>);

/// A file, and who reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) is: Identity,
    pub(super) is_source: bool,
    pub(super) is_data: bool,
}

/// What was seen and asked for when a build began: it is so again when that build is stopped for another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Seen {
    /// What the last trip has seen of every file.
    pub(super) files: Rc<BTreeMap<Arc<Path>, Identity>>,
    /// The source that somebody has given up.
    pub(super) gave_up: Option<Sources>,
    /// Something asks for a trip that no file can take back.
    pub(super) asked: bool,
}

/// What one service has outside of the engine.
#[expect(clippy::struct_excessive_bools, reason = "each is a debt of its own")]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Outside {
    pub(super) build: Option<(Generation, bool)>,
    /// What the build that lives is compared with.
    pub(super) compared: Option<Generation>,
    pub(super) runs: Vec<Live>,
    /// The tasks that live, which of their runs it is, and whether it was told to stop.
    pub(super) tasks: BTreeMap<TaskId, (Generation, bool)>,
    /// The paths of each task that hold something other than what its last run saw, and what that was.
    pub(super) owes_task: BTreeMap<TaskId, BTreeMap<Arc<Path>, Identity>>,
    /// The tasks whose last run failed, until the next begins.
    pub(super) failed_tasks: BTreeSet<TaskId>,
    /// The tasks that need not wait for the end of a pause: somebody has asked for a build since they began.
    pub(super) asked_tasks: BTreeSet<TaskId>,
    /// A task that passed has asked for a trip that has not begun: it has the files that the task was started for.
    pub(super) follows_task: bool,
    /// What the files of tasks hold.
    pub(super) task_files: BTreeMap<Arc<Path>, Identity>,
    pub(super) passed: BTreeSet<Generation>,
    /// The generations whose results are on disk, and those that the build that lives may not remove.
    pub(super) folders: BTreeSet<Generation>,
    pub(super) needed: BTreeSet<Generation>,
    /// What the files hold.
    pub(super) files: BTreeMap<Arc<Path>, File>,
    /// How often the configuration of the build and of the run has changed, or a task has passed that is followed by one.
    pub(super) configured: (u32, u32),
    /// How often what is built from has changed.
    pub(super) age: u32,
    /// What was read for each build.
    pub(super) built: BTreeMap<Generation, (Sources, u32)>,
    /// What the trips have seen so far, and what they had seen when the build that lives began.
    pub(super) seen: Seen,
    pub(super) seen_before: Seen,
    /// Somebody has stopped the service, and nothing has asked for it since.
    pub(super) is_stopped: bool,
    /// Somebody has stopped the service, and nothing of it has begun since.
    pub(super) was_stopped: bool,
    pub(super) is_paused: bool,
    /// Something asked for a new run that has not begun.
    pub(super) owes_run: bool,
    /// The files that ask for a new run, and what they held before.
    pub(super) owed: BTreeMap<Arc<Path>, Identity>,
    /// Something asked for more than to be collected, and no build has begun since.
    pub(super) may_build: bool,
    /// A build was stopped, and none has begun since.
    pub(super) has_stopped: bool,
    pub(super) has_failed: bool,
    /// What the build that lives has named.
    pub(super) found: Vec<Problem>,
    pub(super) dead_build: Option<Generation>,
    pub(super) dead_run: Option<RunId>,
    /// The age of the newest source and the newest generation of which a run has ended, or may have been late.
    pub(super) ended: (Option<u32>, Option<Generation>),
    /// Of builds and of runs.
    pub(super) problems: (Vec<Problem>, Vec<Problem>),
    /// Since when it has been waited for changes to come to an end.
    pub(super) settles_since: Option<Moment>,
    /// When nothing was under way or awaited for the last time.
    pub(super) rested: Moment,
}

impl Outside {
    /// What is built from now.
    pub(super) fn source(&self) -> Sources {
        (self.configured.0, self.holding(|file| file.is_source))
    }

    /// What a run would read now.
    pub(super) fn data(&self) -> Sources {
        (self.configured.1, self.holding(|file| file.is_data))
    }

    fn holding(&self, counts: impl Fn(&File) -> bool) -> Rc<BTreeMap<Arc<Path>, Identity>> {
        let files = self.files.iter().filter(|(_, file)| counts(file) && file.is != Identity::Content(0));
        Rc::new(files.map(|(path, file)| (path.clone(), file.is)).collect())
    }

    /// Whether a file holds something other than what the last trip has seen.
    pub(super) fn differs(&self, path: &Path) -> bool {
        let seen = |path| self.seen.files.get(path).copied().unwrap_or(Identity::Content(0));
        self.files.get(path).is_some_and(|file| file.is != seen(path))
    }

    /// Whether no trip has seen the newest source.
    pub(super) fn is_dirty(&self) -> bool {
        let is_configured =
            self.built.last_key_value().is_none_or(|(_, built)| built.0.0 < self.configured.0);
        is_configured || self.files.iter().any(|(path, file)| file.is_source && self.differs(path))
    }

    /// Whether somebody has given up the newest source.
    pub(super) fn is_cancelled(&self) -> bool {
        self.seen.gave_up.as_ref() == Some(&self.source())
    }

    pub(super) fn give_up(&mut self) {
        self.see();
        self.seen.gave_up = Some(self.source());
        self.owes_run = false;
        self.owed.clear();
    }

    /// A trip begins, or nobody wants one: what is there has been seen.
    pub(super) fn see(&mut self) {
        let files = self.files.iter().map(|(path, file)| (path.clone(), file.is)).collect();
        self.seen = Seen { files: Rc::new(files), gave_up: None, asked: false };
    }

    pub(super) fn note_end(&mut self, live: &Live) {
        let (source, generation) = self.ended;
        self.ended = (source.max(Some(live.age)), generation.max(Some(live.generation)));
    }

    /// Whether a run is not of the newest source.
    pub(super) fn is_behind(&self, live: &Live) -> bool {
        live.source != self.source() || live.data != self.data()
    }
}

impl World {
    /// Whether a save of what is known means "try again".
    pub(super) fn has_nothing_good(&self, service: &ServiceName) -> bool {
        let mut machines = self.engine.machines.iter();
        machines.find(|machine| machine.spec.name == *service).is_some_and(|machine| {
            let before = machine.build.build().and_then(|build| build.before.as_ref());
            let before = before.and_then(|before| before.last_build.as_ref());
            let has_failed = |last: &BuildStatus| last.stage == BuildStage::Failed;
            machine.has_nothing_good() || before.is_some_and(has_failed)
        })
    }

    /// Whether the last build failed.
    pub(super) fn has_failed(&self, service: &ServiceName) -> bool {
        let mut machines = self.engine.machines.iter();
        machines.find(|machine| machine.spec.name == *service).is_some_and(Machine::build_failed)
    }
}
