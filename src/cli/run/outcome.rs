//! When `run --once` is over, and how it went. Called by `control`.

use crate::cli::ExitStatus;
use crate::engine::{BuildStage, ServiceStatus, State};
use crate::session::{Handle, Picture};

/// Waits until everything is ready or something has failed. Dropping the future is safe.
pub(super) async fn reached(handle: &Handle) -> ExitStatus {
    let mut pictures = handle.picture();
    let picture = pictures.wait_for(|picture| of(picture).is_some()).await;
    picture.ok().and_then(|picture| of(&picture)).unwrap_or(ExitStatus::Failure)
}

/// How it went, once that is known.
fn of(picture: &Picture) -> Option<ExitStatus> {
    if !picture.configuration.errors.is_empty() {
        return Some(ExitStatus::Configuration);
    }
    let services = &picture.status.services;
    if services.iter().any(|service| has_failed(service.state)) {
        return Some(ExitStatus::Failure);
    }
    (!services.is_empty() && services.iter().all(is_there)).then_some(ExitStatus::Success)
}

fn has_failed(state: State) -> bool {
    matches!(state, State::BuildFailed | State::Crashed | State::Untrusted | State::Misconfigured)
}

/// A service without a run command is there once it is built.
fn is_there(service: &ServiceStatus) -> bool {
    let is_built = || service.build.as_ref().is_some_and(|build| build.stage == BuildStage::Passed);
    matches!(service.state, State::Ready | State::Finished) || (service.state == State::Idle && is_built())
}
