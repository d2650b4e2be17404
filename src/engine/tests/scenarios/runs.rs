//! Stories of product.md 2.6 to 2.8: swapping, ready, crash, what depends on what, and how long it takes.

use super::*;

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
fn a_program_that_ends_well_waits_for_the_next_change() {
    let mut world = World::ready(Policy::default());
    assert_eq!(world.exits("api", Exit::Code(0)), vec![]);
    assert_eq!((world.status("api").state, world.engine.deadline()), (State::Finished, None));
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
fn a_reload_is_measured_also_when_the_next_build_begins_before_its_run_is_ready() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    world.pass(700 * MS);
    world.build_passes("api");
    world.exits("api", Exit::Signal(15));
    world.disk("api", "/p/b.go");
    world.pass(50 * MS);
    assert_eq!(world.status("api").build.unwrap().stage, BuildStage::Running);
    world.becomes_ready("api");
    let reload = world.status("api").last_reload.unwrap();
    assert_eq!((reload.build.as_millis(), reload.total.as_millis()), (700, 750));
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
fn the_crash_of_a_service_without_a_build_is_history_when_other_code_runs() {
    let mut world = World::new(vec![ServiceSpec { build: None, ..spec("api", Policy::default()) }]);
    world.becomes_ready("api");
    world.exits("api", Exit::Code(1));
    assert_eq!(shown(&world, "api").1, ["boom"]);
    world.save("api", "/p/main.py");
    assert_eq!(shown(&world, "api").1, [""; 0]);
}

#[test]
fn a_crash_is_history_when_a_change_restarts_the_service() {
    let mut world = World::ready(Policy::default());
    world.exits("api", Exit::Code(1));
    let file = change("/p/dev.yaml", MANUAL, Content::New, Action::Restart);
    let effects = world.send(Event::Changed { service: "api".into(), change: file });
    assert_eq!(starts_run(&effects), Some(Generation(1)));
    assert_eq!(shown(&world, "api").1, [""; 0]);
}

#[test]
fn a_swap_that_failed_is_history_when_the_old_source_is_back() {
    let mut world = World::ready(start_first());
    world.save("api", "/p/a.go");
    world.build_passes("api");
    world.exits("api", Exit::Code(1));
    world.save("api", "/p/a.go");
    world.build_ends("api", BuildOutcome::Passed { same_as: Some(Generation(1)) });
    let status = world.status("api");
    assert_eq!((status.state, status.stale), (State::Ready, false), "{}", status.message);
    assert_eq!(shown(&world, "api").1, [""; 0]);
}

#[test]
fn a_swap_that_failed_is_tried_again_when_what_it_depends_on_has_a_new_run() {
    let policy = Policy { depends_on: vec!["db".into()], cascade: true, ..start_first() };
    let mut world = World::new(vec![spec("db", Policy::default()), spec("api", policy)]);
    for service in ["db", "api"] {
        world.build_passes(service);
        world.becomes_ready(service);
    }
    world.save("api", "/p/a.go");
    world.build_passes("api");
    world.exits("api", Exit::Code(3));
    world.ask("db", Request::Restart);
    world.exits("db", Exit::Signal(15));
    assert_eq!(starts_run(&world.becomes_ready("db")), Some(Generation(2)));
    world.exits("api", Exit::Code(3));
    let status = world.status("api");
    assert_eq!(status.message, "crashed: exited with code 3; generation 1 is still serving");
    assert_eq!((status.state, status.stale), (State::Crashed, true));
}

#[test]
fn a_swap_that_failed_without_a_word_is_a_problem_all_the_same() {
    let mut world = World::ready(start_first());
    world.save("api", "/p/a.go");
    world.build_passes("api");
    world.exits("api", Exit::Code(0));
    assert_eq!(shown(&world, "api").1, ["generation 2 of api exited with code 0; generation 1 goes on"]);
}

#[test]
fn the_end_of_the_old_run_does_not_hide_how_the_new_one_crashed() {
    let mut world = World::ready(start_first());
    world.save("api", "/p/a.go");
    world.build_passes("api");
    world.becomes_ready("api");
    let exit = RunExit::Exited(Exit::Code(3));
    world.send(Event::RunExited { service: "api".into(), run: RunId(2), exit, problems: vec![] });
    world.exits("api", Exit::Signal(15));
    let status = world.status("api");
    assert_eq!(status.message, "crashed: exited with code 3; starts again");
    assert_eq!(status.last_exit.unwrap().run, RunId(2));
}

#[test]
fn a_new_run_that_is_late_is_not_said_to_have_crashed_like_the_one_before() {
    let mut world = World::ready(start_first());
    world.exits("api", Exit::Code(7));
    world.wait();
    world.becomes_ready("api");
    world.save("api", "/p/a.go");
    world.build_passes("api");
    world.wait();
    let message = world.status("api").message;
    assert_eq!(message, "crashed: not ready in time; generation 1 is still serving");
}

#[test]
fn nobody_is_said_to_wait_for_a_slow_start_that_is_over() {
    let late = |world: &World| shown(world, "api").1;
    for ends in ["stopped", "finished", "restarted for db"] {
        let policy = Policy { depends_on: vec!["db".into()], cascade: true, ..Policy::default() };
        let db = ServiceSpec { build: None, ..spec("db", Policy::default()) };
        let mut world = World::new(vec![db, spec("api", policy)]);
        world.becomes_ready("db");
        world.build_passes("api");
        assert!(world.wait());
        assert!(late(&world)[0].contains("still waited for"));
        match ends {
            "stopped" => drop(world.ask("api", Request::Stop)),
            "finished" => drop(world.exits("api", Exit::Code(0))),
            _ => {
                world.ask("db", Request::Restart);
                world.exits("db", Exit::Signal(15));
                world.becomes_ready("db");
                world.exits("api", Exit::Signal(15));
                world.becomes_ready("api");
            }
        }
        assert_eq!(late(&world), [""; 0], "{ends}");
    }
}

#[test]
fn a_service_that_crashed_without_what_it_depends_on_is_restarted_with_it() {
    for on_crash in [OnCrash::Restart, OnCrash::Wait] {
        let policy = Policy { depends_on: vec!["db".into()], cascade: true, on_crash, ..Policy::default() };
        let mut world = World::new(vec![spec("db", Policy::default()), spec("api", policy)]);
        for service in ["db", "api"] {
            world.build_passes(service);
            world.becomes_ready(service);
        }
        world.ask("db", Request::Restart);
        world.exits("api", Exit::Code(1));
        world.exits("db", Exit::Signal(15));
        assert_eq!(starts_run(&world.becomes_ready("db")), Some(Generation(1)), "{on_crash:?}");
    }
}

#[test]
fn a_service_that_starts_first_says_what_it_waits_for() {
    let policy = Policy { depends_on: vec!["db".into()], ..start_first() };
    let mut world = World::new(vec![spec("db", Policy::default()), spec("api", policy)]);
    for service in ["db", "api"] {
        world.build_passes(service);
        world.becomes_ready(service);
    }
    world.ask("db", Request::Stop);
    world.save("api", "/p/a.go");
    assert_eq!(world.build_passes("api"), vec![]);
    let status = world.status("api");
    assert_eq!((status.message.as_str(), status.waiting.unwrap().why), ("waiting for db", Why::Dependency));
}

#[test]
fn a_reload_that_was_given_up_does_not_count_into_the_next() {
    let totals = |world: &World| world.status("api").last_reload.map(|reload| reload.total.as_millis());
    // Stopped while it was starting.
    let mut world = World::one(Policy::default());
    world.build_passes("api");
    world.ask("api", Request::Stop);
    world.exits("api", Exit::Signal(15));
    world.pass(3600 * 1000 * MS);
    world.ask("api", Request::Start);
    world.pass(41 * MS);
    world.becomes_ready("api");
    assert_eq!(totals(&world), Some(41));
    // Not ready in time.
    let mut world = World::ready(start_first());
    world.save("api", "/p/a.go");
    world.build_passes("api");
    world.wait();
    world.exits("api", Exit::Signal(15));
    world.ask("api", Request::Restart);
    world.pass(42 * MS);
    world.becomes_ready("api");
    assert_eq!(totals(&world), Some(42));
    // Ended before it was ready.
    let mut world = World::one(Policy::default());
    world.build_passes("api");
    world.exits("api", Exit::Code(0));
    world.pass(1000 * MS);
    world.ask("api", Request::Start);
    world.pass(43 * MS);
    world.becomes_ready("api");
    assert_eq!(totals(&world), Some(43));
    // Cancelled.
    world.save("api", "/p/a.go");
    world.ask("api", Request::CancelBuild);
    world.build_ends("api", BuildOutcome::Stopped);
    world.ask("api", Request::Restart);
    world.exits("api", Exit::Signal(15));
    world.pass(44 * MS);
    world.becomes_ready("api");
    assert_eq!(totals(&world), Some(44));
}
