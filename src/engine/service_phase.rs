//! The second of the two small machines of a service: which run is wanted, and which live. Driven by `machine`.
//! Does not know: builds, problems, other services.

use super::{
    BACKOFF_LIMIT, BACKOFF_START, CRASH_LIMIT, CRASH_RESET, Effect, Generation, Moment, OnCrash, Policy,
    RunExit, RunId, ServiceName, Swap,
};
use std::time::Duration;

/// What is wanted. Whatever lives besides is on its way out.
///
/// | goal | bring g up | wanted run is ready | it exits unasked | due | stop |
/// |---|---|---|---|---|---|
/// | `Down` | `Start(g)` | – | – | – | – |
/// | `Start(g)` | `Start(g′)` | – | – | – | `Down` |
/// | `Up(r)` | `Start(g)` | others stopped | with 0: `Down`; else `BackingOff` or `Down`; beside a ready old one: `Up(old)` | not ready in time: said; beside a ready old one: `Up(old)` | `Down` |
/// | `BackingOff(g)` | `Start(g′)` | – | – | `Start(g)` | `Down` |
///
/// `Start(g)` becomes `Up(r)` with a new run r as soon as it may: under stop-first when nothing lives, under start-first
/// when nothing lives but one ready run; in both cases only when the dependencies are ready.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Goal {
    /// No run.
    Down(Down),
    /// A run of this generation that has not been started yet.
    Start { generation: Generation, since: Moment },
    /// This run.
    Up(RunId),
    /// A run of this generation, after a while.
    BackingOff { generation: Generation, since: Moment, until: Moment },
}

/// Why no run is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Down {
    /// Nothing was brought up yet, or there is nothing to run.
    Idle,
    /// It ended with 0.
    Finished,
    /// It crashed, and is not started again by itself.
    Crashed,
    /// Somebody stopped it, or the session ends.
    Stopped,
    /// Its build failed, and `on_build_failure` is `stop`.
    BuildFailed,
}

/// A run that lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Run {
    pub(super) id: RunId,
    pub(super) generation: Generation,
    /// The newest generation whose result is what it runs.
    pub(super) serves: Generation,
    /// How much of `Machine::inputs` it has seen.
    pub(super) inputs: u32,
    pub(super) stage: Stage,
    pub(super) started: Moment,
    /// For so long it was kept secret that it is ready.
    pub(super) hush: Duration,
    pub(super) pid: Option<u32>,
    pub(super) urls: Vec<String>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// Not ready; `until` is when that is said, and `None` once it was.
    Starting { until: Option<Moment> },
    /// Accepts work.
    Ready { since: Moment },
    /// Told to stop, with this grace.
    Stopping { since: Moment, grace: Duration },
}

impl Stage {
    pub(super) fn is_ready(self) -> bool {
        matches!(self, Self::Ready { .. })
    }

    pub(super) fn is_stopping(self) -> bool {
        matches!(self, Self::Stopping { .. })
    }
}

/// What an exit meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// We had told it to, or nobody wanted it any more.
    Unwanted,
    /// With 0, unasked.
    Finished,
    /// Otherwise, unasked.
    Crashed,
    /// It was to replace an older run, which goes on.
    SwapFailed,
}

/// A run that was not ready in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Late {
    /// What it runs.
    pub(super) generation: Generation,
    /// The generation that goes on in its place; `None` if there is none, and it is still waited for.
    pub(super) kept: Option<Generation>,
}

/// The runs of one service.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Runs {
    pub(super) goal: Goal,
    /// Never more than one under stop-first, two under start-first.
    pub(super) live: Vec<Run>,
    /// Crashes in a row.
    pub(super) crashes: u32,
    pub(super) last: RunId,
}

impl Runs {
    pub(super) fn new() -> Self {
        Self { goal: Goal::Down(Down::Idle), live: Vec::new(), crashes: 0, last: RunId(0) }
    }

    /// The run that is wanted.
    pub(super) fn wanted(&self) -> Option<&Run> {
        let Goal::Up(id) = self.goal else { return None };
        self.live.iter().find(|run| run.id == id)
    }

    /// The run that people are shown: the wanted one, else whatever serves.
    pub(super) fn shown(&self) -> Option<&Run> {
        self.wanted().or_else(|| self.live.iter().find(|run| run.stage.is_ready())).or(self.live.first())
    }

    /// The generation that runs or is about to, if everything goes well.
    pub(super) fn aim(&self) -> Option<Generation> {
        match self.goal {
            Goal::Start { generation, .. } => Some(generation),
            Goal::Up(_) => self.wanted().map(|run| run.generation),
            Goal::Down(_) | Goal::BackingOff { .. } => None,
        }
    }

    /// All generations that run, are about to, or may be run again.
    pub(super) fn needed(&self) -> impl Iterator<Item = Generation> {
        let goal = match self.goal {
            Goal::Start { generation, .. } | Goal::BackingOff { generation, .. } => Some(generation),
            Goal::Up(_) | Goal::Down(_) => None,
        };
        self.live.iter().flat_map(|run| [run.generation, run.serves]).chain(goal)
    }

    pub(super) fn get_mut(&mut self, id: RunId) -> Option<&mut Run> {
        self.live.iter_mut().find(|run| run.id == id)
    }

    /// A run of `generation` is wanted.
    pub(super) fn bring_up(&mut self, generation: Generation, now: Moment) {
        self.goal = Goal::Start { generation, since: now };
    }

