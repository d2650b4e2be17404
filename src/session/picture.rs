//! Everything people can be shown of a session, as one value; the latest replaces the one before.
//! Made by the loop, read by every border. Decides nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::turn::Session;
use crate::config::{ConfigProblem, Spot};
use crate::engine::{Moment, OfTasks, Problem, Reload, ServiceName, Status};
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
    /// All problems of builds and runs; an entry for each of these that has some.
    pub problems: Arc<Vec<ServiceProblems>>,
    /// How the disk is watched.
    pub watch: watch::Status,
    /// The last reload that was completed, and whose: changes when one completes.
    pub last_reload: Option<(ServiceName, Reload)>,
    /// What is watched for whom, for `explain`.
    pub watch_plan: Arc<watch::Plan>,
    /// The newest question of `Handle::caught_up` that is answered by this picture.
    pub caught_up: u64,
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
            caught_up: 0,
            ended: false,
        }
    }
}

/// The problems of one service's builds, of its runs, or of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceProblems {
    /// Whose.
    pub service: ServiceName,
    /// Where those without a place are shown.
    pub spot: Option<Spot>,
    /// All that hold now.
    pub problems: Vec<Problem>,
}

impl Session {
    /// These are now all the problems of a service.
    pub(super) fn publish(
        &mut self,
        service: &ServiceName,
        of_builds: Vec<Problem>,
        of_runs: Vec<Problem>,
        of_tasks: OfTasks,
    ) {
        let found = self.service(service);
        let spots = found.map(|found| (found.build_spot.clone(), found.run_spot.clone()));
        let (build_spot, run_spot) = spots.unzip();
        let spot_of = |id| found?.tasks.iter().find(|task| task.id == id).map(|task| task.spot.clone());
        let of_tasks: Vec<_> = of_tasks.into_iter().map(|(id, problems)| (spot_of(id), problems)).collect();
        let mut all: Vec<_> = self.problems.iter().filter(|of| of.service != *service).cloned().collect();
        for (spot, problems) in [(build_spot, of_builds), (run_spot, of_runs)].into_iter().chain(of_tasks) {
            if !problems.is_empty() {
                all.push(ServiceProblems { service: service.clone(), spot, problems });
            }
        }
        self.problems = Arc::new(all);
    }
}
