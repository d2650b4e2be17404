//! What must hold after every event, and when nothing more happens. The judging half of `World`.

use std::collections::BTreeMap;

use super::outside::{Live, Outside};
use super::world::{MANUAL, World};
use crate::engine::pending::{Due, Pending};
use crate::engine::*;

/// What held before an event.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// What is being saved by hand no trip of this service has seen, though the disk may have told of it.
    saves: Option<ServiceName>,
    /// The same, and nothing keeps it from acting on it at once.
    counts_of: Option<ServiceName>,
    /// The service has a build that nobody has told to stop.
    is_building: bool,
    /// A run that has been ready for long ends unasked.
    is_late_crash: bool,
    /// A build ends that nobody has told to.
    is_verdict: bool,
}

impl World {
    pub(super) fn before(&self, event: &Event) -> Before {
        let mut before = Before::default();
        if let Event::BuildExited { service, generation, .. } = event {
            let build = self.services.get(service).and_then(|outside| outside.build);
            before.is_verdict = build == Some((*generation, false));
        }
        if let Event::Changed { service, change } = event
            && let (Some(outside), Some(spec)) = (self.services.get(service), self.spec(service))
        {
            let is_manual_save = (change.origin, change.action) == (MANUAL, Action::Rebuild);
            let seen = outside.seen.files.get(&change.path).copied().unwrap_or(Identity::Content(0));
            let counts = spec.build.is_some() && spec.policy.on_save != OnSave::Never;
            let is_saved = is_manual_save && change.after != seen && counts;
            before.saves = is_saved.then(|| service.clone());
            let is_free = !self.is_collecting(service) && !outside.has_stopped && !self.is_ending;
            before.counts_of = before.saves.clone().filter(|_| is_free);
            before.is_building = outside.build.is_some_and(|(_, is_stopping)| !is_stopping);
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
        if let Some(counts_of) = &before.counts_of {
            let acts = |effect: &Effect| {
                let (starts, service) = match effect {
                    Effect::StartBuild { service, .. } => (true, service),
                    Effect::StopBuild { service, .. } => (false, service),
                    Effect::StartTask { .. }
                    | Effect::StopTask { .. }
                    | Effect::StartRun { .. }
                    | Effect::StopRun { .. }
                    | Effect::RefreshBrowsers { .. }
                    | Effect::PublishProblems { .. }
                    | Effect::RecordReload { .. }
                    | Effect::Exit => return false,
                };
                starts != before.is_building && service == counts_of
            };
            let is_stopping = self.services[counts_of].build.is_some_and(|(_, is_stopping)| is_stopping);
            let waits = is_stopping && !before.is_building;
            assert!(waits || effects.iter().any(acts), "a save does nothing, or waits");
        }
        let is_held = |name| self.pending(name).is_some_and(|pending| pending.due == Due::Held);
        assert!(!before.saves.as_ref().is_some_and(is_held), "what was saved waits for a save");
        for service in &status.services {
            let outside = &self.services[&service.name];
            self.check_status(service, outside);
            if let Event::BuildExited { service: name, outcome, .. } = event
                && let [live] = &outside.runs[..]
                && *outcome == (BuildOutcome::Passed { same_as: Some(live.generation) })
                && (before.is_verdict
                    && *name == service.name
                    && live.is_ready
                    && !live.is_stopping
                    && !service.stale)
            {
                assert!(service.state != State::Crashed, "the newest source runs: {service:?}");
            }
            self.check_problems(&service.name, outside);
            self.check_late(&service.name, outside);
            let is_there = |live: &Live| {
                !outside.built.contains_key(&live.generation) || outside.folders.contains(&live.generation)
            };
            assert!(outside.runs.iter().all(is_there), "what runs was removed: {outside:?}");
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
        let given = |live: &Live| !live.is_stopping || self.hurry.is_none_or(|hurry| live.grace <= hurry);
        let mut runs = self.services.values().flat_map(|outside| &outside.runs);
        assert!(runs.all(given), "a run takes its time although everything ends");
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
                Why::Hold | Why::Git => true,
            };
            assert!(holds, "waits for what does not come: {service:?}");
            let settling = self.settling(&service.name);
            if waiting.why == Why::Settle && settling.is_some_and(|pending| !pending.asks.are_own()) {
                let longest = self.now.after(AUTO_SAVE_SETTLE.quiet);
                let latest = outside.settles_since.unwrap_or(self.now).after(DISK_SETTLE.limit);
                let is_bounded = |until: Moment| until <= longest && until <= latest;
                assert!(waiting.until.is_some_and(is_bounded), "settles for too long: {service:?}");
            }
        }
        assert!(service.message != "stopping the old run" || is_stopping, "{service:?}");
    }

