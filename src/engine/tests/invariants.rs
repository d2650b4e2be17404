//! What must hold after every event, and when nothing more happens. The judging half of `World`.

use super::world::{Live, MANUAL, Outside, World};
use crate::engine::*;

/// What held before an event.
#[derive(Debug)]
pub(super) struct Before {
    /// The save that is being told has been told by the disk, and no build has begun since.
    is_echo: bool,
    /// A run that has been ready for long ends unasked.
    is_late_crash: bool,
}

impl World {
    pub(super) fn before(&self, event: &Event) -> Before {
        let mut before = Before { is_echo: false, is_late_crash: false };
        if let Event::Changed { service, change } = event
            && let (Some(outside), Some(spec)) = (self.services.get(service), self.spec(service))
        {
            let is_manual_save = (change.origin, change.action) == (MANUAL, Action::Rebuild);
            let is_known = change.content == Content::Same && outside.on_disk.contains(&change.path);
            let is_free = !self.is_collecting(service) && !outside.has_stopped && !self.is_ending;
            let counts = spec.build.is_some() && spec.policy.on_save != OnSave::Never;
            before.is_echo = is_manual_save && is_known && is_free && counts;
        }
        if let Event::RunExited { service, run, exit, .. } = event
            && *exit != RunExit::Exited(Exit::Code(0))
        {
            let mut runs = self.services.get(service).into_iter().flat_map(|outside| &outside.runs);
            before.is_late_crash = runs.find(|live| live.run == *run).is_some_and(|live| {
                live.is_ready && !live.is_stopping && self.now.since(live.ready_since) >= CRASH_RESET
            });
        }
        before
    }

    /// What must hold after every event.
    pub(super) fn check(&self, event: &Event, effects: &[Effect], before: &Before, status: &Status) {
        let deadline = self.engine.deadline();
        assert!(deadline.is_none_or(|deadline| deadline > self.now), "the deadline does not move on");
        let acts_on_builds =
            |effect: &Effect| matches!(effect, Effect::StartBuild { .. } | Effect::StopBuild { .. });
        if before.is_echo {
            let pending = self.engine.machines.iter().any(|machine| machine.build.build().is_some());
            assert!(pending || effects.iter().any(acts_on_builds), "a save waits because the disk was first");
        }
        for service in &status.services {
            let outside = &self.services[&service.name];
            self.check_status(service, outside);
            if let Event::BuildExited { service: name, outcome, .. } = event
                && let [live] = &outside.runs[..]
                && *outcome == (BuildOutcome::Passed { same_as: Some(live.generation) })
                && (*name == service.name && live.is_ready && !live.is_stopping && !service.stale)
            {
                assert!(service.state != State::Crashed, "the newest source runs: {service:?}");
            }
            self.check_problems(&service.name, outside);
            let begins = effects.iter().any(
                |effect| matches!(effect, Effect::StartBuild { service: name, .. } if *name == service.name),
            );
            assert!(!begins || service.crashes == 0, "a new generation inherits crashes");
            let is_meant = matches!(event, Event::RunExited { service: name, .. } if *name == service.name);
            assert!(!(before.is_late_crash && is_meant) || service.crashes <= 1, "old crashes count");
        }
        for (name, outside) in &self.services {
            let is_known = status.services.iter().any(|service| service.name == *name);
            assert!(is_known || outside.problems == Default::default(), "problems of nobody: {outside:?}");
        }
        let mut all = self.services.values();
        let lives = all
            .any(|outside| outside.build.is_some() || !outside.runs.is_empty() || !outside.tasks.is_empty());
        let ends = self.is_ending && !lives;
        assert_eq!(self.has_exited, ends, "Exit comes when, and only when, nothing lives");
        if self.is_ending {
            let mut builds = self.services.values().filter_map(|outside| outside.build);
            assert!(builds.all(|(_, is_stopping)| is_stopping), "a build goes on after shutdown");
        }
    }

