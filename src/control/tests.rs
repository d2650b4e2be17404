//! The fixtures are what the types say, and the verdict is what people would say.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::protocol::*;
use super::verdict::{self, Verdict};
use crate::engine::{
    BuildStage, BuildStatus, Generation, Moment, RunId, RunStage, RunStatus, ServiceStatus, State, Status,
    TaskStatus,
};
use crate::session::Picture;
use crate::snapshot::{Explanation, Lines, Snapshot};

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/control").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Reads `value` as `T` and writes it again: nothing may be lost, nothing may be made up.
fn round_trip<T: DeserializeOwned + Serialize>(name: &str, value: &Value) {
    let read: T = serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(read).unwrap(), *value, "{name}");
}

fn example<P: DeserializeOwned + Serialize, R: DeserializeOwned + Serialize>(method: &str) {
    let name = format!("{method}.json");
    let fixture = fixture(&name);
    assert_eq!(fixture["call"]["method"], method);
    round_trip::<Call>(&name, &fixture["call"]);
    round_trip::<P>(&name, &fixture["call"]["params"]);
    round_trip::<Answer>(&name, &fixture["answer"]);
    round_trip::<R>(&name, &fixture["answer"]["result"]);
}

#[test]
fn the_fixtures_are_what_the_types_say() {
    example::<Target, Snapshot>(STATUS);
    example::<Target, Accepted>(BUILD);
    example::<Hold, Held>(HOLD);
    example::<Release, Accepted>(RELEASE);
    example::<Explain, Explanation>(EXPLAIN);
    example::<Logs, Lines>(LOGS);
    example::<Wait, Waited>(WAIT);
    round_trip::<Answer>("error.json", &fixture("error.json")["answer"]);
}

fn build(stage: BuildStage) -> BuildStatus {
    BuildStatus { stage, ..BuildStatus::begun(Generation(2), Moment::default()) }
}

fn service(state: State) -> ServiceStatus {
    let run = RunStatus {
        id: RunId(1),
        generation: Generation(1),
        stage: RunStage::Ready,
        pid: None,
        urls: Vec::new(),
        started: Moment::default(),
    };
    ServiceStatus {
        name: "api".into(),
        state,
        build: Some(build(BuildStage::Passed)),
        run: Some(run),
        ..ServiceStatus::default()
    }
}

#[track_caller]
fn says(service: ServiceStatus, expected: Verdict) {
    let picture =
        Picture { status: Status { services: vec![service] }.into(), ..Picture::blank(Path::new("/w")) };
    assert_eq!(verdict::of(&picture, None), expected);
}

#[test]
fn what_was_saved_last_is_ready_when_nothing_newer_is_under_way() {
    says(service(State::Ready), Verdict::Ready);
    says(service(State::Finished), Verdict::Ready);
    says(ServiceStatus { run: None, ..service(State::Idle) }, Verdict::Ready);
    says(ServiceStatus { is_pending: true, ..service(State::Ready) }, Verdict::Open);
    for state in [State::Building, State::Starting, State::Restarting] {
        says(service(state), Verdict::Open);
    }
    for state in [State::BuildFailed, State::Crashed, State::Stopped] {
        says(service(state), Verdict::Failed);
        says(ServiceStatus { is_pending: true, ..service(state) }, Verdict::Open);
    }
    says(ServiceStatus { stale: true, ..service(State::Ready) }, Verdict::Failed);
}

#[test]
fn a_pause_hides_nothing_that_was_decided_before() {
    says(service(State::Paused), Verdict::Ready);
    says(ServiceStatus { build: Some(build(BuildStage::Running)), ..service(State::Paused) }, Verdict::Open);
    says(ServiceStatus { build: Some(build(BuildStage::Failed)), ..service(State::Paused) }, Verdict::Failed);
    says(ServiceStatus { is_pending: true, ..service(State::Paused) }, Verdict::Open);
}

#[test]
fn a_task_counts_as_a_build_does() {
    let with = |stage| {
        let task = TaskStatus { command: "css".into(), is_pending: false, last: Some(build(stage)) };
        ServiceStatus { tasks: vec![task], ..service(State::Ready) }
    };
    says(with(BuildStage::Running), Verdict::Open);
    says(with(BuildStage::Failed), Verdict::Failed);
    says(with(BuildStage::Passed), Verdict::Ready);
}

#[test]
fn without_anything_to_run_there_is_nothing_to_wait_for() {
    assert_eq!(verdict::of(&Picture::blank(Path::new("/w")), None), Verdict::Failed);
}
