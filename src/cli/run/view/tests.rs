//! Pictures in, words out.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::config::Spot;
use crate::engine::{
    Action, BuildStage, BuildStatus, ColumnUnit, Exit, Generation, LastExit, Moment, Origin, Place, Position,
    Problem, Reload, RunExit, RunId, RunStage, RunStatus, SaveReason, Severity, State, Status, TaskStatus,
    Trigger, Waiting,
};
use crate::session::{Configuration, ServiceProblems};

const ROOT: &str = "/w/shop";

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn picture(services: Vec<ServiceStatus>) -> Picture {
    let now = Moment(Duration::from_secs(7));
    Picture { now, status: Arc::new(Status { services }), ..Picture::blank(Path::new(ROOT)) }
}

fn api(state: State) -> ServiceStatus {
    ServiceStatus { name: "api".into(), state, ..ServiceStatus::default() }
}

fn saved(file: &str) -> Trigger {
    let mut trigger =
        Trigger::without_files(Origin::Editor(SaveReason::Manual), Action::Rebuild, Moment::default());
    trigger.files = vec![Path::new(ROOT).join(file).into()];
    trigger.count = 1;
    trigger
}

fn build(generation: u32, stage: BuildStage) -> BuildStatus {
    BuildStatus {
        generation: Generation(generation),
        stage,
        started: Moment::default(),
        elapsed: millis(702),
        errors: 0,
        warnings: 0,
        exit: None,
        not_started: None,
        first: Vec::new(),
    }
}

fn run(id: u32, generation: u32, stage: RunStage) -> RunStatus {
    RunStatus {
        id: RunId(id),
        generation: Generation(generation),
        stage,
        pid: Some(4711),
        urls: vec!["http://127.0.0.1:8080".into()],
        started: Moment::default(),
    }
}

fn crash(code: i32) -> LastExit {
    LastExit {
        run: RunId(1),
        exit: RunExit::Exited(Exit::Code(code)),
        asked: false,
        at: Moment(Duration::from_secs(1)),
    }
}

fn undefined() -> Problem {
    let start = Position { line: 13, column: Some(2) };
    let path = Path::new(ROOT).join("main.go");
    Problem::new(Severity::Error, "go", "undefined: foo\nsecond line").at(Place {
        path,
        start,
        end: None,
        unit: ColumnUnit::Byte,
    })
}

/// The texts of what happened, each with its mark, its link and its details.
fn told(before: &Picture, after: &Picture) -> Vec<String> {
    let tell = |line: Line| {
        let mark = match line.mark {
            Mark::Begin => '>',
            Mark::Good => '+',
            Mark::Bad => '-',
            Mark::Odd => '!',
            Mark::Note => '.',
        };
        let service = line.service.map(|service| format!(" {service}")).unwrap_or_default();
        let link = line.link.map(|link| format!(" {link}")).unwrap_or_default();
        let details = line.details.iter().fold(String::new(), |told, detail| told + " | " + detail);
        format!("{mark}{service} {}{link}{details}", line.text)
    };
    lines(before, after).into_iter().map(tell).collect()
}

fn told_of(before: ServiceStatus, after: ServiceStatus) -> Vec<String> {
    told(&picture(vec![before]), &picture(vec![after]))
}

#[test]
fn a_build_is_announced_with_what_was_saved() {
    let building = ServiceStatus {
        trigger: Some(saved("main.go")),
        build: Some(build(7, BuildStage::Running)),
        ..api(State::Building)
    };
    assert_eq!(told_of(api(State::Ready), building.clone()), ["> api building (main.go saved)"]);
    assert!(told_of(building.clone(), building).is_empty(), "nothing is said twice");
}

#[test]
fn a_finished_reload_shows_its_stages_and_its_url() {
    let reload = Reload {
        generation: Generation(7),
        settle: millis(0),
        build: millis(702),
        stop: millis(12),
        start: millis(3),
        ready: millis(41),
        total: millis(760),
    };
    let building = ServiceStatus { build: Some(build(7, BuildStage::Running)), ..api(State::Building) };
    let ready = ServiceStatus {
        build: Some(build(7, BuildStage::Passed)),
        run: Some(run(9, 7, RunStage::Ready)),
        last_reload: Some(reload),
        ..api(State::Ready)
    };
    assert_eq!(
        told_of(building, ready),
        ["+ api ready in 760 ms (build 702, stop 12, start 3, ready 41) http://127.0.0.1:8080"]
    );
}

