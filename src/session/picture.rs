//! Everything people can be shown of a session, as one value; the latest replaces the one before.
//! Made by the loop, read by every border. Decides nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::config::{ConfigProblem, Spot};
use crate::engine::{Moment, Problem, Reload, ServiceName, Status};
use crate::{trust, watch};

/// What is known of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Configuration {
    /// The file, if there is one.
    pub file: Option<PathBuf>,
    /// What is wrong with it. What holds is then the last valid one, if there was one.
    pub errors: Vec<ConfigProblem>,
    /// What is odd.
    pub warnings: Vec<ConfigProblem>,
}

/// What is known of the trust in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// It may run.
    Allowed,
    /// It waits for somebody to decide. While an older plan runs, it goes on.
    Asking { plan: trust::Plan, before: Option<Vec<String>> },
    /// Somebody said no.
    Denied { plan: trust::Plan },
}

/// Everything people can be shown of a session, as one value. A new one replaces the old.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The project.
    pub root: Arc<Path>,
    /// Rises with every picture.
    pub seq: u64,
    /// What `Moment` counts from.
    pub began: SystemTime,
    /// The time of this picture, in the engine's time.
    pub now: Moment,
    /// The configuration.
    pub configuration: Arc<Configuration>,
    /// The trust.
    pub trust: Arc<Trust>,
    /// The engine's picture.
    pub status: Arc<Status>,
    /// All problems of builds and runs; two entries for a service that has both.
    pub problems: Arc<Vec<ServiceProblems>>,
    /// How the disk is watched.
    pub watch: watch::Status,
    /// The last reload that was completed, and whose: changes when one completes.
    pub last_reload: Option<(ServiceName, Reload)>,
    /// What is watched for whom, for `explain`.
    pub watch_plan: Arc<watch::Plan>,
    /// True once nothing lives and the session has ended.
    pub ended: bool,
}

impl Picture {
    /// A session of which nothing is known yet.
    pub fn blank(root: &Path) -> Self {
        Self {
            root: root.into(),
            seq: 0,
            began: SystemTime::UNIX_EPOCH,
            now: Moment::default(),
            configuration: Arc::default(),
            trust: Arc::new(Trust::Allowed),
            status: Arc::default(),
            problems: Arc::default(),
            watch: watch::Status::default(),
            last_reload: None,
            watch_plan: Arc::new(watch::Plan::configuration_only(root, Vec::new())),
            ended: false,
        }
    }
}

/// The problems of one service's builds, or of its runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceProblems {
    /// Whose.
    pub service: ServiceName,
    /// Where those without a place are shown.
    pub spot: Option<Spot>,
    /// All that hold now.
    pub problems: Vec<Problem>,
}
