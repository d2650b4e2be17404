//! Stories: one for each promise of product.md section 2, told as events and effects.

use std::time::Duration;

use super::world::{AUTO, MANUAL, World, change, problem, spec};
use crate::engine::*;

const MS: Duration = Duration::from_millis(1);

fn starts_build(effects: &[Effect]) -> Option<Generation> {
    effects.iter().find_map(|effect| match effect {
        Effect::StartBuild { generation, .. } => Some(*generation),
        _ => None,
    })
}

fn starts_run(effects: &[Effect]) -> Option<Generation> {
    effects.iter().find_map(|effect| match effect {
        Effect::StartRun { generation, .. } => Some(*generation),
        _ => None,
    })
}

fn stops_build(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::StopBuild { .. }))
}

fn stops_run(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::StopRun { .. }))
}

fn same(path: &str) -> Event {
    Event::Changed { service: "api".into(), change: change(path, MANUAL, Content::Same, Action::Rebuild) }
}

fn auto_save(path: &str) -> Event {
    Event::Changed { service: "api".into(), change: change(path, AUTO, Content::New, Action::Rebuild) }
}

#[test]
fn a_session_begins_with_a_build_and_a_run() {
    let mut world = World::one(Policy::default());
    assert_eq!(world.status("api").state, State::Building);
    assert_eq!(starts_run(&world.build_passes("api")), Some(Generation(1)));
    assert_eq!(world.status("api").state, State::Starting);
    world.becomes_ready("api");
    let status = world.status("api");
    assert_eq!((status.state, status.stale), (State::Ready, false));
    assert_eq!(status.message, "ready on http://127.0.0.1:8080");
}

#[test]
fn a_manual_save_builds_at_once() {
    let mut world = World::ready(Policy::default());
    assert_eq!(starts_build(&world.save("api", "/p/main.go")), Some(Generation(2)));
    assert!(world.status("api").stale);
}

#[test]
fn a_save_during_a_build_stops_it_and_builds_once_more_after_the_burst() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    assert!(stops_build(&world.save("api", "/p/b.go")));
    for file in ["/p/c.go", "/p/d.go", "/p/e.go"] {
        world.pass(10 * MS);
        assert_eq!(world.save("api", file), vec![]);
    }
    assert_eq!(world.build_ends("api", BuildOutcome::Stopped), vec![]);
    world.now = world.now.after(49 * MS);
    assert_eq!(starts_build(&world.send(Event::DeadlineReached)), None);
    world.now = world.now.after(MS);
    assert_eq!(starts_build(&world.send(Event::DeadlineReached)), Some(Generation(3)));
    let trigger = world.status("api").trigger.unwrap();
    assert_eq!(
        (trigger.count, trigger.files.len()),
        (5, 5),
        "the stopped build's files are part of the next"
    );
}

#[test]
fn a_burst_without_end_is_built_after_half_a_second() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    world.save("api", "/p/a.go");
    world.build_ends("api", BuildOutcome::Stopped);
    let mut waited = Duration::ZERO;
    while starts_build(&world.save("api", "/p/a.go")).is_none() {
        waited += 20 * MS;
        assert!(waited <= SAVE_SETTLE.limit, "still not built after {waited:?}");
        world.now = world.now.after(20 * MS);
    }
}

#[test]
fn an_auto_save_settles_for_longer() {
    let mut world = World::ready(Policy::default());
    assert_eq!(world.send(auto_save("/p/a.go")), vec![]);
    assert_eq!(world.status("api").waiting.unwrap().why, Why::Settle);
    world.now = world.now.after(299 * MS);
    assert_eq!(world.send(Event::DeadlineReached), vec![]);
    world.now = world.now.after(MS);
    assert!(starts_build(&world.send(Event::DeadlineReached)).is_some());
}

#[test]
fn an_auto_save_is_only_collected_if_only_manual_ones_count() {
    let mut world = World::ready(Policy { on_save: OnSave::Manual, ..Policy::default() });
    world.send(auto_save("/p/a.go"));
    assert_eq!(world.engine.deadline(), None);
    let status = world.status("api");
    assert_eq!((status.waiting.unwrap().why, status.stale), (Why::Hold, true));
    // Then the same text is saved by hand: nothing new on disk, and all the same it counts.
    assert!(starts_build(&world.send(same("/p/a.go"))).is_some());
}

#[test]
fn saves_that_never_count_are_built_when_somebody_asks() {
    let mut world = World::ready(Policy { on_save: OnSave::Never, ..Policy::default() });
    assert_eq!(world.save("api", "/p/a.go"), vec![]);
    assert!(starts_build(&world.ask("api", Request::Build)).is_some());
}

