//! What happened to the runs of a service (pure). Called by `step`.

use super::{Line, Mark, Step};
use crate::cli::run::words;
use crate::engine::{Moment, RunExit, RunStage, RunStatus, Severity};

impl Step<'_> {
    /// A run that has ended without being told to.
    pub(super) fn exit(&self) -> Option<Line> {
        let last = self.service.last_exit.as_ref().filter(|_| self.is_exit_new())?;
        Some(match &last.exit {
            RunExit::Exited(exit) if exit.is_success() => {
                self.line(Mark::Note, "finished; runs again after the next change")
            }
            RunExit::Exited(_) => {
                let mut text = format!("crashed: {}", words::exit(&last.exit));
                if self.service.waiting.is_none() && self.service.run.is_none() {
                    text.push_str("; starts again after the next change");
                }
                let errors: Vec<_> = self
                    .new_problems()
                    .into_iter()
                    .filter(|problem| problem.severity == Severity::Error)
                    .collect();
                self.line(Mark::Bad, text).details(self.problem_lines(errors.iter(), errors.len()))
            }
            RunExit::NotStarted(reason) => self.line(Mark::Bad, format!("could not be started: {reason}")),
        })
    }

    /// Whether a run has ended that nobody had told to.
    fn is_exit_new(&self) -> bool {
        let known = self.earlier.and_then(|earlier| earlier.last_exit.as_ref());
        self.service.last_exit.as_ref().is_some_and(|last| !last.asked && known != Some(last))
    }

    /// Whether a run has ended so that its problems were told with it.
    pub(super) fn is_crash_new(&self) -> bool {
        let is_crash = |exit: &RunExit| !matches!(exit, RunExit::Exited(exit) if exit.is_success());
        self.is_exit_new() && self.service.last_exit.as_ref().is_some_and(|last| is_crash(&last.exit))
    }

    /// A run that began, or is ready, where no line of a build or of a reload says so.
    pub(super) fn run(&self) -> Option<Line> {
        let run = self.service.run.as_ref()?;
        let earlier = self.earlier.and_then(|earlier| earlier.run.as_ref());
        let is_new = earlier.is_none_or(|earlier| earlier.id != run.id);
        if self.is_reload_new() {
            return None;
        }
        let became_ready = run.stage == RunStage::Ready
            && (is_new || earlier.is_some_and(|earlier| earlier.stage != RunStage::Ready));
        if became_ready {
            let mut line = self.line(Mark::Good, "ready");
            line.link = run.urls.first().cloned();
            return Some(line);
        }
        (is_new && run.stage == RunStage::Starting).then(|| self.starting(run)).flatten()
    }

    /// The start of a run that no build announced.
    fn starting(&self, run: &RunStatus) -> Option<Line> {
        if self.service.build.as_ref().is_some_and(|build| build.generation == run.generation)
            && !self.is_second_run_of(run)
        {
            return None;
        }
        let text = match self.service.crashes {
            0 if self.is_second_run_of(run) => format!("restarting{}", self.reason_of_restart()),
            0 => format!("starting{}", self.reason()),
            crashes => format!("starting again after crash {crashes}"),
        };
        Some(self.line(Mark::Begin, text))
    }

    /// A change can restart what was built before; so can a person, and then the reason of the last trip is none.
    fn reason_of_restart(&self) -> String {
        let at = self.service.trigger.as_ref().map(|trigger| trigger.at);
        let is_after = |moment: Option<Moment>| moment.is_none_or(|moment| at > Some(moment));
        let before = self.earlier.and_then(|earlier| earlier.run.as_ref()).map(|run| run.started);
        let built = self.service.build.as_ref().map(|build| build.started);
        if is_after(before) && is_after(built) { self.reason() } else { String::new() }
    }

    fn is_second_run_of(&self, run: &RunStatus) -> bool {
        let last = self.service.last_exit.as_ref();
        let earlier = self.earlier.and_then(|earlier| earlier.run.as_ref());
        earlier.is_some_and(|earlier| earlier.generation == run.generation)
            || (self.service.crashes > 0 && last.is_some())
    }

    fn is_reload_new(&self) -> bool {
        let earlier = self.earlier.and_then(|earlier| earlier.last_reload);
        self.service.last_reload.is_some() && self.service.last_reload != earlier
    }

    /// A reload that is complete, with the times of its stages.
    pub(super) fn reload(&self) -> Option<Line> {
        let reload = self.service.last_reload.filter(|_| self.is_reload_new())?;
        let mut line = self.line(Mark::Good, format!("ready in {}", words::reload(&reload)));
        line.link = self.service.run.as_ref().and_then(|run| run.urls.first().cloned());
        Some(line)
    }
}
