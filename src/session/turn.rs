//! The one loop: waits for the next thing that happens or for the engine's deadline, asks the engine, does what it says.
//! Holds the clock and the workers' handles. Waits for nothing else, so it cannot lock up; idle, it does not wake.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch as latest;
use tokio::time::Instant;

use super::claims::Claims;
use super::reading::Reading;
use super::{Configuration, Handle, Input, Picture, ServiceProblems, Setup, Trust};
use crate::config::Config;
use crate::engine::{Engine, Event, Generation, Moment, Reload, RunId, ServiceName, TaskId};
use crate::output::Output;
use crate::{build, inputs, process, service, watch};

/// Everything a session holds.
pub(super) struct Session {
    pub(super) setup: Setup,
    pub(super) root: Arc<Path>,
    pub(super) engine: Engine,
    began: (Instant, SystemTime),
    /// What holds: the last configuration that was valid and allowed.
    pub(super) config: Option<Config>,
    /// What was read but waits for somebody to allow it.
    pub(super) asking: Option<Config>,
    pub(super) configuration: Arc<Configuration>,
    pub(super) trust: Arc<Trust>,
    pub(super) claims: Claims,
    /// Where what is found on disk is reported to.
    pub(super) reporter: UnboundedSender<watch::Report>,
    pub(super) watch: watch::Handle,
    pub(super) watch_plan: Arc<watch::Plan>,
    watch_status: watch::Status,
    pub(super) reading: Reading,
    pub(super) builds: BTreeMap<(ServiceName, Generation), build::Handle>,
    pub(super) tasks: BTreeMap<(ServiceName, TaskId), build::Handle>,
    pub(super) runs: BTreeMap<(ServiceName, RunId), service::Handle>,
    pub(super) listeners: Arc<service::Listeners>,
    pub(super) events: UnboundedSender<Event>,
    pub(super) output: Arc<Output>,
    pub(super) problems: Arc<Vec<ServiceProblems>>,
    pub(super) last_reload: Option<(ServiceName, Reload)>,
    seq: u64,
    caught_up: u64,
    pub(super) has_ended: bool,
}

/// What can happen.
enum Turn {
    Input(Input),
    Event(Event),
    Report(watch::Report),
    Answer(inputs::Answer),
}

pub(super) fn spawn(setup: Setup) -> Handle {
    process::warm_up();
    let (inbox, inputs) = unbounded_channel();
    let (events, happened) = unbounded_channel();
    let (reporter, reports) = unbounded_channel();
    let (asker, answers) = unbounded_channel();
    let output = Output::new();
    let mut session = Session::new(setup, events, reporter, Reading::new(asker), output.clone());
    session.reconfigure();
    let saves = session.watch.saves();
    let (sender, picture) = latest::channel(Arc::new(session.picture()));
    #[expect(clippy::disallowed_methods, reason = "the loop is the session")]
    tokio::spawn(session.run(inputs, happened, (reports, answers), sender));
    Handle::new(move |path, reason| saves.saved(path, reason), inbox, picture, output)
}

impl Session {
    fn new(
        setup: Setup,
        events: UnboundedSender<Event>,
        reporter: UnboundedSender<watch::Report>,
        reading: Reading,
        output: Arc<Output>,
    ) -> Self {
        let root: Arc<Path> = setup.root.canonicalize().unwrap_or_else(|_| setup.root.clone()).into();
        let plan = super::configuring::bare_plan(&root, &setup.overrides);
        Self {
            setup,
            engine: Engine::new(),
            began: (Instant::now(), SystemTime::now()),
            config: None,
            asking: None,
            configuration: Arc::default(),
            trust: Arc::new(Trust::Allowed),
            claims: Claims::default(),
            watch: watch::spawn(plan.clone(), reporter.clone()),
            reporter,
            watch_plan: Arc::new(plan),
            watch_status: watch::Status::default(),
            reading,
            builds: BTreeMap::new(),
            tasks: BTreeMap::new(),
            runs: BTreeMap::new(),
            listeners: Arc::default(),
            events,
            output,
            problems: Arc::default(),
            last_reload: None,
            seq: 0,
            caught_up: 0,
            has_ended: false,
            root,
        }
    }