#[test]
fn changes_on_disk_settle() {
    let mut world = World::ready(Policy::default());
    for at in 0..100 {
        assert_eq!(world.disk("api", &format!("/p/{at}.go")), vec![]);
    }
    world.pass(49 * MS);
    assert_eq!(world.status("api").waiting.unwrap().why, Why::Settle);
    assert!(world.wait());
    let status = world.status("api");
    assert_eq!((status.state, status.trigger.unwrap().count), (State::Building, 100), "one build for all");
}

#[test]
fn a_save_that_the_disk_told_of_first_is_built_at_once() {
    let mut world = World::ready(Policy::default());
    world.disk("api", "/p/a.go");
    assert!(starts_build(&world.send(same("/p/a.go"))).is_some());
}

#[test]
fn an_auto_save_that_the_disk_told_of_first_settles_as_an_auto_save() {
    let mut world = World::ready(Policy::default());
    world.disk("api", "/p/a.go");
    let save = change("/p/a.go", AUTO, Content::Same, Action::Rebuild);
    world.send(Event::Changed { service: "api".into(), change: save });
    world.now = world.now.after(299 * MS);
    assert_eq!(world.send(Event::DeadlineReached), vec![]);
}

#[test]
fn a_save_of_unchanged_content_does_nothing_while_all_is_well() {
    let mut world = World::ready(Policy::default());
    assert_eq!(world.send(same("/p/a.go")), vec![]);
    assert_eq!(world.engine.deadline(), None);
}

#[test]
fn a_save_of_unchanged_content_tries_again_after_a_failed_build() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    world.build_fails("api");
    assert!(starts_build(&world.send(same("/p/a.go"))).is_some());
}

#[test]
fn a_save_of_unchanged_content_tries_again_after_a_crash_and_after_a_stop() {
    let mut world = World::ready(Policy { on_crash: OnCrash::Wait, ..Policy::default() });
    world.exits("api", Exit::Code(2));
    assert!(starts_build(&world.send(same("/p/a.go"))).is_some());
    let mut world = World::ready(Policy::default());
    world.ask("api", Request::Stop);
    world.exits("api", Exit::Signal(15));
    assert!(starts_build(&world.send(same("/p/a.go"))).is_some());
}

#[test]
fn a_change_on_disk_during_a_build_is_kept_for_one_more() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    assert_eq!(world.disk("api", "/p/generated.go"), vec![], "the build goes on");
    assert!(stops_run(&world.build_passes("api")), "what passed is brought up meanwhile");
    assert!(world.wait());
    assert_eq!(world.status("api").state, State::Building);
}

#[test]
fn a_save_right_after_its_echo_during_a_build_stops_that_build() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    world.disk("api", "/p/b.go");
    assert!(stops_build(&world.send(same("/p/b.go"))));
}

#[test]
fn a_failed_build_leaves_the_old_run_serving_and_says_that_it_is_stale() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    let found = vec![problem("/p/a.go", "undefined: x"); 3];
    let service: ServiceName = "api".into();
    world.send(Event::ProblemsFound { service, generation: Generation(2), problems: found });
    assert!(!stops_run(&world.build_fails("api")));
    let status = world.status("api");
    assert_eq!((status.state, status.stale), (State::BuildFailed, true));
    assert_eq!(status.message, "build failed: 3 errors; generation 1 is still serving");
    assert_eq!(status.build.unwrap().first.len(), 3);
}

#[test]
fn a_failed_build_stops_the_run_if_that_is_wanted() {
    let policy = Policy { on_build_failure: OnBuildFailure::Stop, ..Policy::default() };
    let mut world = World::ready(policy);
    world.save("api", "/p/a.go");
    assert!(stops_run(&world.build_fails("api")));
}

#[test]
fn a_build_with_the_same_result_leaves_the_run_alone() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    let effects = world.build_ends("api", BuildOutcome::Passed { same_as: Some(Generation(1)) });
    assert_eq!(effects, vec![]);
    let status = world.status("api");
    assert_eq!((status.state, status.stale), (State::Ready, false));
    assert!(status.message.ends_with("the last build changed nothing"), "{}", status.message);
}

#[test]
fn a_changed_template_restarts_although_the_build_made_the_same() {
    let mut world = World::ready(Policy::default());
    let mut template = change("/p/page.html", MANUAL, Content::New, Action::Rebuild);
    template.compiled = false;
    world.send(Event::Changed { service: "api".into(), change: template });
    // The build for it fails for another reason, and the repair changes only what the compiler reads.
    world.build_fails("api");
    world.save("api", "/p/a.go");
    assert!(stops_run(&world.build_ends("api", BuildOutcome::Passed { same_as: Some(Generation(1)) })));
}

