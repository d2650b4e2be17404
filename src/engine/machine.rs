//! One service: joins its two phases by the one rule that a passed build brings its generation up.
//! Driven by `Engine`. Does not know: other services.

use super::board::Board;
use super::build_phase::{Build, BuildPhase};
use super::hold::Held;
use super::own::OwnWrites;
use super::pending::{Asks, Before, Due, Pending, Urgency};
use super::service_phase::{Down, Goal, Runs, Stage};
use super::task_phase::Task;
use super::timeline::Timeline;
use super::{
    Action, BuildStage, BuildStatus, Effect, Generation, LastExit, Moment, Origin, Reload, Request, RunExit,
    RunId, ServiceSpec, Trigger,
};
use std::time::Duration;

/// One service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) spec: ServiceSpec,
    /// It was removed from the configuration: it goes when nothing of it lives.
    pub(super) is_leaving: bool,
    pub(super) paused: Option<Moment>,
    pub(super) held: Option<Held>,
    pub(super) build: BuildPhase,
    pub(super) runs: Runs,
    pub(super) board: Board,
    pub(super) tasks: Vec<Task>,
    /// The newest number that was given away.
    pub(super) newest: Generation,
    /// The generation of the newest trip that was not taken back: what serves an older one is stale.
    pub(super) current: Generation,
    /// The newest generation whose build passed.
    pub(super) passed: Option<Generation>,
    /// How often something has changed that not only the compiler reads: a run that has seen less must make way.
    pub(super) inputs: u32,
    pub(super) trigger: Option<Trigger>,
    pub(super) last_build: Option<BuildStatus>,
    pub(super) last_exit: Option<LastExit>,
    pub(super) last_reload: Option<Reload>,
    /// What was to replace the run that serves, and could not.
    pub(super) swap_failed: Option<SwapFailure>,
    /// Of the run that is wanted, until it is ready. Builds that begin meanwhile do not touch it.
    pub(super) timeline: Option<Timeline>,
    pub(super) own: OwnWrites,
}

/// A run that was to replace another, and could not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SwapFailure {
    pub(super) generation: Generation,
    /// How it ended; `None`: it was not ready in time.
    pub(super) exit: Option<RunExit>,
}

impl Machine {
    pub(super) fn new(spec: ServiceSpec) -> Self {
        let mut machine = Self {
            spec,
            is_leaving: false,
            paused: None,
            held: None,
            build: BuildPhase::Quiet,
            runs: Runs::new(),
            board: Board::default(),
            tasks: Vec::new(),
            newest: Generation(0),
            current: Generation(0),
            passed: None,
            inputs: 0,
            trigger: None,
            last_build: None,
            last_exit: None,
            last_reload: None,
            swap_failed: None,
            timeline: None,
            own: OwnWrites::default(),
        };
        machine.tasks_configured(&mut Vec::new());
        machine
    }

    /// Whether anything of it lives: a build, a task or a run.
    pub(super) fn lives(&self) -> bool {
        self.build.build().is_some() || !self.runs.live.is_empty() || self.tasks.iter().any(Task::lives)
    }

