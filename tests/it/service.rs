//! Runs of real programs: readiness, output, environment, ports and crashes. Programs are in `tests/fixtures/services`, or
//! small enough to stand in the test.

#![expect(clippy::unwrap_used, reason = "what cannot be prepared fails the test")]

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
            ready: Ready::Auto,
            stop_signal: Signal::SIGTERM,
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

// Ready.

#[tokio::test]
async fn auto_is_ready_when_something_listens_and_names_every_port() {
    let project = Project::program("listens.py", "127.0.0.1:0 0.0.0.0:0 '::1:0'");
    let mut run = project.start();
    let urls = run.ready().await;
    // It may have been seen before it listened on the last.
    let mut wanted = Vec::new();
    for host in ["127.0.0.1", "127.0.0.1", "localhost"] {
        let port = run.line("port ").await.trim().strip_prefix("port ").unwrap().to_owned();
        wanted.push(format!("http://{host}:{port}"));
    }
    assert!(!urls.is_empty() && urls.iter().all(|url| wanted.contains(url)), "{urls:?} of {wanted:?}");
    run.stop(GRACE);
    assert_eq!(run.ended().await.exit, RunExit::Exited(Exit::Signal(15)));
}

#[tokio::test]
async fn auto_sees_what_a_grandchild_listens_on() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/services/listens.py");
    let project = Project::new(&format!("(setsid '{program}' 127.0.0.1:0; true); true"));
    let mut run = project.start();
    let urls = run.ready().await;
    let port = run.line("port ").await.trim().strip_prefix("port ").unwrap().to_owned();
    assert_eq!(urls, [format!("http://127.0.0.1:{port}")]);
    run.stop(Duration::ZERO);
    run.ended().await;
}

#[tokio::test]
async fn auto_is_ready_after_a_while_without_a_port() {
    let project = Project::new("exec tail -f /dev/null");
    let began = SystemTime::now();
    let mut run = project.start();
    assert_eq!(run.ready().await, [""; 0]);
    assert!(began.elapsed().unwrap() >= Duration::from_secs(1));
    drop(run.handle.take());
    assert_eq!(run.ended().await.exit, RunExit::Exited(Exit::Signal(9)));
}

#[tokio::test]
async fn http_is_ready_when_it_answers_with_success() {
    let (_reserved, port) = reserved_port();
    let url = format!("http://127.0.0.1:{port}/health");
    let project = Project::program("answers_http.py", &port.to_string()).ready(Ready::Http(url));
    let mut run = project.start();
    assert_eq!(run.ready().await, [format!("http://127.0.0.1:{port}")]);
    run.stop(GRACE);
    let ended = run.ended().await;
    let answers: Vec<&str> = ended.output.lines().collect();
    assert_eq!(answers, ["answered /health 503", "answered /health 503", "answered /health 200"]);
}

#[tokio::test]
async fn tcp_is_ready_when_it_accepts() {
    let (_reserved, port) = reserved_port();
    let ready = Ready::Tcp(format!("localhost:{port}"));
    let project = Project::program("listens.py", &format!("127.0.0.1:{port}")).ready(ready);
    let mut run = project.start();
    assert_eq!(run.ready().await, [format!("http://localhost:{port}")]);
    run.stop(GRACE);
    run.ended().await;
}

#[tokio::test]
async fn log_is_ready_when_a_line_matches_without_its_colors() {
    let project = Project::new(
        r"echo not listening on 80; printf '\033[32mlistening\033[0m on 8080'; exec tail -f /dev/null",
    )
    .ready(Ready::Log(r"^listening on \d+$".into()));
    let mut run = project.start();
    assert_eq!(run.ready().await, [""; 0]);
    run.stop(GRACE);
    assert!(run.ended().await.output.contains("\x1b[32mlistening\x1b[0m"));
}