#[test]
fn the_old_run_is_gone_before_the_new_one_starts() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    let effects = world.build_passes("api");
    assert!(stops_run(&effects) && starts_run(&effects).is_none());
    assert_eq!(world.status("api").waiting.unwrap().why, Why::Grace);
    assert_eq!(starts_run(&world.exits("api", Exit::Signal(15))), Some(Generation(2)));
}

#[test]
fn start_first_stops_the_old_run_only_when_the_new_one_is_ready() {
    let mut world = World::ready(Policy { swap: Swap::StartFirst, ..Policy::default() });
    world.save("api", "/p/a.go");
    let effects = world.build_passes("api");
    assert!(starts_run(&effects) == Some(Generation(2)) && !stops_run(&effects));
    assert!(stops_run(&world.becomes_ready("api")));
    world.exits("api", Exit::Signal(15));
    assert_eq!(world.status("api").state, State::Ready);
}

#[test]
fn start_first_keeps_the_old_run_if_the_new_one_crashes() {
    let mut world = World::ready(Policy { swap: Swap::StartFirst, ..Policy::default() });
    world.save("api", "/p/a.go");
    world.build_passes("api");
    assert!(!stops_run(&world.exits("api", Exit::Code(1))));
    let status = world.status("api");
    assert_eq!((status.state, status.stale), (State::Crashed, true));
    assert_eq!(status.message, "crashed: exited with code 1; generation 1 is still serving");
    assert_eq!(world.services[&"api".into()].problems.1.len(), 1, "the crash is a diagnostic");
}

#[test]
fn start_first_stops_the_new_run_if_it_is_not_ready_in_time() {
    let mut world = World::ready(Policy { swap: Swap::StartFirst, ..Policy::default() });
    world.save("api", "/p/a.go");
    world.build_passes("api");
    assert!(world.wait());
    let stopping: Vec<_> = world.services[&"api".into()].runs.iter().map(|live| live.is_stopping).collect();
    assert_eq!(stopping, [false, true], "the old one goes on, the new one is stopped");
    let problems = &world.services[&"api".into()].problems.1;
    assert!(problems[0].message.contains("was stopped; generation 1 goes on"), "{problems:?}");
}

#[test]
fn a_slow_start_is_said_and_still_waited_for() {
    let mut world = World::one(Policy::default());
    world.build_passes("api");
    assert!(world.wait());
    assert!(world.services[&"api".into()].problems.1[0].message.contains("was not ready within 10s"));
    world.becomes_ready("api");
    assert_eq!(world.services[&"api".into()].problems.1, vec![], "and is no problem once it is ready");
    assert_eq!(world.status("api").state, State::Ready);
}

#[test]
fn a_crash_is_started_again_after_a_growing_while_and_not_for_ever() {
    let mut world = World::ready(Policy::default());
    let mut waits = Vec::new();
    loop {
        let crashed = world.now;
        world.exits("api", Exit::Code(2));
        if !world.wait() {
            break;
        }
        waits.push(world.now.since(crashed).as_secs());
        world.becomes_ready("api");
    }
    assert_eq!(waits, [1, 2, 4, 8, 16]);
    let status = world.status("api");
    assert_eq!(
        (status.crashes, status.message.as_str()),
        (6, "crashed: exited with code 2; waits for a change")
    );
    assert!(starts_build(&world.save("api", "/p/a.go")).is_some());
}

#[test]
fn a_run_that_was_ready_for_ten_seconds_crashes_for_the_first_time_again() {
    let mut world = World::ready(Policy::default());
    world.exits("api", Exit::Code(2));
    world.wait();
    world.becomes_ready("api");
    world.pass(CRASH_RESET);
    let crashed = world.now;
    world.exits("api", Exit::Code(2));
    world.wait();
    assert_eq!(world.now.since(crashed), BACKOFF_START);
}

#[test]
fn a_change_during_the_back_off_does_not_wait_for_it() {
    let mut world = World::ready(Policy::default());
    world.exits("api", Exit::Code(2));
    assert!(starts_build(&world.save("api", "/p/a.go")).is_some());
    assert_eq!(starts_run(&world.build_passes("api")), Some(Generation(2)));
}

#[test]
fn a_crash_stays_a_diagnostic_until_other_code_runs() {
    let mut world = World::ready(Policy::default());
    world.exits("api", Exit::Code(2));
    world.wait();
    world.becomes_ready("api");
    assert_eq!(world.services[&"api".into()].problems.1.len(), 1, "the same code is no repair");
    world.save("api", "/p/a.go");
    world.build_passes("api");
    assert_eq!(world.services[&"api".into()].problems.1, vec![]);
}

