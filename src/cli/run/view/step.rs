//! What happened to one service between two pictures, in words (pure). Called by `view`.

use std::time::SystemTime;

use super::{Line, Mark};
use crate::cli::run::words;
use crate::engine::{Problem, RunExit, ServiceStatus, Severity, State, Waiting, Why};
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
        lines.extend(self.stopped());
        lines.extend(self.exit());
        lines.extend(self.tasks());
        lines.extend(self.build());
        lines.extend(self.run());
        lines.extend(self.reload());
        lines.extend(self.notices());
        lines.extend(self.waiting());
        lines.extend(self.stale());
    }

    /// A line about this service.
    pub(super) fn line(&self, mark: Mark, text: impl Into<String>) -> Line {
        Line::new(self.at, mark, text).of(&self.service.name)
    }

    fn pause(&self) -> Option<Line> {
        let was_paused = self.earlier.is_some_and(|earlier| earlier.state == State::Paused);
        // Only a hold ends by itself.
        let is_held = self.service.waiting.is_some_and(|waiting| waiting.until.is_some());
        let word = if is_held { "held" } else { "paused" };
        match (was_paused, self.service.state == State::Paused) {
            (false, true) => Some(self.line(Mark::Note, format!("{word}: changes are collected"))),
            (true, false) => Some(self.line(Mark::Note, "resumed")),
            (true, true) | (false, false) => None,
        }
    }

    /// Told when nothing of it lives any more, not when it was asked for.
    fn stopped(&self) -> Option<Line> {
        let is_stopped = |service: &ServiceStatus| service.state == State::Stopped && service.run.is_none();
        let is_new = is_stopped(self.service) && !is_stopped(self.earlier?);
        is_new.then(|| self.line(Mark::Note, "stopped"))
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
            Why::Settle | Why::Git | Why::Grace | Why::Ready | Why::Dependency | Why::Hold => None,
        }
    }

    /// What we ourselves have to say, unless another line has said it: a run that is not ready in time, a path that is
    /// suspended.
    fn notices(&self) -> Vec<Line> {
        let not_started = match self.service.last_exit.as_ref().map(|last| &last.exit) {
            Some(RunExit::NotStarted(reason)) => Some(reason),
            Some(RunExit::Exited(_)) | None => None,
        };
        let tasks = self.service.tasks.iter().filter_map(|task| task.last.as_ref());
        let not_begun: Vec<_> =
            self.service.build.iter().chain(tasks).filter_map(|build| build.not_started.as_ref()).collect();
        let is_told = |problem: &Problem| {
            not_started == Some(&problem.message) || not_begun.contains(&&problem.message)
        };
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

    /// Why the last trip has begun, in parentheses.
    pub(super) fn reason(&self) -> String {
        let trigger = self.service.trigger.as_ref();
        let reason = trigger.and_then(|trigger| words::trigger(trigger, &self.after.root));
        reason.map(|reason| format!(" ({reason})")).unwrap_or_default()
    }

    /// The problems that were not there before: of a crash, its place.
    pub(super) fn new_problems(&self) -> Vec<Problem> {
        let of = |picture: &Picture| {
            let services = picture.problems.iter().filter(|entry| entry.service == self.service.name);
            services.flat_map(|entry| entry.problems.clone()).collect::<Vec<_>>()
        };
        let known = of(self.before);
        of(self.after).into_iter().filter(|problem| !known.contains(problem)).collect()
    }

    /// The first of `count` problems, one line each.
    pub(super) fn problem_lines<'p>(
        &self,
        problems: impl Iterator<Item = &'p Problem>,
        count: usize,
    ) -> Vec<String> {
        let mut lines: Vec<_> =
            problems.take(PROBLEMS).map(|problem| words::problem(problem, &self.after.root)).collect();
        if !lines.is_empty() && count > lines.len() {
            lines.push(format!("and {} more", count - lines.len()));
        }
        lines
    }
}
