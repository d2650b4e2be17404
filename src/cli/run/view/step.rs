//! What happened to one service between two pictures, in words (pure). Called by `view`.

use std::time::SystemTime;

use super::{Line, Mark};
use crate::cli::run::words;
use crate::engine::{
    BuildStage, BuildStatus, Problem, RunExit, RunStage, RunStatus, ServiceStatus, Severity, State, Waiting,
    Why,
};
use crate::session::Picture;

/// How many problems are repeated under a verdict; the tool has printed them all above.
const PROBLEMS: usize = 3;

/// One service in two pictures.
pub(super) struct Step<'a> {
    pub(super) before: &'a Picture,
    pub(super) after: &'a Picture,
    /// The service in `before`, if it was there.
    pub(super) earlier: Option<&'a ServiceStatus>,
    pub(super) service: &'a ServiceStatus,
    pub(super) at: SystemTime,
}

impl Step<'_> {
    /// Adds what happened to it, in the order in which it can have happened.
    pub(super) fn tell(&self, lines: &mut Vec<Line>) {
        lines.extend(self.pause());
        lines.extend(self.exit());
        lines.extend(self.build());
        lines.extend(self.run());
        lines.extend(self.reload());
        lines.extend(self.notices());
        lines.extend(self.waiting());
        lines.extend(self.stale());
    }

    fn line(&self, mark: Mark, text: impl Into<String>) -> Line {
        Line::new(self.at, mark, text).of(&self.service.name)
    }

    fn was(&self) -> Option<State> {
        self.earlier.map(|earlier| earlier.state)
    }

    fn pause(&self) -> Option<Line> {
        match (self.was(), self.service.state) {
            (Some(State::Paused), State::Paused) => None,
            (_, State::Paused) => Some(self.line(Mark::Note, "paused: changes are collected")),
            (Some(State::Paused), _) => Some(self.line(Mark::Note, "resumed")),
            (_, State::Stopped) => self.stopped(),
            _ => None,
        }
    }

    /// Told when nothing of it lives any more, not when it was asked for.
    fn stopped(&self) -> Option<Line> {
        let earlier = self.earlier?;
        let was_stopped = earlier.state == State::Stopped && earlier.run.is_none();
        (self.service.run.is_none() && !was_stopped).then(|| self.line(Mark::Note, "stopped"))
    }

    fn exit(&self) -> Option<Line> {
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

    fn is_crash_new(&self) -> bool {
        let is_crash = |exit: &RunExit| !matches!(exit, RunExit::Exited(exit) if exit.is_success());
        self.is_exit_new() && self.service.last_exit.as_ref().is_some_and(|last| is_crash(&last.exit))
    }

    fn build(&self) -> Vec<Line> {
        let Some(build) = &self.service.build else { return Vec::new() };
        let earlier = self.earlier.and_then(|earlier| earlier.build.as_ref());
        let is_new = earlier.is_none_or(|earlier| earlier.generation != build.generation);
        let mut lines = Vec::new();
        if is_new {
            lines.push(self.line(Mark::Begin, format!("building{}", self.reason())));
        }
        if is_new || earlier.is_some_and(|earlier| earlier.stage != build.stage) {
            lines.extend(self.built(build));
        }
        lines
    }

    fn built(&self, build: &BuildStatus) -> Option<Line> {
        let time = words::duration(build.elapsed);
        match build.stage {
            BuildStage::Stopped => Some(self.line(Mark::Note, "build stopped")),
            BuildStage::Unchanged => {
                let text = format!("unchanged: the build made what already runs, in {time}");
                Some(self.line(Mark::Good, text))
            }
            BuildStage::Passed if self.service.run.is_none() && self.service.state == State::Idle => {
                Some(self.line(Mark::Good, format!("built in {time}")))
            }
            // Of a passed build the line of the finished reload tells.
            BuildStage::Running | BuildStage::Stopping | BuildStage::Passed => None,
            BuildStage::Failed => Some(self.failed(build, &time)),
        }
    }

    fn failed(&self, build: &BuildStatus, time: &str) -> Line {
        let serving = self.service.run.as_ref().map(|run| &run.generation);
        let serving = serving
            .map(|generation| format!("; generation {generation} is still serving"))
            .unwrap_or_default();
        if let Some(reason) = &build.not_started {
            return self.line(Mark::Bad, format!("could not be built: {reason}{serving}"));
        }
        let verdict = words::verdict(build.errors, build.warnings);
        let verdict = match (verdict.is_empty(), build.exit) {
            (true, Some(exit)) => words::exit(&RunExit::Exited(exit)),
            (true, None) => "no reason given".to_owned(),
            (false, _) => verdict,
        };
        let text = format!("build failed: {verdict} in {time}{serving}");
        let details = self.problem_lines(build.first.iter(), build.errors);
        self.line(Mark::Bad, text).details(details)
    }

    fn run(&self) -> Option<Line> {
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
            0 => format!("starting{}", self.reason()),
            crashes => format!("starting again after crash {crashes}"),
        };
        Some(self.line(Mark::Begin, text))
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

    fn reload(&self) -> Option<Line> {
        let reload = self.service.last_reload.filter(|_| self.is_reload_new())?;
        let mut line = self.line(Mark::Good, format!("ready in {}", words::reload(&reload)));
        line.link = self.service.run.as_ref().and_then(|run| run.urls.first().cloned());
        Some(line)
    }

    fn waiting(&self) -> Option<Line> {
        let waiting = self.service.waiting?;
        let is_same = |earlier: Waiting| (earlier.why, earlier.since) == (waiting.why, waiting.since);
        if self.earlier.and_then(|earlier| earlier.waiting).is_some_and(is_same) {
            return None;
        }
        match waiting.why {
            Why::Backoff => {
                let left = waiting.until.map(|until| until.since(waiting.since)).unwrap_or_default();
                Some(self.line(Mark::Note, format!("starts again in {}", words::duration(left))))
            }
            Why::Lock => Some(self.line(Mark::Note, "the build waits for a lock that another program holds")),
            // Either told with the state, or too short to be worth a line: see `overdue`.
            Why::Settle | Why::Grace | Why::Ready | Why::Dependency | Why::Hold => None,
        }
    }

    /// What we ourselves have to say, unless another line has said it: a run that is not ready in time, a path that is
    /// suspended.
    fn notices(&self) -> Vec<Line> {
        let not_started = match self.service.last_exit.as_ref().map(|last| &last.exit) {
            Some(RunExit::NotStarted(reason)) => Some(reason),
            Some(RunExit::Exited(_)) | None => None,
        };
        let not_built = self.service.build.as_ref().and_then(|build| build.not_started.as_ref());
        let is_told = |problem: &Problem| [not_started, not_built].contains(&Some(&problem.message));
        let ours = self.new_problems().into_iter().filter(|problem| problem.tool == Problem::OURS);
        ours.filter(|problem| !is_told(problem) && !self.is_crash_new())
            .map(|problem| {
                let mark = if problem.severity == Severity::Error { Mark::Bad } else { Mark::Odd };
                self.line(mark, words::problem(&problem, &self.after.root))
            })
            .collect()
    }

    /// What runs is old, and nothing is under way that would change it.
    fn stale(&self) -> Option<Line> {
        let is_stuck = |service: &ServiceStatus| {
            let is_moving = service.waiting.is_some_and(|waiting| waiting.why != Why::Hold);
            let is_told = matches!(service.state, State::Building | State::BuildFailed | State::Restarting);
            service.stale && !is_moving && !is_told
        };
        let run = self.service.run.as_ref().filter(|_| is_stuck(self.service))?;
        let is_known = self.earlier.is_some_and(is_stuck);
        let text = format!("generation {} is older than what is saved", run.generation);
        (!is_known).then(|| self.line(Mark::Odd, text))
    }

    /// Why, in parentheses.
    fn reason(&self) -> String {
        let reason =
            self.service.trigger.as_ref().and_then(|trigger| words::trigger(trigger, &self.after.root));
        reason.map(|reason| format!(" ({reason})")).unwrap_or_default()
    }

    /// The problems that were not there before: of a crash, its place.
    fn new_problems(&self) -> Vec<Problem> {
        let of = |picture: &Picture| {
            let services = picture.problems.iter().filter(|entry| entry.service == self.service.name);
            services.flat_map(|entry| entry.problems.clone()).collect::<Vec<_>>()
        };
        let known = of(self.before);
        of(self.after).into_iter().filter(|problem| !known.contains(problem)).collect()
    }

    fn problem_lines<'p>(&self, problems: impl Iterator<Item = &'p Problem>, count: usize) -> Vec<String> {
        let mut lines: Vec<_> =
            problems.take(PROBLEMS).map(|problem| words::problem(problem, &self.after.root)).collect();
        if !lines.is_empty() && count > lines.len() {
            lines.push(format!("and {} more", count - lines.len()));
        }
        lines
    }
}
