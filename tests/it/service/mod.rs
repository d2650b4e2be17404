//! Runs of real programs: readiness, output, environment, ports and crashes. Programs are in `tests/fixtures/services`, or
//! small enough to stand in the test.

#![expect(clippy::unwrap_used, reason = "what cannot be prepared fails the test")]

mod crashes;
mod ends;
mod environment;
mod listen;
mod ports;
mod ready;

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use nix::sys::signal::Signal;
use reload_lsp::engine::{Event, Exit, Generation, Problem, RunExit, RunId};
use reload_lsp::output::{From, Output};
use reload_lsp::process::CommandLine;
use reload_lsp::service::{Handle, Ready, Request, check_http, spawn};
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::process::{MARK, Mark, within};

/// Long enough for a program that obeys.
const GRACE: Duration = Duration::from_secs(60);

/// A project with nothing in it, and what is asked of its one service.
struct Project {
    request: Request,
    _folder: TempDir,
    // Fails the test if something of a run is left when it is over.
    _mark: Mark,
}

impl Project {
    fn new(command: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let mark = Mark::new();
        // The system's own programs first: those of a version manager take ten times as long to start.
        let path = format!("/usr/bin:/bin:{}", std::env::var("PATH").unwrap());
        let request = Request {
            service: "api".into(),
            run: RunId(7),
            generation: Generation(3),
            root: root.clone(),
            dir: root,
            command: CommandLine::Shell(command.to_owned()),
            env: vec![(MARK.to_owned(), mark.0.clone()), ("PATH".to_owned(), path)],
            env_files: Vec::new(),
            listen: Vec::new(),
            listeners: Arc::default(),
            ready: Ready::Auto,
            stop_signal: Signal::SIGTERM,
            hush: Duration::ZERO,
        };
        Self { request, _folder: folder, _mark: mark }
    }

    /// A program of `tests/fixtures/services`.
    fn program(name: &str, arguments: &str) -> Self {
        let programs = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/services");
        Self::new(&format!("exec '{programs}/{name}' {arguments}"))
    }

    fn ready(mut self, ready: Ready) -> Self {
        self.request.ready = ready;
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.request.env.push((name.to_owned(), value.to_owned()));
        self
    }

    fn env_file(mut self, name: &str) -> Self {
        self.request.env_files.push(self.root().join(name));
        self
    }

    fn file(self, name: &str, text: &str) -> Self {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn root(&self) -> PathBuf {
        self.request.root.clone()
    }

    fn start(&self) -> Run {
        let (inbox, events) = unbounded_channel();
        let output = Output::new();
        let handle = spawn(self.request.clone(), inbox, output.clone());
        Run { handle: Some(handle), events, output, seen: 0 }
    }

    /// Runs it to its end.
    async fn run(&self) -> Ended {
        self.start().ended().await
    }
}

/// A run that was started.
struct Run {
    handle: Option<Handle>,
    events: UnboundedReceiver<Event>,
    output: Arc<Output>,
    seen: u64,
}

/// A run that has ended.
#[derive(Debug)]
struct Ended {
    exit: RunExit,
    problems: Vec<Problem>,
    output: String,
    was_ready: bool,
}

impl Run {
    /// The URLs it is ready at.
    async fn ready(&mut self) -> Vec<String> {
        assert!(matches!(within(self.events.recv()).await, Some(Event::RunStarted { run: RunId(7), .. })));
        match within(self.events.recv()).await {
            Some(Event::RunReady { urls, .. }) => urls,
            other => panic!("{other:?}: {}", self.text()),
        }
    }

    /// Waits for a line of the output and returns it.
    async fn line(&mut self, part: &str) -> String {
        let mut written = self.output.subscribe();
        loop {
            let batch = self.output.read(self.seen, 1);
            self.seen = batch.next;
            match batch.lines.first() {
                Some(line) if line.text.contains(part) => return line.text.clone(),
                Some(_) => {}
                None => drop(within(written.wait_for(|last| *last > self.seen)).await.unwrap()),
            }
        }
    }

    fn stop(&self, grace: Duration) {
        self.handle.as_ref().unwrap().stop(grace);
    }

    /// Waits for its one exit, after which there is no event.
    async fn ended(mut self) -> Ended {
        let mut was_ready = false;
        while let Some(event) = within(self.events.recv()).await {
            was_ready |= matches!(event, Event::RunReady { .. });
            if let Event::RunExited { exit, problems, .. } = event {
                assert_eq!(within(self.events.recv()).await, None, "an event after the exit");
                return Ended { exit, problems, output: self.text(), was_ready };
            }
        }
        panic!("it never ended: {}", self.text());
    }

    fn text(&self) -> String {
        self.output.read(0, usize::MAX).lines.iter().map(|line| line.text.as_str()).collect()
    }
}

impl Ended {
    /// `path:line` of the only problem, relative to the root, and its message.
    fn crash(&self, root: &Path) -> (String, String) {
        assert_eq!(self.problems.len(), 1, "{self:?}");
        let problem = &self.problems[0];
        let place = problem.place.as_ref().unwrap_or_else(|| panic!("no place: {self:?}"));
        let path = place.path.strip_prefix(root).unwrap().display();
        (format!("{path}:{}", place.start.line), problem.message.clone())
    }

    fn messages(&self) -> Vec<&str> {
        self.problems.iter().map(|problem| problem.message.as_str()).collect()
    }
}

/// A port that nobody else is given, because it is bound, but that a program may listen on.
fn reserved_port() -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

/// A stranger that answers every request with 200 and tells of each.
fn stranger() -> (SocketAddr, mpsc::Receiver<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (answered, answers) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1000]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            if answered.send(()).is_err() {
                return;
            }
        }
    });
    (address, answers)
}

fn has(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|folder| folder.join(program).is_file())
}
