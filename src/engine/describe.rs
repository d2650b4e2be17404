//! What people are told about one service: its state, one line, and what is being waited for.
//! Called by `Engine::status`. Decides nothing.

use super::build_phase::BuildPhase;
use super::machine::Machine;
use super::pending::{Due, Pending};
use super::service_phase::{Down, Goal, Run, Stage};
use super::task_phase::Task;
use super::{
    BuildStage, BuildStatus, Exit, Moment, Problem, RunExit, RunStage, RunStatus, ServiceName, ServiceStatus,
    State, TaskStatus, Waiting, Why,
};

impl Machine {
    /// The picture of this service; `blocker` is what it needs before it may start.
    pub(super) fn describe(&self, now: Moment, blocker: Option<&ServiceName>) -> ServiceStatus {
        let build = self.last_build.clone().map(|mut build| {
            if matches!(build.stage, BuildStage::Running | BuildStage::Stopping) {
                build.elapsed = now.since(build.started);
            }
            build
        });
        let state = self.state();
        ServiceStatus {
            name: self.spec.name.clone(),
            state,
            message: self.message(state, blocker) + &self.of_tasks(),
            stale: self.is_stale(),
            is_pending: self.collected().next().is_some(),
            trigger: self.trigger.clone(),
            build,
            tasks: self.tasks.iter().map(|task| task.describe(now)).collect(),
            run: self.runs.shown().map(to_status),
            crashes: self.runs.crashes,
            last_exit: self.last_exit.clone(),
            waiting: self.waiting(blocker),
            last_reload: self.last_reload,
            suspended: self.own.suspended().cloned().collect(),
        }
    }

    /// The first that holds, in the order of `State`.
    fn state(&self) -> State {
        if self.is_collecting() {
            return State::Paused;
        }
        if self.build.build().is_some() {
            return State::Building;
        }
        if self.build_failed() {
            return State::BuildFailed;
        }
        match self.runs.goal {
            Goal::Start { .. } | Goal::Up(_) if self.swap_failed.is_some() => State::Crashed,
            Goal::Down(Down::Crashed) | Goal::BackingOff { .. } => State::Crashed,
            Goal::Down(Down::BuildFailed) => State::BuildFailed,
            Goal::Down(Down::Finished) => State::Finished,
            Goal::Down(Down::Stopped) => State::Stopped,
            Goal::Down(Down::Idle) => State::Idle,
            Goal::Start { .. } if !self.runs.live.is_empty() => State::Restarting,
            Goal::Start { .. } => State::Starting,
            Goal::Up(_) => match self.runs.wanted().map(|run| run.stage) {
                Some(Stage::Ready { .. }) => State::Ready,
                Some(Stage::Starting { .. } | Stage::Stopping { .. }) | None => State::Starting,
            },
        }
    }

    /// Whether what runs is older than the newest source.
    pub(super) fn is_stale(&self) -> bool {
        let is_behind = self.build.pending().is_some() || self.build.build().is_some();
        let is_old = |run: &Run| run.serves < self.current || run.inputs < self.inputs;
        self.runs.shown().is_some_and(|run| is_behind || is_old(run))
    }

    fn waiting(&self, blocker: Option<&ServiceName>) -> Option<Waiting> {
        if let Some(since) = self.paused {
            return Some(Waiting { why: Why::Hold, since, until: None });
        }
        if let Some(held) = self.held {
            return Some(Waiting { why: Why::Hold, since: held.since, until: Some(held.until) });
        }
        match &self.build {
            BuildPhase::Settling(pending) => return Some(settling(pending, self.settled())),
            BuildPhase::Running { build, .. } => {
                return build.blocked.map(|since| Waiting { why: Why::Lock, since, until: None });
            }
            BuildPhase::Quiet => {
                if let Some((task, pending)) =
                    self.tasks.iter().find_map(|task| Some((task, task.settling()?)))
                {
                    return Some(settling(pending, self.task_due(task)));
                }
            }
            BuildPhase::Stopping { .. } => {}
        }
        let ending = self.runs.live.iter().find_map(|run| match run.stage {
            Stage::Stopping { since, grace } => {
                Some(Waiting { why: Why::Grace, since, until: Some(since.after(grace)) })
            }
            Stage::Starting { .. } | Stage::Ready { .. } => None,
        });
        match &self.runs.goal {
            Goal::BackingOff { since, until, .. } => {
                Some(Waiting { why: Why::Backoff, since: *since, until: Some(*until) })
            }
            Goal::Start { since, .. } => {
                let needs = Waiting { why: Why::Dependency, since: *since, until: None };
                ending.or(blocker.map(|_| needs))
            }
            Goal::Up(_) => match self.runs.wanted() {
                Some(Run { stage: Stage::Starting { until }, started, .. }) => {
                    Some(Waiting { why: Why::Ready, since: *started, until: *until })
                }
                Some(_) | None => ending,
            },
            Goal::Down(_) => ending,
        }
    }

