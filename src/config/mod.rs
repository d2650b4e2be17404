//! What the user wrote, and what holds. Called by `cli` and `session`.
//! Does not know: workers, LSP.

mod error;
mod explain;
mod guess;
mod load;
pub mod options;
mod provenance;
mod read;
mod reference;
mod resolve;
mod schema;
mod specs;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::build::parse::matcher::Matcher;
use crate::engine::{Action, Policy, ServiceName, TaskId};
use crate::process::CommandLine;
use crate::service::Ready;
use crate::watch;

pub use error::{ConfigProblem, Spot};
pub use explain::{Row, explain};
pub use guess::init;
pub use options::Pin;
pub use provenance::Provenance;
pub use reference::reference;
pub use schema::schema;

/// The name of the configuration file.
pub const FILE: &str = "reload.toml";

/// One service, as it holds. Every path is absolute.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: ServiceName,
    /// Working directory.
    pub dir: PathBuf,
    /// The build command.
    pub build: Option<CommandLine>,
    /// The run command.
    pub run: Option<CommandLine>,
    /// Variables for builds and runs.
    pub env: Vec<(String, String)>,
    /// Files with more variables, read for every run.
    pub env_files: Vec<PathBuf>,
    /// What asks a run to end.
    pub stop_signal: Signal,
    /// Addresses that are bound once and handed to every run as `LISTEN_FDS`.
    pub listen: Vec<SocketAddr>,
    /// When a run is ready.
    pub ready: Ready,
    /// Which output formats to read; empty: by the build command.
    pub problems: Vec<String>,
    /// The matchers of the file that it reads with: the named ones, all if no format is named.
    pub matchers: Vec<Arc<Matcher>>,
    /// The tasks of its rules.
    pub tasks: Vec<Task>,
    /// How the engine treats it.
    pub policy: Policy,
    /// What it wants to know of the disk.
    pub interest: watch::Interest,
    /// Where problems without a place are shown: the line of the build command, else of the table, else of the manifest.
    pub build_spot: Spot,
    /// The same for the run command.
    pub run_spot: Spot,
}

/// The task of a rule, as it holds. It runs in the folder and with the variables of its service.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Which.
    pub id: TaskId,
    /// The command.
    pub command: CommandLine,
    /// What follows when it passes.
    pub then: Option<Action>,
    /// Where problems without a place are shown: the line of the command.
    pub spot: Spot,
}

/// A whole project, as it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Absolute, symlinks resolved.
    pub root: PathBuf,
    /// The file that was read, if there is one.
    pub file: Option<PathBuf>,
    /// In the order of the file.
    pub services: Vec<Service>,
    /// How the disk is watched.
    pub watch_mode: watch::Mode,
    /// The pause between two looks at what is polled.
    pub poll_interval: Duration,
    /// Whether ignore files count.
    pub gitignore: bool,
    /// Whether the trust in a folder is enough.
    pub pin: Pin,
    /// Everything that was read for it, as it was when it was read.
    pub sources: Vec<ConfigSource>,
    /// What is odd but does no harm.
    pub warnings: Vec<ConfigProblem>,
}

/// A file that the configuration was read from, or guessed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigSource {
    /// Absolute path.
    pub path: PathBuf,
    /// The sha256 of the bytes that were read; of a manifest that was guessed from, of the part that is executed.
    pub sha256: [u8; 32],
}

/// What flags and the editor add to the file: `run --build CMD --exec CMD --watch GLOB`, `initializationOptions.reload`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overrides {
    /// The configuration file to read instead of looking for one.
    pub file: Option<PathBuf>,
    /// A whole configuration in the place of a file (`--build`, `--exec`, `--watch`).
    pub build: Option<String>,
    /// The run command of that.
    pub exec: Option<String>,
    /// The globs of that; without a command they replace those of every service.
    pub watch: Vec<String>,
    /// What the editor sets: the same shape as the file, as JSON. Wins over the file.
    pub editor: Option<serde_json::Value>,
    /// Whether the editor can watch files for us.
    pub client_watches: bool,
}

/// Finds and reads the configuration for `root`: flag > editor > file > guessed > default. All errors, not only the first.
/// A file that is found above `root` moves the root of the configuration to its folder.
pub fn load(root: &Path, overrides: &Overrides) -> Result<Config, Vec<ConfigProblem>> {
    load::load(root, overrides).map(|loaded| loaded.config)
}

/// The root of the project that `folder` belongs to: where `load` finds its configuration, else the folder itself. Absolute,
/// symlinks resolved as far as the folder exists.
pub fn root(folder: &Path) -> PathBuf {
    load::root(folder)
}

impl Config {
    /// The files whose change may make another configuration: the file, or where it would be and what was guessed from.
    fn files(&self) -> Vec<PathBuf> {
        let missing = self.file.is_none().then(|| self.root.join(FILE));
        missing.into_iter().chain(self.sources.iter().map(|source| source.path.clone())).collect()
    }

    /// What is to be watched for it.
    pub fn watch_plan(&self) -> watch::Plan {
        watch::Plan {
            root: self.root.clone(),
            mode: self.watch_mode,
            poll_interval: self.poll_interval,
            gitignore: self.gitignore,
            interests: self.services.iter().map(|service| service.interest.clone()).collect(),
            configuration: self.files(),
        }
    }
}
