//! Stories of product.md 2.3: rules with tasks.

use super::super::world::holds;
use super::*;

const CSS: TaskId = TaskId(1);

fn with_task(then: Option<Action>) -> ServiceSpec {
    let task = TaskSpec { id: CSS, command: "npm run css".into(), then };
    ServiceSpec { tasks: vec![task], ..spec("api", Policy::default()) }
}

/// A service that is ready, with a task that is followed by `then`.
fn ready(then: Option<Action>) -> World {
    let mut world = World::new(vec![with_task(then)]);
    world.build_passes("api");
    world.becomes_ready("api");
    world
}

fn changed(path: &str, origin: Origin, content: Content) -> Event {
    Event::Changed { service: "api".into(), change: change(path, origin, content, Action::Task(CSS)) }
}

fn save(world: &mut World) -> Vec<Effect> {
    world.send(changed("/p/a.scss", MANUAL, Content::New))
}

fn starts(number: u32) -> Vec<Effect> {
    vec![Effect::StartTask { service: "api".into(), task: CSS, number: Generation(number) }]
}

const PASSED: BuildOutcome = BuildOutcome::Passed { same_as: None };
const FAILED: BuildOutcome = BuildOutcome::Failed(Exit::Code(1));

#[test]
fn a_manual_save_starts_its_task_at_once_and_nothing_follows_by_default() {
    let mut world = ready(None);
    assert_eq!(save(&mut world), starts(1));
    assert_eq!(world.status("api").message, "ready on http://127.0.0.1:8080; `npm run css` is running");
    assert_eq!(world.task_ends("api", CSS, PASSED), vec![]);
    world.settle_down();
}

#[test]
fn what_the_rule_says_follows_a_task_that_passed() {
    let mut world = ready(Some(Action::Refresh));
    save(&mut world);
    let service: ServiceName = "api".into();
    assert_eq!(world.task_ends("api", CSS, PASSED), vec![Effect::RefreshBrowsers { service }]);
    let mut world = ready(Some(Action::Restart));
    save(&mut world);
    assert!(stops_run(&world.task_ends("api", CSS, PASSED)));
    let mut world = ready(Some(Action::Rebuild));
    save(&mut world);
    assert_eq!(starts_build(&world.task_ends("api", CSS, PASSED)), Some(Generation(2)));
    assert_eq!(world.status("api").trigger.unwrap().files.len(), 1, "it is said why");
}

#[test]
fn nothing_follows_a_task_that_failed() {
    let mut world = ready(Some(Action::Rebuild));
    save(&mut world);
    assert_eq!(world.task_ends("api", CSS, FAILED), vec![]);
    assert_eq!(world.status("api").message, "ready on http://127.0.0.1:8080; `npm run css` failed");
    world.settle_down();
}

#[test]
fn a_save_of_the_same_content_tries_a_failed_task_again() {
    let mut world = ready(None);
    save(&mut world);
    world.task_ends("api", CSS, FAILED);
    assert_eq!(world.send(changed("/p/a.scss", MANUAL, Content::Same)), starts(2));
    world.task_ends("api", CSS, PASSED);
    assert_eq!(world.send(changed("/p/a.scss", MANUAL, Content::Same)), vec![]);
}

#[test]
fn changes_while_a_task_runs_stop_nothing_and_make_it_run_once_more() {
    let mut world = ready(None);
    save(&mut world);
    for file in ["/p/b.scss", "/p/c.scss"] {
        assert_eq!(world.send(changed(file, MANUAL, Content::New)), vec![]);
    }
    assert_eq!(world.task_ends("api", CSS, PASSED), starts(2));
    assert_eq!(world.task_ends("api", CSS, PASSED), vec![]);
}