#[tokio::test]
async fn notify_is_ready_when_anything_below_says_so_and_later_messages_block_nobody() {
    let project = Project::program("notifies_from_below.py", "").ready(Ready::Notify);
    let mut run = project.start();
    assert_eq!(run.ready().await, [""; 0]);
    run.line("mode 0o700").await;
    run.line("all sent").await;
    run.stop(GRACE);
    run.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_a_stranger_makes_nothing_ready() {
    let (address, answers) = stranger();
    for ready in [Ready::Http(format!("http://{address}/")), Ready::Tcp(address.to_string())] {
        let project = Project::new("exec tail -f /dev/null").ready(ready);
        let run = project.start();
        // One for the look before the start, the others for the probe.
        for _ in 0..4 {
            let answers = &answers;
            tokio::task::block_in_place(|| answers.recv_timeout(Duration::from_secs(60))).unwrap();
        }
        run.stop(GRACE);
        let ended = run.ended().await;
        assert!(!ended.was_ready, "{ended:?}");
        let holder = format!("port {} is held by pid {} (`", address.port(), std::process::id());
        assert!(ended.output.contains(&holder), "{ended:?}");
        while answers.try_recv().is_ok() {}
    }
}

#[tokio::test]
async fn a_stranger_that_takes_the_port_later_is_named() {
    let (reserved, port) = reserved_port();
    let project =
        Project::new("echo up; exec tail -f /dev/null").ready(Ready::Tcp(format!("127.0.0.1:{port}")));
    let mut run = project.start();
    run.line("up").await;
    let _listener = reserved.listen(10).unwrap();
    let line = run.line("no part of this run").await;
    assert!(line.starts_with(&format!("port {port} is held by pid {} (`", std::process::id())), "{line}");
    run.stop(GRACE);
    assert!(!run.ended().await.was_ready);
}

#[tokio::test]
async fn a_probe_never_outlives_the_run() {
    let (_reserved, port) = reserved_port();
    let project = Project::new("exit 0").ready(Ready::Tcp(format!("127.0.0.1:{port}")));
    let ended = project.run().await;
    assert_eq!((ended.exit, ended.was_ready), (RunExit::Exited(Exit::Code(0)), false));
}

#[test]
fn a_url_that_cannot_be_asked_is_refused_by_name() {
    assert_eq!(check_http("http://localhost:8080/health"), Ok(()));
    let error = check_http("https://localhost:8443/").unwrap_err();
    assert!(
        error.starts_with("`https://localhost:8443/` cannot be asked") && error.contains("help:"),
        "{error}"
    );
    assert!(Ready::Tcp("http://localhost:80".into()).check().is_err());
    assert!(Ready::Log("(".into()).check().is_err());
}

// Ports.

#[tokio::test]
async fn a_crash_because_the_port_is_taken_names_who_has_it() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let holder = format!("port {} is held by pid {} (`", address.port(), std::process::id());
    let by_probe =
        Project::program("listens.py", &address.to_string()).ready(Ready::Tcp(address.to_string()));
    let by_output =
        Project::new(&format!("echo 'listen tcp {address}: bind: address already in use' >&2; exit 1"));
    let silent = Project::new("exit 1").ready(Ready::Tcp(address.to_string()));
    for project in [by_probe, by_output, silent] {
        let ended = project.run().await;
        let first = ended.messages()[0];
        assert!(first.starts_with(&holder) && first.contains("help:"), "{ended:?}");
    }
}

#[tokio::test]
async fn a_port_that_was_never_in_the_way_is_not_blamed() {
    let (_reserved, port) = reserved_port();
    let project = Project::new("exit 3").ready(Ready::Tcp(format!("127.0.0.1:{port}")));
    assert_eq!(project.run().await.messages(), ["exited with code 3"]);
}

// Environment.

#[tokio::test]
async fn env_wins_over_our_environment_and_that_over_env_files() {
    let project = Project::new(
        r#"echo "$A|$B|$C|$CARGO_MANIFEST_DIR|$RELOAD_GENERATION|$RELOAD_RUN|${NOTIFY_SOCKET-none}""#,
    )
    .file(".env", "export A=first\nB=file # comment\nCARGO_MANIFEST_DIR=/other\n")
    .file(".env.local", "A=\"local ${B}\"\nC=${CARGO_MANIFEST_DIR}\n")
    .env_file(".env")
    .env_file(".env.local")
    .env("B", "config");
    let ours = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let ended = project.run().await;
    assert_eq!(ended.output, format!("local file|config|{ours}|{ours}|3|7|none\n"));
    assert!(!format!("{:?}", project.request).contains("config\""));
}

#[tokio::test]
async fn env_files_are_read_again_for_every_run() {
    let project = Project::new("echo $A").file(".env", "A=1").env_file(".env");
    assert_eq!(project.run().await.output, "1\n");
    let project = project.file(".env", "A=2");
    assert_eq!(project.run().await.output, "2\n");
}

#[tokio::test]
async fn a_missing_env_file_is_a_warning() {
    let project = Project::new("echo started").env_file(".env");
    let run = project.start();
    let output = run.output.clone();
    let ended = run.ended().await;
    assert_eq!(
        ended.output,
        "`.env` does not exist (help: create it, or take it out of `env_files`)\nstarted\n"
    );
    let lines = output.read(0, 2).lines;
    assert_eq!((lines[0].from, lines[1].from), (From::Reload, From::Run));
}

