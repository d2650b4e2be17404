//! What events and effects mean for the world, and what may not be among the effects. The book-keeping half of `World`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::outside::{File, Live, Outside};
use super::world::World;
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
            Event::ShutdownRequested { grace } => {
                self.is_ending = true;
                self.holds.clear();
                self.hurry = self.hurry.into_iter().chain(*grace).min();
                for outside in self.services.values_mut() {
                    outside.give_up();
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
            | Event::ChangesHeld { .. }
            | Event::Awaited
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
                (outside.configured.0, outside.age) = (outside.configured.0 + 1, outside.age + 1);
            }
            if builds || runs {
                outside.configured.1 += 1;
                (outside.may_build, outside.is_stopped, outside.seen.asked) = (true, false, true);
                outside.owes_run = spec.run.is_some();
            }
        }
        for (name, outside) in &mut self.services {
            if !specs.iter().any(|spec| spec.name == *name && spec.run.is_some()) {
                outside.owed.clear();
            }
            outside.is_paused &= specs.iter().any(|spec| spec.name == *name);
            let spec = specs.iter().find(|spec| spec.name == *name);
            let is_kept = |id: &TaskId| spec.is_some_and(|spec| spec.tasks.iter().any(|task| task.id == *id));
            outside.owes_task.retain(|id, _| is_kept(id));
            outside.failed_tasks.retain(is_kept);
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
            return self.note_task_change(service, task, change);
        }
        // What the disk tells of is another try only if a build did not read it, and failed.
        let is_unread = !change.is_save() && change.content() == Content::Same && self.has_failed(service);
        let tries_again = is_unread || (change.is_save() && self.has_nothing_good(service));
        let outside = self.outside(service);
        outside.may_build |= !is_held;
        outside.is_stopped = false;
        outside.seen.asked |= tries_again;
        let is_source = change.action == Action::Rebuild;
        let is_data = change.action == Action::Restart || !change.compiled;
        outside.files.insert(change.path.clone(), File { is: change.after, is_source, is_data });
        if change.content() == Content::Same {
            return;
        }
        outside.age += u32::from(is_source);
        if runs && (change.action == Action::Restart || !builds) {
            let was = *outside.owed.entry(change.path.clone()).or_insert(change.before);
            if was == change.after && !tries_again {
                outside.owed.remove(&change.path);
            }
        }
    }

    /// What the effect means outside of the engine. Panics if it may not be.
    pub(super) fn perform(&mut self, effect: &Effect, event: &Event) {
        assert!(!self.has_exited, "{effect:?} after Exit");
        match effect {
            Effect::StartBuild { service, generation, running, needed, trigger } => {
                self.begin_build(service, *generation, *running, trigger);
                self.outside(service).needed.clone_from(needed);
            }
            Effect::StopBuild { service, generation } => {
                let is_asked = !matches!(event, Event::Changed { .. });
                let is_disk = matches!(event, Event::Changed { change, .. } if change.origin == Origin::Disk);
                let is_paused = self.is_collecting(service);
                let gives_up = matches!(
                    event,
                    Event::Requested { request: Request::Stop | Request::CancelBuild, .. }
                        | Event::ShutdownRequested { .. }
                );
                let outside = self.outside(service);
                if !gives_up {
                    let asked = outside.seen.asked;
                    outside.seen = outside.seen_before.clone();
                    outside.seen.asked |= asked;
                }
                assert_eq!(outside.build, Some((*generation, false)), "stops a build that is not, or twice");
                assert!(!is_disk, "the disk stops a build");
                assert!(is_asked || !is_paused, "a save stops a build although it is only collected");
                outside.build = Some((*generation, true));
                outside.has_stopped = true;
            }
            Effect::StartTask { service, task, number } => self.begin_task(service, *task, *number),
            Effect::StopTask { service, task, number } => self.end_task(service, *task, *number, event),
            Effect::StartRun { service, run, generation, .. } => self.begin_run(service, *run, *generation),
            Effect::StopRun { service, run, grace } => {
                self.end_run(service, *run, event);
                let mut runs = self.outside(service).runs.iter_mut();
                runs.find(|live| live.run == *run).expect("it lives").grace = *grace;
            }
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
        let suspended = self.find(service).expect("a build of a known service begins").suspended;
        let outside = self.outside(service);
        // A trip that began before, and was stopped, still has it; so has one that follows a task.
        let is_older = outside.has_stopped || std::mem::take(&mut outside.follows_task);
        let counts = is_older || !trigger.files.iter().any(|file| suspended.contains(file));
        assert!(counts, "a suspended path starts a trip");
        assert_eq!(outside.build, None, "two builds of {service}");
        assert!(!outside.is_stopped, "a build of a stopped service begins");
        assert!(outside.may_build, "a build begins for what is only to be collected");
        assert!(!is_paused || trigger.origin == Origin::Person, "a build begins during a pause");
        assert!(outside.built.keys().all(|built| *built < generation), "a generation comes twice");
        let differs = outside.files.keys().any(|path| outside.differs(path));
        assert!(outside.seen.asked || differs, "a build begins although nothing differs: {trigger:?}");
        if let Some(running) = running {
            let is_known = outside.passed.contains(&running) || !outside.built.contains_key(&running);
            assert!(is_known, "compared with a build that did not pass");
        }
        outside.build = Some((generation, false));
        outside.compared = running;
        outside.built.insert(generation, (outside.source(), outside.age));
        outside.seen_before = outside.seen.clone();
        outside.see();
        (outside.may_build, outside.has_stopped, outside.was_stopped) = (false, false, false);
        outside.found.clear();
    }

    fn begin_run(&mut self, service: &ServiceName, run: RunId, generation: Generation) {
        assert!(!self.is_ending, "a run begins after shutdown");
        self.check_start(service, generation);
        let builds = self.spec(service).is_some_and(|spec| spec.build.is_some());
        let now = self.now;
        let outside = self.outside(service);
        assert!(!outside.is_stopped, "a run of a stopped service begins");
        let built = outside.built.get(&generation).cloned().unwrap_or_default();
        let (source, age) = if builds { built } else { (outside.source(), outside.age) };
        // A file that goes back now does not go back for this run.
        let is_read = |(path, file): (&Arc<Path>, &File)| {
            let before = outside.seen_before.files.get(path).copied().unwrap_or(Identity::Content(0));
            (file.is_data || !builds) && (outside.differs(path) || file.is != before)
        };
        let is_read = outside.files.iter().any(is_read);
        outside.seen.asked |= is_read;
        outside.seen_before.asked |= is_read;
        outside.runs.push(Live {
            run,
            generation,
            source,
            age,
            data: outside.data(),
            is_ready: false,
            ready_since: Moment::default(),
            started: now,
            grace: Duration::ZERO,
            is_stopping: false,
        });
        (outside.owes_run, outside.was_stopped) = (false, false);
        outside.owed.clear();
    }

    fn end_run(&mut self, service: &ServiceName, run: RunId, event: &Event) {
        let is_down = self.engine.machines.iter().any(|machine| {
            machine.spec.name == *service
                && matches!(machine.runs.goal, Goal::Down(Down::Stopped | Down::BuildFailed | Down::Idle))
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
        assert!(!needs_build || outside.folders.contains(&generation), "what is started was removed");
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
            (outside.may_build, outside.is_stopped, outside.seen.asked) = (true, false, true);
            outside.asked_tasks = spec.tasks.iter().map(|task| task.id).collect();
        }
        Request::Restart | Request::Start => {
            let is_up = outside.runs.iter().any(|live| !live.is_stopping);
            (outside.may_build, outside.is_stopped, outside.seen.asked) = (true, false, true);
            outside.owes_run |= spec.run.is_some() && (request == Request::Restart || !is_up);
        }
        Request::Stop | Request::CancelBuild => {
            outside.give_up();
            outside.may_build = false;
            outside.is_stopped |= request == Request::Stop;
            outside.was_stopped |= request == Request::Stop;
            if request == Request::Stop {
                outside.owes_task.clear();
            }
        }
        Request::Pause => outside.is_paused = true,
        Request::Resume => outside.is_paused = false,
    }
}

fn note_build_exit(outside: &mut Outside, generation: Generation, outcome: &BuildOutcome) {
    let Some((_, is_stopping)) = outside.build.take_if(|(live, _)| *live == generation) else { return };
    outside.dead_build = Some(generation);
    if matches!(outcome, BuildOutcome::Passed { .. }) {
        // A build that was told to stop may have been done by then, and cleans up as any other.
        outside.folders.insert(generation);
        let newest: Vec<_> = outside.folders.iter().rev().take(2).copied().collect();
        let needed = &outside.needed;
        outside.folders.retain(|folder| newest.contains(folder) || needed.contains(folder));
    }
    if is_stopping {
        return;
    }
    match outcome {
        BuildOutcome::Passed { same_as } => {
            outside.has_failed = false;
            outside.passed.insert(generation);
            let (source, age) = outside.built[&generation].clone();
            for live in outside.runs.iter_mut().filter(|live| Some(live.generation) == *same_as) {
                (live.source, live.age) = (source.clone(), live.age.max(age));
            }
        }
        BuildOutcome::Failed(_) | BuildOutcome::NotStarted(_) => {
            (outside.has_failed, outside.owes_run) = (true, false);
            outside.owed.clear();
        }
        BuildOutcome::Stopped => {}
    }
}
