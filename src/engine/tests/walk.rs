//! Walks every reachable state of one service, under every policy that changes its behavior.
//!
//! Two states are the same if they differ only in how numbers and moments are called: a generation is known by whether
//! it is the newest and whether it passed last, a moment by whether it has come.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::world::{AUTO, MANUAL, World, change, problem, spec};
use crate::engine::build_phase::{BuildPhase, Due};
use crate::engine::service_phase::{Goal, Stage};
use crate::engine::*;

/// What makes a state different from another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Signature(String);

fn signature(world: &World) -> Signature {
    use std::fmt::Write;
    let mut text = format!("{} {} ", world.is_ending, world.has_exited);
    for machine in &world.engine.machines {
        // Of a generation it counts whether it is the newest, and whether it is the last that passed.
        let rank =
            |generation: Generation| (generation == machine.newest, Some(generation) == machine.passed);
        let goal = match &machine.runs.goal {
            Goal::Down(why) => format!("{why:?}"),
            Goal::Start { generation, .. } => format!("start {:?}", rank(*generation)),
            Goal::BackingOff { generation, .. } => format!("back {:?}", rank(*generation)),
            Goal::Up(run) => format!("up {:?}", machine.runs.live.iter().position(|live| live.id == *run)),
        };
        let phase = match &machine.build {
            BuildPhase::Quiet => "quiet",
            BuildPhase::Settling(_) => "settling",
            BuildPhase::Running { .. } => "running",
            BuildPhase::Stopping { .. } => "stopping",
        };
        let pending = machine.build.pending().map(|pending| {
            let due = match pending.due {
                Due::Now => "now".to_owned(),
                Due::Held => "held".to_owned(),
                Due::Quiet { settle, first, .. } => {
                    format!("{settle:?} {}", world.now.since(first) > Duration::ZERO)
                }
            };
            let trigger = &pending.trigger;
            let is_claimable = trigger.origin == Origin::Disk && trigger.count == 1;
            (due, trigger.action, trigger.compiled, trigger.origin == Origin::Person, is_claimable)
        });
        let build = machine
            .build
            .build()
            .map(|build| (build.trigger.action, build.trigger.compiled, build.blocked.is_some()));
        let runs = machine.runs.live.iter().map(|run| {
            let is_wanted = machine.runs.goal == Goal::Up(run.id);
            let stage = match run.stage {
                Stage::Starting { until } => format!("starting {}", until.is_some()),
                Stage::Ready { since } if is_wanted => {
                    format!("ready {}", world.now.since(since) >= CRASH_RESET)
                }
                Stage::Ready { .. } => "ready".to_owned(),
                Stage::Stopping { .. } => "stopping".to_owned(),
            };
            (rank(run.generation), rank(run.serves), stage)
        });
        let runs: Vec<_> = runs.collect();
        if world.is_ending {
            // Nothing is begun any more: only what lives counts.
            write!(text, "{phase} {runs:?}; ").unwrap();
            continue;
        }
        write!(
            text,
            "{phase} {pending:?} {build:?} {goal} {runs:?} {:?} {} {} {} {:?} {:?}; ",
            machine.passed.map(rank),
            // The first to the fourth crash differ only in how long they wait.
            if (1..5).contains(&machine.runs.crashes) { 1 } else { machine.runs.crashes },
            machine.paused.is_some(),
            machine.must_restart,
            machine.build_failed(),
            (machine.is_leaving, machine.swap_failed.is_some()),
        )
        .unwrap();
    }
    Signature(text)
}

/// Everything that can happen next.
fn successors(world: &World, base: &ServiceSpec) -> Vec<Event> {
    let service: ServiceName = "api".into();
    let changed = |origin, content, action, compiled| Event::Changed {
        service: "api".into(),
        change: Change { compiled, ..change("/p/main.go", origin, content, action) },
    };
    let mut events = vec![
        changed(MANUAL, Content::New, Action::Rebuild, true),
        changed(MANUAL, Content::Same, Action::Rebuild, true),
        changed(AUTO, Content::New, Action::Rebuild, true),
        changed(Origin::Disk, Content::New, Action::Rebuild, true),
        changed(MANUAL, Content::New, Action::Restart, false),
        changed(MANUAL, Content::New, Action::Refresh, false),
        Event::ShutdownRequested { grace: None },
        Event::ShutdownRequested { grace: Some(Duration::from_millis(1500)) },
        Event::DeadlineReached,
        Event::Configured(vec![base.clone()]),
        Event::Configured(vec![ServiceSpec { run: base.run.map(|_| Key(2)), ..base.clone() }]),
        Event::Configured(vec![ServiceSpec { build: base.build.map(|_| Key(2)), ..base.clone() }]),
    ];
    let requests = [
        Request::Build,
        Request::Restart,
        Request::Start,
        Request::Stop,
        Request::CancelBuild,
        Request::Pause,
        Request::Resume,
    ];
    events.extend(requests.map(|request| Event::Requested { service: None, request }));
    let outside = &world.services[&service];
    if let Some((generation, is_stopping)) = outside.build {
        let mut outcomes = vec![
            BuildOutcome::Passed { same_as: None },
            BuildOutcome::Failed(Exit::Code(1)),
            BuildOutcome::NotStarted("no such command".into()),
        ];
        outcomes
            .extend(outside.runs.first().map(|run| BuildOutcome::Passed { same_as: Some(run.generation) }));
        if is_stopping {
            outcomes.push(BuildOutcome::Stopped);
        }
        events.extend(outcomes.into_iter().map(|outcome| Event::BuildExited {
            service: service.clone(),
            generation,
            outcome,
        }));
        events.push(Event::ProblemsFound {
            service: service.clone(),
            generation,
            problems: vec![problem("/p/main.go", "undefined: foo")],
        });
        events.push(Event::BuildBlocked { service: service.clone(), generation, blocked: true });
    }
    for live in &outside.runs {
        let run = live.run;
        if !live.is_ready {
            events.push(Event::RunStarted { service: service.clone(), run, pid: 7 });
            events.push(Event::RunReady { service: service.clone(), run, urls: vec![] });
        }
        let exits = [
            RunExit::Exited(Exit::Code(0)),
            RunExit::Exited(Exit::Signal(11)),
            RunExit::NotStarted("no such command".into()),
        ];
        events.extend(exits.map(|exit| Event::RunExited {
            service: service.clone(),
            run,
            exit,
            problems: vec![],
        }));
    }
    events
}