#[test]
fn a_formatter_that_rewrites_what_it_was_started_for_runs_twice() {
    let mut world = ready(None);
    save(&mut world);
    // What it writes differs; when it is asked again, it has nothing to write.
    world.send(changed("/p/a.scss", Origin::Disk, Content::New));
    world.task_ends("api", CSS, PASSED);
    assert!(world.wait());
    assert_eq!(world.task_ends("api", CSS, PASSED), vec![]);
    assert_eq!(world.engine.deadline(), None);
}

/// The disk says that the file of the task holds this.
fn writes(world: &mut World, content: u64) {
    let change = Change { action: Action::Task(CSS), ..holds("/p/a.scss", content) };
    world.send(Event::Changed { service: "api".into(), change });
}

#[test]
fn what_goes_there_and_back_before_a_task_runs_asks_for_nothing() {
    let mut world = ready(None);
    writes(&mut world, 1);
    writes(&mut world, 0);
    assert_eq!((world.engine.deadline(), world.status("api").is_pending), (None, false));
    // What counts is what the last run saw.
    writes(&mut world, 1);
    world.wait();
    writes(&mut world, 2);
    writes(&mut world, 1);
    assert_eq!(world.task_ends("api", CSS, FAILED), vec![]);
    assert!(!world.status("api").is_pending);
    // A save that takes everything back means "try again".
    writes(&mut world, 2);
    let change = Change { origin: MANUAL, action: Action::Task(CSS), ..holds("/p/a.scss", 1) };
    assert_eq!(world.send(Event::Changed { service: "api".into(), change }), starts(2));
    world.settle_down();
}

#[test]
fn a_formatter_that_is_never_content_is_suspended() {
    for then in [None, Some(Action::Rebuild)] {
        let mut world = ready(then);
        save(&mut world);
        let mut runs = 1;
        loop {
            world.pass(200 * MS);
            writes(&mut world, 1_000 + runs % 2);
            world.pass(200 * MS);
            world.task_ends("api", CSS, PASSED);
            if then.is_some() {
                world.pass(100 * MS);
                world.build_passes("api");
                world.exits("api", Exit::Signal(15));
                world.becomes_ready("api");
            }
            let mut is_over = false;
            while !is_over && world.services[&"api".into()].tasks.is_empty() {
                is_over = !world.wait();
            }
            if is_over {
                break;
            }
            runs += 1;
            assert!(runs < 20, "it is not noticed");
        }
        assert_eq!(runs, 1 + 3, "{then:?}");
        let suspended = world.status("api").suspended;
        assert_eq!(
            suspended.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
            ["/p/a.scss"]
        );
        assert_eq!(save(&mut world)[..1], starts(5), "a save lets it count again");
        assert_eq!(world.status("api").suspended, vec![]);
    }
}

#[test]
fn changes_on_disk_and_automatic_saves_settle_for_tasks_too() {
    for (origin, quiet) in [(Origin::Disk, DISK_SETTLE.quiet), (AUTO, AUTO_SAVE_SETTLE.quiet)] {
        let mut world = ready(None);
        assert_eq!(world.send(changed("/p/a.scss", origin, Content::New)), vec![]);
        let waiting = world.status("api").waiting.unwrap();
        assert_eq!((waiting.why, waiting.until), (Why::Settle, Some(world.now.after(quiet))));
        world.wait();
        assert!(world.services[&"api".into()].tasks.contains_key(&CSS));
    }
}

#[test]
fn a_pause_collects_for_tasks_too() {
    let mut world = ready(Some(Action::Rebuild));
    world.ask("api", Request::Pause);
    assert_eq!(save(&mut world), vec![]);
    assert_eq!(world.status("api").message, "paused; 1 change collected");
    assert_eq!(world.ask("api", Request::Resume), starts(1));
    world.ask("api", Request::Pause);
    assert_eq!(world.task_ends("api", CSS, PASSED), vec![], "what follows is collected, too");
    assert!(starts_build(&world.ask("api", Request::Resume)).is_some());
}

