//! Every decision: when to build, when to stop, what to start. Called by `session` only.
//! Does not know: the clock, tokio, processes, files, LSP.

mod board;
mod build_phase;
mod change;
mod changed;
mod describe;
mod effect;
mod event;
mod generation;
mod hold;
mod machine;
mod own;
mod pending;
mod policy;
mod problem;
mod reported;
mod service_phase;
mod status;
mod task_phase;
mod timeline;

#[cfg(test)]
mod tests;

pub use change::{Action, Change, Content, Identity, Origin, SaveReason, Trigger};
pub use effect::{Effect, OfTasks};
pub use event::{Event, Request, RunExit};
pub use generation::{Generation, Moment, RunId, ServiceName, TaskId};
pub use hold::HoldId;
pub use own::glob_of;
pub use policy::*;
pub use problem::{
    BuildOutcome, ColumnUnit, Edit, Exit, Fix, Place, Position, Problem, ProblemKind, Related, Severity, Tag,
};
pub use status::{
    BuildStage, BuildStatus, LastExit, Reload, RunStage, RunStatus, ServiceStatus, State, Status, TaskStatus,
    Waiting, Why,
};

use std::time::Duration;

use hold::Holds;
use machine::Machine;

/// All services of a session, and everything that is decided about them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Engine {
    machines: Vec<Machine>,
    holds: Holds,
    ending: Ending,
    /// Changes on disk are held because git is at work.
    held: Option<Waiting>,
}

/// Whether the session is ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Ending {
    #[default]
    No,
    /// Everything was told to stop.
    Yes,
    /// Nothing lives, and `Exit` was said.
    Done,
}

