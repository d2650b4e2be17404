//! Stories of product.md 2.9: what a build or the service itself writes.

use super::super::world::holds;
use super::*;

/// The world, and the content that was written last.
struct Loop(World, u64);

impl Loop {
    fn new() -> Self {
        Self(World::ready(Policy::default()), 0)
    }

    /// The disk tells that these files hold something new.
    fn writes(&mut self, files: &[&str]) -> Vec<Effect> {
        self.1 += 1;
        let changes = files.iter().map(|file| holds(file, self.1)).collect::<Vec<_>>();
        let service: ServiceName = "api".into();
        let sent = changes
            .into_iter()
            .flat_map(|change| self.0.send(Event::Changed { service: service.clone(), change }));
        sent.collect()
    }

    /// A build that writes these files takes a second; then the run is swapped.
    fn build(&mut self, files: &[&str]) {
        self.0.pass(100 * MS);
        self.writes(files);
        self.0.pass(900 * MS);
        self.0.build_passes("api");
        self.swap();
    }

    fn swap(&mut self) {
        if self.0.services[&"api".into()].runs.len() == 1 {
            self.0.exits("api", Exit::Signal(15));
        }
        self.0.becomes_ready("api");
    }

    /// How many builds begin, at most this many, when each writes these files.
    fn builds(&mut self, most: usize, files: impl Fn(usize) -> Vec<&'static str>) -> usize {
        let mut builds = 0;
        while self.0.status("api").build.unwrap().stage == BuildStage::Running
            || (builds < most && self.0.wait())
        {
            self.build(&files(builds));
            builds += 1;
        }
        builds
    }

    fn suspended(&self) -> Vec<String> {
        let suspended = self.0.status("api").suspended;
        suspended.iter().map(|path| path.display().to_string()).collect()
    }
}

#[test]
fn a_build_that_writes_a_source_each_time_is_suspended_after_three_more() {
    let mut world = Loop::new();
    world.0.save("api", "/p/a.go");
    assert_eq!(world.builds(20, |_| vec!["/p/gen[1].go"]), 1 + 3);
    assert_eq!(world.suspended(), ["/p/gen[1].go"]);
    let [problem] = &world.0.services[&"api".into()].problems.0[..] else { panic!("one warning") };
    assert_eq!(problem.severity, Severity::Warning);
    let help = "(help: write `ignore = [\"gen[[]1[]].go\"]` under [services.api] in reload.toml)";
    assert!(problem.message.ends_with(help), "{}", problem.message);
    // From now on a save makes one build.
    world.0.save("api", "/p/a.go");
    assert_eq!(world.builds(20, |_| vec!["/p/gen[1].go"]), 1);
}

#[test]
fn a_service_that_writes_a_watched_file_at_each_start_is_suspended_after_three_more() {
    let mut world = Loop::new();
    world.0.save("api", "/p/a.go");
    let mut builds = 0;
    loop {
        world.0.pass(300 * MS);
        world.0.build_passes("api");
        builds += 1;
        world.0.exits("api", Exit::Signal(15));
        world.0.pass(20 * MS);
        world.writes(&["/p/data.db"]);
        world.0.becomes_ready("api");
        if !world.0.wait() {
            break;
        }
        assert!(builds < 20, "it is not noticed");
    }
    assert_eq!((builds, world.suspended()), (1 + 3, vec!["/p/data.db".to_owned()]));
}

#[test]
fn a_loop_through_two_files_ends_for_both() {
    for alternates in [false, true] {
        let mut world = Loop::new();
        world.0.save("api", "/p/a.go");
        let files = |build: usize| match (alternates, build % 2) {
            (false, _) => vec!["/p/one.go", "/p/two.go"],
            (true, 0) => vec!["/p/one.go"],
            (true, _) => vec!["/p/two.go"],
        };
        assert!(world.builds(20, files) < 10);
        assert!(world.suspended().contains(&"/p/one.go".to_owned()));
        if !alternates {
            assert_eq!(world.suspended().len(), 2);
        }
    }
}

