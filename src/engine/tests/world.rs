//! A world around the engine: performs its effects on paper, and asserts after each that no invariant is broken.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::service_phase::{Down, Goal};
use crate::engine::*;

/// A process on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Live {
    pub(super) run: RunId,
    pub(super) generation: Generation,
    pub(super) is_ready: bool,
    pub(super) is_stopping: bool,
}

/// What one service has outside of the engine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Outside {
    pub(super) build: Option<(Generation, bool)>,
    pub(super) runs: Vec<Live>,
    pub(super) passed: BTreeSet<Generation>,
    /// Told of a changed source that no build has begun after.
    pub(super) is_dirty: bool,
    /// Somebody has given up the newest source.
    pub(super) is_cancelled: bool,
    pub(super) dead_build: Option<Generation>,
    pub(super) dead_run: Option<RunId>,
    pub(super) problems: (Vec<Problem>, Vec<Problem>),
}

#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) engine: Engine,
    pub(super) now: Moment,
    pub(super) specs: Vec<ServiceSpec>,
    pub(super) services: BTreeMap<ServiceName, Outside>,
    pub(super) is_ending: bool,
    pub(super) has_exited: bool,
}

pub(super) fn spec(name: &str, policy: Policy) -> ServiceSpec {
    ServiceSpec { name: name.into(), policy, build: Some(Key(1)), run: Some(Key(1)) }
}

pub(super) fn change(path: &str, origin: Origin, content: Content, action: Action) -> Change {
    Change { path: Arc::from(Path::new(path)), origin, content, action, compiled: true }
}

pub(super) const MANUAL: Origin = Origin::Editor(SaveReason::Manual);
pub(super) const AUTO: Origin = Origin::Editor(SaveReason::AfterDelay);

impl World {
    /// A session with these services, configured and nothing else.
    pub(super) fn new(specs: Vec<ServiceSpec>) -> Self {
        let services = specs.iter().map(|spec| (spec.name.clone(), Outside::default())).collect();
        let mut world = Self {
            engine: Engine::new(),
            now: Moment(Duration::from_secs(100)),
            specs: specs.clone(),
            services,
            is_ending: false,
            has_exited: false,
        };
        world.send(Event::Configured(specs));
        world
    }

    pub(super) fn one(policy: Policy) -> Self {
        Self::new(vec![spec("api", policy)])
    }

    /// A session whose only service is ready.
    pub(super) fn ready(policy: Policy) -> Self {
        let mut world = Self::one(policy);
        world.build_passes("api");
        world.becomes_ready("api");
        world
    }

    /// Tells the engine, performs its effects, asserts every invariant. Returns the effects.
    pub(super) fn send(&mut self, event: Event) -> Vec<Effect> {
        self.note(&event);
        let effects = self.engine.handle(event, self.now);
        for effect in &effects {
            self.perform(effect);
        }
        self.check();
        effects
    }

    /// What the event means outside of the engine.
    fn note(&mut self, event: &Event) {
        match event {
            Event::Configured(specs) => {
                self.specs.clone_from(specs);
                for spec in specs {
                    self.services.entry(spec.name.clone()).or_default();
                }
            }
            Event::Changed { service, change }
                if change.content == Content::New && change.action == Action::Rebuild && !self.is_ending =>
            {
                let outside = self.outside(service);
                (outside.is_dirty, outside.is_cancelled) = (true, false);
            }
            Event::Requested { service, request: Request::Stop | Request::CancelBuild } => {
                let is_meant = |name: &&ServiceName| service.as_ref().is_none_or(|service| service == *name);
                for name in self.services.keys().filter(is_meant).cloned().collect::<Vec<_>>() {
                    let outside = self.outside(&name);
                    (outside.is_dirty, outside.is_cancelled) = (false, true);
                }
            }
            Event::BuildExited { service, generation, outcome } => {
                let outside = self.outside(service);
                if outside.build.take_if(|(live, _)| live == generation).is_some() {
                    outside.dead_build = Some(*generation);
                    if matches!(outcome, BuildOutcome::Passed { .. }) {
                        outside.passed.insert(*generation);
                    }
                }
            }
            Event::RunReady { service, run, .. } => {
                if let Some(live) = self.outside(service).runs.iter_mut().find(|live| live.run == *run) {
                    live.is_ready = true;
                }
            }
            Event::RunExited { service, run, .. } => {
                let outside = self.outside(service);
                outside.runs.retain(|live| live.run != *run);
                outside.dead_run = Some(*run);
            }
            Event::ShutdownRequested { .. } => {
                self.is_ending = true;
                self.services.values_mut().for_each(|outside| outside.is_dirty = false);
            }
            Event::Changed { .. }
            | Event::Requested { .. }
            | Event::ProblemsFound { .. }
            | Event::BuildBlocked { .. }
            | Event::RunStarted { .. }
            | Event::DeadlineReached => {}
        }
    }

