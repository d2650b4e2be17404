//! A world around the engine: performs its effects on paper, and keeps book of what it owes to whom.
//! Used by every test of the engine. What must hold is in `invariants`.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::outside::Outside;
use crate::engine::machine::Machine;
use crate::engine::*;

#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) engine: Engine,
    pub(super) now: Moment,
    pub(super) specs: Rc<[ServiceSpec]>,
    pub(super) services: BTreeMap<ServiceName, Outside>,
    /// Until when each hold lasts.
    pub(super) holds: BTreeMap<HoldId, Moment>,
    pub(super) is_ending: bool,
    /// The longest that a run may be given.
    pub(super) hurry: Option<Duration>,
    pub(super) has_exited: bool,
    /// How many contents there have been.
    contents: u64,
    /// What was told so far, to be printed if an invariant is broken.
    trace: Trace,
}

/// The newest event, and those before; worlds that part share what they had in common.
#[derive(Debug, Clone, Default)]
struct Trace(Option<Rc<(Event, Moment, Trace)>>);

impl Trace {
    fn events(&self) -> Vec<(&Event, Moment)> {
        let newest = std::iter::successors(self.0.as_deref(), |(_, _, before)| before.0.as_deref());
        newest.map(|(event, at, _)| (event, *at)).collect()
    }
}

/// Prints what led to a broken invariant.
struct OnPanic(Trace);

impl Drop for OnPanic {
    #[expect(clippy::print_stderr, reason = "the test fails, and somebody wants to know why")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (event, at) in self.0.events().iter().rev() {
                eprintln!("{:?}: {event:?}", at.0);
            }
        }
    }
}

pub(super) fn spec(name: &str, policy: Policy) -> ServiceSpec {
    let root = Path::new("/p").into();
    ServiceSpec { name: name.into(), root, policy, build: Some(Key(1)), run: Some(Key(1)), tasks: vec![] }
}

/// A change to something that never was there before, or a save of what is there. `World::send` fills in what that is.
pub(super) fn change(path: &str, origin: Origin, content: Content, action: Action) -> Change {
    let after = match content {
        Content::New => Identity::Unknown,
        Content::Same => Identity::Nothing,
    };
    let before = Identity::Unknown;
    Change { path: Arc::from(Path::new(path)), origin, before, after, action, compiled: true }
}

/// The file holds this from now on, says the disk.
pub(super) fn holds(path: &str, content: u64) -> Change {
    let after = Identity::Content(content);
    Change { after, ..change(path, Origin::Disk, Content::New, Action::Rebuild) }
}

pub(super) const MANUAL: Origin = Origin::Editor(SaveReason::Manual);
pub(super) const AUTO: Origin = Origin::Editor(SaveReason::AfterDelay);

