//! Seeded random sequences over three services that depend on each other.

use std::time::Duration;

use super::world::{AUTO, MANUAL, World, change, problem, spec};
use crate::engine::*;

/// A small generator with a fixed meaning, so that a seed names a sequence for ever (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())].clone()
    }
}

const NAMES: [&str; 3] = ["db", "api", "web"];

/// What the rules say of each file.
const FILES: [(&str, Action, bool); 7] = [
    ("/p/a.scss", Action::Task(TaskId(0)), false),
    ("/p/b.proto", Action::Task(TaskId(1)), true),
    ("/p/a.go", Action::Rebuild, true),
    ("/p/b.go", Action::Rebuild, true),
    ("/p/page.html", Action::Rebuild, false),
    ("/p/dev.yaml", Action::Restart, false),
    ("/p/style.css", Action::Refresh, false),
];

fn specs(dice: &mut Dice) -> Vec<ServiceSpec> {
    let mut policy = |depends_on: &[&str]| Policy {
        swap: dice.pick(&[Swap::StopFirst, Swap::StartFirst]),
        on_build_failure: dice.pick(&[OnBuildFailure::Keep, OnBuildFailure::Stop]),
        on_crash: dice.pick(&[OnCrash::Restart, OnCrash::Wait]),
        on_save: dice.pick(&[OnSave::Always, OnSave::Always, OnSave::Manual, OnSave::Never]),
        depends_on: depends_on.iter().map(|name| (*name).into()).collect(),
        cascade: dice.roll(2) == 0,
        ..Policy::default()
    };
    let mut specs =
        vec![spec("db", policy(&[])), spec("api", policy(&["db"])), spec("web", policy(&["api", "db"]))];
    if dice.roll(3) == 0 {
        specs[0].build = None;
    }
    for spec in &mut specs {
        spec.tasks = tasks(dice);
    }
    specs
}

/// Rules with tasks, each followed by something else.
fn tasks(dice: &mut Dice) -> Vec<TaskSpec> {
    let thens = [None, Some(Action::Refresh), Some(Action::Restart), Some(Action::Rebuild)];
    let task = |id: usize, then| TaskSpec { id: TaskId(id as u64), command: "css".into(), then };
    (0..dice.roll(3)).map(|id| task(id, dice.pick(&thens))).collect()
}

/// Another configuration: another command, none at all, or a service less. What depends on it may be left out, too.
fn other_specs(specs: &[ServiceSpec], dice: &mut Dice) -> Vec<ServiceSpec> {
    let mut specs = specs.to_vec();
    let which = dice.roll(3);
    match dice.roll(7) {
        6 => specs[which].tasks = tasks(dice),
        0 => specs[which].build = None,
        1 => specs[which].run = None,
        2 => drop(specs.drain(which..)),
        3 => specs[which].build = Some(Key(dice.roll(3) as u64)),
        _ => specs[which].run = Some(Key(dice.roll(3) as u64)),
    }
    specs.retain(|spec| spec.build.is_some() || spec.run.is_some());
    specs
}