    /// Whether changes are only collected.
    pub(super) fn is_collecting(&self) -> bool {
        self.paused.is_some() || self.held.is_some()
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
    pub(super) fn has_nothing_good(&self) -> bool {
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
        self.tasks_configured(effects);
        self.own.forget();
        if self.spec.run.is_none() {
            self.runs.bring_down(Down::Idle);
            self.board.forget_crash();
        }
        if returns || before.build != self.spec.build {
            self.passed = None;
            self.build_now(Origin::Configuration, now, effects);
        } else if before.run != self.spec.run {
            let trigger = Trigger::without_files(Origin::Configuration, Action::Restart, now);
            self.build.remember(Asks::by_itself(trigger), Urgency::AtOnce, now);
        }
    }

    pub(super) fn refresh(&self, effects: &mut Vec<Effect>) {
        if self.runs.wanted().is_some_and(|run| run.stage.is_ready()) {
            effects.push(Effect::RefreshBrowsers { service: self.spec.name.clone() });
        }
    }

    pub(super) fn requested(&mut self, request: Request, now: Moment, effects: &mut Vec<Effect>) {
        let is_up = self.runs.wanted().is_some() || matches!(self.runs.goal, Goal::Start { .. });
        match request {
            Request::Build => {
                self.ask_tasks(now);
                self.build_now(Origin::Person, now, effects);
            }
            Request::Start if is_up => {}
            Request::Restart | Request::Start => {
                self.board.forget_crash();
                self.run_again(now, effects);
            }
            Request::Stop => self.stop(effects),
            Request::CancelBuild => self.give_up(effects),
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
        self.build.remember(Asks::by_itself(trigger), Urgency::AtOnce, now);
    }

    /// Starts the last passed generation, or builds one.
    pub(super) fn run_again(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        self.runs.crashes = 0;
        match self.passed {
            Some(generation) if self.spec.run.is_some() => {
                self.bring_up(Timeline::unbuilt(generation, now, now), now);
            }
            Some(_) | None => {
                // What runs meanwhile makes way even if the build makes the same.
                self.inputs += 1;
                if let BuildPhase::Running { build, .. } = &mut self.build {
                    let trigger = Trigger::without_files(Origin::Person, Action::Rebuild, now);
                    build.asks.merge(Asks::by_itself(trigger));
                } else {
                    self.build_now(Origin::Person, now, effects);
                }
            }
        }
    }

    /// Stops the service, its build and its tasks, and forgets what was wanted.
    pub(super) fn stop(&mut self, effects: &mut Vec<Effect>) {
        self.give_up(effects);
        self.stop_tasks(effects);
        self.timeline = None;
        self.runs.bring_down(Down::Stopped);
    }

    /// Stops the build, and forgets what was wanted: what runs stays behind it.
    fn give_up(&mut self, effects: &mut Vec<Effect>) {
        if let Some(Pending { asks, .. }) = self.build.pending() {
            let trigger = asks.trigger();
            let is_for_build = trigger.action == Action::Rebuild && self.spec.build.is_some();
            self.inputs += u32::from(!trigger.compiled || !is_for_build);
            if is_for_build {
                // The trip takes its number with it, and nothing that runs is as new as that.
                self.newest = self.newest.next();
                self.current = self.newest;
            }
        }
        let stopped = self.build.stop_for_good();
        self.tell_to_stop(stopped, effects);
    }

    /// It is no longer configured, and goes when nothing of it lives.
    pub(super) fn leave(&mut self, effects: &mut Vec<Effect>) {
        self.is_leaving = true;
        self.paused = None;
        self.spec.tasks.clear();
        self.tasks_configured(effects);
        self.stop(effects);
        self.own.forget();
        self.board.clear();
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

    /// A run is wanted, to end this reload.
    pub(super) fn bring_up(&mut self, timeline: Timeline, now: Moment) {
        if self.spec.run.is_none() {
            self.timeline = None;
            self.runs.bring_down(Down::Idle);
            return;
        }
        let generation = timeline.generation;
        self.timeline = Some(timeline);
        self.swap_failed.take_if(|failed| failed.generation <= generation);
        self.board.brought_up(generation);
        self.runs.bring_up(generation, now);
    }

    /// The last passed generation once more, unless nobody wants a run: what it depends on has a new one.
    pub(super) fn restart_after_dependency(&mut self, now: Moment) {
        let generation = match &self.runs.goal {
            Goal::Up(_) => self.passed.or(self.runs.wanted().map(|run| run.serves)),
            Goal::BackingOff { generation, .. } => self.passed.or(Some(*generation)),
            Goal::Down(Down::Crashed) => self.passed,
            Goal::Down(Down::Idle | Down::Finished | Down::Stopped | Down::BuildFailed)
            | Goal::Start { .. } => None,
        };
        if let Some(generation) = generation {
            // Its own reload may not have ended yet.
            let own = self.timeline.take().filter(|timeline| timeline.generation == generation);
            self.bring_up(own.unwrap_or_else(|| Timeline::unbuilt(generation, now, now)), now);
        }
    }

    /// Publishes the problems that hold now.
    pub(super) fn publish(&mut self, effects: &mut Vec<Effect>) {
        let wanted = self.runs.wanted().map(|run| run.stage);
        let waits = matches!(wanted, Some(Stage::Starting { until: None }));
        let (ours, of_tasks) = (self.own.problems(&self.spec), self.problems_of_tasks());
        self.board.publish(&self.spec.name, waits, ours, of_tasks, effects);
    }

    /// Does what has become due.
    pub(super) fn tick(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        if let Some(late) = self.runs.tick(self.spec.policy.swap, now) {
            self.not_ready_in_time(&late);
        }
        self.tick_tasks(now, effects);
        if self.settled().is_some_and(|due| due <= now)
            && let BuildPhase::Settling(pending) = std::mem::replace(&mut self.build, BuildPhase::Quiet)
        {
            self.begin(pending, now, effects);
        }
    }

    /// When the trip that is wanted begins. A person does not wait for `resume`.
    pub(super) fn settled(&self) -> Option<Moment> {
        let BuildPhase::Settling(pending) = &self.build else { return None };
        let is_free = !self.is_collecting() || pending.asks.are_a_persons();
        let due = pending.due.moment().filter(|_| is_free)?;
        Some(self.own.may_begin(None, &pending.asks, due))
    }

    /// When `tick` has something to do.
    pub(super) fn deadline(&self) -> Option<Moment> {
        [self.settled(), self.tasks_due(), self.runs.deadline()].into_iter().flatten().min()
    }

    /// A trip begins.
    fn begin(&mut self, pending: Pending, now: Moment, effects: &mut Vec<Effect>) {
        let Pending { asks, before, .. } = pending;
        let trigger = asks.trigger();
        self.own.trip_begins(None, &asks, now);
        let restarts = self.passed.filter(|_| trigger.action == Action::Restart && self.spec.build.is_some());
        if let Some(before) = before.as_ref().filter(|_| restarts.is_some()) {
            self.take_back(before);
        }
        let (current, inputs, last_build) = (self.current, self.inputs, self.last_build.clone());
        let before = before.or(Some(Before { current, inputs, last_build }));
        self.trigger = Some(trigger.clone());
        self.inputs += u32::from(!trigger.compiled);
        self.runs.crashes = 0;
        if let Some(passed) = restarts {
            self.board.forget_crash();
            self.bring_up(Timeline::unbuilt(passed, trigger.at, now), now);
            return;
        }
        let generation = self.newest.next();
        (self.newest, self.current) = (generation, generation);
        if self.spec.build.is_none() {
            self.last_build = None;
            self.board.forget_builds();
            self.passed = Some(generation);
            self.bring_up(Timeline::unbuilt(generation, trigger.at, now), now);
            return;
        }
        self.build = BuildPhase::Running {
            build: Build { generation, asks, before, blocked: None, started: now },
            remembered: None,
        };
        self.last_build = Some(BuildStatus::begun(generation, now));
        self.board.build_started();
        effects.push(Effect::StartBuild {
            service: self.spec.name.clone(),
            generation,
            running: self.runs.aim(),
            needed: self.runs.needed().chain(self.passed).collect(),
            trigger,
        });
    }

    /// Notes that a run was told to start.
    pub(super) fn run_was_told_to_start(&mut self, id: RunId, now: Moment) {
        self.build.has_been_read(self.spec.build.is_none());
        let Some(run) = self.runs.get_mut(id) else { return };
        run.inputs = self.inputs;
        let generation = run.generation;
        if let Some(timeline) = &mut self.timeline {
            timeline.started(id, generation, now);
        }
    }

    pub(super) fn stop_build(&mut self, due: Due, effects: &mut Vec<Effect>) {
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
