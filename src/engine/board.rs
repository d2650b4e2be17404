//! Which problems of a service hold now (lsp.md section 3.2). Driven by `machine`.
//! Does not know: where they are shown.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Effect, Generation, OfTasks, Problem, ServiceName};

/// The problems of one service.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Board {
    /// Of the last build that ended by itself.
    verdict: Vec<Problem>,
    /// Of those that were stopped since.
    stopped: Vec<Problem>,
    /// Of the build under way.
    building: Vec<Problem>,
    /// Of the last run that went wrong.
    crash: Option<Crash>,
    /// That a run is still waited for although its time is over.
    late: Option<Problem>,
    /// Of builds, of runs, and of tasks.
    published: (Vec<Problem>, Vec<Problem>, OfTasks),
}

/// What went wrong with a run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Crash {
    generation: Generation,
    problems: Vec<Problem>,
    /// It was never ready: the next run that is has overcome it.
    is_of_start: bool,
}

impl Board {
    /// A build begins: the older problems stay until it says something else about their file, or ends.
    pub(super) fn build_started(&mut self) {
        self.building.clear();
    }

    /// The build under way named these.
    pub(super) fn found(&mut self, problems: Vec<Problem>) {
        self.building.extend(problems);
    }

    /// The build ended by itself: what it named is all there is.
    pub(super) fn build_ended(&mut self) {
        self.verdict = std::mem::take(&mut self.building);
        self.stopped.clear();
    }

    /// The build was stopped: what is shown stays as it is.
    pub(super) fn build_stopped(&mut self) {
        self.stopped = renewed(&self.stopped, &self.building);
        self.building.clear();
    }

    /// The builds that were stopped have never been: only the last verdict holds.
    pub(super) fn build_never_was(&mut self) {
        self.stopped.clear();
        self.building.clear();
    }

    /// Nothing is built any more.
    pub(super) fn forget_builds(&mut self) {
        self.verdict.clear();
        self.build_never_was();
    }

    /// A run of `generation` that was ready went wrong.
    pub(super) fn crashed(&mut self, generation: Generation, problems: Vec<Problem>) {
        self.crash = Some(Crash { generation, problems, is_of_start: false });
    }

    /// A run of `generation` is not ready in time, or never will be.
    pub(super) fn did_not_start(&mut self, generation: Generation, problems: Vec<Problem>) {
        self.crash = Some(Crash { generation, problems, is_of_start: true });
    }

    /// A run is ready: whatever kept the service from starting is mended.
    pub(super) fn started(&mut self) {
        self.crash.take_if(|crash| crash.is_of_start);
    }

    /// A run of `generation` is brought up: what an older one died of is history.
    pub(super) fn brought_up(&mut self, generation: Generation) {
        self.crash.take_if(|crash| crash.generation < generation);
    }

    /// Somebody has seen the crash and asks for another try, or what it was about is no more.
    pub(super) fn forget_crash(&mut self) {
        self.crash = None;
    }

    /// A run was not ready in time, and is still waited for.
    pub(super) fn is_late(&mut self, problem: Problem) {
        self.late = Some(problem);
    }

    /// Nothing of the service is left to have a problem.
    pub(super) fn clear(&mut self) {
        self.forget_builds();
        self.forget_crash();
    }

    /// Publishes what holds now, if that is not what was published last. `waits` is whether a late run is still waited for.
    /// `ours` is what else we have to say.
    pub(super) fn publish(
        &mut self,
        service: &ServiceName,
        waits: bool,
        ours: Vec<Problem>,
        of_tasks: OfTasks,
        effects: &mut Vec<Effect>,
    ) {
        self.late.take_if(|_| !waits);
        let mut of_builds = self.of_builds();
        of_builds.extend(ours);
        let of_crash = self.crash.iter().flat_map(|crash| &crash.problems);
        let of_runs: Vec<_> = of_crash.chain(&self.late).cloned().collect();
        let holds = (of_builds, of_runs, of_tasks);
        if holds != self.published {
            self.published = holds.clone();
            let (of_builds, of_runs, of_tasks) = holds;
            let service = service.clone();
            effects.push(Effect::PublishProblems { service, of_builds, of_runs, of_tasks });
        }
    }

    /// What the build under way names, and of the older ones what is about other files and was not said again.
    pub(super) fn of_builds(&self) -> Vec<Problem> {
        renewed(&renewed(&self.verdict, &self.stopped), &self.building)
    }
}

/// The newer problems, and before them of the older ones what is about other files and was not said again.
fn renewed(old: &[Problem], new: &[Problem]) -> Vec<Problem> {
    let path = |problem: &Problem| problem.place.as_ref().map(|place| place.path.clone());
    let files: BTreeSet<_> = new.iter().filter_map(path).collect();
    let is_old = |problem: &&Problem| {
        let place = problem.place.as_ref();
        !place.is_some_and(|place| files.contains(place.path.as_path() as &Path)) && !new.contains(problem)
    };
    old.iter().filter(is_old).chain(new).cloned().collect()
}
