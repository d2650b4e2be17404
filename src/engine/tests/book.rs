//! What events and effects mean for the world, and what may not be among the effects. The book-keeping half of `World`.

use super::world::{Live, Outside, World, change};
use crate::engine::service_phase::{Down, Goal};
use crate::engine::*;

impl World {
    /// What the event means outside of the engine.
    pub(super) fn note(&mut self, event: &Event) {
        match event {
            Event::Configured(specs) if !self.is_ending => self.note_configured(specs),
            Event::Changed { service, change } if !self.is_ending => self.note_change(service, change),
            Event::Requested { service, request } if !self.is_ending => {
                if *request == Request::Resume {
                    self.holds.clear();
                }
                let is_meant = |spec: &&ServiceSpec| service.as_ref().is_none_or(|name| *name == spec.name);
                for spec in self.specs.clone().iter().filter(is_meant) {
                    note_request(self.outside(&spec.name), spec, *request);
                }
            }
            Event::HoldRequested { hold, ttl } if !self.is_ending => {
                self.holds.insert(*hold, self.now.after(*ttl));
            }
            Event::ReleaseRequested { hold } => {
                self.holds.retain(|held, _| hold.is_some_and(|hold| hold != *held));
            }
            Event::ProblemsFound { service, generation, problems } => {
                let outside = self.outside(service);
                if outside.build == Some((*generation, false)) {
                    outside.found.extend_from_slice(problems);
                }
            }
            Event::BuildExited { service, generation, outcome } => {
                note_build_exit(self.outside(service), *generation, outcome);
            }
            Event::TaskExited { service, task, number, outcome } => {
                self.note_task_exit(service, *task, *number, outcome);
            }
            Event::RunReady { service, run, .. } => {
                let now = self.now;
                if let Some(live) = self.outside(service).runs.iter_mut().find(|live| live.run == *run) {
                    live.ready_since = if live.is_ready { live.ready_since } else { now };
                    live.is_ready = true;
                }
            }
            Event::RunExited { service, run, .. } => {
                let outside = self.outside(service);
                if let Some(at) = outside.runs.iter().position(|live| live.run == *run) {
                    let live = outside.runs.remove(at);
                    outside.note_end(&live);
                }
                outside.dead_run = Some(*run);
            }
            Event::ShutdownRequested { .. } => {
                self.is_ending = true;
                self.holds.clear();
                for outside in self.services.values_mut() {
                    (outside.is_cancelled, outside.owes_run) = (true, false);
                    outside.owes_task.clear();
                }
            }
            Event::DeadlineReached => {
                for outside in self.services.values_mut() {
                    let late = outside.runs.iter().filter(|live| !live.is_ready).cloned();
                    late.collect::<Vec<_>>().iter().for_each(|live| outside.note_end(live));
                }
            }
            Event::Configured(_)
            | Event::Changed { .. }
            | Event::Requested { .. }
            | Event::HoldRequested { .. }
            | Event::BuildBlocked { .. }
            | Event::TaskFound { .. }
            | Event::RunStarted { .. } => {}
        }
    }

    fn note_configured(&mut self, specs: &[ServiceSpec]) {
        let before = std::mem::replace(&mut self.specs, specs.into());
        for spec in specs {
            let old = before.iter().find(|old| old.name == spec.name);
            let builds = old.is_none_or(|old| old.build != spec.build);
            let runs = old.is_none_or(|old| old.run != spec.run);
            let outside = self.outside(&spec.name);
            if builds {
                (outside.source, outside.is_cancelled) = (outside.source + 1, false);
            }
            if builds || runs {
                outside.data += 1;
                (outside.may_build, outside.is_stopped) = (true, false);
                outside.owes_run = spec.run.is_some();
            }
        }
        for (name, outside) in &mut self.services {
            outside.is_paused &= specs.iter().any(|spec| spec.name == *name);
            let spec = specs.iter().find(|spec| spec.name == *name);
            let is_kept = |id: &TaskId| spec.is_some_and(|spec| spec.tasks.iter().any(|task| task.id == *id));
            outside.owes_task.retain(is_kept);
        }
    }

    fn note_change(&mut self, service: &ServiceName, change: &Change) {
        let Some(spec) = self.spec(service) else { return };
        let is_held = match (change.origin, spec.policy.on_save) {
            (Origin::Editor(_), OnSave::Never) => true,
            (Origin::Editor(reason), OnSave::Manual) => reason != SaveReason::Manual,
            (_, _) => false,
        };
        let (builds, runs) = (spec.build.is_some(), spec.run.is_some());
        if change.action == Action::Refresh {
            return;
        }
        if let Action::Task(task) = change.action {
            let is_known = spec.tasks.iter().any(|spec| spec.id == task);
            if is_known && !is_held && change.content == Content::New {
                self.outside(service).owes_task.insert(task);
            }
            return;
        }
        let outside = self.outside(service);
        outside.may_build |= !is_held;
        if change.content == Content::Same {
            outside.is_stopped = false;
            return;
        }
        outside.is_stopped = false;
        if change.action == Action::Rebuild {
            (outside.source, outside.is_cancelled) = (outside.source + 1, false);
        }
        if change.action == Action::Restart || !change.compiled {
            outside.data += 1;
        }
        outside.owes_run |= runs && (change.action == Action::Restart || !builds);
        if change.origin == Origin::Disk && change.action == Action::Rebuild {
            outside.on_disk.insert(change.path.clone());
        }
    }

