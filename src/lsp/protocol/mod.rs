//! The `reload/*` messages: this module is the document of the protocol. Used by `lsp`; mirrored by the extensions.
//! Each message says its direction and when it is sent; its example is the fixture that all mirrors are tested with.
//! Rules: `PROTOCOL` rises only when a change is not additive; unknown fields are ignored; an unknown word in the place of
//! an enumeration reads as `unknown`. Nothing of it is sent to a client that has not opted in.

mod requests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::snapshot::*;
pub use requests::*;

/// Server to client, notification: the whole picture of one root, on every change, at most 10 per second, the last one
/// always. `seq` rises strictly for each root. Parameters: [`Snapshot`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/status.json")]
/// ```
pub const STATUS: &str = "reload/status";

/// Server to client, notification: what builds and runs printed, at most 20 per second. A client that does not read loses
/// the oldest lines. Parameters: [`Log`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/log.json")]
/// ```
pub const LOG: &str = "reload/log";

/// Client to server, request: the latest picture of every root, or of the one with `uri` in it. Result: [`Statuses`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/getStatus.json")]
/// ```
pub const GET_STATUS: &str = "reload/getStatus";

/// Client to server, request: build now, whatever has changed, then swap. Result: [`Accepted`], as soon as it is queued.
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/build.json")]
/// ```
pub const BUILD: &str = "reload/build";

/// Client to server, request: stop and start what was built last; with `build`, build before. Result: [`Accepted`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/restart.json")]
/// ```
pub const RESTART: &str = "reload/restart";

/// Client to server, request: start what is stopped. Result: [`Accepted`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/start.json")]
/// ```
pub const START: &str = "reload/start";

/// Client to server, request: stop, and stay stopped until a change or a request. Result: [`Accepted`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/stop.json")]
/// ```
pub const STOP: &str = "reload/stop";

/// Client to server, request: collect changes from now on. Result: [`Accepted`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/pause.json")]
/// ```
pub const PAUSE: &str = "reload/pause";

/// Client to server, request: make one trip for what was collected. Result: [`Accepted`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/resume.json")]
/// ```
pub const RESUME: &str = "reload/resume";

/// Client to server, request: collect changes until `reload/release`, or until the time is over. The trip is made when the
/// last hold ends. Result: [`Held`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/hold.json")]
/// ```
pub const HOLD: &str = "reload/hold";

/// Client to server, request: end one hold, or all. Result: [`Accepted`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/release.json")]
/// ```
pub const RELEASE: &str = "reload/release";

/// Client to server, request: lines that were printed, with numbers above `after`. Result: [`Lines`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/getLog.json")]
/// ```
pub const GET_LOG: &str = "reload/getLog";

/// Client to server, request: whether a save of `uri` would do something, and what decides. Result: [`Explanation`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/explain.json")]
/// ```
pub const EXPLAIN: &str = "reload/explain";

/// Client to server, request: somebody decided about the plan with this hash. Result: [`Accepted`].
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/allow.json")]
/// ```
pub const ALLOW: &str = "reload/allow";

/// The answer to a request that is not carried out: code -32803 and [`ErrorData`], or -32602 for bad parameters.
///
/// ```json
#[doc = include_str!("../../../tests/fixtures/protocol/error.json")]
/// ```
pub const REQUEST_FAILED: i64 = -32803;

/// What the server sends.
pub const NOTIFICATIONS: [&str; 2] = [STATUS, LOG];

/// What the client may ask for.
pub const REQUESTS: [&str; 12] =
    [GET_STATUS, BUILD, RESTART, START, STOP, PAUSE, RESUME, HOLD, RELEASE, GET_LOG, EXPLAIN, ALLOW];

/// What a client opts in to: `capabilities.experimental.reload`, or the same under `initializationOptions.reload`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct OptIn {
    /// The version the client knows.
    pub protocol: u32,
    /// Send `reload/status`.
    pub status: bool,
    /// Send `reload/log`.
    pub log: bool,
}

/// What the answer to `initialize` tells in `capabilities.experimental.reload`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// The version the server knows.
    pub protocol: u32,
    /// Which methods there are.
    pub methods: Vec<String>,
    /// Which commands `workspace/executeCommand` takes.
    pub commands: Vec<String>,
}

#[cfg(test)]
mod tests;
