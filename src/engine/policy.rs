//! How a service is to be treated, as plain values. Made by `config`; the engine reads nothing else of the configuration.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Action, ServiceName, TaskId};

/// Quiet that a save into a stopped build must keep before the next build starts, and how long it may take in all.
pub const SAVE_SETTLE: Settle =
    Settle { quiet: Duration::from_millis(50), limit: Duration::from_millis(500) };
/// The same for automatic saves.
pub const AUTO_SAVE_SETTLE: Settle =
    Settle { quiet: Duration::from_millis(300), limit: Duration::from_secs(1) };
/// The same for changes on disk.
pub const DISK_SETTLE: Settle = Settle { quiet: Duration::from_millis(50), limit: Duration::from_secs(1) };
/// First wait before a crashed run is started again; doubles up to `BACKOFF_LIMIT`.
pub const BACKOFF_START: Duration = Duration::from_secs(1);
/// Longest wait before a crashed run is started again.
pub const BACKOFF_LIMIT: Duration = Duration::from_secs(32);
/// After so many crashes in a row a run waits for a change.
pub const CRASH_LIMIT: u32 = 6;
/// A run that was ready for this long starts counting crashes anew.
pub const CRASH_RESET: Duration = Duration::from_secs(10);

/// No hold lasts longer; whoever needs more holds again.
pub const HOLD_LIMIT: Duration = Duration::from_secs(3600);

/// How long to wait for quiet after the last change, and how long at most after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Settle {
    /// When this has passed without a change, the trip begins.
    pub quiet: Duration,
    /// When this has passed since the first change, the trip begins in any case.
    pub limit: Duration,
}

/// Which saves of the editor start a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnSave {
    /// Manual and automatic ones.
    Always,
    /// Automatic ones are collected until a manual one.
    Manual,
    /// All are collected until somebody asks for a build.
    Never,
}

/// In which order the old run goes and the new one comes (product.md 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Swap {
    /// Stop the old, then start the new.
    StopFirst,
    /// Start the new beside the old, and stop the old when the new is ready.
    StartFirst,
}

/// What a failed build does to the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnBuildFailure {
    /// The last good generation goes on serving; the status says that it is stale.
    Keep,
    /// The run is stopped.
    Stop,
}

/// What happens after a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnCrash {
    /// Start again after a back-off.
    Restart,
    /// Wait for a change.
    Wait,
}

/// How a service is to be treated.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Policy {
    /// Which saves start a trip.
    pub on_save: OnSave,
    /// Order of a swap.
    pub swap: Swap,
    /// How long a run may take to end; when it elapses the run is killed.
    pub grace: Duration,
    /// How long a run may take to become ready; when it elapses the status says so, and under `StartFirst` the new run is stopped.
    pub ready_timeout: Duration,
    /// What a failed build does to the run.
    pub on_build_failure: OnBuildFailure,
    /// What happens after a crash.
    pub on_crash: OnCrash,
    /// Services that must be ready before a run of this one starts, and that stop after it.
    pub depends_on: Vec<ServiceName>,
    /// Whether a new run of one of `depends_on` restarts this service.
    pub cascade: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            on_save: OnSave::Always,
            swap: Swap::StopFirst,
            grace: Duration::from_secs(5),
            ready_timeout: Duration::from_secs(10),
            on_build_failure: OnBuildFailure::Keep,
            on_crash: OnCrash::Restart,
            depends_on: Vec::new(),
            cascade: false,
        }
    }
}

/// What everything that a build or a run is made from adds up to. Two equal keys mean: nothing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(pub u64);

/// A rule with a task, as the engine needs to know it (product.md 2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskSpec {
    /// Which.
    pub id: TaskId,
    /// Its command, for people.
    pub command: Arc<str>,
    /// What a task that passed asks for; `None`: nothing.
    pub then: Option<Action>,
}

/// One service as the engine needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSpec {
    /// Its name.
    pub name: ServiceName,
    /// What the globs of its configuration are relative to.
    pub root: Arc<Path>,
    /// How to treat it.
    pub policy: Policy,
    /// The build command and all that goes with it; `None`: nothing to build.
    pub build: Option<Key>,
    /// The run command and all that goes with it; `None`: nothing to run, the build is all there is.
    pub run: Option<Key>,
    /// The tasks of its rules.
    pub tasks: Vec<TaskSpec>,
}