    /// What a task that passed asks for is a change of its own.
    fn note_task_exit(
        &mut self,
        service: &ServiceName,
        task: TaskId,
        number: Generation,
        outcome: &BuildOutcome,
    ) {
        let outside = self.outside(service);
        if outside.tasks.get(&task).is_none_or(|(live, _)| *live != number) {
            return;
        }
        let (_, is_stopping) = outside.tasks.remove(&task).expect("it lives");
        let specs = self.spec(service).map(|spec| spec.tasks.clone()).unwrap_or_default();
        let then = specs.iter().find(|spec| spec.id == task).and_then(|spec| spec.then);
        let has_passed = matches!(outcome, BuildOutcome::Passed { .. }) && !is_stopping;
        if let Some(action) = then.filter(|_| has_passed && !self.is_ending) {
            let change =
                Change { compiled: false, ..change("/p/task", Origin::Person, Content::New, action) };
            self.note_change(service, &change);
        }
    }

    /// What the effect means outside of the engine. Panics if it may not be.
    pub(super) fn perform(&mut self, effect: &Effect, event: &Event) {
        assert!(!self.has_exited, "{effect:?} after Exit");
        match effect {
            Effect::StartBuild { service, generation, running, trigger } => {
                self.begin_build(service, *generation, *running, trigger);
            }
            Effect::StopBuild { service, generation } => {
                let is_asked = !matches!(event, Event::Changed { .. });
                let is_disk = matches!(event, Event::Changed { change, .. } if change.origin == Origin::Disk);
                let is_paused = self.is_collecting(service);
                let outside = self.outside(service);
                assert_eq!(outside.build, Some((*generation, false)), "stops a build that is not, or twice");
                assert!(!is_disk, "the disk stops a build");
                assert!(is_asked || !is_paused, "a save stops a build although it is only collected");
                outside.build = Some((*generation, true));
                outside.has_stopped = true;
            }
            Effect::StartTask { service, task, number } => {
                assert!(!self.is_ending, "a task begins after shutdown");
                let is_paused = self.is_collecting(service);
                let outside = self.outside(service);
                let is_asked = outside.asked_tasks.remove(task);
                assert!(!is_paused || is_asked, "a task begins during a pause");
                let before = outside.tasks.insert(*task, (*number, false));
                assert_eq!(before, None, "two of one task");
                outside.owes_task.remove(task);
            }
            Effect::StopTask { service, task, number } => {
                let is_change = matches!(event, Event::Changed { .. });
                assert!(!is_change, "a change stops a task");
                let before = self.outside(service).tasks.insert(*task, (*number, true));
                assert_eq!(before, Some((*number, false)), "stops a task that is not, or twice");
            }
            Effect::StartRun { service, run, generation } => self.begin_run(service, *run, *generation),
            Effect::StopRun { service, run, .. } => self.end_run(service, *run, event),
            Effect::RefreshBrowsers { service } => {
                let runs = &self.outside(service).runs;
                assert!(
                    runs.iter().any(|live| live.is_ready && !live.is_stopping),
                    "refresh without a ready run"
                );
            }
            Effect::PublishProblems { service, of_builds, of_runs, .. } => {
                self.outside(service).problems = (of_builds.clone(), of_runs.clone());
            }
            Effect::RecordReload { service, reload } => {
                let stages = reload.settle + reload.build + reload.stop + reload.start + reload.ready;
                assert_eq!(stages, reload.total, "the stages of a reload are not its total: {reload:?}");
                let longest = self.now.since(self.outside(service).rested);
                assert!(reload.total <= longest, "a reload began before {service} was at rest: {reload:?}");
            }
            Effect::Exit => {
                assert!(self.is_ending, "exit without shutdown");
                self.has_exited = true;
            }
        }
    }

    fn begin_build(
        &mut self,
        service: &ServiceName,
        generation: Generation,
        running: Option<Generation>,
        trigger: &Trigger,
    ) {
        assert!(!self.is_ending, "a build begins after shutdown");
        let spec = self.spec(service).expect("a build of a removed service begins");
        assert!(spec.build.is_some(), "there is nothing to build");
        let is_paused = self.is_collecting(service);
        let outside = self.outside(service);
        assert_eq!(outside.build, None, "two builds of {service}");
        assert!(!outside.is_stopped, "a build of a stopped service begins");
        assert!(outside.may_build, "a build begins for what is only to be collected");
        assert!(!is_paused || trigger.origin == Origin::Person, "a build begins during a pause");
        assert!(outside.built.keys().all(|built| *built < generation), "a generation comes twice");
        if let Some(running) = running {
            let is_known = outside.passed.contains(&running) || !outside.built.contains_key(&running);
            assert!(is_known, "compared with a build that did not pass");
        }
        outside.build = Some((generation, false));
        outside.compared = running;
        outside.built.insert(generation, outside.source);
        (outside.is_cancelled, outside.may_build, outside.has_stopped) = (false, false, false);
        outside.on_disk.clear();
        outside.found.clear();
    }

