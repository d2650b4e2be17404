//! What it means for one service that a path was modified. Part of `machine`.
//! Does not know: other services.

use super::machine::Machine;
use super::pending::{Asks, Before, Due, Urgency};
use super::service_phase::{Run, Stage};
use super::task_phase::Task;
use super::{Action, Change, Content, Effect, Moment, Origin, SAVE_SETTLE};

impl Machine {
    pub(super) fn changed(&mut self, change: &Change, now: Moment, effects: &mut Vec<Effect>) {
        if change.is_save() {
            self.own.saved(&change.path);
        } else if self.own.ignores(&change.path, now) {
            return;
        }
        let is_own = change.origin == Origin::Disk && self.own.is_own_time(now);
        if let Action::Task(id) = change.action {
            self.task_wanted(id, change, is_own, now);
            return;
        }
        let urgency = Urgency::of(change.origin, self.spec.policy.on_save);
        let stops = matches!(urgency, Urgency::AtOnce | Urgency::AfterAutoSave)
            && !self.is_collecting()
            && change.action == Action::Rebuild;
        let due = if urgency == Urgency::AtOnce { Due::settle(SAVE_SETTLE, now) } else { urgency.due(now) };
        let is_claimed = change.content() == Content::Same && self.build.claim(change, urgency, now);
        if !is_claimed {
            let is_same = change.content() == Content::Same;
            if is_same && (self.build.is_under_way() || !self.is_another_try(change)) {
                return;
            }
            if change.action == Action::Refresh {
                self.refresh(effects);
                return;
            }
        }
        if stops {
            self.stop_build(due, effects);
        }
        if !is_claimed {
            self.build.remember(Asks::from_change(change, urgency, is_own, now), urgency, now);
        }
        if self.forget_what_is_back() && change.is_save() && self.has_nothing_good() {
            let again = Change { before: change.after, ..change.clone() };
            self.build.remember(Asks::from_change(&again, urgency, false, now), urgency, now);
        }
    }

    /// Nobody who saves says "try again" when the disk tells; but what a build did not read may be what it lacked.
    fn is_another_try(&self, change: &Change) -> bool {
        if change.is_save() { self.has_nothing_good() } else { self.build_failed() }
    }

    /// Forgets the trip that is wanted if everything is again as the last one saw it. True if it was so.
    fn forget_what_is_back(&mut self) -> bool {
        let Some(pending) = self.build.forget_what_is_back() else { return false };
        if let Some(before) = pending.before {
            self.take_back(&before);
        }
        true
    }

    /// The builds that were stopped have never been: what they were for is gone.
    pub(super) fn take_back(&mut self, before: &Before) {
        for run in self.runs.live.iter_mut().filter(|run| run.inputs == before.inputs) {
            run.inputs = self.inputs;
        }
        self.current = before.current;
        self.last_build.clone_from(&before.last_build);
        self.board.build_never_was();
    }

    /// Notes whether a build or a task lives, or a run starts or ends.
    pub(super) fn note_own_time(&mut self, now: Moment) {
        let is_restless = |run: &Run| match run.stage {
            Stage::Starting { until } => until.is_some(),
            Stage::Stopping { .. } => true,
            Stage::Ready { .. } => false,
        };
        let has_command = self.build.build().is_some() || self.tasks.iter().any(Task::lives);
        let is_busy = has_command || self.runs.live.iter().any(is_restless);
        self.own.note(is_busy, now);
    }
}
