//! The messages of the control socket: this module is the document of the protocol. Used by `control` and `cli`.
//! One JSON object on each line. A client sends a [`Call`] and gets one [`Answer`] with its `id`, in the order of the calls.
//! A line longer than [`LINE`] bytes is refused, and the connection closed; any other line that is no call is refused, and
//! the connection lives on. Who closes its side has given up what it waits for. Additive changes do not raise `PROTOCOL`;
//! unknown fields are ignored. Each example is the fixture that the tests read.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::snapshot::Snapshot;

/// The version of the protocol, in `Snapshot::protocol` too.
pub const PROTOCOL: u32 = crate::snapshot::PROTOCOL;

/// A longer line is no call of ours.
pub const LINE: usize = 64 * 1024;

/// The picture of the session. Parameters: none. Result: [`Snapshot`], as in `reload/status`.
///
/// ```json
#[doc = include_str!("../../tests/fixtures/control/status.json")]
/// ```
pub const STATUS: &str = "status";

/// Build now, whatever has changed, then swap. Parameters: [`Target`]. Result: [`Accepted`], as soon as it is queued.
///
/// ```json
#[doc = include_str!("../../tests/fixtures/control/build.json")]
/// ```
pub const BUILD: &str = "build";

/// Stop, and start what was built last. Parameters: [`Target`]. Result: [`Accepted`].
pub const RESTART: &str = "restart";

/// Start what is stopped. Parameters: [`Target`]. Result: [`Accepted`].
pub const START: &str = "start";

/// Stop, and stay stopped until a change or a request. Parameters: [`Target`]. Result: [`Accepted`].
pub const STOP: &str = "stop";

/// Collect changes until `resume`. Parameters: [`Target`]. Result: [`Accepted`].
pub const PAUSE: &str = "pause";

/// Make one trip for what was collected; every hold ends, too. Parameters: [`Target`]. Result: [`Accepted`].
pub const RESUME: &str = "resume";

/// Collect changes until `release`, or until the time is over. The trip is made when the last hold ends.
/// Parameters: [`Hold`]. Result: [`Held`].
///
/// ```json
#[doc = include_str!("../../tests/fixtures/control/hold.json")]
/// ```
pub const HOLD: &str = "hold";

/// End one hold, or all. Parameters: [`Release`]. Result: [`Accepted`].
///
/// ```json
#[doc = include_str!("../../tests/fixtures/control/release.json")]
/// ```
pub const RELEASE: &str = "release";

/// Whether a save of a path would do something, what decides, and what holds it back now. Parameters: [`Explain`].
/// Result: `snapshot::Explanation`.
///
/// ```json
#[doc = include_str!("../../tests/fixtures/control/explain.json")]
/// ```
pub const EXPLAIN: &str = "explain";

/// Lines that were printed, with numbers above `after`. Parameters: [`Logs`]. Result: `snapshot::Lines`. To follow, ask again
/// with `after` set to `next`, and with `waitMs`: then the answer comes as soon as there is something, or the time is over.
///
/// ```json
#[doc = include_str!("../../tests/fixtures/control/logs.json")]
/// ```
pub const LOGS: &str = "logs";

/// Waits until what was saved last is ready, or can't be. Everything that was on disk before the call counts as saved.
/// Parameters: [`Wait`]. Result: [`Waited`].
///
/// ```json
#[doc = include_str!("../../tests/fixtures/control/wait.json")]
/// ```
pub const WAIT: &str = "wait";

/// Every method.
pub const METHODS: [&str; 12] =
    [STATUS, BUILD, RESTART, START, STOP, PAUSE, RESUME, HOLD, RELEASE, EXPLAIN, LOGS, WAIT];

/// How long is waited when nobody says how long.
pub const WAIT_TIME: Duration = Duration::from_secs(60);

/// What a client sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Any number; the answer has the same.
    pub id: u64,
    /// One of [`METHODS`].
    pub method: String,
    /// What the method says; without it an empty object.
    #[serde(default)]
    pub params: Value,
}

/// What a client gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// That of the call; null when the line was none.
    pub id: Option<u64>,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The result, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// What the method says.
    Result(Value),
    /// It was not done.
    Error(Failure),
}

/// Why a call is not carried out.
///
/// ```json
#[doc = include_str!("../../tests/fixtures/control/error.json")]
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct Failure {
    /// `untrusted`, `unknownService`, `misconfigured`, `badCall` or `busy`.
    pub kind: String,
    /// For people, with the remedy.
    pub message: String,
}

/// What most calls are about: one service, or all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Target {
    /// Which service; without it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// Parameters of `hold`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Hold {
    /// How long, at most an hour; without it a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    /// The token of a hold that is to last longer; without it another one begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// The answer to `hold`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// What `release` names.
    pub token: String,
}

/// Parameters of `release`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Release {
    /// Which hold; without it every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Parameters of `explain`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Explain {
    /// Absolute; it need not exist.
    pub path: String,
}

/// Parameters of `logs`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Logs {
    /// Only lines of this service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Only lines with numbers above this.
    pub after: u64,
    /// So many lines at most; without it 1,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<usize>,
    /// For so long is waited when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
}

/// Parameters of `wait`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Wait {
    /// Which service; without it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// For how long; without it a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

/// The answer to a call that was queued. What becomes of it shows in the status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// Always true.
    pub accepted: bool,
}

/// The answer to `wait`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waited {
    /// `ready`, `failed` or `timedOut`.
    pub verdict: String,
    /// One line for people.
    pub message: String,
    /// The picture at that moment.
    pub status: Snapshot,
}
