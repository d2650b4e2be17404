//! What events and effects mean for the tasks of rules. The part of `book` that is about them.

use super::world::World;
use crate::engine::*;

impl World {
    pub(super) fn note_task_change(&mut self, service: &ServiceName, task: TaskId, change: &Change) {
        let spec = self.spec(service);
        if !spec.is_some_and(|spec| spec.tasks.iter().any(|known| known.id == task)) {
            return;
        }
        let outside = self.outside(service);
        let has_failed = outside.failed_tasks.contains(&task);
        outside.task_files.insert(change.path.clone(), change.after);
        if change.content() == Content::Same {
            return;
        }
        let owed = outside.owes_task.entry(task).or_default();
        let was = *owed.entry(change.path.clone()).or_insert(change.before);
        if was == change.after && !(change.is_save() && has_failed) {
            owed.remove(&change.path);
        }
    }

    /// What a task that passed asks for is a change of its own.
    pub(super) fn note_task_exit(
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
        let has_passed = matches!(outcome, BuildOutcome::Passed { .. }) && !is_stopping;
        let has_failed = matches!(outcome, BuildOutcome::Failed(_) | BuildOutcome::NotStarted(_));
        if has_passed {
            outside.failed_tasks.remove(&task);
        } else if has_failed && !is_stopping {
            outside.failed_tasks.insert(task);
        }
        let Some(spec) = self.spec(service) else { return };
        let then = spec.tasks.iter().find(|spec| spec.id == task).and_then(|spec| spec.then);
        let runs = spec.run.is_some() && (then == Some(Action::Restart) || spec.build.is_none());
        let Some(action) = then.filter(|_| has_passed && !self.is_ending) else { return };
        if action == Action::Refresh {
            return;
        }
        let outside = self.outside(service);
        (outside.may_build, outside.is_stopped, outside.seen.asked) = (true, false, true);
        outside.configured.1 += 1;
        outside.owes_run |= runs;
        outside.follows_task = true;
        if action == Action::Rebuild {
            (outside.configured.0, outside.age) = (outside.configured.0 + 1, outside.age + 1);
        }
    }

    pub(super) fn begin_task(&mut self, service: &ServiceName, task: TaskId, number: Generation) {
        assert!(!self.is_ending, "a task begins after shutdown");
        let is_paused = self.is_collecting(service);
        let outside = self.outside(service);
        let is_asked = outside.asked_tasks.remove(&task);
        assert!(!is_paused || is_asked, "a task begins during a pause");
        let before = outside.tasks.insert(task, (number, false));
        assert_eq!(before, None, "two of one task");
        let owed = outside.owes_task.remove(&task).unwrap_or_default();
        let tries_again = outside.failed_tasks.remove(&task);
        assert!(is_asked || tries_again || !owed.is_empty(), "a task begins although nothing differs");
    }

    pub(super) fn end_task(
        &mut self,
        service: &ServiceName,
        task: TaskId,
        number: Generation,
        event: &Event,
    ) {
        assert!(!matches!(event, Event::Changed { .. }), "a change stops a task");
        let before = self.outside(service).tasks.insert(task, (number, true));
        assert_eq!(before, Some((number, false)), "stops a task that is not, or twice");
    }
}