    async fn run(
        mut self,
        mut inputs: UnboundedReceiver<Input>,
        mut events: UnboundedReceiver<Event>,
        (mut reports, mut answers): (UnboundedReceiver<watch::Report>, UnboundedReceiver<inputs::Answer>),
        picture: latest::Sender<Arc<Picture>>,
    ) {
        while !self.has_ended {
            let deadline = self.engine.deadline().map(|moment| self.began.0 + moment.0);
            let turn = tokio::select! {
                biased;
                Some(input) = inputs.recv() => Turn::Input(input),
                Some(report) = reports.recv() => Turn::Report(report),
                Some(event) = events.recv() => Turn::Event(event),
                Some(answer) = answers.recv() => Turn::Answer(answer),
                () = tokio::time::sleep_until(deadline.unwrap_or(self.began.0)), if deadline.is_some() => {
                    Turn::Event(Event::DeadlineReached)
                }
                else => break,
            };
            self.take(turn);
            // One picture for everything that has come meanwhile.
            loop {
                let turn = if let Ok(input) = inputs.try_recv() {
                    Turn::Input(input)
                } else if let Ok(report) = reports.try_recv() {
                    Turn::Report(report)
                } else if let Ok(event) = events.try_recv() {
                    Turn::Event(event)
                } else {
                    break;
                };
                self.take(turn);
            }
            self.seq += 1;
            picture.send_replace(Arc::new(self.picture()));
        }
    }

    fn take(&mut self, turn: Turn) {
        match turn {
            Turn::Input(Input::Told(path, told)) => self.watch.told(path, told),
            Turn::Input(Input::ClientWatches(does)) => self.client_watches(does),
            Turn::Input(Input::Requested { service, request }) => {
                self.handle(Event::Requested { service, request });
            }
            Turn::Input(Input::CatchUp(number)) => {
                self.handle(Event::Awaited);
                self.watch.catch_up(number);
            }
            Turn::Input(Input::Held(hold, ttl)) => self.handle(Event::HoldRequested { hold, ttl }),
            Turn::Input(Input::Released(hold)) => self.handle(Event::ReleaseRequested { hold }),
            Turn::Input(Input::Decided { plan, decision }) => self.decided(&plan, decision),
            Turn::Input(Input::Shutdown(grace)) => self.handle(Event::ShutdownRequested { grace }),
            Turn::Event(event) => self.handle(event),
            Turn::Answer(answer) => self.answered(answer),
            Turn::Report(watch::Report::Changed(service, change)) => {
                self.handle(Event::Changed { service, change });
            }
            Turn::Report(watch::Report::CaughtUp(number)) => self.caught_up = self.caught_up.max(number),
            Turn::Report(watch::Report::Configuration) => self.reconfigure(),
            Turn::Report(watch::Report::Root { exists }) => {
                tracing::info!(root = %self.root.display(), exists, "the root was removed or came back");
                if exists {
                    self.reconfigure();
                }
            }
            Turn::Report(watch::Report::Held { until }) => {
                let until = until.map(|until| Moment(until.saturating_duration_since(self.began.0)));
                self.handle(Event::ChangesHeld { until });
            }
            Turn::Report(watch::Report::Status(status)) => {
                let is_in_place = status.complete && !self.watch_status.complete;
                self.watch_status = status;
                if is_in_place {
                    // What was written between the reading and the watching was nobody's event.
                    self.look_again();
                }
            }
        }
    }

    /// Tells the engine what happened, and does what it says.
    pub(super) fn handle(&mut self, event: Event) {
        let now = self.now();
        tracing::trace!(?event, ?now);
        self.forget(&event);
        let passed = super::reading::passed(&event);
        for effect in self.engine.handle(event, now) {
            tracing::trace!(?effect);
            self.perform(effect);
        }
        self.ask(passed);
    }

    /// Drops the handle of what has ended.
    fn forget(&mut self, event: &Event) {
        if let Event::BuildExited { service, generation, .. } = event {
            self.builds.remove(&(service.clone(), *generation));
        } else if let Event::TaskExited { service, task, .. } = event {
            self.tasks.remove(&(service.clone(), *task));
        } else if let Event::RunExited { service, run, .. } = event {
            self.runs.remove(&(service.clone(), *run));
        }
    }

    fn now(&self) -> Moment {
        Moment(self.began.0.elapsed())
    }

    fn picture(&self) -> Picture {
        let now = self.now();
        Picture {
            root: self.root.clone(),
            seq: self.seq,
            began: self.began.1,
            now,
            configuration: self.configuration.clone(),
            trust: self.trust.clone(),
            status: Arc::new(self.engine.status(now)),
            problems: self.problems.clone(),
            watch: self.watch_status.clone(),
            last_reload: self.last_reload.clone(),
            watch_plan: self.watch_plan.clone(),
            caught_up: self.caught_up,
            ended: self.has_ended,
        }
    }
}
