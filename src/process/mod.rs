//! Starts commands under a guard and ends them so that nothing is left. Called by `build` and `service`.
//! Does not know: why, generations, configuration, the engine.

mod exit;
mod holder;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::unix::pipe;

pub use exit::Exit;
pub use holder::{Holder, port_holder};

/// What is executed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CommandLine {
    /// By `sh -c`.
    Shell(String),
    /// Directly; the first item is looked up in `PATH` unless it has a slash, then relative to the directory.
    Argv(Vec<String>),
}

/// What becomes of processes that the command left behind when it ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftovers {
    /// Killed before the exit is reported: a run.
    Kill,
    /// Live on, at most until the session ends: a build, which may have started the build daemon of its tool.
    Keep,
}

/// A command and everything it is started with. Environment values appear neither in `Debug` nor in a log.
pub struct Command {
    /// What is executed.
    pub line: CommandLine,
    /// Absolute working directory.
    pub dir: PathBuf,
    /// Set in addition to our own environment; `None` removes the variable.
    pub env: Vec<(OsString, Option<OsString>)>,
    /// Listening sockets, handed over as file descriptors from 3 up with `LISTEN_FDS` and `LISTEN_PID`.
    pub sockets: Vec<Arc<OwnedFd>>,
    /// What becomes of leftovers.
    pub leftovers: Leftovers,
}

/// Why a command could not be started. The text names the thing and the remedy.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum SpawnError {
    /// Placeholder until every kind is here.
    #[error("{0}")]
    Failed(String),
}

/// A started command with everything below it.
#[derive(Debug)]
pub struct Child {
    /// Its process.
    pub pid: u32,
    /// Its standard output.
    pub stdout: pipe::Receiver,
    /// Its standard error.
    pub stderr: pipe::Receiver,
}

/// Starts a command in its own process group under a guard.
pub async fn spawn(_command: Command) -> Result<Child, SpawnError> {
    Err(SpawnError::Failed("not here yet".into()))
}

impl Child {
    /// Waits until the command has ended and, unless leftovers are kept, nothing below it lives. Dropping the future is safe.
    pub async fn exited(&mut self) -> Exit {
        std::future::pending().await
    }

    /// Begins to end it: `signal` to the whole group, `grace`, then kill everything below the guard. Returns at once;
    /// `exited` follows. Called again, the shorter grace wins.
    pub fn stop(&self, _signal: nix::sys::signal::Signal, _grace: Duration) {}

    /// The TCP addresses on which anything below the guard listens.
    pub fn listeners(&self) -> Vec<SocketAddr> {
        Vec::new()
    }
}

/// Gets ready to start commands, so that the first one does not wait.
pub fn warm_up() {}