/// Something that can happen now.
fn event(world: &World, dice: &mut Dice) -> Event {
    let service: ServiceName = dice.pick(&NAMES).into();
    let Some(outside) = world.services.get(&service).cloned() else { return Event::DeadlineReached };
    match dice.roll(12) {
        0..=2 => {
            let (path, action, compiled) = dice.pick(&FILES);
            let origin = dice.pick(&[MANUAL, MANUAL, AUTO, Origin::Disk]);
            // The disk tells only of what is new.
            let is_same = origin != Origin::Disk && dice.roll(3) == 0;
            let content = if is_same { Content::Same } else { Content::New };
            let mut change = Change { compiled, ..change(path, origin, content, action) };
            let file = outside.files.get(&change.path).map(|file| file.is);
            let now = file.or(outside.task_files.get(&change.path).copied()).unwrap_or(Identity::Content(0));
            let back = Identity::Content(dice.roll(3) as u64);
            if !is_same && back != now && dice.roll(3) == 0 {
                // One of few, so that files go back.
                change.after = back;
            }
            Event::Changed { service, change }
        }
        3 if dice.roll(2) == 0 && !outside.tasks.is_empty() => {
            let tasks: Vec<_> = outside.tasks.into_iter().collect();
            let (task, (number, is_stopping)) = dice.pick(&tasks);
            let mut outcomes =
                vec![BuildOutcome::Passed { same_as: None }, BuildOutcome::Failed(Exit::Code(1))];
            if is_stopping {
                outcomes.push(BuildOutcome::Stopped);
            }
            if dice.roll(4) == 0 {
                let problems = vec![problem("/p/a.scss", "unexpected")];
                Event::TaskFound { service, task, number, problems }
            } else {
                Event::TaskExited { service, task, number, outcome: dice.pick(&outcomes) }
            }
        }
        3 => {
            let requests =
                [Request::Build, Request::Restart, Request::Start, Request::Stop, Request::CancelBuild];
            Event::Requested {
                service: (dice.roll(2) == 0).then_some(service),
                request: dice.pick(&requests),
            }
        }
        4 if dice.roll(3) == 0 => {
            let hold = HoldId(dice.roll(2) as u64);
            match dice.roll(3) {
                0 => Event::HoldRequested { hold, ttl: Duration::from_millis(700) },
                1 => Event::ReleaseRequested { hold: None },
                _ => Event::ReleaseRequested { hold: Some(hold) },
            }
        }
        4 => Event::Requested {
            service: Some(service),
            request: dice.pick(&[Request::Pause, Request::Resume]),
        },
        5..=7 => match outside.build {
            Some((generation, is_stopping)) => {
                let mut outcomes = vec![
                    BuildOutcome::Passed { same_as: None },
                    BuildOutcome::Passed { same_as: outside.compared },
                    BuildOutcome::Failed(Exit::Code(1)),
                ];
                if is_stopping {
                    outcomes.push(BuildOutcome::Stopped);
                }
                if dice.roll(4) == 0 {
                    let problems = vec![problem("/p/a.go", "undefined")];
                    Event::ProblemsFound { service, generation, problems }
                } else {
                    Event::BuildExited { service, generation, outcome: dice.pick(&outcomes) }
                }
            }
            None => Event::DeadlineReached,
        },
        8..=10 if !outside.runs.is_empty() => {
            let live = dice.pick(&outside.runs);
            match dice.roll(4) {
                0 => {
                    let exit = RunExit::Exited(dice.pick(&[Exit::Code(0), Exit::Code(2), Exit::Signal(9)]));
                    Event::RunExited { service, run: live.run, exit, problems: vec![] }
                }
                1 => Event::RunStarted { service, run: live.run, pid: 1 },
                _ if live.is_stopping => {
                    let exit = RunExit::Exited(Exit::Signal(15));
                    Event::RunExited { service, run: live.run, exit, problems: vec![] }
                }
                _ => Event::RunReady { service, run: live.run, urls: vec![] },
            }
        }
        // Late news.
        8..=10 => match (outside.dead_build, outside.dead_run) {
            (Some(generation), _) if dice.roll(2) == 0 => {
                Event::BuildExited { service, generation, outcome: BuildOutcome::Passed { same_as: None } }
            }
            (_, Some(run)) => Event::RunReady { service, run, urls: vec![] },
            _ => Event::DeadlineReached,
        },
        _ => Event::DeadlineReached,
    }
}

/// Somebody writes on and on, with less than a settle between.
fn writes_on(world: &mut World, dice: &mut Dice) {
    let service: ServiceName = dice.pick(&NAMES).into();
    let (origin, pause, times) = dice.pick(&[(AUTO, 250, 6), (Origin::Disk, 40, 30), (MANUAL, 40, 15)]);
    for _ in 0..times {
        let change = change("/p/a.go", origin, Content::New, Action::Rebuild);
        world.send(Event::Changed { service: service.clone(), change });
        world.pass(Duration::from_millis(pause));
    }
}

/// Each build writes what it is built from.
fn runs_in_circles(world: &mut World, dice: &mut Dice) {
    let service: ServiceName = dice.pick(&NAMES).into();
    for _ in 0..dice.roll(8) {
        let Some((generation, _)) = world.services.get(&service).and_then(|outside| outside.build) else {
            world.wait();
            continue;
        };
        let change = change("/p/b.go", Origin::Disk, Content::New, Action::Rebuild);
        world.send(Event::Changed { service: service.clone(), change });
        world.pass(Duration::from_millis(400));
        let outcome = BuildOutcome::Passed { same_as: None };
        world.send(Event::BuildExited { service: service.clone(), generation, outcome });
        for live in world.services[&service].runs.clone() {
            let service = service.clone();
            world.send(if live.is_stopping {
                let exit = RunExit::Exited(Exit::Code(0));
                Event::RunExited { service, run: live.run, exit, problems: vec![] }
            } else {
                Event::RunReady { service, run: live.run, urls: vec![] }
            });
        }
    }
}

fn play(seed: u64, steps: usize) {
    let mut dice = Dice(seed);
    let specs = specs(&mut dice);
    let mut world = World::new(specs.clone());
    for step in 0..steps {
        match dice.roll(40) {
            0..=5 => {
                world.wait();
            }
            6..=9 => world.pass(dice.pick(&[10, 60, 400, 1_100, 11_000].map(Duration::from_millis))),
            10 => {
                let specs = other_specs(&specs, &mut dice);
                world.send(Event::Configured(specs));
            }
            11 => writes_on(&mut world, &mut dice),
            12 => runs_in_circles(&mut world, &mut dice),
            _ => {
                let event = event(&world, &mut dice);
                world.send(event);
            }
        }
        if step % 20 == 0 {
            world.clone().settle_down();
        }
    }
    world.send(Event::ShutdownRequested { grace: Some(Duration::from_millis(1_500)) });
    world.settle_down();
}

#[test]
fn random_sequences_over_dependent_services_break_no_promise() {
    for seed in 0..1_500 {
        play(seed, 300);
    }
}