#[test]
fn what_kept_a_service_from_starting_is_no_diagnostic_any_more_once_it_is_ready() {
    let mut world = World::one(Policy::default());
    world.build_passes("api");
    world.exits("api", Exit::Code(1));
    assert_eq!(world.services[&"api".into()].problems.1.len(), 1);
    world.wait();
    assert_eq!(world.services[&"api".into()].problems.1.len(), 1, "it is not ready yet");
    world.becomes_ready("api");
    assert_eq!(world.services[&"api".into()].problems.1, vec![]);
}

#[test]
fn a_crash_of_a_service_without_a_build_is_history_when_something_else_runs() {
    let mut world = World::new(vec![ServiceSpec { build: None, ..spec("api", Policy::default()) }]);
    world.becomes_ready("api");
    world.exits("api", Exit::Code(2));
    assert_eq!(world.services[&"api".into()].problems.1.len(), 1);
    world.save("api", "/p/a.py");
    assert_eq!(world.services[&"api".into()].problems.1, vec![]);
}

#[test]
fn a_program_that_ends_well_waits_for_the_next_change() {
    let mut world = World::ready(Policy::default());
    assert_eq!(world.exits("api", Exit::Code(0)), vec![]);
    assert_eq!((world.status("api").state, world.engine.deadline()), (State::Finished, None));
}

#[test]
fn pause_collects_and_resume_makes_one_trip() {
    let mut world = World::ready(Policy::default());
    world.ask("api", Request::Pause);
    for file in ["/p/a.go", "/p/b.go"] {
        assert_eq!(world.save("api", file), vec![]);
    }
    let status = world.status("api");
    assert_eq!((status.state, status.message.as_str()), (State::Paused, "paused; 2 changes collected"));
    assert_eq!(starts_build(&world.ask("api", Request::Resume)), Some(Generation(2)));
    assert_eq!(world.status("api").trigger.unwrap().count, 2);
}

#[test]
fn a_person_need_not_resume_to_build() {
    let mut world = World::ready(Policy::default());
    world.ask("api", Request::Pause);
    world.save("api", "/p/a.go");
    assert!(starts_build(&world.ask("api", Request::Build)).is_some());
}

#[test]
fn a_restart_does_not_build() {
    let mut world = World::ready(Policy::default());
    let effects = world.ask("api", Request::Restart);
    assert!(stops_run(&effects) && starts_build(&effects).is_none());
    assert_eq!(starts_run(&world.exits("api", Exit::Signal(15))), Some(Generation(1)));
}

#[test]
fn a_stopped_service_stays_stopped_until_it_is_started() {
    let mut world = World::ready(Policy::default());
    world.ask("api", Request::Stop);
    world.exits("api", Exit::Signal(15));
    assert_eq!((world.status("api").state, world.engine.deadline()), (State::Stopped, None));
    assert_eq!(starts_run(&world.ask("api", Request::Start)), Some(Generation(1)));
}

#[test]
fn a_cancelled_build_leaves_what_runs_and_says_that_it_is_stale() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    assert!(stops_build(&world.ask("api", Request::CancelBuild)));
    world.build_ends("api", BuildOutcome::Stopped);
    let status = world.status("api");
    assert_eq!((status.state, status.stale, world.engine.deadline()), (State::Ready, true, None));
}

#[test]
fn problems_of_other_files_stay_until_the_build_ends() {
    let mut world = World::ready(Policy::default());
    let found = |generation, path| Event::ProblemsFound {
        service: "api".into(),
        generation: Generation(generation),
        problems: vec![problem(path, "undefined")],
    };
    let shown = |world: &World| world.services[&"api".into()].problems.0.len();
    world.save("api", "/p/a.go");
    world.send(found(2, "/p/a.go"));
    world.send(found(2, "/p/b.go"));
    world.build_fails("api");
    world.save("api", "/p/a.go");
    world.send(found(3, "/p/a.go"));
    assert_eq!(shown(&world), 2, "b.go has not been judged again yet");
    world.send(found(2, "/p/c.go"));
    assert_eq!(shown(&world), 2, "generation 2 has nothing to say any more");
    world.build_passes("api");
    assert_eq!(shown(&world), 1);
}

#[test]
fn a_stopped_build_keeps_what_was_shown() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    let problems = vec![problem("/p/a.go", "undefined")];
    world.send(Event::ProblemsFound { service: "api".into(), generation: Generation(2), problems });
    world.save("api", "/p/a.go");
    assert_eq!(world.build_ends("api", BuildOutcome::Stopped), vec![]);
    assert_eq!(world.services[&"api".into()].problems.0.len(), 1);
}

