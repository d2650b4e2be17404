//! One run of the user's program: starts it, finds out when it is ready, reports how it ended. Called by `session`.
//! Does not know: builds, when to start or stop.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::sync::mpsc::UnboundedSender;

use crate::engine::{Event, Generation, RunId, ServiceName};
use crate::output::Output;
use crate::process::CommandLine;

/// When a run is ready (product.md 2.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// It listens on a TCP port, or has lived for a second without.
    Auto,
    /// This URL answers with 2xx.
    Http(String),
    /// This `host:port` accepts a connection.
    Tcp(String),
    /// A line of its output matches.
    Log(String),
    /// It sends `READY=1` to `NOTIFY_SOCKET`.
    Notify,
}

/// Everything one run needs.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whose run.
    pub service: ServiceName,
    /// Its number.
    pub run: RunId,
    /// The generation it runs.
    pub generation: Generation,
    /// The root of the project.
    pub root: PathBuf,
    /// Where the command runs.
    pub dir: PathBuf,
    /// The command, `{out}` and `{exe}` not yet replaced.
    pub command: CommandLine,
    /// The variables of `env`.
    pub env: Vec<(String, String)>,
    /// Files with more variables, read for this run; `env` wins over them.
    pub env_files: Vec<PathBuf>,
    /// When it is ready.
    pub ready: Ready,
    /// What asks it to end.
    pub stop_signal: Signal,
}

/// What the session holds of a run. Dropping it kills the run.
#[derive(Debug)]
pub struct Handle {}

impl Handle {
    /// Begins to stop the run; its `RunExited` follows. Called again, the shorter grace wins.
    pub fn stop(&self, _grace: Duration) {}
}

/// Starts a run. Its events go to `inbox`, its text to `output`.
pub fn spawn(_request: Request, _inbox: UnboundedSender<Event>, _output: Arc<Output>) -> Handle {
    Handle {}
}
