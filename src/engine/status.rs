//! The picture people are shown: what runs, is it stale, what is being waited for and since when, what failed.
//! Made by the engine after every event; the borders turn it into JSON or text.

use super::{Exit, Generation, Moment, Problem, RunId, ServiceName, Severity, Trigger};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The state of a service, or of all: the first that holds, in this order (lsp.md section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum State {
    /// Nobody has trusted the plan yet.
    Untrusted,
    /// The configuration has an error, and there was no valid one before.
    Misconfigured,
    /// Changes are collected.
    Paused,
    /// A build is running.
    Building,
    /// The last build failed.
    BuildFailed,
    /// The last run crashed.
    Crashed,
    /// The old run is being stopped for the next.
    Restarting,
    /// A run was spawned and is not ready.
    Starting,
    /// A run accepts work.
    Ready,
    /// The run ended with 0 and waits for the next change.
    Finished,
    /// Somebody stopped it.
    Stopped,
    /// Nothing has happened yet, or there is nothing to run.
    #[default]
    Idle,
}

/// What is being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// A crashed run will be started again.
    Backoff,
    /// More changes may come.
    Settle,
    /// Git is at work; what it changes is looked at when it is done.
    Git,
    /// Somebody else holds the lock of the build tool.
    Lock,
    /// The old run is ending.
    Grace,
    /// The new run does not accept work yet.
    Ready,
    /// A service that this one depends on is not ready.
    Dependency,
    /// Changes are collected until `resume`, or until the last hold ends.
    Hold,
}

/// What is being waited for, since when, and until when at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// What for.
    pub why: Why,
    /// Since when.
    pub since: Moment,
    /// When it ends by itself, if it does.
    pub until: Option<Moment>,
}

/// Where the last build stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BuildStage {
    /// Still going.
    Running,
    /// Being stopped.
    Stopping,
    /// Ended with 0.
    Passed,
    /// Ended with 0, and the result is what already runs.
    Unchanged,
    /// Ended otherwise, or could not be started.
    Failed,
    /// We stopped it.
    Stopped,
}

/// The last build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildStatus {
    /// Its generation.
    pub generation: Generation,
    /// Where it stands.
    pub stage: BuildStage,
    /// When it began.
    pub started: Moment,
    /// How long it took, or has taken so far.
    pub elapsed: Duration,
    /// Errors so far.
    pub errors: usize,
    /// Warnings so far.
    pub warnings: usize,
    /// How it ended, when it did by itself.
    pub exit: Option<Exit>,
    /// Why it could not be started.
    pub not_started: Option<String>,
    /// The first three errors.
    pub first: Vec<Problem>,
}

impl BuildStatus {
    /// How many errors are kept in `first`.
    pub const FIRST: usize = 3;

    /// Takes in problems that its output named.
    pub(super) fn count(&mut self, problems: &[Problem]) {
        for problem in problems {
            match problem.severity {
                Severity::Error => {
                    self.errors += 1;
                    if self.first.len() < Self::FIRST {
                        self.first.push(problem.clone());
                    }
                }
                Severity::Warning => self.warnings += 1,
                Severity::Information | Severity::Hint => {}
            }
        }
    }

    /// A build that begins.
    pub fn begun(generation: Generation, now: Moment) -> Self {
        Self {
            generation,
            stage: BuildStage::Running,
            started: now,
            elapsed: Duration::ZERO,
            errors: 0,
            warnings: 0,
            exit: None,
            not_started: None,
            first: Vec::new(),
        }
    }
}

/// The task of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskStatus {
    /// Its command.
    pub command: Arc<str>,
    /// Whether it is to run once more.
    pub is_pending: bool,
    /// Its last run, told as a build is; the generation counts the runs of this task.
    pub last: Option<BuildStatus>,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunStage {
    /// Spawned, not ready.
    Starting,
    /// Accepts work.
    Ready,
    /// Being stopped.
    Stopping,
}

/// The run that serves, or is about to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStatus {
    /// Its number.
    pub id: RunId,
    /// The generation it runs.
    pub generation: Generation,
    /// Where it stands.
    pub stage: RunStage,
    /// Its process, once spawned.
    pub pid: Option<u32>,
    /// Where it answers, once ready.
    pub urls: Vec<String>,
    /// When it was started.
    pub started: Moment,
}

/// How the last run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastExit {
    /// Which run.
    pub run: RunId,
    /// How.
    pub exit: super::RunExit,
    /// Whether we had told it to.
    pub asked: bool,
    /// When.
    pub at: Moment,
}

/// The stage times of one reload, change to ready (product.md section 3, Timeline).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reload {
    /// What was reloaded to.
    pub generation: Generation,
    /// First change to start of the build.
    pub settle: Duration,
    /// The build.
    pub build: Duration,
    /// Ending the old run.
    pub stop: Duration,
    /// Telling the new run to start until it was spawned.
    pub start: Duration,
    /// Spawned to ready.
    pub ready: Duration,
    /// First change to ready.
    pub total: Duration,
}

/// One service in the picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceStatus {
    /// Its name.
    pub name: ServiceName,
    /// Its state.
    pub state: State,
    /// One line for people: `build failed: 3 errors; generation 6 is still serving`.
    pub message: String,
    /// Whether what runs is older than the newest source.
    pub stale: bool,
    /// Whether something was told that no build or task has begun for yet.
    pub is_pending: bool,
    /// Why the last trip began.
    pub trigger: Option<Trigger>,
    /// The last build.
    pub build: Option<BuildStatus>,
    /// The tasks of its rules.
    pub tasks: Vec<TaskStatus>,
    /// The run.
    pub run: Option<RunStatus>,
    /// Crashes in a row.
    pub crashes: u32,
    /// How the last run ended.
    pub last_exit: Option<LastExit>,
    /// What is being waited for.
    pub waiting: Option<Waiting>,
    /// The stage times of the last reload.
    pub last_reload: Option<Reload>,
    /// Paths that no longer count, because the build or the service itself keeps writing them.
    pub suspended: Vec<Arc<Path>>,
}

/// The whole picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Every service, in the order of the configuration.
    pub services: Vec<ServiceStatus>,
}

impl Status {
    /// The state of all: the first of the services' states that holds.
    pub fn state(&self) -> State {
        self.services.iter().map(|service| service.state).min().unwrap_or(State::Idle)
    }
}
