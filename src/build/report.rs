//! What the session hears of a build or a task: problems in batches, whether it is blocked, and how it ended, exactly once.
//! Called by `worker`. Does not know: how problems are found.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use super::{Purpose, Request};
use crate::engine::{BuildOutcome, Event, Generation, Problem, ServiceName, Severity, TaskId};

/// Problems after the first are gathered for so long, then sent together.
const GATHER: Duration = Duration::from_millis(250);
/// More problems of one build are only counted.
const LIMIT: usize = 1000;

/// Sends the events of one build. Dropped before `end`, it says that the build was lost.
#[derive(Debug)]
pub(super) struct Report {
    inbox: UnboundedSender<Event>,
    service: ServiceName,
    generation: Generation,
    /// Of which task, if it is of one.
    task: Option<TaskId>,
    /// Found and not yet sent.
    gathered: Vec<Problem>,
    /// When they are.
    due: Option<Instant>,
    found: usize,
    has_error: bool,
    is_blocked: bool,
    has_ended: bool,
}

impl Report {
    pub(super) fn new(inbox: UnboundedSender<Event>, request: &Request) -> Self {
        let task = match request.purpose {
            Purpose::Build { .. } => None,
            Purpose::Task(task) => Some(task),
        };
        Self {
            inbox,
            service: request.service.clone(),
            generation: request.generation,
            task,
            gathered: Vec::new(),
            due: None,
            found: 0,
            has_error: false,
            is_blocked: false,
            has_ended: false,
        }
    }

    /// Takes in problems. The first is sent at once, the others when `due` has come.
    pub(super) fn add(&mut self, problems: Vec<Problem>) {
        for problem in problems {
            self.found += 1;
            self.has_error |= problem.severity == Severity::Error;
            if self.found <= LIMIT {
                self.gathered.push(problem);
            }
        }
        if !self.gathered.is_empty() && self.due.is_none() {
            self.send();
        }
    }

    /// When `send` is to be called, if problems wait for it or would have to.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Sends what was gathered.
    pub(super) fn send(&mut self) {
        let problems = std::mem::take(&mut self.gathered);
        // Quiet since the last batch: the next problem is a first one again.
        self.due = (!problems.is_empty()).then(|| Instant::now() + GATHER);
        if !problems.is_empty() {
            let (service, generation) = (self.service.clone(), self.generation);
            self.tell(match self.task {
                None => Event::ProblemsFound { service, generation, problems },
                Some(task) => Event::TaskFound { service, task, number: generation, problems },
            });
        }
    }

    /// Whether any problem so far is an error.
    pub(super) fn has_error(&self) -> bool {
        self.has_error
    }

    /// The command says that it waits for a lock, or something else.
    pub(super) fn blocked(&mut self, blocked: bool) {
        if std::mem::replace(&mut self.is_blocked, blocked) != blocked && self.task.is_none() {
            let (service, generation) = (self.service.clone(), self.generation);
            self.tell(Event::BuildBlocked { service, generation, blocked });
        }
    }

    /// The build has ended. Problems of a stopped build say nothing about the code as it is now.
    pub(super) fn end(mut self, outcome: BuildOutcome) {
        if outcome != BuildOutcome::Stopped {
            let unlisted = self.found.saturating_sub(LIMIT);
            if unlisted > 0 {
                let text = format!("{unlisted} more problems were not listed");
                self.gathered.push(Problem::new(Severity::Information, "reload", text));
            }
            self.send();
        }
        self.exited(outcome);
    }

    fn exited(&mut self, outcome: BuildOutcome) {
        self.has_ended = true;
        let (service, generation) = (self.service.clone(), self.generation);
        self.tell(match self.task {
            None => Event::BuildExited { service, generation, outcome },
            Some(task) => Event::TaskExited { service, task, number: generation, outcome },
        });
    }

    // A session that is gone needs no news.
    fn tell(&self, event: Event) {
        let _ = self.inbox.send(event);
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if !self.has_ended {
            let text = "the build was lost by a mistake of reload-lsp (help: build again, and report what its log says)";
            self.exited(BuildOutcome::NotStarted(text.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::CommandLine;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    fn report() -> (Report, UnboundedReceiver<Event>) {
        report_of(Purpose::Build { running: None, needed: [].into(), exe: false })
    }

    fn report_of(purpose: Purpose) -> (Report, UnboundedReceiver<Event>) {
        let (inbox, events) = unbounded_channel();
        let request = Request {
            service: "api".into(),
            generation: Generation(1),
            purpose,
            root: "/".into(),
            dir: "/".into(),
            command: CommandLine::Shell("true".into()),
            env: Vec::new(),
            formats: Vec::new(),
            matchers: Vec::new(),
        };
        (Report::new(inbox, &request), events)
    }

    fn problems(count: usize) -> Vec<Problem> {
        (0..count).map(|n| Problem::new(Severity::Error, "gcc", n.to_string())).collect()
    }

    fn sizes(events: &mut UnboundedReceiver<Event>) -> Vec<usize> {
        let mut sizes = Vec::new();
        while let Ok(event) = events.try_recv() {
            if let Event::ProblemsFound { problems, .. } = event {
                sizes.push(problems.len());
            }
        }
        sizes
    }

    #[test]
    fn a_build_that_is_lost_is_told_all_the_same() {
        let (report, mut events) = report();
        drop(report);
        let exited = events.try_recv();
        assert!(matches!(exited, Ok(Event::BuildExited { outcome: BuildOutcome::NotStarted(_), .. })));
        assert!(events.try_recv().is_err());
    }

    #[test]
    fn what_a_task_says_is_said_of_the_task() {
        let (mut report, mut events) = report_of(Purpose::Task(TaskId(7)));
        report.blocked(true);
        report.add(problems(1));
        report.end(BuildOutcome::Failed(crate::engine::Exit::Code(1)));
        assert!(matches!(events.try_recv(), Ok(Event::TaskFound { task: TaskId(7), .. })));
        assert!(matches!(events.try_recv(), Ok(Event::TaskExited { task: TaskId(7), .. })));
    }

    #[test]
    fn the_first_problem_is_sent_at_once_and_later_ones_together() {
        let (mut report, mut events) = report();
        report.add(problems(1));
        report.add(problems(2));
        report.add(problems(3));
        assert_eq!(sizes(&mut events), [1]);
        report.end(BuildOutcome::Passed { same_as: None });
        assert_eq!(sizes(&mut events), [5]);
    }

    #[test]
    fn more_problems_than_anybody_reads_are_counted() {
        let (mut report, mut events) = report();
        report.add(problems(LIMIT + 7));
        assert_eq!(sizes(&mut events), [LIMIT]);
        report.end(BuildOutcome::Passed { same_as: None });
        let Ok(Event::ProblemsFound { problems, .. }) = events.try_recv() else { panic!("no closing line") };
        assert_eq!(problems[0].message, "7 more problems were not listed");
        assert_eq!(problems[0].severity, Severity::Information);
    }

    #[test]
    fn problems_of_a_stopped_build_are_dropped() {
        let (mut report, mut events) = report();
        report.add(problems(1));
        report.add(problems(1));
        report.end(BuildOutcome::Stopped);
        assert_eq!(sizes(&mut events), [1]);
    }
}
