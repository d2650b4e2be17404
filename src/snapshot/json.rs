//! The JSON of a picture: parameters of `reload/status`, result of `status` over the control socket. Times are RFC 3339 in UTC
//! with milliseconds, durations milliseconds, lines and characters from 0.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The whole picture of one root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// The version of the protocol.
    pub protocol: u32,
    /// Rises strictly for each root.
    pub seq: u64,
    /// The root.
    pub root: String,
    /// The first that holds: `untrusted`, `misconfigured`, `paused`, `building`, `buildFailed`, `crashed`, `restarting`,
    /// `starting`, `ready`, `finished`, `stopped`, `idle`.
    pub state: String,
    /// One line for people.
    pub message: String,
    /// Whether the commands may run.
    pub trust: Trust,
    /// What is wrong with the configuration, one line each.
    pub errors: Vec<String>,
    /// Every service, in the order of the configuration.
    pub services: Vec<Service>,
    /// How the disk is watched.
    pub watch: Watch,
}

/// Whether the commands of the root may run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Trust {
    /// `allowed`, `asking` or `denied`.
    pub state: String,
    /// What `reload/allow` names; null when allowed.
    pub plan: Option<String>,
    /// The exact commands that wait for a decision.
    pub commands: Vec<String>,
    /// The commands that were allowed earlier, when the plan was changed.
    pub before: Option<Vec<String>>,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Its name.
    pub name: String,
    /// As for the whole.
    pub state: String,
    /// One line for people.
    pub message: String,
    /// Whether what runs is older than the newest source.
    pub stale: bool,
    /// Whether something was told that no build or task has begun for yet.
    #[serde(default)]
    pub pending: bool,
    /// Why the last trip began.
    pub trigger: Option<Trigger>,
    /// The last build.
    pub build: Option<Build>,
    /// The tasks of its rules.
    #[serde(default)]
    pub tasks: Vec<Task>,
    /// The run that serves, or is about to.
    pub run: Option<Run>,
    /// Crashes in a row.
    pub crashes: u32,
    /// How the last run ended.
    pub last_exit: Option<LastExit>,
    /// What is being waited for.
    pub waiting: Option<Waiting>,
    /// The stage times of the last reload.
    pub last_reload: Option<LastReload>,
    /// Paths that no longer count, as URIs: the build or the service itself keeps writing them.
    pub suspended: Vec<String>,
}

/// Why a trip began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// `startUp`, `configuration`, `disk`, `editor`, `person`.
    pub origin: String,
    /// Of an editor: `manual`, `afterDelay`, `focusOut`.
    pub reason: Option<String>,
    /// The first few files.
    pub files: Vec<String>,
    /// How many files in all.
    pub count: usize,
    /// When the first of it arrived.
    pub at: String,
}

/// One build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Build {
    /// Its generation.
    pub generation: u32,
    /// `running`, `stopping`, `passed`, `unchanged`, `failed`, `stopped`.
    pub phase: String,
    /// When it began.
    pub started_at: String,
    /// How long it took, or has taken so far.
    pub elapsed_ms: u64,
    /// Errors so far.
    pub errors: usize,
    /// Warnings so far.
    pub warnings: usize,
    /// Its exit code, once it has one.
    pub exit_code: Option<i32>,
    /// Why it could not be started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_started: Option<String>,
    /// The first three errors.
    pub first: Vec<FirstError>,
}

/// The task of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Its command.
    pub command: String,
    /// Whether it is to run once more.
    pub pending: bool,
    /// Its last run, told as a build is; `generation` counts the runs of this task.
    pub last: Option<Build>,
}

/// One of the first errors of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FirstError {
    /// The file, if there is one.
    pub uri: Option<String>,
    /// Its line, from 0.
    pub line: u32,
    /// Its column, from 0, in the tool's unit.
    pub character: u32,
    /// What is wrong: one line.
    pub message: String,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its number.
    pub id: u32,
    /// The generation it runs.
    pub generation: u32,
    /// `starting`, `ready`, `stopping`.
    pub phase: String,
    /// Its process, once spawned.
    pub pid: Option<u32>,
    /// Where it answers, once ready.
    pub urls: Vec<String>,
    /// How long ago it was started.
    pub up_ms: u64,
    /// Crashes in a row.
    pub crashes: u32,
    /// How the run before it ended.
    pub last_exit: Option<LastExit>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastExit {
    /// Which run.
    pub run: u32,
    /// Its exit code, if it returned one.
    pub code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Why it could not be started.
    pub not_started: Option<String>,
    /// Whether it had been told to.
    pub asked: bool,
    /// When.
    pub at: String,
}

/// What is being waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// `backoff`, `settle`, `git`, `lock`, `grace`, `ready`, `trust`, `hold`, `dependency`.
    pub why: String,
    /// Since when.
    pub since: String,
    /// When it ends by itself, if it does.
    pub until: Option<String>,
}

/// The stage times of one reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastReload {
    /// What was reloaded to.
    pub generation: u32,
    /// First change to start of the build.
    pub settle_ms: u64,
    /// The build.
    pub build_ms: u64,
    /// Ending the old run.
    pub stop_ms: u64,
    /// Spawning the new one.
    pub start_ms: u64,
    /// Spawned to ready.
    pub ready_ms: u64,
    /// First change to ready.
    pub total_ms: u64,
}

/// How the disk is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Watch {
    /// `native`, `poll`, `mixed` (some directories natively, some polled), `client`, `watchman`, `off`.
    pub mode: String,
    /// Directories that are watched.
    pub directories: usize,
    /// Those of them that are polled.
    pub polled: usize,
    /// Whether every directory has been walked.
    pub complete: bool,
    /// Why some changes are seen late or not at all, with the remedy.
    pub degraded: Option<String>,
}
