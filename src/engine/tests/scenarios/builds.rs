//! Stories of product.md 2.5: what a build says, and what it means for the run.

use super::*;

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
fn somebody_elses_lock_is_named() {
    let mut world = World::ready(Policy::default());
    world.save("api", "/p/a.go");
    let (service, generation) = ("api".into(), Generation(2));
    world.send(Event::BuildBlocked { service, generation, blocked: true });
    let status = world.status("api");
    assert_eq!(status.waiting.unwrap().why, Why::Lock);
    assert_eq!(status.message, "building; waiting for another build to release its lock");
}
