//! What the user wrote, and what holds. Called by `cli` and `session`.
//! Does not know: workers, LSP.

mod error;

use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;

use crate::engine::{Policy, ServiceName};
use crate::process::CommandLine;
use crate::service::Ready;
use crate::watch;

pub use error::{ConfigProblem, Spot};

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
    /// When a run is ready.
    pub ready: Ready,
    /// Which output formats to read; empty: by the build command.
    pub problems: Vec<String>,
    /// How the engine treats it.
    pub policy: Policy,
    /// What it wants to know of the disk.
    pub interest: watch::Interest,
    /// Where problems without a place are shown: the line of the build command, else of the table, else of the manifest.
    pub build_spot: Spot,
    /// The same for the run command.
    pub run_spot: Spot,
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
    /// Whether ignore files count.
    pub gitignore: bool,
    /// What is odd but does no harm.
    pub warnings: Vec<ConfigProblem>,
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
    /// The globs of that.
    pub watch: Vec<String>,
}

/// Finds and reads the configuration for `root`: flag > editor > file > guessed > default. All errors, not only the first.
pub fn load(_root: &Path, _overrides: &Overrides) -> Result<Config, Vec<ConfigProblem>> {
    Err(Vec::new())
}

impl Config {
    /// What the engine needs to know.
    pub fn specs(&self) -> Vec<crate::engine::ServiceSpec> {
        Vec::new()
    }

    /// Only these services and what they depend on; all if there are no names.
    pub fn only(self, _names: &[String]) -> Result<Self, ConfigProblem> {
        Ok(self)
    }

    /// What is to be watched for it.
    pub fn watch_plan(&self) -> watch::Plan {
        watch::Plan {
            root: self.root.clone(),
            mode: self.watch_mode,
            gitignore: self.gitignore,
            interests: self.services.iter().map(|service| service.interest.clone()).collect(),
            configuration: self.file.iter().cloned().collect(),
        }
    }
}
