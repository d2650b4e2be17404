//! One service: joins its two phases by the one rule that a passed build brings its generation up.
//! Driven by `Engine`. Does not know: other services.

use super::board::Board;
use super::build_phase::{Build, BuildPhase, Due, Urgency};
use super::service_phase::{Down, Goal, Runs};
use super::timeline::Timeline;
use super::{
    Action, BuildStage, BuildStatus, Change, Content, Effect, Generation, LastExit, Moment, Origin, Reload,
    Request, RunId, SAVE_SETTLE, ServiceSpec, Trigger,
};
use std::time::Duration;

/// One service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) spec: ServiceSpec,
    /// It was removed from the configuration: it goes when nothing of it lives.
    pub(super) is_leaving: bool,
    pub(super) paused: Option<Moment>,
    pub(super) build: BuildPhase,
    pub(super) runs: Runs,
    pub(super) board: Board,
    /// The generation of the newest trip.
    pub(super) newest: Generation,
    /// The newest generation whose build passed.
    pub(super) passed: Option<Generation>,
    /// Something that not only the compiler reads has changed since a run was brought up.
    pub(super) must_restart: bool,
    pub(super) trigger: Option<Trigger>,
    pub(super) last_build: Option<BuildStatus>,
    pub(super) last_exit: Option<LastExit>,
    pub(super) last_reload: Option<Reload>,
    /// The generation that was to replace the one that serves, and could not.
    pub(super) swap_failed: Option<Generation>,
    pub(super) timeline: Option<Timeline>,
}

impl Machine {
    pub(super) fn new(spec: ServiceSpec) -> Self {
        Self {
            spec,
            is_leaving: false,
            paused: None,
            build: BuildPhase::Quiet,
            runs: Runs::new(),
            board: Board::default(),
            newest: Generation(0),
            passed: None,
            must_restart: false,
            trigger: None,
            last_build: None,
            last_exit: None,
            last_reload: None,
            swap_failed: None,
            timeline: None,
        }
    }

    /// Whether anything of it lives: a build or a run.
    pub(super) fn lives(&self) -> bool {
        self.build.build().is_some() || !self.runs.live.is_empty()
    }

    /// Whether a service that depends on it may start.
    pub(super) fn is_usable(&self) -> bool {
        let has_ready_run = self.runs.live.iter().any(|run| run.stage.is_ready());
        has_ready_run
            || self.runs.goal == Goal::Down(Down::Finished)
            || (self.spec.run.is_none() && self.passed.is_some())
    }

    /// Whether the last build failed.
    pub(super) fn build_failed(&self) -> bool {
        self.last_build.as_ref().is_some_and(|build| build.stage == BuildStage::Failed)
    }

    /// Whether a save of unchanged content means "try again" (product.md 2.2).
    fn has_nothing_good(&self) -> bool {
        self.build_failed()
            || match self.runs.goal {
                Goal::Down(_) => self.spec.run.is_some(),
                Goal::BackingOff { .. } => true,
                Goal::Start { .. } | Goal::Up(_) => self.swap_failed.is_some(),
            }
    }

    /// The configuration of the service is this from now on.
    pub(super) fn configured(&mut self, spec: ServiceSpec, now: Moment, effects: &mut Vec<Effect>) {
        let before = std::mem::replace(&mut self.spec, spec);
        let returns = std::mem::take(&mut self.is_leaving);
        if self.spec.run.is_none() {
            self.runs.bring_down(Down::Idle);
        }
        if returns || before.build != self.spec.build {
            self.passed = None;
            self.build_now(Origin::Configuration, now, effects);
        } else if before.run != self.spec.run {
            let trigger = Trigger::without_files(Origin::Configuration, Action::Restart, now);
            self.build.remember(&trigger, Urgency::AtOnce, now);
        }
    }

    pub(super) fn changed(&mut self, change: &Change, now: Moment, effects: &mut Vec<Effect>) {
        let urgency = Urgency::of(change.origin, self.spec.policy.on_save);
        if change.content == Content::Same {
            if self.build.claim(change, urgency, now) {
                if urgency != Urgency::Held && self.paused.is_none() && change.action == Action::Rebuild {
                    self.stop_build(Due::settle(SAVE_SETTLE, now), effects);
                }
                return;
            }
            let is_quiet = self.build == BuildPhase::Quiet;
            if !is_quiet || !self.has_nothing_good() {
                return;
            }
        }
        if change.action == Action::Refresh {
            if self.runs.wanted().is_some_and(|run| run.stage.is_ready()) {
                effects.push(Effect::RefreshBrowsers { service: self.spec.name.clone() });
            }
            return;
        }
        let stops = matches!(urgency, Urgency::AtOnce | Urgency::AfterAutoSave)
            && self.paused.is_none()
            && change.action == Action::Rebuild;
        if stops {
            let due =
                if urgency == Urgency::AtOnce { Due::settle(SAVE_SETTLE, now) } else { urgency.due(now) };
            self.stop_build(due, effects);
        }
        self.build.remember(&Trigger::from_change(change, now), urgency, now);
    }

    pub(super) fn requested(&mut self, request: Request, now: Moment, effects: &mut Vec<Effect>) {
        let is_up = self.runs.wanted().is_some() || matches!(self.runs.goal, Goal::Start { .. });
        match request {
            Request::Build => self.build_now(Origin::Person, now, effects),
            Request::Start if is_up => {}
            Request::Restart | Request::Start => self.run_again(now, effects),
            Request::Stop => self.stop(effects),
            Request::CancelBuild => {
                let stopped = self.build.stop_for_good();
                self.tell_to_stop(stopped, effects);
            }
            Request::Pause => self.paused = self.paused.or(Some(now)),
            Request::Resume => self.paused = None,
        }
    }

