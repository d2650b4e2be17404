//! What happened to the tasks of a service (pure). Called by `step`.

use super::{Line, Mark, Step};
use crate::cli::run::words;
use crate::engine::{BuildStage, BuildStatus, RunExit, TaskStatus};

impl Step<'_> {
    /// Tasks that began, or ended, or both.
    pub(super) fn tasks(&self) -> Vec<Line> {
        self.service.tasks.iter().flat_map(|task| self.task(task)).collect()
    }

    fn task(&self, task: &TaskStatus) -> Vec<Line> {
        let Some(last) = &task.last else { return Vec::new() };
        let earlier = self.earlier.into_iter().flat_map(|earlier| &earlier.tasks);
        let mut earlier = earlier.filter(|earlier| earlier.command == task.command);
        let earlier = earlier.find_map(|earlier| earlier.last.as_ref());
        let is_new = earlier.is_none_or(|earlier| earlier.generation != last.generation);
        let mut lines = Vec::new();
        if is_new {
            lines.push(self.line(Mark::Begin, format!("running `{}`", task.command)));
        }
        if is_new || earlier.is_some_and(|earlier| earlier.stage != last.stage) {
            lines.extend(self.task_ended(&task.command, last));
        }
        lines
    }

    fn task_ended(&self, command: &str, last: &BuildStatus) -> Option<Line> {
        let time = words::duration(last.elapsed);
        match last.stage {
            BuildStage::Running | BuildStage::Stopping => None,
            BuildStage::Stopped => Some(self.line(Mark::Note, format!("`{command}` stopped"))),
            BuildStage::Passed | BuildStage::Unchanged => {
                Some(self.line(Mark::Good, format!("`{command}` done in {time}")))
            }
            BuildStage::Failed => {
                let verdict = words::verdict(last.errors, last.warnings);
                let verdict = match (&last.not_started, last.exit) {
                    (Some(why), _) => why.clone(),
                    (None, Some(exit)) if verdict.is_empty() => words::exit(&RunExit::Exited(exit)),
                    (None, _) => verdict,
                };
                let details = self.problem_lines(last.first.iter(), last.errors);
                let text = format!("`{command}` failed: {verdict} in {time}");
                Some(self.line(Mark::Bad, text).details(details))
            }
        }
    }
}
