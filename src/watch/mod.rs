//! Saves and disk events as one stream in which one save is one change. Called by `session`.
//! Does not know: builds, services' phases, LSP.

use std::path::{Path, PathBuf};

use tokio::sync::mpsc::UnboundedSender;

use crate::engine::{Change, SaveReason, ServiceName};

/// How the disk is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Natively.
    #[default]
    Native,
    /// Not at all: only saves count.
    Off,
}

/// What one `rules` entry, or the service itself, does with the paths it matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Globs relative to the root.
    pub paths: Vec<String>,
    /// What a match asks for; `None` is `ignore`.
    pub action: Option<crate::engine::Action>,
    /// Where it stands, for `explain`: `reload.toml:12`.
    pub origin: String,
}

/// What one service wants to know of the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// Whose.
    pub service: ServiceName,
    /// Tried in order before `watch`.
    pub rules: Vec<Rule>,
    /// Globs relative to the root; what matches asks for `action`.
    pub watch: Vec<String>,
    /// Globs relative to the root; what matches does not count, except for `rules`.
    pub ignore: Vec<String>,
    /// The default action.
    pub action: crate::engine::Action,
    /// Paths that count although an ignore file excludes them: `env_files`, literal entries of `watch`.
    pub literal: Vec<PathBuf>,
    /// Where `watch` was decided, for `explain`: `reload.toml:7`, or `default for Go`.
    pub origin: String,
}

/// Everything there is to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Absolute, symlinks resolved.
    pub root: PathBuf,
    /// How.
    pub mode: Mode,
    /// Whether `.gitignore` and `.ignore` count.
    pub gitignore: bool,
    /// Whose interests.
    pub interests: Vec<Interest>,
    /// Configuration files, absolute: a change of one is reported by itself.
    pub configuration: Vec<PathBuf>,
}

/// What is reported to the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A path of a service was modified.
    Changed(ServiceName, Change),
    /// A configuration file was modified, created or removed.
    Configuration,
    /// The root is gone, or is there again.
    Root { exists: bool },
    /// How the disk is watched now.
    Status(Status),
}

/// How the disk is watched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Directories that have a watch.
    pub directories: usize,
    /// True once every directory has been walked.
    pub complete: bool,
    /// Why some changes may not be seen, with the remedy.
    pub degraded: Option<String>,
}

/// Whether a save of a path would do something, and what decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The service; `None` when the path counts for none.
    pub service: Option<ServiceName>,
    /// What it would ask for; `None`: nothing.
    pub action: Option<crate::engine::Action>,
    /// The rule, glob or ignore file with its line that decided.
    pub because: String,
}

/// What the session holds of the watching. Dropping it ends it.
#[derive(Debug)]
pub struct Handle {}

impl Handle {
    /// The editor saved a path. Returns at once; order is kept.
    pub fn saved(&self, _path: PathBuf, _reason: SaveReason) {}

    /// From now on this is to be watched. What is already watched stays so.
    pub fn replan(&self, _plan: Plan) {}
}

/// Starts watching. Reports go to `inbox`.
pub fn spawn(_plan: Plan, _inbox: UnboundedSender<Report>) -> Handle {
    Handle {}
}

/// Answers for one path, without a running session: one verdict for each service, at least one.
pub fn explain(_plan: &Plan, _path: &Path) -> Vec<Verdict> {
    Vec::new()
}
