//! Walks every reachable state of one service, under every policy that changes its behavior.
//!
//! Two states are the same if they differ only in how numbers and moments are called: generations and runs are renamed
//! by rank, moments by how far away they are.

use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::Duration;

use super::outside::Outside;
use super::world::{AUTO, MANUAL, World, change, problem, spec};
use crate::engine::build_phase::BuildPhase;
use crate::engine::machine::Machine;
use crate::engine::pending::Due;
use crate::engine::service_phase::{Goal, Stage};
use crate::engine::*;

/// What is built from. It may go back to what it was; others do so in the random sequences.
const SOURCE: &str = "/p/main.go";
/// What only a new run reads.
const DATA: &str = "/p/dev.yaml";

/// Whether the source may go back to what it was. It has nothing to do with the order of a swap, and would multiply the
/// states of two runs.
fn goes_back(spec: &ServiceSpec) -> bool {
    spec.policy.swap == Swap::StopFirst
}

/// Two worlds with the same signature behave alike.
fn signature(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    (world.is_ending, world.has_exited).hash(&mut hasher);
    for machine in &world.engine.machines {
        hash_machine(machine, world, &mut hasher);
        if let Some(outside) = world.services.get(&machine.spec.name) {
            hash_debts(outside, &mut hasher);
            if goes_back(&machine.spec) {
                hash_contents(machine, outside, Path::new(SOURCE), &mut hasher);
            }
        }
    }
    hasher.finish()
}

fn hash_machine(machine: &Machine, world: &World, hasher: &mut impl Hasher) {
    // Of the numbers only those are compared with each other that the newest and the last passed stand for.
    let kind = |generation: Generation| (generation == machine.newest, Some(generation) == machine.passed);
    let goal = match &machine.runs.goal {
        Goal::Down(why) => (0, None, None, Some(*why)),
        Goal::Start { generation, .. } => (1, Some(kind(*generation)), None, None),
        Goal::BackingOff { generation, .. } => (2, Some(kind(*generation)), None, None),
        Goal::Up(run) => (3, None, machine.runs.live.iter().position(|live| live.id == *run), None),
    };
    let phase = match &machine.build {
        BuildPhase::Quiet => 0,
        BuildPhase::Settling(_) => 1,
        BuildPhase::Running { .. } => 2,
        BuildPhase::Stopping { .. } => 3,
    };
    (goal, phase, machine.passed.map(kind)).hash(hasher);
    if let Some(pending) = machine.build.pending() {
        let due = match pending.due {
            Due::Now => (0, None),
            Due::Held => (1, None),
            Due::Quiet { settle, first, .. } => (2, Some((settle, world.now > first))),
        };
        let trigger = pending.asks.trigger();
        let asks = (trigger.action, trigger.compiled, pending.asks.are_a_persons(), pending.asks.are_held());
        (due, asks, trigger.origin == Origin::Disk, pending.before.is_some()).hash(hasher);
    }
    for run in &machine.runs.live {
        let stage = match run.stage {
            Stage::Starting { until } => (0, until.is_some(), None),
            Stage::Ready { since } => (1, world.now.since(since) >= CRASH_RESET, None),
            Stage::Stopping { grace, .. } => (2, false, Some(grace)),
        };
        (kind(run.generation), kind(run.serves), run.inputs < machine.inputs, stage).hash(hasher);
    }
    // The first to the fourth crash differ only in how long is waited.
    let crashes = machine.runs.crashes.max(CRASH_LIMIT - 2);
    let has_failed = (machine.build_failed(), machine.swap_failed.is_some());
    (crashes, machine.paused.is_some(), has_failed, machine.is_leaving).hash(hasher);
}

/// What the world waits for: an engine that forgot it looks like one that never knew.
fn hash_debts(outside: &Outside, hasher: &mut impl Hasher) {
    if !outside.is_cancelled() {
        let behind = outside.runs.iter().map(|live| outside.is_behind(live)).collect::<Vec<_>>();
        (behind, outside.is_dirty(), outside.owes_run).hash(hasher);
    }
}

