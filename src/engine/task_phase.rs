//! The third small machine of a service, one for each rule with a task: when to run it, and what follows (product.md 2.3).
//! Driven by `machine`. Does not know: builds, runs, other tasks.

use super::board::Board;
use super::build_phase::{Build, BuildPhase};
use super::machine::Machine;
use super::own::OwnWrites;
use super::pending::{Asks, Due, Pending, Urgency};
use super::{
    Action, BuildOutcome, BuildStage, BuildStatus, Change, Content, Effect, Generation, Moment, OfTasks,
    OnSave, Origin, Problem, SAVE_SETTLE, ServiceName, Severity, TaskId, TaskSpec, TaskStatus, Trigger,
};

/// The task of one rule. It has the phases of a build; only, a change never stops it, for it may have written that itself.
///
/// | phase | manual save | auto-save, disk | task exited | due |
/// |---|---|---|---|---|
/// | Quiet | Running(n+1) | Settling | – | – |
/// | Settling | Running(n+1) | later, bounded | – | Running(n+1) |
/// | Running(n) | remembered | remembered | Quiet, or Settling if remembered; passed: what its rule says | – |
/// | Stopping(n) | remembered | remembered | Settling if remembered, else Quiet | – |
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    spec: TaskSpec,
    /// Its rule was removed: it goes when nothing of it lives.
    is_leaving: bool,
    phase: BuildPhase,
    last: Option<BuildStatus>,
    board: Board,
}

impl Task {
    fn new(spec: TaskSpec) -> Self {
        Self { spec, is_leaving: false, phase: BuildPhase::Quiet, last: None, board: Board::default() }
    }

    /// Whether it runs.
    pub(super) fn lives(&self) -> bool {
        self.phase.build().is_some()
    }

    fn has_failed(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.stage == BuildStage::Failed)
    }

    fn changed(&mut self, change: &Change, on_save: OnSave, is_own: bool, now: Moment) {
        let urgency = Urgency::of(change.origin, on_save);
        if change.content() == Content::Same
            && (self.phase.claim(change, urgency, now) || self.phase.is_under_way() || !self.has_failed())
        {
            return;
        }
        self.phase.remember(Asks::from_change(change, urgency, is_own, now), urgency, now);
        let is_back = self.phase.forget_what_is_back().is_some();
        if is_back && change.is_save() && self.has_failed() {
            let again = Change { before: change.after, ..change.clone() };
            self.phase.remember(Asks::from_change(&again, urgency, false, now), urgency, now);
        }
    }

    /// What it waits for to be due.
    pub(super) fn settling(&self) -> Option<&Pending> {
        self.phase.pending().filter(|_| !self.lives())
    }

    /// What it is to run for once more.
    pub(super) fn pending(&self) -> Option<&Pending> {
        self.phase.pending()
    }

    /// Somebody asks for a build: what was only collected is done, too.
    fn asked_for(&mut self, now: Moment) {
        if self.phase.pending().is_some() {
            let trigger = Trigger::without_files(Origin::Person, Action::Task(self.spec.id), now);
            self.phase.remember(Asks::by_itself(trigger), Urgency::AtOnce, now);
        }
    }

    fn due(&self, is_collecting: bool, own: &OwnWrites) -> Option<Moment> {
        let pending = self.settling()?;
        let is_free = !is_collecting || pending.asks.are_a_persons();
        let due = pending.due.moment().filter(|_| is_free)?;
        Some(own.may_begin(Some(self.spec.id), &pending.asks, due))
    }

    fn begin(&mut self, service: &ServiceName, own: &mut OwnWrites, now: Moment, effects: &mut Vec<Effect>) {
        let BuildPhase::Settling(Pending { asks, .. }) = &self.phase else { return };
        own.trip_begins(Some(self.spec.id), asks, now);
        let generation = self.last.as_ref().map_or(Generation(0), |last| last.generation).next();
        let build = Build { generation, asks: asks.clone(), before: None, blocked: None, started: now };
        self.phase = BuildPhase::Running { build, remembered: None };
        self.last = Some(BuildStatus::begun(generation, now));
        self.board.build_started();
        let (service, task) = (service.clone(), self.spec.id);
        effects.push(Effect::StartTask { service, task, number: generation });
    }

    /// Stops it and forgets what was wanted.
    fn stop(&mut self, service: &ServiceName, effects: &mut Vec<Effect>) {
        let Some(number) = self.phase.stop_for_good() else { return };
        if let Some(last) = &mut self.last {
            last.stage = BuildStage::Stopping;
        }
        effects.push(Effect::StopTask { service: service.clone(), task: self.spec.id, number });
    }

    fn found(&mut self, number: Generation, problems: Vec<Problem>) {
        let BuildPhase::Running { build, .. } = &self.phase else { return };
        let Some(last) = self.last.as_mut().filter(|_| build.generation == number) else { return };
        last.count(&problems);
        self.board.found(problems);
    }

    /// What it had to do and has done, if it passed.
    fn exited(&mut self, number: Generation, outcome: BuildOutcome, now: Moment) -> Option<Trigger> {
        let build = self.phase.build().filter(|build| build.generation == number)?.clone();
        let is_stopped =
            matches!(self.phase, BuildPhase::Stopping { .. }) || outcome == BuildOutcome::Stopped;
        self.phase = self.phase.pending().cloned().map_or(BuildPhase::Quiet, BuildPhase::Settling);
        let last = self.last.as_mut()?;
        last.elapsed = now.since(last.started);
        if is_stopped {
            last.stage = BuildStage::Stopped;
            self.board.build_stopped();
            return None;
        }
        let has_passed = matches!(outcome, BuildOutcome::Passed { .. });
        last.stage = if has_passed { BuildStage::Passed } else { BuildStage::Failed };
        match outcome {
            BuildOutcome::Passed { .. } | BuildOutcome::Stopped => {}
            BuildOutcome::Failed(exit) => last.exit = Some(exit),
            BuildOutcome::NotStarted(why) => {
                let problems = vec![Problem::new(Severity::Error, Problem::OURS, why.clone())];
                last.count(&problems);
                last.not_started = Some(why);
                self.board.found(problems);
            }
        }
        self.board.build_ended();
        has_passed.then(|| build.asks.trigger())
    }

    /// The picture of it.
    pub(super) fn describe(&self, now: Moment) -> TaskStatus {
        let last = self.last.clone().map(|mut last| {
            if self.lives() {
                last.elapsed = now.since(last.started);
            }
            last
        });
        TaskStatus { command: self.spec.command.clone(), is_pending: self.phase.pending().is_some(), last }
    }
}