#[test]
fn a_generator_that_always_writes_the_same_is_no_loop() {
    let mut world = Loop::new();
    for _ in 0..10 {
        world.0.save("api", "/p/a.go");
        for content in [7, 0] {
            let change = holds("/p/gen.go", content);
            world.0.send(Event::Changed { service: "api".into(), change });
        }
        world.0.build_passes("api");
        world.swap();
        assert_eq!(world.0.engine.deadline(), None);
    }
    assert_eq!(world.suspended(), Vec::<String>::new());
}

#[test]
fn fifty_saves_within_half_a_minute_are_no_loop() {
    // However long the build takes, and whether an editor tells of them or only the disk.
    for origin in [MANUAL, Origin::Disk] {
        for (build, steps) in [(100, 6), (500, 6), (900, 6), (1_900, 6), (5_000, 6), (700, 10), (2_500, 30)] {
            let mut world = Loop::new();
            let mut left = build;
            for save in 0..50 {
                let change = Change { origin, ..holds("/p/a.go", 1 + save) };
                world.0.send(Event::Changed { service: "api".into(), change });
                for _ in 0..steps {
                    world.0.pass(100 * MS);
                    let outside = &world.0.services[&"api".into()];
                    match outside.build {
                        Some((_, true)) => drop(world.0.build_ends("api", BuildOutcome::Stopped)),
                        Some((_, false)) if left > 100 => left -= 100,
                        Some((_, false)) => {
                            left = build;
                            world.0.build_passes("api");
                            world.swap();
                        }
                        None => left = build,
                    }
                }
            }
            assert_eq!(world.suspended(), Vec::<String>::new(), "{origin:?} {build} {steps}");
            world.0.settle_down();
        }
    }
}

#[test]
fn a_suspended_path_counts_again_when_it_is_saved_or_the_configuration_is() {
    let suspended = || {
        let mut world = Loop::new();
        world.0.save("api", "/p/a.go");
        world.builds(20, |_| vec!["/p/gen.go"]);
        assert_eq!(world.suspended().len(), 1);
        world.0.pass(Duration::from_secs(60));
        assert_eq!(world.writes(&["/p/gen.go"]), vec![]);
        assert_eq!(world.0.engine.deadline(), None, "nor does it count later");
        world
    };
    let mut world = suspended();
    assert!(starts_build(&world.0.save("api", "/p/gen.go")).is_some());
    assert_eq!(world.suspended(), Vec::<String>::new());
    let mut world = suspended();
    world.0.send(Event::Configured(vec![spec("api", Policy::default())]));
    assert_eq!((world.suspended(), shown(&world.0, "api").0), (vec![], vec![]));
    world.writes(&["/p/gen.go"]);
    assert!(world.0.wait());
}

#[test]
fn a_script_that_writes_as_soon_as_it_hears_of_ready_is_no_loop() {
    let mut world = Loop::new();
    for _ in 0..10 {
        world.writes(&["/p/a.go"]);
        assert!(world.0.wait(), "each writing is a trip");
        world.0.build_passes("api");
        let starts = world.0.exits("api", Exit::Signal(15));
        let [Effect::StartRun { hush, .. }] = starts[..] else { panic!("{starts:?}") };
        world.0.pass(5 * MS + hush);
        world.0.becomes_ready("api");
        world.0.pass(2 * MS);
    }
    assert_eq!(world.suspended(), Vec::<String>::new());
}

#[test]
fn a_script_that_writes_and_waits_is_no_loop() {
    let mut world = Loop::new();
    for _ in 0..10 {
        world.writes(&["/p/a.go"]);
        world.0.send(Event::Awaited);
        assert!(world.0.wait(), "each writing is a trip");
        world.build(&[]);
    }
    assert_eq!(world.suspended(), Vec::<String>::new());
}
