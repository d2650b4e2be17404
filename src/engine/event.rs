//! Everything that can happen, in the past tense. Whatever is about something we started carries its number.

use super::{
    BuildOutcome, Change, Exit, Generation, HoldId, Moment, Problem, RunId, ServiceName, ServiceSpec, TaskId,
};
use std::time::Duration;

/// What a person asks for (product.md 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Request {
    /// Build now, whatever has changed, then swap.
    Build,
    /// Stop and start the last passed generation; builds only when none has passed yet.
    Restart,
    /// Start a stopped service; nothing if it runs.
    Start,
    /// Stop the service and its build, and leave them stopped until a change or a request.
    Stop,
    /// Stop the build that is going on, and make do with what runs.
    CancelBuild,
    /// Collect changes from now on.
    Pause,
    /// Make one trip for what was collected, whoever holds it.
    Resume,
}

/// How a run that we started has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunExit {
    /// It was started and ended like this.
    Exited(Exit),
    /// It could not be started: the text is for people, with remedy.
    NotStarted(String),
}

/// Everything that can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// These services are wanted, with these policies; sent at the start and after every change of the configuration.
    Configured(Vec<ServiceSpec>),
    /// A path of this service was modified.
    Changed { service: ServiceName, change: Change },
    /// Somebody outside waits for what comes of what was written.
    Awaited,
    /// Changes on disk are held because git is at work, until then at most; `None`: no longer.
    ChangesHeld { until: Option<Moment> },
    /// Somebody asks; `None` means every service.
    Requested { service: Option<ServiceName>, request: Request },
    /// Somebody asks to collect changes for this long; again with the same number: for this long from now on.
    HoldRequested { hold: HoldId, ttl: Duration },
    /// Somebody ends a hold, or all. The trip is made when none is left.
    ReleaseRequested { hold: Option<HoldId> },
    /// The output of a build named these, in addition to those before.
    ProblemsFound { service: ServiceName, generation: Generation, problems: Vec<Problem> },
    /// A build waits for somebody else's lock, or no longer does.
    BuildBlocked { service: ServiceName, generation: Generation, blocked: bool },
    /// A build ended, and nothing of it is left.
    BuildExited { service: ServiceName, generation: Generation, outcome: BuildOutcome },
    /// The output of a task named these, in addition to those before. `number` counts the runs of this task.
    TaskFound { service: ServiceName, task: TaskId, number: Generation, problems: Vec<Problem> },
    /// A task ended, and nothing of it is left.
    TaskExited { service: ServiceName, task: TaskId, number: Generation, outcome: BuildOutcome },
    /// A run was spawned.
    RunStarted { service: ServiceName, run: RunId, pid: u32 },
    /// A run accepts work at these URLs.
    RunReady { service: ServiceName, run: RunId, urls: Vec<String> },
    /// A run ended, and nothing of it is left. `problems` is where and why it crashed, as far as its output tells.
    RunExited { service: ServiceName, run: RunId, exit: RunExit, problems: Vec<Problem> },
    /// End everything; nobody is given longer than `grace`, if there is one.
    ShutdownRequested { grace: Option<Duration> },
    /// The moment of `Engine::deadline` has come.
    DeadlineReached,
}