    pub(super) fn outside(&mut self, service: &ServiceName) -> &mut Outside {
        self.services.entry(service.clone()).or_default()
    }

    pub(super) fn spec(&self, service: &ServiceName) -> Option<&ServiceSpec> {
        self.specs.iter().find(|spec| spec.name == *service)
    }

    fn perform(&mut self, effect: &Effect) {
        assert!(!self.has_exited, "{effect:?} after Exit");
        let is_ending = self.is_ending;
        match effect {
            Effect::StartBuild { service, generation, running, .. } => {
                assert!(!is_ending, "a build begins after shutdown");
                let outside = self.outside(service);
                assert_eq!(outside.build, None, "two builds of {service}");
                if let Some(running) = running {
                    assert!(outside.runs.iter().any(|live| live.generation == *running));
                }
                outside.build = Some((*generation, false));
                outside.is_dirty = false;
            }
            Effect::StopBuild { service, generation } => {
                let outside = self.outside(service);
                assert_eq!(outside.build, Some((*generation, false)), "stops a build that is not, or twice");
                outside.build = Some((*generation, true));
            }
            Effect::StartRun { service, run, generation } => {
                assert!(!is_ending, "a run begins after shutdown");
                self.check_start(service, *generation);
                let builds = self.spec(service).is_some_and(|spec| spec.build.is_some());
                let outside = self.outside(service);
                outside.is_dirty &= builds;
                outside.runs.push(Live {
                    run: *run,
                    generation: *generation,
                    is_ready: false,
                    is_stopping: false,
                });
            }
            Effect::StopRun { service, run, .. } => {
                let live = self.outside(service).runs.iter_mut().find(|live| live.run == *run);
                let live = live.expect("stops a run that does not live");
                let is_hurried = std::mem::replace(&mut live.is_stopping, true);
                if is_ending && !is_hurried {
                    self.check_order(service);
                }
            }
            Effect::RefreshBrowsers { service } => {
                let runs = &self.outside(service).runs;
                assert!(
                    runs.iter().any(|live| live.is_ready && !live.is_stopping),
                    "refresh without a ready run"
                );
            }
            Effect::PublishProblems { service, of_builds, of_runs } => {
                self.outside(service).problems = (of_builds.clone(), of_runs.clone());
            }
            Effect::RecordReload { reload, .. } => {
                let stages = reload.settle + reload.build + reload.stop + reload.start + reload.ready;
                assert_eq!(stages, reload.total, "the stages of a reload are not its total: {reload:?}");
            }
            Effect::Exit => {
                assert!(is_ending, "exit without shutdown");
                self.has_exited = true;
            }
        }
    }