#[test]
fn a_css_file_refreshes_browsers_and_nothing_else() {
    let mut world = World::ready(Policy::default());
    let css = change("/p/style.css", MANUAL, Content::New, Action::Refresh);
    let effects = world.send(Event::Changed { service: "api".into(), change: css });
    assert_eq!(effects, vec![Effect::RefreshBrowsers { service: "api".into() }]);
}

#[test]
fn a_service_waits_for_what_it_depends_on_and_ends_before_it() {
    let depends = Policy { depends_on: vec!["db".into()], cascade: true, ..Policy::default() };
    let mut world = World::new(vec![spec("db", Policy::default()), spec("api", depends)]);
    assert_eq!(world.build_passes("api"), vec![], "db is not there yet");
    assert_eq!(world.status("api").message, "waiting for db");
    world.build_passes("db");
    assert_eq!(starts_run(&world.becomes_ready("db")), Some(Generation(1)));
    world.becomes_ready("api");

    world.ask("db", Request::Restart);
    world.exits("db", Exit::Signal(15));
    assert!(stops_run(&world.becomes_ready("db")), "a new db restarts api");
    world.exits("api", Exit::Signal(15));
    world.becomes_ready("api");

    world.send(Event::ShutdownRequested { grace: None });
    let effects = world.exits("api", Exit::Signal(15));
    assert!(stops_run(&effects), "db is told to stop when api has ended");
    assert_eq!(world.exits("db", Exit::Signal(15)), vec![Effect::Exit]);
}

#[test]
fn the_end_is_one_path_and_nobody_gets_more_than_the_grace_that_is_left() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    let service: ServiceName = "api".into();
    let effects = world.send(Event::ShutdownRequested { grace: None });
    assert!(stops_build(&effects) && stops_run(&effects));
    let grace = 1500 * MS;
    let effects = world.send(Event::ShutdownRequested { grace: Some(grace) });
    assert_eq!(effects, vec![Effect::StopRun { service, run: RunId(1), grace }]);
    world.exits("api", Exit::Signal(9));
    assert_eq!(world.build_ends("api", BuildOutcome::Stopped), vec![Effect::Exit]);
}

#[test]
fn a_new_configuration_leaves_alone_what_it_does_not_concern() {
    let (api, web) = (spec("api", Policy::default()), spec("web", Policy::default()));
    let mut world = World::new(vec![api.clone(), web.clone()]);
    for service in ["api", "web"] {
        world.build_passes(service);
        world.becomes_ready(service);
    }
    let quicker = Policy { grace: 10 * MS, ..Policy::default() };
    assert_eq!(world.send(Event::Configured(vec![spec("api", quicker), web.clone()])), vec![]);
    let effects = world.send(Event::Configured(vec![ServiceSpec { run: Some(Key(2)), ..api.clone() }, web]));
    assert!(stops_run(&effects) && starts_build(&effects).is_none(), "another `run` restarts");
    world.exits("api", Exit::Signal(15));
    world.becomes_ready("api");
    let effects = world.send(Event::Configured(vec![ServiceSpec { run: Some(Key(2)), ..api }]));
    assert!(matches!(effects.as_slice(), [Effect::StopRun { service, .. }] if service.as_str() == "web"));
    world.exits("web", Exit::Signal(15));
    assert_eq!(world.engine.status(world.now).services.len(), 1, "what was removed is gone");
}

#[test]
fn the_stages_of_a_reload_are_told() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    world.pass(700 * MS);
    world.build_passes("api");
    world.pass(12 * MS);
    world.exits("api", Exit::Signal(15));
    world.pass(3 * MS);
    world.send(Event::RunStarted { service: "api".into(), run: RunId(2), pid: 4711 });
    world.pass(41 * MS);
    world.becomes_ready("api");
    let reload = world.status("api").last_reload.unwrap();
    let stages = [reload.settle, reload.build, reload.stop, reload.start, reload.ready, reload.total];
    assert_eq!(stages.map(|stage| stage.as_millis()), [0, 700, 12, 3, 41, 756]);
    assert_eq!(world.status("api").run.unwrap().pid, Some(4711));
}

#[test]
fn somebody_elses_lock_is_named() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    let (service, generation) = ("api".into(), Generation(2));
    world.send(Event::BuildBlocked { service, generation, blocked: true });
    let status = world.status("api");
    assert_eq!(status.waiting.unwrap().why, Why::Lock);
    assert_eq!(status.message, "building; waiting for another build to release its lock");
}