impl World {
    /// A session with these services, configured and nothing else.
    pub(super) fn new(specs: Vec<ServiceSpec>) -> Self {
        let mut world = Self {
            engine: Engine::new(),
            now: Moment(Duration::from_secs(100)),
            specs: Rc::new([]),
            services: BTreeMap::new(),
            holds: BTreeMap::new(),
            is_ending: false,
            hurry: None,
            has_exited: false,
            contents: 0,
            trace: Trace::default(),
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
    pub(super) fn send(&mut self, mut event: Event) -> Vec<Effect> {
        if let Event::Changed { service, change } = &mut event {
            self.fill_in(service, change);
        }
        self.trace = Trace(Some(Rc::new((event.clone(), self.now, std::mem::take(&mut self.trace)))));
        let _on_panic = OnPanic(self.trace.clone());
        let now = self.now;
        self.holds.retain(|_, until| *until > now);
        let before = self.before(&event);
        if !self.is_ignored(&event) {
            self.note(&event);
        }
        let told = event.clone();
        let effects = self.engine.handle(event, self.now);
        for effect in &effects {
            self.perform(effect, &told);
        }
        let status = self.engine.status(self.now);
        self.check(&told, &effects, &before, &status);
        self.note_rest(&status);
        self.forget();
        effects
    }

    /// Whether the disk tells of a path that does not count any more.
    fn is_ignored(&self, event: &Event) -> bool {
        let Event::Changed { service, change } = event else { return false };
        let mut machines = self.engine.machines.iter().filter(|machine| machine.spec.name == *service);
        let is_ours = |machine: &Machine| machine.own.clone().ignores(&change.path, self.now);
        change.origin == Origin::Disk && machines.any(is_ours)
    }

    /// Says what the file held, and what it holds.
    fn fill_in(&mut self, service: &ServiceName, change: &mut Change) {
        let outside = self.services.get(service);
        let file = outside.and_then(|outside| outside.files.get(&change.path)).map(|file| file.is);
        let of_task = outside.and_then(|outside| outside.task_files.get(&change.path)).copied();
        change.before = file.or(of_task).unwrap_or(Identity::Content(0));
        change.after = match change.after {
            Identity::Unknown => {
                self.contents += 1;
                Identity::Content(self.contents)
            }
            Identity::Nothing => change.before,
            Identity::Content(_) => change.after,
        };
    }

    /// Whatever is gone is gone: a service of the same name is another.
    fn forget(&mut self) {
        for (name, outside) in &mut self.services {
            if !self.engine.machines.iter().any(|machine| machine.spec.name == *name) {
                let files = std::mem::take(&mut outside.files);
                let task_files = std::mem::take(&mut outside.task_files);
                let problems = std::mem::take(&mut outside.problems);
                *outside = Outside { task_files, files, problems, ..Outside::default() };
            }
        }
    }

    pub(super) fn outside(&mut self, service: &ServiceName) -> &mut Outside {
        self.services.entry(service.clone()).or_default()
    }

    /// Whether changes of the service are only collected.
    pub(super) fn is_collecting(&self, service: &ServiceName) -> bool {
        !self.holds.is_empty() || self.services.get(service).is_some_and(|outside| outside.is_paused)
    }

    pub(super) fn spec(&self, service: &ServiceName) -> Option<&ServiceSpec> {
        self.specs.iter().find(|spec| spec.name == *service)
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

    /// The task that lives ends like this.
    pub(super) fn task_ends(&mut self, service: &str, task: TaskId, outcome: BuildOutcome) -> Vec<Effect> {
        let service: ServiceName = service.into();
        let (number, _) = self.services[&service].tasks[&task];
        self.send(Event::TaskExited { service, task, number, outcome })
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

    pub(super) fn find(&self, service: &ServiceName) -> Option<ServiceStatus> {
        self.engine.status(self.now).services.into_iter().find(|status| status.name == *service)
    }

    pub(super) fn status(&self, service: &str) -> ServiceStatus {
        self.find(&service.into()).expect("a known service")
    }

    /// Lets everything go well until nothing more happens, and asserts that the newest source is what runs.
    pub(super) fn settle_down(self) {
        self.settle_down_unless(|_| false);
    }

    /// The same, but stops at a state of which it `is_known` that all goes well from there.
    pub(super) fn settle_down_unless(mut self, mut is_known: impl FnMut(&Self) -> bool) {
        if !self.is_ending {
            self.send(Event::Requested { service: None, request: Request::Resume });
        }
        let mut steps = 0;
        loop {
            if is_known(&self) {
                return;
            }
            let Some(event) = self.next_that_goes_well() else { break };
            if event == Event::DeadlineReached {
                self.wait();
            } else {
                self.send(event);
            }
            steps += 1;
            assert!(steps < 200, "it never comes to rest: {:#?}", self.engine.status(self.now));
        }
        let _on_panic = OnPanic(self.trace.clone());
        self.check_rest();
    }

    /// The next thing that goes well, if there is one; a deadline is waited for.
    fn next_that_goes_well(&self) -> Option<Event> {
        for (name, outside) in &self.services {
            let service = name.clone();
            if let Some((generation, is_stopping)) = outside.build {
                let passed = BuildOutcome::Passed { same_as: None };
                let outcome = if is_stopping { BuildOutcome::Stopped } else { passed };
                return Some(Event::BuildExited { service, generation, outcome });
            }
            if let Some((&task, &(number, is_stopping))) = outside.tasks.first_key_value() {
                let passed = BuildOutcome::Passed { same_as: None };
                let outcome = if is_stopping { BuildOutcome::Stopped } else { passed };
                return Some(Event::TaskExited { service, task, number, outcome });
            }
            if let Some(live) = outside.runs.iter().find(|live| live.is_stopping) {
                let exit = RunExit::Exited(Exit::Code(0));
                return Some(Event::RunExited { service, run: live.run, exit, problems: vec![] });
            }
            if let Some(live) = outside.runs.iter().find(|live| !live.is_ready) {
                return Some(Event::RunReady { service, run: live.run, urls: vec![] });
            }
            let is_held = self.find(name).and_then(|status| status.waiting);
            if is_held.is_some_and(|waiting| waiting.why == Why::Hold) && !self.is_ending {
                return Some(Event::Requested { service: Some(service), request: Request::Build });
            }
        }
        self.engine.deadline().map(|_| Event::DeadlineReached)
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
