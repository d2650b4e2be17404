//! One build: starts the command, reads what it prints, reports problems and how it ended. Called by `session`.
//! Does not know: services, LSP, when to build.

pub mod ask;
pub mod parse;
pub mod shell;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;

use crate::engine::{Event, Generation, ServiceName};
use crate::output::Output;
use crate::process::CommandLine;

/// Everything one build needs.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whose build.
    pub service: ServiceName,
    /// Which generation.
    pub generation: Generation,
    /// The generation whose result is compared with ours, if one runs.
    pub running: Option<Generation>,
    /// The root of the project.
    pub root: PathBuf,
    /// Where the command runs.
    pub dir: PathBuf,
    /// The command, `{out}` not yet replaced.
    pub command: CommandLine,
    /// Whether the run command uses `{exe}`.
    pub env: Vec<(String, String)>,
    /// Which output formats to read; empty: by the command.
    pub formats: Vec<String>,
}

/// What the session holds of a build. Dropping it stops the build.
#[derive(Debug)]
pub struct Handle {}

impl Handle {
    /// Begins to stop the build; its `BuildExited` follows.
    pub fn stop(&self) {}
}

/// Starts a build. Its events go to `inbox`, its text to `output`.
pub fn spawn(_request: Request, _inbox: UnboundedSender<Event>, _output: Arc<Output>) -> Handle {
    Handle {}
}