    /// What people are told is so.
    fn check_status(&self, service: &ServiceStatus, outside: &Outside) {
        let is_removed = self.spec(&service.name).is_none();
        let shown = service
            .run
            .as_ref()
            .map(|run| outside.runs.iter().find(|live| live.run == run.id).expect("a run is made up"));
        assert_eq!(shown.is_some(), !outside.runs.is_empty(), "a run is hidden");
        assert!(
            is_removed || !shown.is_some_and(|live| outside.is_behind(live)) || service.stale,
            "an old run is shown as fresh: {service:?}"
        );
        let is_paused = self.is_collecting(&service.name) && !is_removed || outside.is_paused;
        let is_building = outside.build.is_some() && !is_paused;
        assert_eq!(service.state == State::Building, is_building, "{service:?}");
        assert_eq!(service.state == State::Paused, is_paused, "{service:?}");
        let is_ready = shown.is_some_and(|live| live.is_ready && !live.is_stopping);
        assert!(service.state != State::Ready || is_ready, "ready without a run: {service:?}");
        assert!(service.state != State::BuildFailed || outside.has_failed, "no build failed: {service:?}");
        let is_stopping = outside.runs.iter().any(|live| live.is_stopping);
        if let Some(waiting) = service.waiting {
            let holds = match waiting.why {
                Why::Backoff => !is_ready,
                Why::Settle => outside.build.is_none(),
                Why::Lock => outside.build.is_some(),
                Why::Grace => is_stopping,
                Why::Ready => outside.runs.iter().any(|live| !live.is_ready),
                Why::Dependency => self.spec(&service.name).is_some_and(|s| !s.policy.depends_on.is_empty()),
                Why::Hold => true,
            };
            assert!(holds, "waits for what does not come: {service:?}");
            if waiting.why == Why::Settle {
                let longest = self.now.after(AUTO_SAVE_SETTLE.quiet);
                assert!(waiting.until.is_some_and(|until| until <= longest), "settles for too long");
            }
        }
        assert!(service.message != "stopping the old run" || is_stopping, "{service:?}");
    }

    /// What is shown of builds and runs is what they said.
    fn check_problems(&self, name: &ServiceName, outside: &Outside) {
        let (of_builds, of_runs) = &outside.problems;
        let is_new =
            |live: &Live| Some(live.source) > outside.ended.0 && Some(live.generation) > outside.ended.1;
        assert!(
            !outside.runs.iter().any(is_new) || of_runs.is_empty(),
            "the crash of {name} is shown although other code runs: {of_runs:?}"
        );
        if self.spec(name).is_none() {
            assert!(of_builds.is_empty() && of_runs.is_empty(), "problems of a removed service");
        } else if outside.build.is_some_and(|(_, is_stopping)| !is_stopping) {
            let mut found = outside.found.iter();
            assert!(found.all(|problem| of_builds.contains(problem)), "a problem of {name} is not shown");
        }
    }

    /// What must hold when nothing more happens.
    pub(super) fn check_rest(&self) {
        for (name, outside) in &self.services {
            assert_eq!(outside.build, None, "a build of {name} never ends");
            assert!(outside.tasks.is_empty(), "a task of {name} never ends");
            assert!(
                outside.owes_task.is_empty(),
                "a change of {name} is lost on its task: {status:?}",
                status = self.find(name)
            );
            let is_up = outside.runs.iter().all(|live| live.is_ready && !live.is_stopping);
            assert!(is_up, "{name}: {outside:?}");
            let (Some(status), Some(spec)) = (self.find(name), self.spec(name)) else { continue };
            let waits = status.waiting.is_some_and(|waiting| waiting.why == Why::Dependency);
            let has_failed = outside.has_failed || status.state == State::Crashed;
            let is_excused = outside.is_cancelled || has_failed || waits;
            assert!(
                spec.build.is_none() || outside.is_cancelled || !outside.is_dirty(),
                "a change of {name} is lost: {status:?}"
            );
            assert!(waits || outside.is_cancelled || !outside.owes_run, "{name} is not run: {status:?}");
            let is_old = outside.runs.iter().any(|live| outside.is_behind(live));
            assert!(is_excused || !is_old, "what runs of {name} stays behind: {status:?} {outside:?}");
            assert!(is_excused || !status.stale, "what runs is not behind: {status:?}");
            if spec.run.is_some() && outside.runs.is_empty() {
                let has_ended = matches!(status.state, State::Finished | State::Crashed | State::BuildFailed);
                let is_explained = has_ended
                    || (status.state == State::Stopped && (outside.is_stopped || outside.is_cancelled))
                    || (status.state == State::Idle && outside.is_cancelled)
                    || (status.state == State::Starting && waits);
                assert!(is_explained || self.is_ending, "nothing of {name} runs: {status:?}");
            }
        }
        assert_eq!(self.is_ending, self.has_exited);
    }

    /// Notes which services have nothing under way.
    pub(super) fn note_rest(&mut self, status: &Status) {
        for service in &status.services {
            let now = self.now;
            let outside = self.outside(&service.name);
            let is_up = outside.runs.iter().all(|live| live.is_ready && !live.is_stopping);
            let is_quiet = outside.build.is_none() && outside.tasks.is_empty();
            if is_quiet && is_up && service.waiting.is_none() {
                outside.rested = now;
            }
        }
    }
}