    fn check_start(&self, service: &ServiceName, generation: Generation) {
        let outside = &self.services[service];
        let spec = self.spec(service).expect("a run of a removed service begins");
        assert!(
            spec.build.is_none() || outside.passed.contains(&generation),
            "a generation that did not pass"
        );
        match spec.policy.swap {
            Swap::StopFirst => assert!(outside.runs.is_empty(), "two runs of {service}"),
            Swap::StartFirst => {
                assert!(outside.runs.len() <= 1, "three runs of {service}");
                assert!(outside.runs.iter().all(|live| live.is_ready), "a run beside one that is not ready");
            }
        }
        for needed in &spec.policy.depends_on {
            let machine = self.engine.machines.iter().find(|machine| machine.spec.name == *needed);
            let is_usable = machine.is_none_or(|machine| {
                let mut runs = self.services[needed].runs.iter();
                let has_finished = machine.runs.goal == Goal::Down(Down::Finished);
                has_finished || runs.any(|live| live.is_ready && !live.is_stopping)
            });
            assert!(is_usable, "{service} begins before what it depends on is ready");
        }
    }

    fn check_order(&self, service: &ServiceName) {
        let dependents = self.specs.iter().filter(|spec| spec.policy.depends_on.contains(service));
        for dependent in dependents {
            assert!(
                self.services[&dependent.name].runs.is_empty(),
                "{service} ends before {}",
                dependent.name
            );
        }
    }

    /// What must hold after every event.
    fn check(&self) {
        let deadline = self.engine.deadline();
        assert!(deadline.is_none_or(|deadline| deadline > self.now), "the deadline does not move on");
        let status = self.engine.status(self.now);
        for service in &status.services {
            let outside = &self.services[&service.name];
            if service.state == State::Ready {
                assert!(outside.runs.iter().any(|live| live.is_ready), "ready without a run: {service:?}");
            }
            if outside.is_dirty && !outside.runs.is_empty() {
                assert!(service.stale, "an old run is shown as fresh: {service:?}");
            }
            assert_eq!(service.run.is_some(), !outside.runs.is_empty(), "a run is hidden or made up");
            let is_building = outside.build.is_some() && service.state != State::Paused;
            assert_eq!(service.state == State::Building, is_building, "{service:?}");
        }
        let lives = self.services.values().any(|outside| outside.build.is_some() || !outside.runs.is_empty());
        assert_eq!(
            self.has_exited,
            self.is_ending && !lives,
            "Exit comes when, and only when, nothing lives"
        );
        if self.is_ending {
            let builds = self.services.values().filter_map(|outside| outside.build);
            assert!(builds.into_iter().all(|(_, is_stopping)| is_stopping), "a build goes on after shutdown");
        }
    }

    /// Lets time pass until something is due. False if nothing ever is.
    pub(super) fn wait(&mut self) -> bool {
        let Some(deadline) = self.engine.deadline() else { return false };
        self.now = self.now.max(deadline);
        self.send(Event::DeadlineReached);
        true
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now = self.now.after(time);
        self.send(Event::DeadlineReached);
    }

    pub(super) fn save(&mut self, service: &str, path: &str) -> Vec<Effect> {
        let change = change(path, MANUAL, Content::New, Action::Rebuild);
        self.send(Event::Changed { service: service.into(), change })
    }

    pub(super) fn disk(&mut self, service: &str, path: &str) -> Vec<Effect> {
        let change = change(path, Origin::Disk, Content::New, Action::Rebuild);
        self.send(Event::Changed { service: service.into(), change })
    }

    pub(super) fn ask(&mut self, service: &str, request: Request) -> Vec<Effect> {
        self.send(Event::Requested { service: Some(service.into()), request })
    }

    /// The build that lives ends like this.
    pub(super) fn build_ends(&mut self, service: &str, outcome: BuildOutcome) -> Vec<Effect> {
        let service: ServiceName = service.into();
        let (generation, _) = self.services[&service].build.expect("a build lives");
        self.send(Event::BuildExited { service, generation, outcome })
    }

    pub(super) fn build_passes(&mut self, service: &str) -> Vec<Effect> {
        self.build_ends(service, BuildOutcome::Passed { same_as: None })
    }

