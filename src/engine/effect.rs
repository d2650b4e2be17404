//! Everything we can do, in the imperative. The session performs each without waiting for its result.

use super::{Generation, Problem, RunId, ServiceName, TaskId, Trigger};
use std::collections::BTreeSet;
use std::time::Duration;

/// The problems of each task that has some.
pub type OfTasks = Vec<(TaskId, Vec<Problem>)>;

/// Everything we can do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Effect {
    /// Run the build command.
    StartBuild {
        service: ServiceName,
        generation: Generation,
        /// The generation to compare the result with.
        running: Option<Generation>,
        /// All generations whose results are run, or may be while this build goes on: nothing of them may be removed.
        needed: BTreeSet<Generation>,
        trigger: Trigger,
    },
    /// Stop that build; its `BuildExited` follows.
    StopBuild { service: ServiceName, generation: Generation },
    /// Run the task of a rule.
    StartTask { service: ServiceName, task: TaskId, number: Generation },
    /// Stop that task; its `TaskExited` follows.
    StopTask { service: ServiceName, task: TaskId, number: Generation },
    /// Start the service from the result of `generation`. That it is ready is kept secret for `hush`: what is written
    /// meanwhile is nobody's answer to it.
    StartRun { service: ServiceName, run: RunId, generation: Generation, hush: Duration },
    /// Stop that run, giving it `grace`; its `RunExited` follows. May be repeated with a shorter grace.
    StopRun { service: ServiceName, run: RunId, grace: Duration },
    /// Open browsers load the page again.
    RefreshBrowsers { service: ServiceName },
    /// These are now all the problems of the service's builds, of its runs, and of each task that has some.
    PublishProblems {
        service: ServiceName,
        of_builds: Vec<Problem>,
        of_runs: Vec<Problem>,
        of_tasks: OfTasks,
    },
    /// A reload is over: keep its stage times.
    RecordReload { service: ServiceName, reload: super::Reload },
    /// Nothing lives any more: the session may end.
    Exit,
}