    /// Nothing is wanted.
    pub(super) fn bring_down(&mut self, why: Down) {
        self.goal = Goal::Down(why);
    }

    /// Does what has become due. Tells of a run that is not ready in time.
    pub(super) fn tick(&mut self, swap: Swap, now: Moment) -> Option<Late> {
        if let Goal::BackingOff { generation, until, .. } = self.goal
            && until <= now
        {
            self.bring_up(generation, now);
        }
        let Goal::Up(id) = self.goal else { return None };
        let is_old = |run: &&Run| run.id != id && run.stage.is_ready();
        let old = self.live.iter().find(is_old).map(|run| (run.id, run.generation));
        let run = self.get_mut(id)?;
        let generation = run.generation;
        let Stage::Starting { until: Some(until) } = run.stage else { return None };
        if until > now {
            return None;
        }
        run.stage = Stage::Starting { until: None };
        let kept = old.filter(|_| swap == Swap::StartFirst);
        if let Some((old, _)) = kept {
            self.goal = Goal::Up(old);
        }
        Some(Late { generation, kept: kept.map(|(_, generation)| generation) })
    }

    /// When `tick` has something to do.
    pub(super) fn deadline(&self) -> Option<Moment> {
        match self.goal {
            Goal::BackingOff { until, .. } => Some(until),
            Goal::Up(_) => match self.wanted()?.stage {
                Stage::Starting { until } => until,
                Stage::Ready { .. } | Stage::Stopping { .. } => None,
            },
            Goal::Down(_) | Goal::Start { .. } => None,
        }
    }

    /// Starts and stops what the goal asks for. Returns the run that was started.
    pub(super) fn pursue(
        &mut self,
        service: &ServiceName,
        policy: &Policy,
        may_start: bool,
        hush: Duration,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) -> Option<RunId> {
        let is_unwanted = |run: &Run| match self.goal {
            Goal::Down(_) | Goal::BackingOff { .. } => true,
            Goal::Start { .. } => policy.swap == Swap::StopFirst || !run.stage.is_ready(),
            Goal::Up(id) => run.id != id && self.wanted().is_some_and(|wanted| wanted.stage.is_ready()),
        };
        let unwanted: Vec<_> = self.live.iter().filter(|run| is_unwanted(run)).map(|run| run.id).collect();
        for id in unwanted {
            self.stop(id, service, policy.grace, now, effects);
        }
        let Goal::Start { generation, .. } = self.goal else { return None };
        let is_free = match policy.swap {
            Swap::StopFirst => self.live.is_empty(),
            Swap::StartFirst => match self.live.as_slice() {
                [] => true,
                [only] => only.stage.is_ready(),
                _ => false,
            },
        };
        if !is_free || !may_start {
            return None;
        }
        self.last = RunId(self.last.0 + 1);
        self.live.push(Run {
            id: self.last,
            generation,
            serves: generation,
            inputs: 0,
            stage: Stage::Starting { until: Some(now.after(policy.ready_timeout + hush)) },
            hush,
            started: now,
            pid: None,
            urls: Vec::new(),
        });
        self.goal = Goal::Up(self.last);
        effects.push(Effect::StartRun { service: service.clone(), run: self.last, generation, hush });
        Some(self.last)
    }

    /// Tells a run to stop; once more only if the grace is shorter now.
    pub(super) fn stop(
        &mut self,
        id: RunId,
        service: &ServiceName,
        grace: Duration,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        let Some(run) = self.get_mut(id) else { return };
        let since = match run.stage {
            Stage::Stopping { grace: before, .. } if before <= grace => return,
            Stage::Stopping { since, .. } => since,
            Stage::Starting { .. } | Stage::Ready { .. } => now,
        };
        run.stage = Stage::Stopping { since, grace };
        effects.push(Effect::StopRun { service: service.clone(), run: id, grace });
    }

    /// A run has ended. `None` if there is no such run.
    pub(super) fn exited(
        &mut self,
        id: RunId,
        exit: &RunExit,
        policy: &Policy,
        now: Moment,
    ) -> Option<(Run, Ended)> {
        let at = self.live.iter().position(|run| run.id == id)?;
        let run = self.live.remove(at);
        if self.goal != Goal::Up(id) || run.stage.is_stopping() {
            return Some((run, Ended::Unwanted));
        }
        if let Some(old) = self.live.iter().find(|old| old.stage.is_ready()) {
            self.goal = Goal::Up(old.id);
            return Some((run, Ended::SwapFailed));
        }
        if matches!(exit, RunExit::Exited(exit) if exit.is_success()) {
            self.goal = Goal::Down(Down::Finished);
            return Some((run, Ended::Finished));
        }
        if matches!(run.stage, Stage::Ready { since } if now.since(since) >= CRASH_RESET) {
            self.crashes = 0;
        }
        self.crashes += 1;
        self.goal = if policy.on_crash == OnCrash::Wait || self.crashes >= CRASH_LIMIT {
            Goal::Down(Down::Crashed)
        } else {
            let wait = BACKOFF_START.saturating_mul(1 << (self.crashes - 1)).min(BACKOFF_LIMIT);
            Goal::BackingOff { generation: run.serves, since: now, until: now.after(wait) }
        };
        Some((run, Ended::Crashed))
    }
}
