//! One build, or one run of a task: starts the command, reads what it prints, reports problems and how it ended.
//! Called by `session`. Does not know: services, LSP, when to build.

pub mod ask;
mod folder;
mod log;
pub mod parse;
mod report;
mod result;
pub mod shell;
mod worker;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::engine::{Event, Generation, ServiceName, TaskId};
use crate::output::Output;
use crate::process::CommandLine;

use report::Report;

/// What a command is for whose output is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To make the result of a generation.
    Build {
        /// The generation whose result is compared with ours, if one runs.
        running: Option<Generation>,
        /// The generations whose results may still be run: their folders stay.
        needed: BTreeSet<Generation>,
        /// Whether the run command uses `{exe}`: the program that cargo makes becomes part of the result then.
        exe: bool,
    },
    /// What the rule says; nothing of ours is made.
    Task(TaskId),
}

/// Everything one build needs, or one run of a task.
#[derive(Clone)]
pub struct Request {
    /// Whose.
    pub service: ServiceName,
    /// Which generation; of a task, which of its runs.
    pub generation: Generation,
    /// What for.
    pub purpose: Purpose,
    /// The root of the project.
    pub root: PathBuf,
    /// Where the command runs.
    pub dir: PathBuf,
    /// The command, `{out}` not yet replaced.
    pub command: CommandLine,
    /// Variables for the command, in addition to our own.
    pub env: Vec<(String, String)>,
    /// Which output formats to read; empty: by the command.
    pub formats: Vec<String>,
    /// The matchers that the user has described.
    pub matchers: Vec<Arc<parse::matcher::Matcher>>,
}

// The values of variables may be secrets.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("service", &self.service)
            .field("generation", &self.generation)
            .field("purpose", &self.purpose)
            .field("dir", &self.dir)
            .field("command", &self.command)
            .finish_non_exhaustive()
    }
}

/// What the session holds of a build. Dropping it stops the build.
#[derive(Debug)]
pub struct Handle {
    stop: watch::Sender<bool>,
}

impl Handle {
    /// Begins to stop the build; its `BuildExited` or `TaskExited` follows. A build that has ended by itself by then keeps its outcome.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}

/// Starts a build or a task. Its events go to `inbox`, its text to `output`. Whatever happens, exactly one `BuildExited`, or
/// `TaskExited`, is sent, and it is the last event.
pub fn spawn(request: Request, inbox: UnboundedSender<Event>, output: Arc<Output>) -> Handle {
    let (stop, stopped) = watch::channel(false);
    let report = Report::new(inbox, &request);
    #[expect(clippy::disallowed_methods, reason = "the one task of this worker; its handle ends it")]
    tokio::spawn(worker::build(request, report, output, stopped));
    Handle { stop }
}