/// Late messages of what is dead change nothing.
fn check_late_news(world: &World) {
    let service: ServiceName = "api".into();
    let outside = &world.services[&service];
    let mut late = Vec::new();
    if let Some(generation) = outside.dead_build {
        let (service, outcome) = (service.clone(), BuildOutcome::Passed { same_as: None });
        late.push(Event::BuildExited { service: service.clone(), generation, outcome });
        late.push(Event::BuildBlocked { service: service.clone(), generation, blocked: true });
        late.push(Event::ProblemsFound { service, generation, problems: vec![problem("/p/a.go", "old")] });
    }
    if let Some(run) = outside.dead_run {
        late.push(Event::RunStarted { service: service.clone(), run, pid: 9 });
        late.push(Event::RunReady { service: service.clone(), run, urls: vec![] });
        let exit = RunExit::Exited(Exit::Code(1));
        late.push(Event::RunExited { service, run, exit, problems: vec![] });
    }
    for event in late {
        let mut engine = world.engine.clone();
        assert_eq!(engine.handle(event.clone(), world.now), vec![], "late news has effects: {event:?}");
        assert_eq!(engine, world.engine, "late news is believed: {event:?}");
    }
}

/// One state of so many is followed until it comes to rest; its neighbors come by the same states on their way.
const SETTLED_OF: usize = 5;

/// Visits every reachable state once; returns how many there are.
fn walk(base: &ServiceSpec) -> usize {
    let start = World::new(vec![base.clone()]);
    let mut queue = VecDeque::from([start.clone()]);
    queue.extend(after_five_crashes(start));
    let mut seen: BTreeSet<_> = queue.iter().map(signature).collect();
    let mut visited = 0;
    while let Some(world) = queue.pop_front() {
        check_late_news(&world);
        visited += 1;
        if visited % SETTLED_OF == 0 {
            world.clone().settle_down();
        }
        if world.has_exited {
            continue;
        }
        for event in successors(&world, base) {
            let mut next = world.clone();
            if event == Event::DeadlineReached {
                if !next.wait() {
                    next.pass(CRASH_RESET);
                }
            } else {
                next.send(event);
            }
            if seen.insert(signature(&next)) {
                queue.push_back(next);
            }
        }
    }
    seen.len()
}

/// A world that is one crash away from giving up; `None` where nothing runs or a crash is not followed by another run.
fn after_five_crashes(mut world: World) -> Option<World> {
    let spec = world.specs[0].clone();
    if spec.run.is_none() || spec.policy.on_crash == OnCrash::Wait {
        return None;
    }
    if spec.build.is_some() {
        world.build_passes("api");
    }
    for _ in 1..CRASH_LIMIT {
        world.exits("api", Exit::Code(1));
        world.wait();
    }
    Some(world)
}

fn walk_with(policy: Policy) -> usize {
    walk(&spec("api", policy))
}

#[test]
fn every_state_of_a_service_that_stops_first_is_sound() {
    let states = walk_with(Policy::default());
    assert!(states > 1_000, "only {states} states: the walk does not get around");
}

#[test]
fn every_state_of_a_service_that_starts_first_is_sound() {
    let states = walk_with(Policy { swap: Swap::StartFirst, ..Policy::default() });
    assert!(states > 1_000, "only {states} states: the walk does not get around");
}

#[test]
fn every_state_of_a_service_that_stops_on_failure_and_waits_after_a_crash_is_sound() {
    let policy = Policy {
        on_build_failure: OnBuildFailure::Stop,
        on_crash: OnCrash::Wait,
        on_save: OnSave::Manual,
        ..Policy::default()
    };
    assert!(walk_with(policy) > 500);
}

#[test]
fn every_state_of_a_service_without_a_build_is_sound() {
    assert!(walk(&ServiceSpec { build: None, ..spec("api", Policy::default()) }) > 100);
}

#[test]
fn every_state_of_a_build_without_a_service_is_sound() {
    assert!(walk(&ServiceSpec { run: None, ..spec("api", Policy::default()) }) > 50);
}