    fn message(&self, state: State, blocker: Option<&ServiceName>) -> String {
        let is_stopping = self.runs.live.iter().any(|run| run.stage.is_stopping());
        let blocker = blocker.filter(|_| matches!(self.runs.goal, Goal::Start { .. }) && !is_stopping);
        let main = match state {
            State::Untrusted | State::Misconfigured => String::new(),
            State::Paused => self.collection(),
            State::Building => match self.build.build() {
                Some(build) if build.blocked.is_none() => format!("building generation {}", build.generation),
                Some(_) | None => "building; waiting for another build to release its lock".to_owned(),
            },
            State::BuildFailed => self.last_build.as_ref().map_or_else(String::new, failure),
            State::Crashed => self.crash(),
            State::Restarting | State::Starting => match blocker {
                Some(blocker) => format!("waiting for {blocker}"),
                None if state == State::Restarting => "stopping the old run".to_owned(),
                None => "starting".to_owned(),
            },
            State::Ready => self.ready(),
            State::Finished => "finished; waits for the next change".to_owned(),
            State::Stopped if !self.runs.live.is_empty() => "stopping".to_owned(),
            State::Stopped => "stopped".to_owned(),
            State::Idle if self.passed.is_some() => "built".to_owned(),
            State::Idle => "idle".to_owned(),
        };
        match self.runs.shown() {
            Some(run) if matches!(state, State::BuildFailed | State::Crashed) && !run.stage.is_stopping() => {
                format!("{main}; generation {} is still serving", run.generation)
            }
            Some(_) | None => main,
        }
    }

    /// The trips that are wanted and have not begun: of the build, and of tasks.
    fn collected(&self) -> impl Iterator<Item = &Pending> {
        self.build.pending().into_iter().chain(self.tasks.iter().filter_map(Task::pending))
    }

    fn collection(&self) -> String {
        let word = if self.paused.is_some() { "paused" } else { "held" };
        match self.collected().map(|pending| pending.asks.count()).reduce(|sum, count| sum + count) {
            Some(changes) => format!("{word}; {} collected", count(changes, "change")),
            None => word.to_owned(),
        }
    }

    /// What is to be said of tasks: which run, and which have failed.
    fn of_tasks(&self) -> String {
        let tasks = self.tasks.iter().map(|task| task.describe(Moment::default()));
        let tell = |task: TaskStatus| match task.last?.stage {
            BuildStage::Running | BuildStage::Stopping => Some(format!("; `{}` is running", task.command)),
            BuildStage::Failed => Some(format!("; `{}` failed", task.command)),
            BuildStage::Passed | BuildStage::Unchanged | BuildStage::Stopped => None,
        };
        tasks.filter_map(tell).collect()
    }

    fn ready(&self) -> String {
        let urls = self.runs.shown().map(|run| run.urls.join(", ")).unwrap_or_default();
        let is_unchanged = self.last_build.as_ref().is_some_and(|build| build.stage == BuildStage::Unchanged);
        let unchanged = if is_unchanged { "; the last build changed nothing" } else { "" };
        let on = if urls.is_empty() { "ready".to_owned() } else { format!("ready on {urls}") };
        on + unchanged
    }

    fn crash(&self) -> String {
        let goes_on = matches!(self.runs.goal, Goal::Start { .. } | Goal::Up(_));
        let exit = match self.swap_failed.as_ref().filter(|_| goes_on) {
            Some(failed) => failed.exit.as_ref(),
            None => self.last_exit.as_ref().map(|last| &last.exit),
        };
        let how = exit.map_or_else(|| "not ready in time".to_owned(), describe_exit);
        match self.runs.goal {
            Goal::BackingOff { .. } => format!("crashed: {how}; starts again"),
            Goal::Down(_) => format!("crashed: {how}; waits for a change"),
            Goal::Start { .. } | Goal::Up(_) => format!("crashed: {how}"),
        }
    }
}

fn settling(pending: &Pending, until: Option<Moment>) -> Waiting {
    let why = if pending.due == Due::Held { Why::Hold } else { Why::Settle };
    Waiting { why, since: pending.asks.at(), until }
}

fn failure(build: &BuildStatus) -> String {
    let ours = build.first.iter().find(|problem| problem.tool == Problem::OURS);
    if let (Some(Exit::Code(0)), Some(problem)) = (build.exit, ours.or(build.first.first())) {
        // The command did well, and yet there is nothing to run.
        return format!("build failed: {}", problem.message.lines().next().unwrap_or_default());
    }
    match (&build.not_started, build.errors) {
        (Some(why), _) => format!("build failed: {why}"),
        (None, 0) => match build.exit {
            Some(Exit::Code(code)) => format!("build failed with exit code {code}"),
            Some(Exit::Signal(signal)) => format!("build was ended by signal {signal}"),
            None => "build failed".to_owned(),
        },
        (None, errors) => format!("build failed: {}", count(errors, "error")),
    }
}

pub(super) fn describe_exit(exit: &RunExit) -> String {
    match exit {
        RunExit::Exited(Exit::Code(code)) => format!("exited with code {code}"),
        RunExit::Exited(Exit::Signal(signal)) => format!("ended by signal {signal}"),
        RunExit::NotStarted(why) => why.clone(),
    }
}

fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn to_status(run: &Run) -> RunStatus {
    RunStatus {
        id: run.id,
        generation: run.generation,
        stage: match run.stage {
            Stage::Starting { .. } => RunStage::Starting,
            Stage::Ready { .. } => RunStage::Ready,
            Stage::Stopping { .. } => RunStage::Stopping,
        },
        pid: run.pid,
        urls: run.urls.clone(),
        started: run.started,
    }
}
