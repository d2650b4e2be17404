//! One run from start to exit. Spawned by `service::spawn`.
//! Does not know: builds, when to start or stop, what becomes of a crash.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal::SIGKILL;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::environment;
use super::port::{self, Port};
use super::printer::Printer;
use super::ready::{self, Probe};
use super::report::Reporter;
use super::{Request, end, source_map};
use crate::engine::{Exit, Problem, RunExit};
use crate::output::Stream;
use crate::process::{self, Child, Command, Leftovers};
use crate::{artifact, crash};

/// How long the end of the output is waited for after the end of the run. When it elapses, what is there is taken.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// What the run waits to be told: to stop within a grace, or, by hanging up, to die at once.
#[derive(Debug)]
pub(super) struct Stops {
    graces: watch::Receiver<Option<Duration>>,
    is_closed: bool,
}

impl Stops {
    /// What `graces` says.
    pub(super) fn new(graces: watch::Receiver<Option<Duration>>) -> Self {
        Self { graces, is_closed: false }
    }

    /// Waits for the next grace; none means that nobody holds the run any more. Dropping the future is safe.
    async fn next(&mut self) -> Option<Duration> {
        if self.is_closed {
            return std::future::pending().await;
        }
        self.is_closed = self.graces.changed().await.is_err();
        if self.is_closed { None } else { *self.graces.borrow_and_update() }
    }
}

/// Everything that a run is started with.
struct Prepared {
    command: Command,
    probe: Probe,
    port: Option<Port>,
}

/// Starts the run, looks after it, and reports its end.
pub(super) async fn run(request: Request, printer: Printer, mut reporter: Reporter, mut stops: Stops) {
    let prepared = tokio::select! {
        biased;
        _ = stops.next() => Err("it was stopped before it began".to_owned()),
        prepared = prepare(&request, &printer) => prepared,
    };
    let Prepared { command, mut probe, port } = match prepared {
        Ok(prepared) => prepared,
        Err(reason) => return reporter.exited(RunExit::NotStarted(reason), Vec::new()),
    };
    let child = match process::spawn(command).await {
        Ok(child) => child,
        Err(error) => return reporter.exited(RunExit::NotStarted(error.to_string()), Vec::new()),
    };
    reporter.started(child.pid);
    probe.begin();
    let mut run =
        Run { request: &request, child: &child, printer, probe, port, state: State::Starting, hushed: None };
    let exit = run.live(&mut reporter, &mut stops).await;
    let problems = run.problems(exit).await;
    reporter.exited(RunExit::Exited(exit), problems);
}

/// Reads what the start depends on. Starts nothing.
async fn prepare(request: &Request, printer: &Printer) -> Result<Prepared, String> {
    let probe = Probe::new(&request.ready)?;
    let sockets = request.listeners.hold(&request.listen)?;
    // What waits in the backlog of our own socket is nobody else's answer.
    let address = ready::address(&request.ready).filter(|_| sockets.is_empty());
    let look = async {
        match &address {
            Some(address) => Port::look(address).await,
            None => None,
        }
    };
    let (environment, port) = tokio::join!(environment::read(request), look);
    let mut environment = environment?;
    if let Some(socket) = probe.socket() {
        environment.set("NOTIFY_SOCKET", socket);
    }
    for warning in environment.warnings.iter().chain(&port.as_ref().and_then(Port::warning)) {
        printer.say(warning);
    }
    let command = Command {
        line: artifact::expand(&request.command, &request.root, &request.service, request.generation),
        dir: request.dir.clone(),
        env: environment.variables,
        sockets,
        leftovers: Leftovers::Kill,
    };
    Ok(Prepared { command, probe, port })
}

/// How far the run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Starting,
    Ready,
    /// Told to stop, before or after it was ready.
    Stopping {
        was_ready: bool,
    },
}

/// A run that lives.
struct Run<'a> {
    request: &'a Request,
    child: &'a Child,
    printer: Printer,
    probe: Probe,
    port: Option<Port>,
    state: State,
    /// It is ready, and when that is told.
    hushed: Option<(Instant, Vec<String>)>,
}

