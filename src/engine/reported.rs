//! What the builds and runs of one service report, and what it means for the service.
//! The other half of `machine`. Numbers that are not current are late news and have no effect.

use super::build_phase::{Build, BuildPhase};
use super::describe::describe_exit;
use super::machine::{Machine, SwapFailure};
use super::pending::Pending;
use super::service_phase::{Down, Ended, Goal, Late, Run, Stage};
use super::timeline::Timeline;
use super::{
    BuildOutcome, BuildStage, BuildStatus, Effect, Generation, LastExit, Moment, OnBuildFailure, Problem,
    RunExit, RunId, Severity,
};

impl Machine {
    pub(super) fn problems_found(&mut self, generation: Generation, problems: Vec<Problem>) {
        let BuildPhase::Running { build, .. } = &self.build else { return };
        let Some(last) = self.last_build.as_mut().filter(|_| build.generation == generation) else { return };
        last.count(&problems);
        self.board.found(problems);
    }

    pub(super) fn build_blocked(&mut self, generation: Generation, blocked: bool, now: Moment) {
        if let BuildPhase::Running { build, .. } = &mut self.build
            && build.generation == generation
        {
            build.blocked = blocked.then_some(build.blocked.unwrap_or(now));
        }
    }

    pub(super) fn build_exited(&mut self, generation: Generation, outcome: BuildOutcome, now: Moment) {
        if self.build.build().is_none_or(|build| build.generation != generation) {
            return;
        }
        let settling = |next: Option<Pending>| next.map_or(BuildPhase::Quiet, BuildPhase::Settling);
        match std::mem::replace(&mut self.build, BuildPhase::Quiet) {
            BuildPhase::Quiet | BuildPhase::Settling(_) => {}
            BuildPhase::Stopping { next, .. } => {
                self.build = settling(next);
                // Otherwise its trip was taken back, and nothing is to be seen of it.
                if self.last_build.as_ref().is_some_and(|last| last.generation == generation) {
                    self.build_ended(BuildStage::Stopped, now);
                    self.board.build_stopped();
                }
            }
            BuildPhase::Running { build, remembered } => {
                self.build = settling(remembered);
                self.build_ended_by_itself(&build, outcome, now);
            }
        }
    }

    fn build_ended_by_itself(&mut self, build: &Build, outcome: BuildOutcome, now: Moment) {
        let generation = build.generation;
        match outcome {
            BuildOutcome::Passed { same_as } => {
                self.board.build_ended();
                self.passed = Some(generation);
                let wanted = self.runs.wanted();
                let is_it = |run: &Run| same_as == Some(run.generation) && run.inputs == self.inputs;
                if let Some(same) = wanted.filter(|run| is_it(run)).map(|run| run.generation) {
                    self.build_ended(BuildStage::Unchanged, now);
                    self.is_unchanged(same, generation);
                } else {
                    self.build_ended(BuildStage::Passed, now);
                    self.bring_up(Timeline::built(build, now), now);
                }
            }
            BuildOutcome::Failed(exit) => {
                self.board.build_ended();
                self.build_ended(BuildStage::Failed, now);
                self.build_did_fail(|last| last.exit = Some(exit));
            }
            BuildOutcome::NotStarted(why) => {
                self.board.found(vec![Problem::new(Severity::Error, Problem::OURS, why.clone())]);
                self.board.build_ended();
                self.build_ended(BuildStage::Failed, now);
                self.build_did_fail(|last| {
                    last.errors += 1;
                    last.not_started = Some(why);
                });
            }
            BuildOutcome::Stopped => {
                self.board.build_stopped();
                self.build_ended(BuildStage::Stopped, now);
            }
        }
    }

    /// What runs as `same` is what `newest` is, too.
    fn is_unchanged(&mut self, same: Generation, newest: Generation) {
        if self.swap_failed.take().is_some() {
            self.board.forget_crash();
        }
        for run in self.runs.live.iter_mut().filter(|run| run.generation == same) {
            run.serves = newest;
        }
    }

    fn build_did_fail(&mut self, note: impl FnOnce(&mut BuildStatus)) {
        if let Some(last) = &mut self.last_build {
            note(last);
        }
        if self.spec.policy.on_build_failure == OnBuildFailure::Stop {
            self.timeline = None;
            self.runs.bring_down(Down::BuildFailed);
        }
    }