    fn begin_run(&mut self, service: &ServiceName, run: RunId, generation: Generation) {
        assert!(!self.is_ending, "a run begins after shutdown");
        self.check_start(service, generation);
        let builds = self.spec(service).is_some_and(|spec| spec.build.is_some());
        let outside = self.outside(service);
        assert!(!outside.is_stopped, "a run of a stopped service begins");
        let built = outside.built.get(&generation).copied().unwrap_or_default();
        outside.runs.push(Live {
            run,
            generation,
            source: if builds { built } else { outside.source },
            data: outside.data,
            is_ready: false,
            ready_since: Moment::default(),
            is_stopping: false,
        });
        outside.owes_run = false;
    }

    fn end_run(&mut self, service: &ServiceName, run: RunId, event: &Event) {
        let is_down = self.engine.machines.iter().any(|machine| {
            machine.spec.name == *service
                && matches!(machine.runs.goal, Goal::Down(down) if down != Down::Finished)
        });
        let swap = self.spec(service).map(|spec| spec.policy.swap);
        let outside = self.outside(service);
        let at =
            outside.runs.iter().position(|live| live.run == run).expect("stops a run that does not live");
        let is_hurried = std::mem::replace(&mut outside.runs[at].is_stopping, true);
        let serves = outside.runs[at].is_ready;
        let others_serve = outside.runs.iter().any(|live| live.is_ready && !live.is_stopping);
        if swap == Some(Swap::StartFirst) && serves && !is_hurried {
            assert!(others_serve || is_down, "the old run is stopped too early, by {event:?}");
        }
        if self.is_ending && !is_hurried {
            self.check_order(service);
        }
    }

    fn check_start(&self, service: &ServiceName, generation: Generation) {
        let outside = &self.services[service];
        let spec = self.spec(service).expect("a run of a removed service begins");
        assert!(spec.run.is_some(), "there is nothing to run");
        // What was brought up before there was anything to build needs no build.
        let needs_build = spec.build.is_some() && outside.built.contains_key(&generation);
        assert!(!needs_build || outside.passed.contains(&generation), "a generation that did not pass");
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
                let outside = &self.services[needed];
                let has_finished = machine.runs.goal == Goal::Down(Down::Finished);
                let is_built = machine.spec.run.is_none() && !outside.passed.is_empty();
                let is_ready = outside.runs.iter().any(|live| live.is_ready && !live.is_stopping);
                has_finished || is_built || is_ready
            });
            assert!(is_usable, "{service} begins before what it depends on is ready");
        }
    }

    fn check_order(&self, service: &ServiceName) {
        let dependents = self.specs.iter().filter(|spec| spec.policy.depends_on.contains(service));
        for dependent in dependents {
            let runs = &self.services[&dependent.name].runs;
            assert!(runs.is_empty(), "{service} ends before {}", dependent.name);
        }
    }
}

fn note_request(outside: &mut Outside, spec: &ServiceSpec, request: Request) {
    match request {
        Request::Build => {
            (outside.may_build, outside.is_stopped) = (true, false);
            outside.asked_tasks = spec.tasks.iter().map(|task| task.id).collect();
        }
        Request::Restart | Request::Start => {
            let is_up = outside.runs.iter().any(|live| !live.is_stopping);
            (outside.may_build, outside.is_stopped) = (true, false);
            outside.owes_run |= spec.run.is_some() && (request == Request::Restart || !is_up);
        }
        Request::Stop | Request::CancelBuild => {
            (outside.is_cancelled, outside.owes_run, outside.may_build) = (true, false, false);
            outside.is_stopped |= request == Request::Stop;
            if request == Request::Stop {
                outside.owes_task.clear();
            }
            outside.on_disk.clear();
        }
        Request::Pause => outside.is_paused = true,
        Request::Resume => outside.is_paused = false,
    }
}

fn note_build_exit(outside: &mut Outside, generation: Generation, outcome: &BuildOutcome) {
    let Some((_, is_stopping)) = outside.build.take_if(|(live, _)| *live == generation) else { return };
    outside.dead_build = Some(generation);
    if is_stopping {
        return;
    }
    match outcome {
        BuildOutcome::Passed { same_as } => {
            outside.has_failed = false;
            outside.passed.insert(generation);
            let source = outside.built[&generation];
            for live in outside.runs.iter_mut().filter(|live| Some(live.generation) == *same_as) {
                live.source = live.source.max(source);
            }
        }
        BuildOutcome::Failed(_) | BuildOutcome::NotStarted(_) => {
            (outside.has_failed, outside.owes_run) = (true, false);
        }
        BuildOutcome::Stopped => {}
    }
}