impl Run<'_> {
    /// Until nothing of it lives and all that it printed is shown.
    async fn live(&mut self, reporter: &mut Reporter, stops: &mut Stops) -> Exit {
        let mut reader = self.child.output();
        let mut is_open = true;
        let exit = loop {
            tokio::select! {
                exit = self.child.exited() => break exit,
                grace = stops.next() => self.stop(grace),
                chunk = reader.next(), if is_open => match chunk {
                    Some((stream, bytes)) => self.print(stream, bytes),
                    None => is_open = false,
                },
                () = self.printer.silence() => self.printer.flush(|text| self.probe.see(text)),
                () = self.probe.wait() => self.judge(reporter),
                () = told(self.hushed.as_ref()) => self.tell(reporter),
            }
        };
        // Nothing below lives, so both pipes end at once, unless a process elsewhere was handed one of them.
        let deadline = Instant::now() + LAST_WORDS;
        while let Ok(Some((stream, bytes))) = timeout_at(deadline, reader.next()).await {
            self.print(stream, bytes);
        }
        reader.finish();
        while let Some((stream, bytes)) = reader.next().await {
            self.print(stream, bytes);
        }
        self.printer.finish();
        self.say_killed(exit.killed);
        match (exit.code, exit.signal) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            // The guard itself was killed, and everything below it with it.
            (None, None) => Exit::Signal(SIGKILL as i32),
        }
    }

    fn stop(&mut self, grace: Option<Duration>) {
        let was_ready = match self.state {
            State::Starting => false,
            State::Ready => true,
            State::Stopping { was_ready } => was_ready,
        };
        self.state = State::Stopping { was_ready };
        self.probe.end();
        self.hushed = None;
        match grace {
            Some(grace) => self.child.stop(self.request.stop_signal, grace),
            None => self.child.stop(SIGKILL, Duration::ZERO),
        }
    }

    fn print(&mut self, stream: process::Stream, bytes: &[u8]) {
        let stream = match stream {
            process::Stream::Stdout => Stream::Stdout,
            process::Stream::Stderr => Stream::Stderr,
        };
        self.printer.print(stream, bytes, |text| self.probe.see(text));
    }

    fn judge(&mut self, reporter: &mut Reporter) {
        let port = self.port.as_mut();
        let listeners = self.child.listeners();
        // To have been handed a socket says nothing yet.
        let is_opened = |address: &&SocketAddr| !self.request.listen.contains(address);
        let opened: Vec<_> = listeners.iter().filter(is_opened).copied().collect();
        let is_ours = |listeners: &[SocketAddr]| port.is_none_or(|port| port.is_of(listeners));
        let urls = self.probe.judge(&listeners, &opened, is_ours);
        if let Some(urls) = urls {
            self.state = State::Ready;
            self.hushed = Some((Instant::now() + self.request.hush, urls));
            if self.request.hush.is_zero() {
                self.tell(reporter);
            }
        }
        if let Some(text) = self.port.as_mut().and_then(Port::news) {
            self.printer.say(&text);
        }
    }

    fn tell(&mut self, reporter: &mut Reporter) {
        if let Some((_, urls)) = self.hushed.take() {
            reporter.ready(urls);
        }
    }

    fn say_killed(&self, killed: u32) {
        let processes = match killed {
            0 => return,
            1 => "1 process".to_owned(),
            killed => format!("{killed} processes"),
        };
        self.printer.say(&match self.state {
            State::Stopping { .. } => {
                format!("{processes} did not end within the grace and had to be killed")
            }
            State::Starting | State::Ready => {
                format!("{processes} outlived the service and had to be killed")
            }
        });
    }

    /// Why it ended, if nobody asked it to.
    async fn problems(self, exit: Exit) -> Vec<Problem> {
        let is_crash = !exit.is_success() && !matches!(self.state, State::Stopping { .. });
        let was_ready = matches!(self.state, State::Ready | State::Stopping { was_ready: true });
        let mut problems = Vec::new();
        if !is_crash && was_ready {
            return problems;
        }
        let tails = Arc::new(self.printer.tails());
        let before = self.port.as_ref().filter(|_| is_crash && !was_ready).and_then(Port::problem);
        let known = self.port.as_ref().map(Port::number);
        for tail in tails.iter() {
            if problems.is_empty() {
                problems.extend(port::problem_in(tail, known).await);
            }
        }
        if problems.is_empty() {
            problems.extend(before);
        }
        if is_crash {
            problems.extend(trace(self.request, tails.clone()).await);
            if problems.is_empty() {
                problems.extend(end::problem(exit, &*tails));
            }
        }
        problems
    }
}

/// Waits until it is to be told that a run is ready.
async fn told(hushed: Option<&(Instant, Vec<String>)>) {
    match hushed {
        Some((at, _)) => sleep_until(*at).await,
        None => std::future::pending().await,
    }
}

/// The trace in what a run printed. Looks for files, so not on the threads that everything else needs.
async fn trace(request: &Request, tails: Arc<[String; 2]>) -> Option<Problem> {
    let (root, dir) = (request.root.clone(), request.dir.clone());
    let find = move || {
        let real = |path: &Path| path.canonicalize().ok().filter(|path| path.is_file());
        let project = crash::Project { root: &root, dir: &dir, real: &real };
        let mut found = tails.iter().find_map(|text| crash::find(text, &project));
        if let Some(problem) = &mut found {
            source_map::follow(problem, &root);
        }
        found
    };
    tokio::task::spawn_blocking(find).await.ok().flatten()
}