/// Which of the contents of a file that somebody remembers are the same.
fn hash_contents(machine: &Machine, outside: &Outside, file: &Path, hasher: &mut impl Hasher) {
    let build = machine.build.build();
    let of_build = build.and_then(|build| build.asks.parts().get(file));
    let pending = machine.build.pending().and_then(|pending| pending.asks.parts().get(file));
    let was = [pending, of_build].map(|part| part.map(|part| part.was));
    let now = outside.files.get(file).map_or(Identity::Content(0), |file| file.is);
    let is_unknown = was.map(|was| was == Some(Identity::Unknown));
    (was.map(|was| was.is_some()), is_unknown, was[0] == was[1], was[1] == Some(now)).hash(hasher);
    let [pending, of_build] = was;
    for live in &outside.runs {
        let reads = live.source.1.get(file).copied().unwrap_or(Identity::Content(0));
        (Some(reads) == pending.or(of_build)).hash(hasher);
    }
}

/// What the source held when the pending trip, or the one under way, was first asked for.
fn earlier_contents(world: &World) -> Vec<Identity> {
    let machines = world.engine.machines.iter().map(|machine| &machine.build);
    let asks = machines.flat_map(|build| {
        let pending = build.pending().map(|pending| &pending.asks);
        pending.into_iter().chain(build.build().map(|build| &build.asks))
    });
    let parts = asks.filter_map(|asks| asks.parts().get(Path::new(SOURCE)));
    let was: BTreeSet<_> = parts.map(|part| part.was).collect();
    let mut files = world.services.values().filter_map(|outside| outside.files.get(Path::new(SOURCE)));
    let now = files.next().map_or(Identity::Content(0), |file| file.is);
    was.into_iter().filter(|was| ![Identity::Unknown, now].contains(was)).collect()
}

/// Everything that can happen next.
fn successors(world: &World, base: &ServiceSpec) -> Vec<Event> {
    let service: ServiceName = "api".into();
    let changed = |file, origin, content, action| Event::Changed {
        service: "api".into(),
        change: Change { compiled: action == Action::Rebuild, ..change(file, origin, content, action) },
    };
    let mut events = vec![
        changed(SOURCE, MANUAL, Content::New, Action::Rebuild),
        changed(SOURCE, MANUAL, Content::Same, Action::Rebuild),
        changed(SOURCE, AUTO, Content::New, Action::Rebuild),
        changed(SOURCE, Origin::Disk, Content::New, Action::Rebuild),
        changed(DATA, MANUAL, Content::New, Action::Restart),
        changed("/p/style.css", MANUAL, Content::New, Action::Refresh),
        Event::ShutdownRequested { grace: None },
        Event::ShutdownRequested { grace: Some(Duration::from_millis(1500)) },
        Event::DeadlineReached,
        Event::Configured(vec![base.clone()]),
        Event::Configured(vec![ServiceSpec { run: base.run.map(|_| Key(2)), ..base.clone() }]),
        Event::Configured(vec![ServiceSpec { build: base.build.map(|_| Key(2)), ..base.clone() }]),
    ];
    for after in earlier_contents(world).into_iter().filter(|_| goes_back(base)) {
        for origin in [MANUAL, Origin::Disk] {
            let change = Change { after, ..change(SOURCE, origin, Content::New, Action::Rebuild) };
            events.push(Event::Changed { service: service.clone(), change });
        }
    }
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
        outcomes.extend(outside.compared.map(|compared| BuildOutcome::Passed { same_as: Some(compared) }));
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
        events.extend(exits.map(|exit| {
            let crashed = exit != RunExit::Exited(Exit::Code(0));
            let problems = crashed.then(|| problem("/p/main.go", "boom")).into_iter().collect();
            Event::RunExited { service: service.clone(), run, exit, problems }
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

/// Visits every reachable state once; returns how many there are.
fn walk(base: &ServiceSpec) -> usize {
    let start = World::new(vec![base.clone()]);
    let mut queue = VecDeque::from([start.clone()]);
    queue.extend(after_five_crashes(start));
    let mut seen: BTreeSet<_> = queue.iter().map(signature).collect();
    // From these everything goes well: a way that comes by one of them need not be followed twice.
    let mut settled = BTreeSet::new();
    while let Some(world) = queue.pop_front() {
        check_late_news(&world);
        world.clone().settle_down_unless(|world| !settled.insert(signature(world)));
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