#[test]
fn a_failed_build_names_its_first_errors_and_what_still_serves() {
    let failed = ServiceStatus {
        build: Some(BuildStatus {
            errors: 3,
            warnings: 1,
            exit: Some(Exit::Code(1)),
            first: vec![undefined()],
            ..build(7, BuildStage::Failed)
        }),
        run: Some(run(9, 6, RunStage::Ready)),
        stale: true,
        ..api(State::BuildFailed)
    };
    let before = ServiceStatus {
        build: Some(build(7, BuildStage::Running)),
        run: failed.run.clone(),
        ..api(State::Building)
    };
    assert_eq!(
        told_of(before, failed),
        ["- api build failed: 3 errors, 1 warning in 702 ms; generation 6 is still serving \
          | main.go:13:2: undefined: foo | and 2 more"]
    );
}

#[test]
fn a_failure_is_told_although_the_picture_of_its_build_was_missed() {
    let failed = ServiceStatus {
        trigger: Some(saved("main.go")),
        build: Some(BuildStatus { exit: Some(Exit::Code(2)), ..build(7, BuildStage::Failed) }),
        ..api(State::BuildFailed)
    };
    assert_eq!(
        told_of(api(State::Idle), failed),
        ["> api building (main.go saved)", "- api build failed: exit code 2 in 702 ms"]
    );
}

#[test]
fn a_build_that_changes_nothing_says_why_nothing_happened() {
    let before = ServiceStatus { build: Some(build(7, BuildStage::Running)), ..api(State::Building) };
    let after = ServiceStatus {
        build: Some(build(7, BuildStage::Unchanged)),
        run: Some(run(9, 6, RunStage::Ready)),
        ..api(State::Ready)
    };
    let before = ServiceStatus { run: after.run.clone(), ..before };
    assert_eq!(told_of(before, after), ["+ api unchanged: the build made what already runs, in 702 ms"]);
}

#[test]
fn a_crash_shows_its_place_and_when_it_starts_again() {
    let running = ServiceStatus { run: Some(run(1, 6, RunStage::Ready)), ..api(State::Ready) };
    let waiting =
        Waiting { why: Why::Backoff, since: Moment(millis(500)), until: Some(Moment(millis(2_500))) };
    let crashed = ServiceStatus {
        last_exit: Some(crash(2)),
        crashes: 2,
        waiting: Some(waiting),
        ..api(State::Crashed)
    };
    let mut after = picture(vec![crashed]);
    let problems = vec![undefined()];
    after.problems = Arc::new(vec![ServiceProblems { service: "api".into(), spot: None, problems }]);
    assert_eq!(
        told(&picture(vec![running]), &after),
        ["- api crashed: exit code 2 | main.go:13:2: undefined: foo", ". api starts again in 2.0 s"]
    );
}

#[test]
fn a_run_after_a_crash_is_told_from_a_reload() {
    let crashed = ServiceStatus { last_exit: Some(crash(2)), crashes: 2, ..api(State::Crashed) };
    let starting =
        ServiceStatus { run: Some(run(2, 6, RunStage::Starting)), state: State::Starting, ..crashed.clone() };
    let ready =
        ServiceStatus { run: Some(run(2, 6, RunStage::Ready)), state: State::Ready, ..crashed.clone() };
    assert_eq!(told_of(crashed, starting.clone()), ["> api starting again after crash 2"]);
    assert_eq!(told_of(starting, ready), ["+ api ready http://127.0.0.1:8080"]);
}

#[test]
fn a_restart_that_was_asked_for_does_not_repeat_the_reason_of_the_last_trip() {
    let before = ServiceStatus {
        trigger: Some(saved("main.go")),
        build: Some(build(6, BuildStage::Passed)),
        run: Some(run(1, 6, RunStage::Ready)),
        ..api(State::Ready)
    };
    let after =
        ServiceStatus { run: Some(run(2, 6, RunStage::Starting)), state: State::Starting, ..before.clone() };
    assert_eq!(told_of(before.clone(), after.clone()), ["> api restarting"]);
    let trigger = Trigger { at: Moment(millis(1)), ..saved("dev.yaml") };
    let after = ServiceStatus { trigger: Some(trigger), ..after };
    assert_eq!(told_of(before, after), ["> api restarting (dev.yaml saved)"]);
}