    /// What a service waits for to build.
    fn settling(&self, name: &ServiceName) -> Option<&Pending> {
        self.pending(name).filter(|_| self.services[name].build.is_none())
    }

    fn pending(&self, name: &ServiceName) -> Option<&Pending> {
        self.engine.machines.iter().find(|machine| machine.spec.name == *name)?.build.pending()
    }

    /// A run that is not ready in time makes way for the one that is.
    fn check_late(&self, name: &ServiceName, outside: &Outside) {
        let Some(policy) = self.spec(name).map(|spec| &spec.policy).filter(|_| !self.is_ending) else {
            return;
        };
        let is_late = |live: &Live| !live.is_ready && self.now.since(live.started) >= policy.ready_timeout;
        let mut wanted = outside.runs.iter().filter(|live| !live.is_stopping);
        let serves = wanted.clone().any(|live| live.is_ready);
        assert!(!serves || !wanted.any(is_late), "a late run stays beside a ready one: {outside:?}");
    }

    /// What is shown of builds and runs is what they said.
    fn check_problems(&self, name: &ServiceName, outside: &Outside) {
        let (of_builds, of_runs) = &outside.problems;
        let is_new =
            |live: &Live| Some(live.age) > outside.ended.0 && Some(live.generation) > outside.ended.1;
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
                outside.owes_task.values().all(BTreeMap::is_empty),
                "a change of {name} is lost on its task: {status:?}",
                status = self.find(name)
            );
            let is_up = outside.runs.iter().all(|live| live.is_ready && !live.is_stopping);
            assert!(is_up, "{name}: {outside:?}");
            let (Some(status), Some(spec)) = (self.find(name), self.spec(name)) else { continue };
            let waits = status.waiting.is_some_and(|waiting| waiting.why == Why::Dependency);
            let has_failed = outside.has_failed || status.state == State::Crashed;
            let is_cancelled = outside.is_cancelled();
            let is_excused = is_cancelled || has_failed || waits;
            assert!(
                spec.build.is_none() || is_cancelled || !outside.is_dirty(),
                "a change of {name} is lost: {status:?}"
            );
            let owes_run = outside.owes_run || !outside.owed.is_empty();
            assert!(waits || is_cancelled || !owes_run, "{name} is not run: {status:?}");
            let is_old = outside.runs.iter().any(|live| outside.is_behind(live));
            assert!(is_excused || !is_old, "what runs of {name} stays behind: {status:?} {outside:?}");
            assert!(is_excused || !status.stale, "what runs is not behind: {status:?}");
            if spec.run.is_some() && outside.runs.is_empty() {
                let has_ended = matches!(status.state, State::Finished | State::Crashed | State::BuildFailed);
                let is_explained = has_ended
                    || (status.state == State::Stopped && (outside.was_stopped || is_cancelled))
                    || (status.state == State::Idle && is_cancelled)
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
            let settles = service.waiting.is_some_and(|waiting| waiting.why == Why::Settle);
            let settles = settles && self.settling(&service.name).is_some();
            let outside = self.outside(&service.name);
            outside.settles_since = outside.settles_since.or(Some(now)).filter(|_| settles);
            let is_up = outside.runs.iter().all(|live| live.is_ready && !live.is_stopping);
            let is_quiet = outside.build.is_none() && outside.tasks.is_empty();
            if is_quiet && is_up && service.waiting.is_none() {
                outside.rested = now;
            }
        }
    }
}