    fn build_ended(&mut self, stage: BuildStage, now: Moment) {
        if let Some(last) = &mut self.last_build {
            last.stage = stage;
            last.elapsed = now.since(last.started);
        }
    }

    pub(super) fn run_started(&mut self, id: RunId, pid: u32, now: Moment) {
        let Some(run) = self.runs.get_mut(id) else { return };
        run.pid = Some(pid);
        if let Some(timeline) = &mut self.timeline {
            timeline.spawned(id, now);
        }
    }

    /// True if a run is ready that was not, and is wanted.
    pub(super) fn run_ready(
        &mut self,
        id: RunId,
        urls: Vec<String>,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let is_wanted = self.runs.goal == Goal::Up(id);
        let Some(run) = self.runs.get_mut(id) else { return false };
        let Stage::Starting { .. } = run.stage else { return false };
        run.stage = Stage::Ready { since: now };
        run.urls = urls;
        self.own.told_ready(run.hush, now);
        self.board.started();
        if !is_wanted {
            return false;
        }
        if let Some(timeline) = self.timeline.take_if(|timeline| timeline.is_of(id)) {
            let reload = timeline.ready(now);
            self.last_reload = Some(reload);
            effects.push(Effect::RecordReload { service: self.spec.name.clone(), reload });
        }
        effects.push(Effect::RefreshBrowsers { service: self.spec.name.clone() });
        true
    }

    pub(super) fn run_exited(&mut self, id: RunId, exit: RunExit, mut problems: Vec<Problem>, now: Moment) {
        let Some((run, ended)) = self.runs.exited(id, &exit, &self.spec.policy, now) else { return };
        if let (RunExit::NotStarted(why), true) = (&exit, problems.is_empty()) {
            problems.push(Problem::new(Severity::Error, Problem::OURS, why.clone()));
        }
        let asked = run.stage.is_stopping();
        match ended {
            Ended::Unwanted if !asked => return,
            Ended::Unwanted => {}
            Ended::Finished => self.timeline = None,
            Ended::Crashed => {
                if run.stage.is_ready() {
                    self.board.crashed(run.generation, problems);
                } else {
                    self.board.did_not_start(run.generation, problems);
                }
                self.timeline = None;
            }
            Ended::SwapFailed => {
                if problems.is_empty() {
                    problems.push(self.swap_problem(run.generation, &exit));
                }
                self.board.crashed(run.generation, problems);
                self.swap_did_fail(run.generation, Some(exit.clone()));
            }
        }
        // That an older run ended as it was told to says less than how a newer one crashed.
        let hides = |last: &LastExit| asked && !last.asked && last.run > id;
        if !self.last_exit.as_ref().is_some_and(hides) {
            self.last_exit = Some(LastExit { run: id, exit, asked, at: now });
        }
    }

    /// What is wrong when a run that was to replace another ends without a word.
    fn swap_problem(&self, generation: Generation, exit: &RunExit) -> Problem {
        let (name, how) = (&self.spec.name, describe_exit(exit));
        let goes_on = self.runs.wanted().map(|old| format!("; generation {} goes on", old.generation));
        let text = format!("generation {generation} of {name} {how}{}", goes_on.unwrap_or_default());
        Problem::new(Severity::Error, Problem::OURS, text)
    }

    pub(super) fn not_ready_in_time(&mut self, late: &Late) {
        let timeout = self.spec.policy.ready_timeout;
        let (severity, then) = match late.kept {
            Some(kept) => (Severity::Error, format!("was stopped; generation {kept} goes on")),
            None => (Severity::Warning, "is still waited for".to_owned()),
        };
        let text = format!(
            "generation {} of {} was not ready within {timeout:?} and {then} (help: check `ready` in reload.toml)",
            late.generation, self.spec.name
        );
        let problem = Problem::new(severity, Problem::OURS, text);
        if late.kept.is_none() {
            self.board.is_late(problem);
            return;
        }
        self.board.crashed(late.generation, vec![problem]);
        self.swap_did_fail(late.generation, None);
    }

    fn swap_did_fail(&mut self, generation: Generation, exit: Option<RunExit>) {
        self.timeline = None;
        if self.swap_failed.as_ref().is_none_or(|before| before.generation <= generation) {
            self.swap_failed = Some(SwapFailure { generation, exit });
        }
    }
}
