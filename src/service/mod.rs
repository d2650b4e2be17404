//! One run of the user's program: starts it, finds out when it is ready, reports how it ended. Called by `session`.
//! Does not know: builds, when to start or stop.

mod end;
mod environment;
mod lines;
mod listen;
mod plain;
mod port;
mod printer;
mod ready;
mod report;
mod run;
mod source_map;
mod tail;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::engine::{Event, Generation, RunId, ServiceName};
use crate::output::Output;
use crate::process::CommandLine;

pub use listen::Listeners;

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

impl Ready {
    /// Whether a probe can be made of this; the text names what is wrong and the remedy.
    pub fn check(&self) -> Result<(), String> {
        ready::check(self)
    }
}

/// Whether `url` can be asked by `Ready::Http`; the text names what is wrong and the remedy.
pub fn check_http(url: &str) -> Result<(), String> {
    Ready::Http(url.to_owned()).check()
}

/// Everything one run needs. Its `Debug` shows the names of variables, never their values.
#[derive(Clone)]
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
    /// Addresses that it is handed sockets for, in this order (`LISTEN_FDS`).
    pub listen: Vec<SocketAddr>,
    /// Who holds those sockets.
    pub listeners: Arc<Listeners>,
    /// When it is ready.
    pub ready: Ready,
    /// What asks it to end.
    pub stop_signal: Signal,
    /// So long after it is ready that is told.
    pub hush: Duration,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Request")
            .field("service", &self.service)
            .field("run", &self.run)
            .field("generation", &self.generation)
            .field("dir", &self.dir)
            .field("command", &self.command)
            .field("env", &names)
            .field("env_files", &self.env_files)
            .field("listen", &self.listen)
            .field("ready", &self.ready)
            .field("stop_signal", &self.stop_signal)
            .finish_non_exhaustive()
    }
}

/// What the session holds of a run. Dropping it kills the run without grace; its `RunExited` follows all the same.
#[derive(Debug)]
pub struct Handle {
    grace: watch::Sender<Option<Duration>>,
}

impl Handle {
    /// Begins to stop the run with its `stop_signal`; when `grace` elapses, all of it is killed. Its `RunExited` follows.
    /// Called again, the shorter grace wins.
    pub fn stop(&self, grace: Duration) {
        self.grace.send_if_modified(|known| {
            let is_shorter = known.is_none_or(|known| grace < known);
            if is_shorter {
                *known = Some(grace);
            }
            is_shorter
        });
    }
}

/// Starts a run. Its events go to `inbox`, its text to `output`. Must be called within tokio.
///
/// The events are `RunStarted` and perhaps `RunReady`, then exactly one `RunExited`, after which nothing of the run lives;
/// only `RunExited` if it could not be started.
pub fn spawn(request: Request, inbox: UnboundedSender<Event>, output: Arc<Output>) -> Handle {
    let (grace, graces) = watch::channel(None);
    let reporter = report::Reporter::new(&request, inbox);
    let printer = printer::Printer::new(&request, output);
    #[expect(clippy::disallowed_methods, reason = "the `spawn` function of a worker")]
    tokio::spawn(run::run(request, printer, reporter, run::Stops::new(graces)));
    Handle { grace }
}