impl Engine {
    /// An engine without services.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what happened, and returns everything that is to be done about it, in order. `now` never goes back.
    #[must_use]
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.holds.expire(now);
        self.share_holds();
        self.take_in(event, now, &mut effects);
        self.share_holds();
        if self.ending == Ending::No {
            for machine in &mut self.machines {
                machine.tick(now, &mut effects);
            }
        }
        for machine in &mut self.machines {
            machine.publish(&mut effects);
        }
        // Nobody is to wait for what is gone.
        self.machines.retain(|machine| !machine.is_leaving || machine.lives());
        self.pursue(now, &mut effects);
        for machine in &mut self.machines {
            machine.note_own_time(now);
        }
        if self.ending == Ending::Yes && !self.machines.iter().any(Machine::lives) {
            self.ending = Ending::Done;
            effects.push(Effect::Exit);
        }
        effects
    }

    /// When to call `handle` with `DeadlineReached`, if nothing happens before.
    pub fn deadline(&self) -> Option<Moment> {
        if self.ending != Ending::No {
            return None;
        }
        let released = self.holds.held().map(|held| held.until);
        self.machines.iter().filter_map(Machine::deadline).chain(released).min()
    }

    /// The picture people are shown.
    pub fn status(&self, now: Moment) -> Status {
        let services = self.machines.iter().map(|machine| {
            let status = machine.describe(now, self.blocker(machine));
            ServiceStatus { waiting: status.waiting.or(self.held), ..status }
        });
        Status { services: services.collect() }
    }

    fn take_in(&mut self, event: Event, now: Moment, effects: &mut Vec<Effect>) {
        let is_ending = self.ending != Ending::No;
        match event {
            Event::Configured(_)
            | Event::Changed { .. }
            | Event::Requested { .. }
            | Event::HoldRequested { .. }
                if is_ending => {}
            Event::HoldRequested { hold, ttl } => self.holds.begin(hold, ttl, now),
            Event::ReleaseRequested { hold } => self.holds.release(hold),
            Event::Configured(specs) => self.configured(specs, now, effects),
            Event::Changed { service, change } => {
                if let Some(machine) = self.machine(&service).filter(|machine| !machine.is_leaving) {
                    machine.changed(&change, now, effects);
                }
            }
            Event::Awaited => self.machines.iter_mut().for_each(|machine| machine.own.end_rows()),
            Event::ChangesHeld { until } => {
                let since = self.held.map_or(now, |held| held.since);
                self.held = until.map(|_| Waiting { why: Why::Git, since, until });
            }
            Event::Requested { service, request } => {
                if request == Request::Resume {
                    self.holds.release(None);
                }
                let is_meant = |name: &ServiceName| service.as_ref().is_none_or(|service| service == name);
                let machines = self.machines.iter_mut().filter(|machine| !machine.is_leaving);
                for machine in machines.filter(|machine| is_meant(&machine.spec.name)) {
                    machine.requested(request, now, effects);
                }
            }
            Event::ProblemsFound { service, generation, problems } => {
                if let Some(machine) = self.machine(&service) {
                    machine.problems_found(generation, problems);
                }
            }
            Event::BuildBlocked { service, generation, blocked } => {
                if let Some(machine) = self.machine(&service) {
                    machine.build_blocked(generation, blocked, now);
                }
            }
            Event::BuildExited { service, generation, outcome } => {
                if let Some(machine) = self.machine(&service) {
                    machine.build_exited(generation, outcome, now);
                }
            }
            Event::TaskFound { service, task, number, problems } => {
                if let Some(machine) = self.machine(&service) {
                    machine.task_found(task, number, problems);
                }
            }
            Event::TaskExited { service, task, number, outcome } => {
                if let Some(machine) = self.machine(&service) {
                    machine.task_exited(task, number, outcome, now, effects);
                }
            }
            Event::RunStarted { service, run, pid } => {
                if let Some(machine) = self.machine(&service) {
                    machine.run_started(run, pid, now);
                }
            }
            Event::RunReady { service, run, urls } => self.run_ready(&service, run, urls, now, effects),
            Event::RunExited { service, run, exit, problems } => {
                if let Some(machine) = self.machine(&service) {
                    machine.run_exited(run, exit, problems, now);
                }
            }
            Event::ShutdownRequested { grace } => self.shut_down(grace, now, effects),
            Event::DeadlineReached => {}
        }
    }

    /// Every service is held, also one that has just come.
    fn share_holds(&mut self) {
        let held = self.holds.held();
        self.machines.iter_mut().for_each(|machine| machine.held = held.filter(|_| !machine.is_leaving));
    }

    fn machine(&mut self, name: &ServiceName) -> Option<&mut Machine> {
        self.machines.iter_mut().find(|machine| machine.spec.name == *name)
    }

    /// Applies a configuration without touching what it does not concern.
    fn configured(&mut self, specs: Vec<ServiceSpec>, now: Moment, effects: &mut Vec<Effect>) {
        let origin = if self.machines.is_empty() { Origin::StartUp } else { Origin::Configuration };
        for machine in &mut self.machines {
            if !specs.iter().any(|spec| spec.name == machine.spec.name) {
                machine.leave(effects);
            }
        }
        let mut ordered = Vec::with_capacity(self.machines.len());
        for spec in specs {
            let at = self.machines.iter().position(|machine| machine.spec.name == spec.name);
            let machine = if let Some(at) = at {
                let mut machine = self.machines.remove(at);
                machine.configured(spec, now, effects);
                machine
            } else {
                let mut machine = Machine::new(spec);
                machine.build_now(origin, now, effects);
                machine
            };
            ordered.push(machine);
        }
        ordered.append(&mut self.machines);
        self.machines = ordered;
    }

    fn run_ready(
        &mut self,
        name: &ServiceName,
        run: RunId,
        urls: Vec<String>,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        let is_ready = self.machine(name).is_some_and(|machine| machine.run_ready(run, urls, now, effects));
        if !is_ready {
            return;
        }
        for machine in &mut self.machines {
            let policy = &machine.spec.policy;
            if policy.cascade && policy.depends_on.contains(name) {
                machine.restart_after_dependency(now);
            }
        }
    }

    fn shut_down(&mut self, grace: Option<Duration>, now: Moment, effects: &mut Vec<Effect>) {
        if self.ending == Ending::No {
            self.ending = Ending::Yes;
            self.holds.release(None);
            for machine in &mut self.machines {
                machine.stop(effects);
            }
        }
        for machine in &mut self.machines {
            if let Some(grace) = grace {
                machine.hurry(grace, now, effects);
            }
        }
    }

    /// Lets every service start and stop what its goal asks for: first all stops, so that nobody starts on what is going.
    fn pursue(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        for may_start in [false, true] {
            for at in 0..self.machines.len() {
                let machine = &self.machines[at];
                if self.ending != Ending::No && self.has_live_dependent(&machine.spec.name) {
                    continue;
                }
                let may_start = may_start && self.blocker(machine).is_none();
                let machine = &mut self.machines[at];
                let (name, policy) = (machine.spec.name.clone(), machine.spec.policy.clone());
                let hush = machine.own.hush();
                if let Some(run) = machine.runs.pursue(&name, &policy, may_start, hush, now, effects) {
                    machine.run_was_told_to_start(run, now);
                }
            }
        }
    }

    /// The first service that `machine` needs before it may start.
    fn blocker(&self, machine: &Machine) -> Option<&ServiceName> {
        let needs = &machine.spec.policy.depends_on;
        let missing =
            self.machines.iter().find(|other| needs.contains(&other.spec.name) && !other.is_usable());
        missing.map(|other| &other.spec.name)
    }

    fn has_live_dependent(&self, name: &ServiceName) -> bool {
        self.machines
            .iter()
            .any(|other| !other.runs.live.is_empty() && other.spec.policy.depends_on.contains(name))
    }
}