#[test]
fn what_runs_is_called_old_only_when_nothing_is_under_way() {
    let running = ServiceStatus { run: Some(run(1, 6, RunStage::Ready)), ..api(State::Ready) };
    let wait = |why| Some(Waiting { why, since: Moment::default(), until: None });
    let settling = ServiceStatus { stale: true, waiting: wait(Why::Settle), ..running.clone() };
    let held = ServiceStatus { stale: true, waiting: wait(Why::Hold), ..running.clone() };
    assert!(told_of(running.clone(), settling).is_empty());
    assert_eq!(told_of(running, held.clone()), ["! api generation 6 is older than what is saved"]);
    assert!(told_of(held.clone(), held).is_empty());
}

#[test]
fn a_run_that_is_not_ready_in_time_is_told() {
    let starting = ServiceStatus { run: Some(run(1, 6, RunStage::Starting)), ..api(State::Starting) };
    let mut late = picture(vec![starting.clone()]);
    let problems = vec![Problem::new(Severity::Warning, Problem::OURS, "not ready within 10s (help: …)")];
    late.problems = Arc::new(vec![ServiceProblems { service: "api".into(), spot: None, problems }]);
    assert_eq!(told(&picture(vec![starting]), &late), ["! api not ready within 10s (help: …)"]);
}

#[test]
fn an_end_that_was_asked_for_is_no_crash() {
    let running = ServiceStatus { run: Some(run(1, 6, RunStage::Ready)), ..api(State::Ready) };
    let asked = LastExit { asked: true, ..crash(143) };
    let stopped = ServiceStatus { last_exit: Some(asked), ..api(State::Stopped) };
    assert_eq!(told_of(running, stopped), [". api stopped"]);
}

#[test]
fn a_pause_and_its_end_are_told_once() {
    assert_eq!(told_of(api(State::Ready), api(State::Paused)), [". api paused: changes are collected"]);
    assert_eq!(told_of(api(State::Paused), api(State::Ready)), [". api resumed"]);
    assert!(told_of(api(State::Paused), api(State::Paused)).is_empty());
}

#[test]
fn a_mistake_in_the_configuration_is_told_with_place_and_remedy_and_so_is_its_end() {
    let problem = ConfigProblem {
        spot: Some(Spot { path: Path::new(ROOT).join("reload.toml"), start: (2, 0), end: (2, 4) }),
        message: "unknown key `buid`".into(),
        help: Some("did you mean `build`?".into()),
    };
    let right = picture(vec![]);
    let mut wrong = picture(vec![]);
    wrong.configuration = Arc::new(Configuration { errors: vec![problem], ..Configuration::default() });
    assert_eq!(
        told(&right, &wrong),
        [
            "- reload.toml:3:1: unknown key `buid` | help: did you mean `build`?",
            ". nothing runs until that is mended"
        ]
    );
    assert_eq!(told(&wrong, &right), ["+ the configuration is right again"]);
}

#[test]
fn a_long_wait_is_explained_with_its_limit() {
    let waiting =
        Waiting { why: Why::Grace, since: Moment(millis(0)), until: Some(Moment(Duration::from_secs(5))) };
    let line =
        overdue(&ServiceStatus { waiting: Some(waiting), ..api(State::Restarting) }, SystemTime::UNIX_EPOCH);
    assert_eq!(line.unwrap().text, "still waiting for the old run to end (at most 5.0 s)");
}

#[test]
fn a_task_is_told_of_when_it_begins_and_when_it_ends() {
    let with = |last: Option<BuildStatus>| {
        let task = TaskStatus { command: "npm run css".into(), is_pending: false, last };
        ServiceStatus { tasks: vec![task], ..api(State::Ready) }
    };
    let running = with(Some(build(1, BuildStage::Running)));
    assert_eq!(told_of(with(None), running.clone()), ["> api running `npm run css`"]);
    let passed = with(Some(build(1, BuildStage::Passed)));
    assert_eq!(told_of(running.clone(), passed), ["+ api `npm run css` done in 702 ms"]);
    let failed = BuildStatus { errors: 1, first: vec![undefined()], ..build(1, BuildStage::Failed) };
    assert_eq!(
        told_of(running, with(Some(failed))),
        ["- api `npm run css` failed: 1 error in 702 ms | main.go:13:2: undefined: foo"]
    );
}

#[test]
fn a_hold_is_not_a_pause() {
    let held = ServiceStatus {
        waiting: Some(Waiting {
            why: Why::Hold,
            since: Moment::default(),
            until: Some(Moment(Duration::from_secs(60))),
        }),
        ..api(State::Paused)
    };
    assert_eq!(told_of(api(State::Ready), held), [". api held: changes are collected"]);
}
