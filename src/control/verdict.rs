//! Whether what was saved last is ready, or can't be (pure). Called by `answer`.
//! Does not know: time.

use crate::engine::{BuildStage, RunStage, ServiceStatus, State};
use crate::session::{Picture, Trust};
use crate::snapshot;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// It works.
    Ready,
    /// Something is under way.
    Open,
    /// It does not work, and nothing is under way that could mend it.
    Failed,
}

impl Verdict {
    /// The word for it when nobody waits any longer.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Open => "timedOut",
            Self::Failed => "failed",
        }
    }
}

/// How one service stands, or all: the worst of them, but nothing has failed while something is under way.
pub(super) fn of(picture: &Picture, service: Option<&str>) -> Verdict {
    let is_right = picture.configuration.errors.is_empty();
    if picture.ended || !is_right || !matches!(*picture.trust, Trust::Allowed) {
        return Verdict::Failed;
    }
    let verdicts: Vec<_> = meant(picture, service).map(of_service).collect();
    if verdicts.contains(&Verdict::Open) {
        return Verdict::Open;
    }
    verdicts.into_iter().max().unwrap_or(Verdict::Failed)
}

/// One line for people.
pub(super) fn message(picture: &Picture, service: Option<&str>) -> String {
    if let Some(first) = picture.configuration.errors.first() {
        return first.to_string();
    }
    let worst = meant(picture, service).max_by_key(|service| match of_service(service) {
        Verdict::Ready => 0,
        Verdict::Failed => 1,
        Verdict::Open => 2,
    });
    match worst {
        Some(worst) if matches!(*picture.trust, Trust::Allowed) => {
            format!("{}: {}", worst.name, worst.message)
        }
        Some(_) | None => snapshot::message(picture, snapshot::state(picture)),
    }
}

fn meant<'a>(picture: &'a Picture, service: Option<&'a str>) -> impl Iterator<Item = &'a ServiceStatus> {
    let services = picture.status.services.iter();
    services.filter(move |known| service.is_none_or(|service| service == known.name.as_str()))
}

fn of_service(service: &ServiceStatus) -> Verdict {
    let lives = |stage| matches!(stage, BuildStage::Running | BuildStage::Stopping);
    let mut tasks = service.tasks.iter().filter_map(|task| task.last.as_ref());
    if service.is_pending || tasks.clone().any(|last| lives(last.stage)) {
        return Verdict::Open;
    }
    let build = service.build.as_ref().map(|build| build.stage);
    let is_ready = service.run.as_ref().is_some_and(|run| run.stage == RunStage::Ready);
    let own = match service.state {
        State::Untrusted | State::Misconfigured | State::BuildFailed | State::Crashed | State::Stopped => {
            Verdict::Failed
        }
        // What is under it: nothing was collected.
        State::Paused if build.is_some_and(lives) => Verdict::Open,
        State::Paused if build == Some(BuildStage::Failed) => Verdict::Failed,
        // Somebody has given up what was newer.
        State::Ready | State::Paused if is_ready && service.stale => Verdict::Failed,
        State::Ready | State::Finished => Verdict::Ready,
        State::Paused if is_ready => Verdict::Ready,
        State::Idle if matches!(build, Some(BuildStage::Passed | BuildStage::Unchanged)) => Verdict::Ready,
        State::Building | State::Starting | State::Restarting | State::Idle | State::Paused => Verdict::Open,
    };
    if tasks.any(|last| last.stage == BuildStage::Failed) { own.max(Verdict::Failed) } else { own }
}