#[tokio::test]
async fn a_mistake_in_an_env_file_names_its_line_and_starts_nothing() {
    let project = Project::new("echo started").file("api/.env", "A=1\nB=\"secret\n").env_file("api/.env");
    let ended = project.run().await;
    let expected = "api/.env:2: the \" that begins here is never closed (help: close it, or put the value into other quotes)";
    assert_eq!(ended.exit, RunExit::NotStarted(expected.into()));
    assert_eq!(ended.output, "");
}

#[tokio::test]
async fn a_python_save_of_equal_size_within_one_second_is_what_runs() {
    let second = SystemTime::now() - Duration::from_secs(1000);
    let save = |project: &Project, text: &str| {
        let path = project.root().join("answer.py");
        fs::write(&path, text).unwrap();
        fs::File::options().write(true).open(path).unwrap().set_modified(second).unwrap();
    };
    let project = Project::new("python3 main.py")
        .file("main.py", "import answer\nprint(answer.N)\n")
        .env("PYTHONDONTWRITEBYTECODE", "");
    save(&project, "N = 1\n");
    assert_eq!(project.run().await.output, "1\n");
    save(&project, "N = 2\n");
    assert_eq!(project.run().await.output, "2\n");
}

#[tokio::test]
async fn the_command_runs_the_artifact_of_its_generation_in_its_directory() {
    let mut project =
        Project::new("").file("sub/x", "").file(".reload/api/3/api", "#!/bin/sh\npwd; echo $1\n");
    let program = project.root().join(".reload/api/3/api");
    fs::set_permissions(program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    project.request.dir = project.root().join("sub");
    for command in
        [CommandLine::Shell("{out} arg".into()), CommandLine::Argv(vec!["{out}".into(), "arg".into()])]
    {
        project.request.command = command;
        assert_eq!(project.run().await.output, format!("{}/sub\narg\n", project.root().display()));
    }
}

// Output.

#[tokio::test]
async fn a_flood_that_nobody_reads_blocks_nothing_and_fills_no_memory() {
    let project = Project::program("floods.py", "").ready(Ready::Log("^done$".into()));
    let mut run = project.start();
    run.ready().await;
    let output = run.output.clone();
    run.stop(GRACE);
    assert!(run.ended().await.output.len() <= Output::BYTES);
    let batch = output.read(0, usize::MAX);
    assert!(batch.dropped > 0 && batch.lines.iter().all(|line| line.text.len() <= Output::LINE));
}

#[tokio::test]
async fn a_prompt_without_a_line_end_is_shown() {
    let project = Project::new("printf 'name? '; exec tail -f /dev/null");
    let mut run = project.start();
    assert_eq!(run.line("name").await, "name? ");
    run.stop(GRACE);
    assert_eq!(run.ended().await.output, "name? ");
}

#[tokio::test]
async fn the_last_words_of_a_crash_are_kept() {
    let project = Project::new("head -c 60000 /dev/zero; printf 'caf\\303' >&2; printf 'last words'; exit 3");
    for _ in 0..20 {
        let ended = project.run().await;
        assert!(ended.output.contains("last words") && ended.output.contains("caf\u{fffd}"));
    }
}

// Exits.

#[tokio::test]
async fn an_exit_with_0_is_no_problem() {
    let ended = Project::new("exit 0").run().await;
    assert_eq!((ended.exit, ended.problems), (RunExit::Exited(Exit::Code(0)), vec![]));
}

#[tokio::test]
async fn a_crash_without_a_trace_is_named_by_its_code_or_signal() {
    let cases = [
        ("exit 3", Exit::Code(3), "exited with code 3"),
        ("kill -SEGV $$", Exit::Signal(11), "killed by SIGSEGV"),
        ("echo words >&2; exit 3", Exit::Code(3), "exited with code 3\nwords"),
        ("no-such-program", Exit::Code(127), "exited with code 127: the shell did not find a command (help:"),
    ];
    for (command, exit, message) in cases {
        let ended = Project::new(command).run().await;
        assert_eq!(ended.exit, RunExit::Exited(exit));
        assert!(matches!(ended.messages()[..], [said] if said.starts_with(message)), "{ended:?}");
    }
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_named() {
    let mut project = Project::new("");
    project.request.command = CommandLine::Argv(vec!["no-such-program".into()]);
    let ended = project.run().await;
    assert!(
        matches!(&ended.exit, RunExit::NotStarted(text) if text.contains("no-such-program")),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_grandchild_that_holds_the_output_open_does_not_outlive_the_run() {
    let project = Project::new("setsid tail -f /dev/null & echo started; exit 0");
    let ended = project.run().await;
    assert_eq!(ended.exit, RunExit::Exited(Exit::Code(0)));
    assert_eq!(ended.output, "started\n1 process outlived the service and had to be killed\n");
}

#[tokio::test]
async fn a_run_that_ignores_the_signal_is_killed_when_the_grace_is_over() {
    let project = Project::new("trap '' TERM; tail -f /dev/null & echo deaf; wait");
    let mut run = project.start();
    run.line("deaf").await;
    run.stop(GRACE);
    // The shorter grace wins.
    run.stop(Duration::from_millis(100));
    let ended = run.ended().await;
    assert_eq!((ended.exit, ended.problems), (RunExit::Exited(Exit::Signal(9)), vec![]));
    assert!(ended.output.contains("did not end within the grace"), "{}", ended.output);
}

#[tokio::test]
async fn the_signal_that_asks_it_to_end_can_be_chosen() {
    let mut project = Project::new("trap 'echo int; exit 0' INT; trap '' TERM; echo up; while :; do :; done");
    project.request.stop_signal = Signal::SIGINT;
    let mut run = project.start();
    run.line("up").await;
    run.stop(GRACE);
    let ended = run.ended().await;
    assert_eq!((ended.exit, ended.output.as_str()), (RunExit::Exited(Exit::Code(0)), "up\nint\n"));
}

#[tokio::test]
async fn a_run_that_is_stopped_before_it_began_ends_once() {
    let project = Project::new("echo started; exec tail -f /dev/null");
    let run = project.start();
    run.stop(GRACE);
    assert!(!run.ended().await.was_ready);
    let mut run = project.start();
    drop(run.handle.take());
    run.ended().await;
}

// Crashes.

#[tokio::test]
async fn a_rust_panic_is_shown_in_the_source() {
    let source = "mod shop;\nfn main() {\n    shop::open(7);\n}\n";
    let shop = "pub fn open(n: usize) -> u8 {\n    vec![1, 2][n]\n}\n";
    for backtrace in ["0", "1"] {
        let project = Project::new("rustc -g src/main.rs -o app 2>/dev/null && exec ./app")
            .file("src/main.rs", source)
            .file("src/shop.rs", shop)
            .env("RUST_BACKTRACE", backtrace);
        let ended = project.run().await;
        let message = "panicked: index out of bounds: the len is 2 but the index is 7";
        assert_eq!(ended.crash(&project.root()), ("src/shop.rs:2".into(), message.into()));
        assert_eq!(ended.problems[0].related.len(), usize::from(backtrace == "1"), "{ended:?}");
    }
}

#[tokio::test]
async fn a_python_exception_is_shown_in_the_source() {
    let project = Project::new("python3 app.py")
        .file("app.py", "import lib\nlib.load('x')\n")
        .file("lib.py", "import json\ndef load(n):\n    return json.loads(n)\n");
    let (place, message) = project.run().await.crash(&project.root());
    assert_eq!(place, "lib.py:3");
    assert!(message.starts_with("json.decoder.JSONDecodeError: Expecting value"), "{message}");
    let project = project.file("lib.py", "def load(:\n");
    assert_eq!(project.run().await.crash(&project.root()).0, "lib.py:1");
}

#[tokio::test]
async fn a_node_error_is_shown_in_the_source() {
    if !has("node") {
        return;
    }
    let project = Project::new("node app.mjs")
        .file("app.mjs", "import { load } from './lib.mjs'\nload(null)\n")
        .file("lib.mjs", "\nexport const load = (x) => x.name\n");
    let (place, message) = project.run().await.crash(&project.root());
    assert_eq!(place, "lib.mjs:2");
    assert!(message.starts_with("TypeError: "), "{message}");
    let project = project.file("lib.mjs", "export const load = ;\n");
    assert_eq!(project.run().await.crash(&project.root()).0, "lib.mjs:1");
}

#[tokio::test]
async fn a_go_panic_is_shown_in_the_source() {
    if !has("go") {
        return;
    }
    let project = Project::new("go run main.go")
        .file("main.go", "package main\n\nfunc main() {\n\tvar m map[int]int\n\tm[1] = 1\n}\n");
    let (place, message) = project.run().await.crash(&project.root());
    assert_eq!((place.as_str(), message.as_str()), ("main.go:5", "panic: assignment to entry in nil map"));
}
