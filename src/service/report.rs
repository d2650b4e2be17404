//! What the session is told of a run: started, ready and, exactly once, exited. Called by `run`.

use nix::sys::signal::Signal::SIGKILL;
use tokio::sync::mpsc::UnboundedSender;

use super::Request;
use crate::engine::{Event, Exit, Problem, RunExit, RunId, ServiceName, Severity};

/// Sends the events of one run. If it is dropped before the exit was reported, which only our own mistake can bring about,
/// it reports one: a run that never ends would keep the service from ever starting again.
#[derive(Debug)]
pub(super) struct Reporter {
    inbox: UnboundedSender<Event>,
    service: ServiceName,
    run: RunId,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Before,
    Started,
    Over,
}

impl Reporter {
    /// A reporter for a run that is about to start.
    pub(super) fn new(request: &Request, inbox: UnboundedSender<Event>) -> Self {
        Self { inbox, service: request.service.clone(), run: request.run, stage: Stage::Before }
    }

    pub(super) fn started(&mut self, pid: u32) {
        self.stage = Stage::Started;
        self.send(Event::RunStarted { service: self.service.clone(), run: self.run, pid });
    }

    pub(super) fn ready(&self, urls: Vec<String>) {
        self.send(Event::RunReady { service: self.service.clone(), run: self.run, urls });
    }

    /// The last event.
    pub(super) fn exited(mut self, exit: RunExit, problems: Vec<Problem>) {
        self.stage = Stage::Over;
        self.send(Event::RunExited { service: self.service.clone(), run: self.run, exit, problems });
    }

    fn send(&self, event: Event) {
        // A session that has ended wants no news.
        let _ = self.inbox.send(event);
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        let exit = match self.stage {
            Stage::Before => RunExit::NotStarted("it was given up while it was starting".to_owned()),
            // Whatever was dropped before us has taken the processes with it.
            Stage::Started => RunExit::Exited(Exit::Signal(SIGKILL as i32)),
            Stage::Over => return,
        };
        let text =
            "reload-lsp gave this run up by mistake and killed it (help: please report what the log says)";
        let problems = vec![Problem::new(Severity::Error, "reload", text)];
        self.send(Event::RunExited { service: self.service.clone(), run: self.run, exit, problems });
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[test]
    fn a_run_that_is_given_up_by_mistake_ends_all_the_same_and_no_run_ends_twice() {
        let (inbox, mut events) = unbounded_channel();
        let reporter = |stage| Reporter { inbox: inbox.clone(), service: "api".into(), run: RunId(1), stage };
        drop(reporter(Stage::Before));
        drop(reporter(Stage::Started));
        reporter(Stage::Started).exited(RunExit::Exited(Exit::Code(0)), Vec::new());
        let exits = std::iter::from_fn(|| events.try_recv().ok()).map(|event| {
            let Event::RunExited { exit, problems, .. } = event else { panic!("{event:?}") };
            match exit {
                RunExit::Exited(exit) => (Some(exit), problems.len()),
                RunExit::NotStarted(_) => (None, problems.len()),
            }
        });
        let expected = [(None, 1), (Some(Exit::Signal(9)), 1), (Some(Exit::Code(0)), 0)];
        assert_eq!(exits.collect::<Vec<_>>(), expected);
    }
}