    pub(super) fn build_fails(&mut self, service: &str) -> Vec<Effect> {
        self.build_ends(service, BuildOutcome::Failed(Exit::Code(1)))
    }

    /// The newest run is ready.
    pub(super) fn becomes_ready(&mut self, service: &str) -> Vec<Effect> {
        let service: ServiceName = service.into();
        let run = self.services[&service].runs.last().expect("a run lives").run;
        let urls = vec!["http://127.0.0.1:8080".to_owned()];
        self.send(Event::RunReady { service, run, urls })
    }

    /// A run ends: the one that was told to, else the newest.
    pub(super) fn exits(&mut self, service: &str, exit: Exit) -> Vec<Effect> {
        let service: ServiceName = service.into();
        let runs = &self.services[&service].runs;
        let run = runs.iter().find(|live| live.is_stopping).or(runs.last()).expect("a run lives").run;
        let problems = if exit.is_success() { vec![] } else { vec![problem("/p/main.go", "boom")] };
        self.send(Event::RunExited { service, run, exit: RunExit::Exited(exit), problems })
    }

    fn find(&self, service: &ServiceName) -> Option<ServiceStatus> {
        self.engine.status(self.now).services.into_iter().find(|status| status.name == *service)
    }

    pub(super) fn status(&self, service: &str) -> ServiceStatus {
        self.find(&service.into()).expect("a known service")
    }

    /// Lets everything go well until nothing more happens, and asserts that the newest source is what runs.
    pub(super) fn settle_down(mut self) {
        if !self.is_ending {
            self.send(Event::Requested { service: None, request: Request::Resume });
        }
        let mut steps = 0;
        while self.step() {
            steps += 1;
            assert!(steps < 200, "it never comes to rest: {:#?}", self.engine.status(self.now));
        }
        for (name, outside) in &self.services {
            assert_eq!(outside.build, None, "a build of {name} never ends");
            assert!(
                outside.runs.iter().all(|live| live.is_ready && !live.is_stopping),
                "{name}: {outside:?}"
            );
            assert!(!outside.is_dirty, "a change of {name} is lost: {:?}", self.find(name));
            if let Some(status) = self.find(name).filter(|_| !outside.is_cancelled) {
                let has_failed = matches!(status.state, State::BuildFailed | State::Crashed);
                let waits = status.waiting.is_some_and(|waiting| waiting.why == Why::Dependency);
                assert!(!status.stale || has_failed || waits, "what runs stays behind: {status:?}");
            }
        }
        assert_eq!(self.is_ending, self.has_exited);
    }

    /// The next thing that goes well. False if there is none.
    fn step(&mut self) -> bool {
        for (name, outside) in self.services.clone() {
            if let Some((_, is_stopping)) = outside.build {
                let outcome =
                    if is_stopping { BuildOutcome::Stopped } else { BuildOutcome::Passed { same_as: None } };
                self.build_ends(name.as_str(), outcome);
                return true;
            }
            if outside.runs.iter().any(|live| live.is_stopping) {
                self.exits(name.as_str(), Exit::Code(0));
                return true;
            }
            if let Some(live) = outside.runs.iter().find(|live| !live.is_ready) {
                self.send(Event::RunReady { service: name.clone(), run: live.run, urls: vec![] });
                return true;
            }
            let status = self.engine.status(self.now);
            let is_held = status.services.iter().any(|service| {
                service.name == name && service.waiting.is_some_and(|waiting| waiting.why == Why::Hold)
            });
            if is_held && !self.is_ending {
                self.ask(name.as_str(), Request::Build);
                return true;
            }
        }
        self.wait()
    }
}

pub(super) fn problem(path: &str, message: &str) -> Problem {
    Problem::new(Severity::Error, "go", message).at(Place {
        path: path.into(),
        start: Position { line: 1, column: Some(1) },
        end: None,
        unit: ColumnUnit::Byte,
    })
}