    /// A trip at once, whatever has changed.
    pub(super) fn build_now(&mut self, origin: Origin, now: Moment, effects: &mut Vec<Effect>) {
        let mut trigger = Trigger::without_files(origin, Action::Rebuild, now);
        // Nothing but what has been told of has changed: the same bytes may stay.
        trigger.compiled = origin == Origin::Person;
        self.stop_build(Due::Now, effects);
        self.build.remember(&trigger, Urgency::AtOnce, now);
    }

    /// Starts the last passed generation, or builds one.
    pub(super) fn run_again(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        self.runs.crashes = 0;
        self.board.forget_crash();
        self.board.publish(&self.spec.name, effects);
        match self.passed {
            Some(generation) if self.spec.run.is_some() => self.bring_up(generation, now, now),
            Some(_) | None if self.build.build().is_some() => {}
            Some(_) | None => self.build_now(Origin::Person, now, effects),
        }
    }

    /// Stops the service and its build, and forgets what was wanted.
    pub(super) fn stop(&mut self, effects: &mut Vec<Effect>) {
        let stopped = self.build.stop_for_good();
        self.tell_to_stop(stopped, effects);
        self.runs.bring_down(Down::Stopped);
    }

    /// Gives every run that is being stopped no more than `grace`.
    pub(super) fn hurry(&mut self, grace: Duration, now: Moment, effects: &mut Vec<Effect>) {
        self.spec.policy.grace = self.spec.policy.grace.min(grace);
        let stopping: Vec<_> =
            self.runs.live.iter().filter(|run| run.stage.is_stopping()).map(|run| run.id).collect();
        for id in stopping {
            self.runs.stop(id, &self.spec.name, self.spec.policy.grace, now, effects);
        }
    }

    /// A run of `generation` is wanted, because of something that came at `triggered`.
    pub(super) fn bring_up(&mut self, generation: Generation, triggered: Moment, now: Moment) {
        if self.spec.run.is_none() {
            self.timeline = None;
            return;
        }
        if self.timeline.is_none() {
            self.timeline = Some(Timeline::begin(generation, triggered, now));
        }
        self.must_restart = false;
        self.swap_failed = None;
        self.board.brought_up(generation);
        self.runs.bring_up(generation, now);
    }

    /// A run of the wanted generation once more: what it depends on has a new run.
    pub(super) fn restart_after_dependency(&mut self, now: Moment) {
        if let Some(generation) = self.runs.wanted().map(|run| run.serves) {
            self.bring_up(generation, now, now);
        }
    }

    /// Does what has become due.
    pub(super) fn tick(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        if let Some(late) = self.runs.tick(self.spec.policy.swap, now) {
            self.not_ready_in_time(&late, effects);
        }
        if self.settled().is_some_and(|due| due <= now)
            && let BuildPhase::Settling(pending) = &self.build
        {
            self.begin(&pending.trigger.clone(), now, effects);
            self.board.publish(&self.spec.name, effects);
        }
    }

    /// When the trip that is wanted begins. A person does not wait for `resume`.
    fn settled(&self) -> Option<Moment> {
        let BuildPhase::Settling(pending) = &self.build else { return None };
        let is_free = self.paused.is_none() || pending.trigger.origin == Origin::Person;
        pending.due.moment().filter(|_| is_free)
    }

    /// When `tick` has something to do.
    pub(super) fn deadline(&self) -> Option<Moment> {
        [self.settled(), self.runs.deadline()].into_iter().flatten().min()
    }

    /// A trip begins.
    fn begin(&mut self, trigger: &Trigger, now: Moment, effects: &mut Vec<Effect>) {
        self.build = BuildPhase::Quiet;
        self.trigger = Some(trigger.clone());
        self.must_restart |= !trigger.compiled;
        self.runs.crashes = 0;
        self.timeline = None;
        let restarts = trigger.action == Action::Restart && self.spec.build.is_some();
        if let Some(passed) = self.passed.filter(|_| restarts) {
            self.bring_up(passed, trigger.at, now);
            return;
        }
        let generation = self.newest.next();
        self.newest = generation;
        self.timeline = Some(Timeline::begin(generation, trigger.at, now));
        if self.spec.build.is_none() {
            self.passed = Some(generation);
            self.bring_up(generation, trigger.at, now);
            return;
        }
        self.build = BuildPhase::Running {
            build: Build { generation, trigger: trigger.clone(), blocked: None, started: now },
            remembered: None,
        };
        self.last_build = Some(BuildStatus::begun(generation, now));
        self.board.build_started();
        effects.push(Effect::StartBuild {
            service: self.spec.name.clone(),
            generation,
            running: self.runs.wanted().map(|run| run.generation),
            trigger: trigger.clone(),
        });
    }

    /// Notes that a run was told to start.
    pub(super) fn run_was_told_to_start(&mut self, id: RunId, now: Moment) {
        let Some(generation) = self.runs.get_mut(id).map(|run| run.generation) else { return };
        if let Some(timeline) = &mut self.timeline {
            timeline.started(id, generation, now);
        }
    }

    fn stop_build(&mut self, due: Due, effects: &mut Vec<Effect>) {
        let stopped = self.build.stop_again(due);
        self.tell_to_stop(stopped, effects);
    }

    fn tell_to_stop(&mut self, stopped: Option<Generation>, effects: &mut Vec<Effect>) {
        let Some(generation) = stopped else { return };
        if let Some(last) = &mut self.last_build {
            last.stage = BuildStage::Stopping;
        }
        effects.push(Effect::StopBuild { service: self.spec.name.clone(), generation });
    }
}
