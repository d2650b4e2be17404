//! Stories of product.md 2.2 and 2.4: what goes there and back is no trip.

use super::super::world::holds;
use super::*;

fn on_disk(world: &mut World, path: &str, content: u64) -> Vec<Effect> {
    world.send(Event::Changed { service: "api".into(), change: holds(path, content) })
}

fn saves(world: &mut World, path: &str, content: u64) -> Vec<Effect> {
    let change = Change { origin: MANUAL, ..holds(path, content) };
    world.send(Event::Changed { service: "api".into(), change })
}

fn is_at_rest(world: &World) -> bool {
    let status = world.status("api");
    (status.waiting, status.stale, world.engine.deadline()) == (None, false, None)
}

#[test]
fn a_branch_switch_there_and_back_is_no_trip() {
    let mut world = World::ready(Policy::default());
    for content in [1, 0] {
        for file in 0..100 {
            on_disk(&mut world, &format!("/p/{file}.go"), content);
        }
    }
    assert!(is_at_rest(&world));
    assert_eq!(world.status("api").state, State::Ready);
}

#[test]
fn what_does_not_come_back_makes_the_trip() {
    let mut world = World::ready(Policy::default());
    for (file, content) in [("/p/a.go", 1), ("/p/b.go", 1), ("/p/a.go", 0)] {
        on_disk(&mut world, file, content);
    }
    assert!(world.wait());
    let trigger = world.status("api").trigger.unwrap();
    assert_eq!((trigger.count, trigger.files), (1, vec![std::path::Path::new("/p/b.go").into()]));
}

#[test]
fn what_a_build_writes_and_puts_back_makes_no_second_one() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    on_disk(&mut world, "/p/generated.go", 1);
    on_disk(&mut world, "/p/generated.go", 0);
    world.build_passes("api");
    world.exits("api", Exit::Signal(15));
    world.becomes_ready("api");
    assert!(is_at_rest(&world));
}

#[test]
fn what_goes_back_behind_a_build_that_saw_it_is_built_again() {
    let mut world = World::ready(Policy::default());
    saves(&mut world, "/p/a.go", 1);
    on_disk(&mut world, "/p/a.go", 0);
    world.build_passes("api");
    assert!(world.wait());
    assert_eq!(world.status("api").state, State::Building);
}

#[test]
fn a_save_that_is_taken_back_leaves_everything_as_it_was_before_its_build() {
    let mut world = World::ready(Policy::default());
    saves(&mut world, "/p/a.go", 1);
    finds(&mut world, 2, vec![problem("/p/a.go", "undefined")]);
    assert!(stops_build(&saves(&mut world, "/p/a.go", 0)));
    world.build_ends("api", BuildOutcome::Stopped);
    assert!(is_at_rest(&world));
    let status = world.status("api");
    assert_eq!((status.state, status.build.unwrap().generation), (State::Ready, Generation(1)));
    assert_eq!(shown(&world, "api").0, Vec::<String>::new());
    // The number stays taken.
    assert_eq!(starts_build(&saves(&mut world, "/p/a.go", 2)), Some(Generation(3)));
}

#[test]
fn a_save_that_goes_back_to_what_failed_tries_again() {
    let mut world = World::ready(Policy::default());
    saves(&mut world, "/p/a.go", 1);
    world.build_fails("api");
    on_disk(&mut world, "/p/a.go", 2);
    assert!(starts_build(&saves(&mut world, "/p/a.go", 1)).is_some());
    let mut world = World::ready(Policy::default());
    saves(&mut world, "/p/a.go", 1);
    world.build_fails("api");
    on_disk(&mut world, "/p/a.go", 2);
    on_disk(&mut world, "/p/a.go", 1);
    assert_eq!((world.status("api").state, world.engine.deadline()), (State::BuildFailed, None));
}

#[test]
fn a_save_whose_echo_took_it_back_stops_the_build_and_makes_none() {
    let mut world = World::ready(Policy::default());
    saves(&mut world, "/p/a.go", 1);
    on_disk(&mut world, "/p/a.go", 0);
    assert!(stops_build(&world.send(same("/p/a.go"))));
    world.build_ends("api", BuildOutcome::Stopped);
    assert!(is_at_rest(&world));
}

#[test]
fn what_a_person_asked_for_is_not_taken_back() {
    let mut world = World::ready(Policy::default());
    on_disk(&mut world, "/p/a.go", 1);
    world.ask("api", Request::Pause);
    world.ask("api", Request::Build);
    on_disk(&mut world, "/p/a.go", 0);
    assert_eq!(world.status("api").state, State::Paused);
    world.build_ends("api", BuildOutcome::Passed { same_as: Some(Generation(1)) });
    let mut world = World::one(Policy::default());
    saves(&mut world, "/p/a.go", 1);
    saves(&mut world, "/p/a.go", 0);
    world.build_ends("api", BuildOutcome::Stopped);
    assert!(world.wait());
    assert_eq!(world.status("api").state, State::Building, "nothing was built yet");
}

#[test]
fn what_is_collected_and_taken_back_is_forgotten() {
    let mut world = World::ready(Policy::default());
    world.ask("api", Request::Pause);
    on_disk(&mut world, "/p/a.go", 1);
    saves(&mut world, "/p/b.go", 1);
    assert_eq!(world.status("api").message, "paused; 2 changes collected");
    on_disk(&mut world, "/p/b.go", 0);
    on_disk(&mut world, "/p/a.go", 0);
    assert_eq!(world.status("api").message, "paused");
    world.ask("api", Request::Resume);
    assert!(is_at_rest(&world));
}

#[test]
fn a_template_that_goes_back_after_a_new_run_has_read_it_restarts_that_run() {
    let mut world = World::ready(Policy::default());
    world.ask("api", Request::Pause);
    let template = |content| Change { compiled: false, ..holds("/p/page.html", content) };
    world.send(Event::Changed { service: "api".into(), change: template(1) });
    world.exits("api", Exit::Code(2));
    world.wait();
    world.becomes_ready("api");
    world.send(Event::Changed { service: "api".into(), change: template(0) });
    assert!(world.status("api").stale);
    world.ask("api", Request::Resume);
    world.wait();
    assert!(stops_run(&world.build_ends("api", BuildOutcome::Passed { same_as: Some(Generation(1)) })));
}

#[test]
fn more_paths_than_are_kept_make_the_trip_all_the_same() {
    let mut world = World::ready(Policy::default());
    let mut now = world.now;
    for content in [1, 0] {
        for file in 0..50_001 {
            let path = format!("/p/{file}.go");
            let before = Identity::Content(1 - content);
            let change = Change { before, ..holds(&path, content) };
            let effects = world.engine.handle(Event::Changed { service: "api".into(), change }, now);
            assert_eq!(effects, vec![]);
        }
    }
    now = now.after(DISK_SETTLE.quiet);
    assert!(starts_build(&world.engine.handle(Event::DeadlineReached, now)).is_some());
}
