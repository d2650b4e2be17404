//! What the builds and runs of one service report, and what it means for the service.
//! The other half of `machine`. Numbers that are not current are late news and have no effect.

use super::build_phase::{Build, BuildPhase, Pending};
use super::machine::Machine;
use super::service_phase::{Down, Ended, Goal, Late, Stage};
use super::{
    BuildOutcome, BuildStage, BuildStatus, Effect, Generation, LastExit, Moment, OnBuildFailure, Problem,
    RunExit, RunId, Severity,
};

impl Machine {
    pub(super) fn problems_found(
        &mut self,
        generation: Generation,
        problems: Vec<Problem>,
        effects: &mut Vec<Effect>,
    ) {
        let BuildPhase::Running { build, .. } = &self.build else { return };
        let Some(last) = self.last_build.as_mut().filter(|_| build.generation == generation) else { return };
        for problem in &problems {
            match problem.severity {
                Severity::Error => {
                    last.errors += 1;
                    if last.first.len() < BuildStatus::FIRST {
                        last.first.push(problem.clone());
                    }
                }
                Severity::Warning => last.warnings += 1,
                Severity::Information | Severity::Hint => {}
            }
        }
        self.board.found(problems);
        self.board.publish(&self.spec.name, effects);
    }

    pub(super) fn build_blocked(&mut self, generation: Generation, blocked: bool, now: Moment) {
        if let BuildPhase::Running { build, .. } = &mut self.build
            && build.generation == generation
        {
            build.blocked = blocked.then_some(build.blocked.unwrap_or(now));
        }
    }

    pub(super) fn build_exited(
        &mut self,
        generation: Generation,
        outcome: BuildOutcome,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        if self.build.build().is_none_or(|build| build.generation != generation) {
            return;
        }
        let settling = |next: Option<Pending>| next.map_or(BuildPhase::Quiet, BuildPhase::Settling);
        match std::mem::replace(&mut self.build, BuildPhase::Quiet) {
            BuildPhase::Quiet | BuildPhase::Settling(_) => {}
            BuildPhase::Stopping { next, .. } => {
                self.build = settling(next);
                self.build_ended(BuildStage::Stopped, now);
                self.board.build_stopped();
            }
            BuildPhase::Running { build, remembered } => {
                self.build = settling(remembered);
                self.build_ended_by_itself(&build, outcome, now);
            }
        }
        self.board.publish(&self.spec.name, effects);
    }

    fn build_ended_by_itself(&mut self, build: &Build, outcome: BuildOutcome, now: Moment) {
        let generation = build.generation;
        match outcome {
            BuildOutcome::Passed { same_as } => {
                self.board.build_ended();
                self.passed = Some(generation);
                if let Some(timeline) = &mut self.timeline {
                    timeline.built(now);
                }
                let same = same_as.is_some() && !self.must_restart;
                let wanted = self.runs.wanted().map(|run| run.id);
                match wanted.and_then(|id| self.runs.get_mut(id)) {
                    Some(run) if same && same_as == Some(run.generation) && !run.stage.is_stopping() => {
                        run.serves = generation;
                        self.timeline = None;
                        self.build_ended(BuildStage::Unchanged, now);
                    }
                    Some(_) | None => {
                        self.build_ended(BuildStage::Passed, now);
                        self.bring_up(generation, build.trigger.at, now);
                    }
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

    fn build_did_fail(&mut self, note: impl FnOnce(&mut BuildStatus)) {
        if let Some(last) = &mut self.last_build {
            note(last);
        }
        self.timeline = None;
        if self.spec.policy.on_build_failure == OnBuildFailure::Stop {
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
        if !matches!(run.stage, Stage::Starting { .. }) {
            return false;
        }
        run.stage = Stage::Ready { since: now };
        run.urls = urls;
        self.board.started();
        self.board.publish(&self.spec.name, effects);
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

    pub(super) fn run_exited(
        &mut self,
        id: RunId,
        exit: RunExit,
        mut problems: Vec<Problem>,
        now: Moment,
        effects: &mut Vec<Effect>,
    ) {
        let Some((run, ended)) = self.runs.exited(id, &exit, &self.spec.policy, now) else { return };
        if let (RunExit::NotStarted(why), true) = (&exit, problems.is_empty()) {
            problems.push(Problem::new(Severity::Error, Problem::OURS, why.clone()));
        }
        match ended {
            Ended::Unwanted if !run.stage.is_stopping() => return,
            Ended::Unwanted | Ended::Finished => {}
            Ended::Crashed | Ended::SwapFailed => {
                if ended == Ended::SwapFailed {
                    self.swap_failed = Some(run.generation);
                }
                if matches!(run.stage, Stage::Ready { .. }) {
                    self.board.crashed(run.generation, problems);
                } else {
                    self.board.did_not_start(run.generation, problems);
                }
                self.board.publish(&self.spec.name, effects);
                self.timeline = None;
            }
        }
        self.last_exit = Some(LastExit { run: id, exit, asked: run.stage.is_stopping(), at: now });
    }

    pub(super) fn not_ready_in_time(&mut self, late: &Late, effects: &mut Vec<Effect>) {
        let timeout = self.spec.policy.ready_timeout;
        let (severity, then) = match late.kept {
            Some(kept) => (Severity::Error, format!("was stopped; generation {kept} goes on")),
            None => (Severity::Warning, "is still waited for".to_owned()),
        };
        let text = format!(
            "generation {} of {} was not ready within {timeout:?} and {then} (help: check `ready` in reload.toml)",
            late.generation, self.spec.name
        );
        self.swap_failed = self.swap_failed.or(late.kept.map(|_| late.generation));
        self.board.did_not_start(late.generation, vec![Problem::new(severity, Problem::OURS, text)]);
        self.board.publish(&self.spec.name, effects);
    }
}
