//! Stories of product.md 2.2 to 2.4: what a change asks for, and when it is built.

use super::*;

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
fn what_a_build_did_not_read_tries_again_only_after_a_failed_build() {
    let mut world = World::ready(Policy::default());
    let unread = || change_of("/p/new/a.go", Origin::Disk, Content::Same);
    assert_eq!((world.send(unread()), world.engine.deadline()), (vec![], None));
    world.send(Event::Requested { service: Some("api".into()), request: Request::Stop });
    assert_eq!(
        (world.send(unread()), world.engine.deadline()),
        (vec![], None),
        "the disk wants nothing that was stopped"
    );
    world.save("api", "/p/a.go");
    assert_eq!(world.send(unread()), vec![], "the build that goes on may read it");
    world.build_fails("api");
    world.send(unread());
    world.now = world.now.after(50 * MS);
    assert!(starts_build(&world.send(Event::DeadlineReached)).is_some());
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
fn a_css_file_refreshes_browsers_and_nothing_else() {
    let mut world = World::ready(Policy::default());
    let css = change("/p/style.css", MANUAL, Content::New, Action::Refresh);
    let effects = world.send(Event::Changed { service: "api".into(), change: css });
    assert_eq!(effects, vec![Effect::RefreshBrowsers { service: "api".into() }]);
}

#[test]
fn save_all_that_never_counts_builds_nothing_although_the_disk_told_of_it_first() {
    let mut world = World::ready(Policy { on_save: OnSave::Never, ..Policy::default() });
    for path in ["/p/a.go", "/p/b.go"] {
        world.disk("api", path);
    }
    for path in ["/p/a.go", "/p/b.go"] {
        world.send(same(path));
    }
    assert_eq!((world.engine.deadline(), world.status("api").stale), (None, true));
    // What only the disk tells of is built all the same.
    world.disk("api", "/p/generated.go");
    assert!(world.wait());
    assert_eq!(world.status("api").state, State::Building);
}

#[test]
fn a_save_by_hand_counts_although_an_automatic_one_that_is_only_collected_follows() {
    let mut world = World::ready(Policy { on_save: OnSave::Manual, ..Policy::default() });
    world.save("api", "/p/a.go");
    world.save("api", "/p/b.go");
    world.disk("api", "/p/c.go");
    world.send(change_of("/p/c.go", AUTO, Content::Same));
    world.build_ends("api", BuildOutcome::Stopped);
    assert!(world.wait());
    assert_eq!(world.status("api").state, State::Building);
}

#[test]
fn an_auto_save_whose_echo_came_first_settles_as_long_as_any_when_it_stops_a_build() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    world.disk("api", "/p/b.go");
    assert!(stops_build(&world.send(change_of("/p/b.go", AUTO, Content::Same))));
    world.build_ends("api", BuildOutcome::Stopped);
    world.now = world.now.after(299 * MS);
    assert_eq!(world.send(Event::DeadlineReached), vec![]);
}

#[test]
fn a_save_by_hand_tries_again_although_automatic_ones_are_being_collected() {
    let mut world = World::ready(Policy { on_save: OnSave::Manual, ..Policy::default() });
    world.save("api", "/p/a.go");
    world.build_fails("api");
    world.send(auto_save("/p/b.go"));
    assert!(starts_build(&world.send(same("/p/a.go"))).is_some());
}

#[test]
fn a_save_tries_again_although_the_build_that_was_stopped_has_not_ended_yet() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    world.ask("api", Request::Stop);
    world.exits("api", Exit::Signal(15));
    assert_eq!(world.send(same("/p/a.go")), vec![]);
    assert!(starts_build(&world.build_ends("api", BuildOutcome::Stopped)).is_some());
}
