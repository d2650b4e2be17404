//! Stories of product.md 2.1, 2.10 and 4: what people ask for, another configuration, the end.

use super::*;

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