impl Machine {
    /// These are the rules with tasks from now on. What is the same goes on.
    pub(super) fn tasks_configured(&mut self, effects: &mut Vec<Effect>) {
        for task in &mut self.tasks {
            let spec = self.spec.tasks.iter().find(|spec| spec.id == task.spec.id);
            task.is_leaving = spec.is_none();
            if let Some(spec) = spec {
                task.spec = spec.clone();
            } else {
                task.stop(&self.spec.name, effects);
                task.board.clear();
            }
        }
        for spec in &self.spec.tasks {
            if !self.tasks.iter().any(|task| task.spec.id == spec.id) {
                self.tasks.push(Task::new(spec.clone()));
            }
        }
        self.tasks.retain(|task| !task.is_leaving || task.lives());
    }

    /// A path was modified whose rule has a task.
    pub(super) fn task_wanted(&mut self, id: TaskId, change: &Change, is_own: bool, now: Moment) {
        let on_save = self.spec.policy.on_save;
        // A rule that is gone by now has no say.
        if let Some(task) = self.task(id).filter(|task| !task.is_leaving) {
            task.changed(change, on_save, is_own, now);
        }
    }

    pub(super) fn task_found(&mut self, id: TaskId, number: Generation, problems: Vec<Problem>) {
        if let Some(task) = self.task(id).filter(|task| !task.is_leaving) {
            task.found(number, problems);
        }
    }

    pub(super) fn task_exited(
        &mut self,
        id: TaskId,
        number: Generation,
        outcome: BuildOutcome,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        let Some(task) = self.task(id) else { return };
        let then = task.spec.then;
        let done = task.exited(number, outcome, now);
        self.tasks.retain(|task| !task.is_leaving || task.lives());
        if let (Some(trigger), Some(action)) = (done, then) {
            // Nobody knows what else it has written.
            self.asked(&Trigger { action, compiled: false, ..trigger }, now, effects);
        }
    }

    /// What a task that passed asks for is done as if somebody had saved it now.
    fn asked(&mut self, trigger: &Trigger, now: Moment, effects: &mut Vec<Effect>) {
        match trigger.action {
            Action::Task(_) => {}
            Action::Refresh => self.refresh(effects),
            Action::Restart | Action::Rebuild => {
                let is_build = trigger.action == Action::Rebuild && !self.is_collecting();
                if is_build && trigger.origin > Origin::Disk {
                    self.stop_build(Due::settle(SAVE_SETTLE, now), effects);
                }
                self.build.remember(Asks::by_itself(trigger.clone()), Urgency::AtOnce, now);
            }
        }
    }

    /// Somebody asks for a build.
    pub(super) fn ask_tasks(&mut self, now: Moment) {
        self.tasks.iter_mut().for_each(|task| task.asked_for(now));
    }

    pub(super) fn stop_tasks(&mut self, effects: &mut Vec<Effect>) {
        for task in &mut self.tasks {
            task.stop(&self.spec.name, effects);
        }
    }

    /// Begins the tasks that are due.
    pub(super) fn tick_tasks(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        let is_collecting = self.is_collecting();
        for task in &mut self.tasks {
            if task.due(is_collecting, &self.own).is_some_and(|due| due <= now) {
                task.begin(&self.spec.name, &mut self.own, now, effects);
            }
        }
    }

    /// When `tick_tasks` has something to do.
    pub(super) fn tasks_due(&self) -> Option<Moment> {
        self.tasks.iter().filter_map(|task| self.task_due(task)).min()
    }

    /// When a task begins that is wanted.
    pub(super) fn task_due(&self, task: &Task) -> Option<Moment> {
        task.due(self.is_collecting(), &self.own)
    }

    /// The problems of each task that has some.
    pub(super) fn problems_of_tasks(&self) -> OfTasks {
        let of_task = |task: &Task| (task.spec.id, task.board.of_builds());
        self.tasks.iter().map(of_task).filter(|(_, problems)| !problems.is_empty()).collect()
    }

    fn task(&mut self, id: TaskId) -> Option<&mut Task> {
        self.tasks.iter_mut().find(|task| task.spec.id == id)
    }
}