#[test]
fn whoever_asks_for_a_build_need_not_resume_for_its_tasks() {
    let mut world = ready(None);
    world.ask("api", Request::Pause);
    save(&mut world);
    assert_eq!(world.ask("api", Request::Build)[..1], starts(1));
}

#[test]
fn stop_and_the_end_stop_tasks() {
    let stops = |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::StopTask { .. }));
    let mut world = ready(Some(Action::Rebuild));
    save(&mut world);
    save(&mut world);
    assert!(stops(&world.ask("api", Request::Stop)));
    assert_eq!(world.task_ends("api", CSS, PASSED), vec![], "nothing follows, and nothing is done again");
    world.exits("api", Exit::Signal(15));
    save(&mut world);
    assert!(stops(&world.send(Event::ShutdownRequested { grace: None })));
    assert_eq!(world.task_ends("api", CSS, BuildOutcome::Stopped), vec![Effect::Exit]);
}

#[test]
fn problems_of_a_task_stay_until_its_next_run_ends_or_its_rule_is_gone() {
    let of_tasks = |effects: &[Effect]| {
        effects.iter().find_map(|effect| {
            if let Effect::PublishProblems { of_tasks, .. } = effect { Some(of_tasks.clone()) } else { None }
        })
    };
    let found = vec![problem("/p/a.scss", "expected }")];
    let fails = |world: &mut World, number| {
        save(world);
        let (service, problems) = ("api".into(), found.clone());
        let told = world.send(Event::TaskFound { service, task: CSS, number: Generation(number), problems });
        assert_eq!(of_tasks(&told), Some(vec![(CSS, found.clone())]));
        world.task_ends("api", CSS, FAILED);
    };
    let mut world = ready(None);
    fails(&mut world, 1);
    assert_eq!(world.status("api").tasks[0].last.as_ref().unwrap().errors, 1);
    assert_eq!(of_tasks(&save(&mut world)), None);
    assert_eq!(of_tasks(&world.task_ends("api", CSS, PASSED)), Some(vec![]));
    fails(&mut world, 3);
    let effects = world.send(Event::Configured(vec![spec("api", Policy::default())]));
    assert_eq!(of_tasks(&effects), Some(vec![]));
    assert_eq!(world.status("api").tasks, vec![]);
}

#[test]
fn a_rule_that_is_gone_stops_its_task_and_one_that_stays_goes_on() {
    let mut world = ready(None);
    save(&mut world);
    assert_eq!(world.send(Event::Configured(vec![with_task(None)])), vec![]);
    let effects = world.send(Event::Configured(vec![spec("api", Policy::default())]));
    assert!(matches!(effects[..], [Effect::StopTask { .. }]));
    assert_eq!(save(&mut world), vec![], "a late change for it does nothing");
    world.task_ends("api", CSS, BuildOutcome::Stopped);
}

#[test]
fn late_news_of_a_task_have_no_effect() {
    let mut world = ready(Some(Action::Rebuild));
    save(&mut world);
    world.task_ends("api", CSS, PASSED);
    let (service, number): (ServiceName, _) = ("api".into(), Generation(1));
    let before = world.engine.clone();
    world.send(Event::TaskExited { service: service.clone(), task: CSS, number, outcome: PASSED });
    let problems = vec![problem("/p/a.scss", "late")];
    world.send(Event::TaskFound { service, task: CSS, number, problems });
    assert_eq!(world.engine, before);
}

#[test]
fn a_task_that_never_ends_keeps_no_build_from_beginning() {
    let mut world = ready(None);
    save(&mut world);
    for content in 1..=3 {
        world.send(Event::Changed { service: "api".into(), change: holds("/p/a.go", content) });
        world.pass(Duration::from_secs(10));
        assert_eq!(world.status("api").build.unwrap().stage, BuildStage::Running, "{content}");
        world.build_passes("api");
        world.exits("api", Exit::Signal(15));
        world.becomes_ready("api");
    }
    world.task_ends("api", CSS, PASSED);
    world.settle_down();
}
