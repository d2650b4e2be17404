//! Starts commands under a guard and ends them so that nothing is left. Called by `build` and `service`.
//! Does not know: why, generations, configuration, the engine.
//!
//! ```text
//! reload-lsp ── control socket per command ──► guard ── fork, exec ──► command ──► whatever it starts
//!     └──── requests, one socket ──► nursery ── fork ──┘
//! ```
//!
//! A guard adopts everything below it, so nothing gets away by its own session, by forking twice or by ignoring signals. It
//! ends all of that when it is told to, and at once when its control socket is closed: that happens however reload-lsp ends.

mod child;
mod error;
mod exit;
mod foreground;
mod guard;
mod lookup;
mod nursery;
mod ports;
mod reader;
mod spawn;
mod tree;
mod wire;

use std::ffi::OsString;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

pub use child::Child;
pub use error::SpawnError;
pub use exit::Exit;
pub use foreground::{Foreground, ForegroundError};
pub use guard::guard_main;
pub use nursery::{use_guard_program, warm_up};
pub use ports::{Holder, port_holder};
pub use reader::{Reader, Stream};
pub use spawn::spawn;

/// What is executed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CommandLine {
    /// By `sh -c`. A missing program is reported by the shell, with exit code 126 or 127.
    Shell(String),
    /// Directly; the first item is looked up in `PATH` unless it has a slash, then relative to the directory.
    Argv(Vec<String>),
}

/// As people write it; the words of a list are not quoted.
impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shell(text) => f.write_str(text),
            Self::Argv(words) => f.write_str(&words.join(" ")),
        }
    }
}

/// What becomes of processes that the command left behind when it ended by itself. A stop ends them in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leftovers {
    /// Killed before the exit is reported: a run.
    Kill,
    /// Live on, at most until the session ends: a build, which may have started the build daemon of its tool.
    /// Nobody reads what they write once the `Child` is dropped; one that still writes to its output then gets SIGPIPE.
    Keep,
}

/// A command and everything it is started with. Environment values appear neither in `Debug` nor in a log.
#[derive(Clone)]
pub struct Command {
    /// What is executed.
    pub line: CommandLine,
    /// Absolute working directory.
    pub dir: PathBuf,
    /// Set in addition to our own environment; `None` removes the variable.
    pub env: Vec<(OsString, Option<OsString>)>,
    /// Listening sockets, handed over as file descriptors from 3 up with `LISTEN_FDS` and `LISTEN_PID`, 250 at most. The pid
    /// is that of the process started here: a shell line has to `exec` its program, or the program will not take them.
    pub sockets: Vec<Arc<OwnedFd>>,
    /// What becomes of leftovers.
    pub leftovers: Leftovers,
}

impl fmt::Debug for Command {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.env.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("Command")
            .field("line", &self.line)
            .field("dir", &self.dir)
            .field("env", &names)
            .field("sockets", &self.sockets.len())
            .field("leftovers", &self.leftovers)
            .finish()
    }
}
