//! However everything ends, nothing is left: no process, no port. Rounds of `kill -9` of the real program, of its editor, and
//! of both, while it builds, runs and swaps everything that misbehaves; and the ends that are in order.
//!
//! `RELOAD_ROUNDS=200 cargo test --test it lifecycle::` asks for more rounds than the usual 12.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal::{self, SIGHUP, SIGINT, SIGKILL, SIGTERM};
use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::process::{MARK, Mark, NASTY, within};
use super::support::client::{Client, LIMIT, uri};
use super::support::page::{printed, ready, service};
use super::support::project::{PROGRAM, Project};

/// Makes a copy of this test binary an editor: the project that it opens, the mark of what it starts, and when it says so.
const EDITOR: [&str; 3] = ["RELOAD_TEST_EDITOR", "RELOAD_TEST_EDITOR_MARK", "RELOAD_TEST_EDITOR_MOMENT"];

/// When somebody is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    /// Before anybody can say how far it is.
    Starting,
    Building,
    Running,
    Swapping,
}

/// Who is killed.
#[derive(Debug, Clone, Copy)]
enum Victim {
    Program,
    Editor,
    Both,
}

const MOMENTS: [Moment; 4] = [Moment::Starting, Moment::Building, Moment::Running, Moment::Swapping];
const VICTIMS: [Victim; 3] = [Victim::Program, Victim::Editor, Victim::Both];

#[tokio::test]
async fn nothing_survives_when_the_program_or_its_editor_is_killed() {
    let rounds: usize = std::env::var("RELOAD_ROUNDS").map_or(12, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        // 12 rounds meet every program, and every moment with every victim; 144 rounds meet everything with everything.
        let at = round * 13 % 144;
        let name = NASTY[at % 12];
        let (moment, victim) = (MOMENTS[at / 12 % 4], VICTIMS[at / 48]);
        for port in kill_during(name, moment, victim).await {
            TcpListener::bind(("127.0.0.1", port))
                .unwrap_or_else(|error| panic!("{name} {moment:?} {victim:?}: port {port}: {error}"));
        }
    }
}

/// Lets an editor work on a project with this program, kills at that moment, and waits until nothing is left. Returns the
/// ports that were open.
async fn kill_during(name: &str, moment: Moment, victim: Victim) -> Vec<u16> {
    let mark = Mark::new();
    let project = nasty(name, moment);
    #[expect(clippy::disallowed_methods, reason = "this is the editor, which nobody looks after")]
    let mut editor = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifecycle::editor", "--nocapture"])
        .env(EDITOR[0], project.root())
        .env(EDITOR[1], &mark.0)
        .env(EDITOR[2], format!("{moment:?}"))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(editor.stdout.take().unwrap()).lines();
    let (mut program, mut ports) = (None, Vec::new());
    loop {
        let line = within(lines.next_line()).await.unwrap().expect("an editor does not end by itself");
        program = program.or_else(|| line.strip_prefix("program ")?.parse().ok().map(Pid::from_raw));
        ports.extend(line.strip_prefix("port ").map(|port| port.parse::<u16>().unwrap()));
        if line == "now" {
            break;
        }
    }
    let editor_pid = Pid::from_raw(editor.id().unwrap().cast_signed());
    match victim {
        Victim::Program => kill(program.unwrap(), SIGKILL).unwrap(),
        Victim::Editor => kill(editor_pid, SIGKILL).unwrap(),
        Victim::Both => {
            kill(editor_pid, SIGKILL).unwrap();
            kill(program.unwrap(), SIGKILL).unwrap();
        }
    }
    mark.gone().await;
    editor.kill().await.unwrap();
    ports
}

/// A project whose build or service misbehaves.
fn nasty(name: &str, moment: Moment) -> Project {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/programs").join(name);
    let (key, rest) = match moment {
        Moment::Building => ("build", "run = \"true\"\n"),
        Moment::Starting | Moment::Running | Moment::Swapping => ("run", ""),
    };
    // An hour: nothing of this may depend on how patient a project is.
    let service = "grace = \"1h\"\nwatch = [\"none\"]\nready = { log = \"^ready\" }\n";
    Project::of(&[(
        "reload.toml",
        &format!("[services.it]\n{key} = '{}'\n{rest}{service}", program.display()),
    )])
}

/// The editor. In an ordinary run of the tests it has nothing to do.
#[tokio::test]
async fn editor() {
    let [Ok(root), Ok(mark), Ok(moment)] = EDITOR.map(std::env::var) else { return };
    let root = Path::new(&root);
    let mut client = marked(root, &mark);
    // The harness may have begun a line.
    say("");
    say(&format!("program {}", client.pid().unwrap()));
    client.initialize(json!({ "rootUri": uri(root), "processId": std::process::id() })).await;
    let is_moment = |it: Moment| moment == format!("{it:?}");
    let mut is_ready = is_moment(Moment::Starting);
    while !is_ready {
        let log = client.wait("reload/log", |_| true).await;
        for entry in log["entries"].as_array().unwrap() {
            let line = entry["text"].as_str().unwrap().trim_end();
            if line.starts_with("port ") {
                say(line);
            } else {
                // Whoever floods us may have said that he is ready before what is left of it.
                is_ready |= entry["from"] != "reload";
            }
        }
    }
    if is_moment(Moment::Swapping) {
        client.ask("reload/restart", json!({}));
        service(&mut client, "it", |it| it["state"] == "restarting" || it["run"]["id"] == 2).await;
    }
    say("now");
    std::future::pending::<()>().await;
}

/// How an editor may leave.
#[derive(Debug, Clone, Copy)]
enum Leave {
    Orderly,
    WithoutShutdown,
    HangUp,
    Signal(Signal),
}

impl Leave {
    const ALL: [Self; 6] = [
        Self::Orderly,
        Self::WithoutShutdown,
        Self::HangUp,
        Self::Signal(SIGTERM),
        Self::Signal(SIGINT),
        Self::Signal(SIGHUP),
    ];

    /// Leaves, and waits until the program has ended. Returns its exit code and the one that it should have.
    async fn take(self, client: &mut Client) -> (Option<i32>, i32) {
        match self {
            Self::Orderly => return (client.shutdown().await, 0),
            Self::WithoutShutdown => client.notify("exit", Value::Null),
            Self::HangUp => client.hang_up(),
            Self::Signal(signal) => {
                kill(Pid::from_raw(client.pid().unwrap().cast_signed()), signal).unwrap();
            }
        }
        let code = match self {
            Self::Orderly | Self::HangUp => 0,
            Self::WithoutShutdown => 1,
            Self::Signal(signal) => 128 + signal as i32,
        };
        (client.ended().await, code)
    }
}

#[tokio::test]
async fn however_the_editor_leaves_a_service_may_say_goodbye_and_nothing_is_left() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/programs/says_goodbye.sh");
    let toml = format!(
        r#"[services.polite]
run = "exec {} > said"
watch = ["none"]

[services.building]
build = "echo building > built; exec tail -f /dev/null"
watch = ["none"]
"#,
        program.display()
    );
    for leave in Leave::ALL {
        let mark = Mark::new();
        let project = Project::of(&[("reload.toml", &toml)]);
        let mut client = marked(&project.root(), &mark.0);
        client.initialize(json!({ "rootUri": uri(&project.root()) })).await;
        project.written("said").await;
        project.written("built").await;
        let (code, expected) = leave.take(&mut client).await;
        assert_eq!(code, Some(expected), "{leave:?}");
        assert_eq!(project.read("said"), "ready\ngoodbye\n", "{leave:?}");
        mark.gone().await;
    }
}

#[tokio::test]
async fn a_service_that_ignores_signals_does_not_outlive_its_editor() {
    for leave in [Leave::HangUp, Leave::Signal(SIGTERM)] {
        let mark = Mark::new();
        let project = nasty("ignores_signals.sh", Moment::Running);
        let mut client = marked(&project.root(), &mark.0);
        client.initialize(json!({ "rootUri": uri(&project.root()) })).await;
        ready(&mut client, "it", 1).await;
        let (code, expected) = leave.take(&mut client).await;
        assert_eq!(code, Some(expected), "{leave:?}");
        mark.gone().await;
    }
}

/// The time that a process has had a processor for, in ticks of the system.
fn ticks(pid: i32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_ascii_whitespace();
    fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

#[tokio::test]
async fn what_waits_costs_nothing() {
    let mark = Mark::new();
    let toml = r#"[services.it]
run = "echo ready; sleep 1; echo later; exec tail -f /dev/null"
watch = ["none"]
ready = { log = "^ready" }
"#;
    let project = Project::of(&[("reload.toml", toml)]);
    let mut client = marked(&project.root(), &mark.0);
    client.initialize(json!({ "rootUri": uri(&project.root()) })).await;
    ready(&mut client, "it", 1).await;
    let ours = || mark.survivors().into_iter().filter(|(_, line)| line.contains("reload-"));
    // The program itself, the nursery, the guard of the service, and the guard of whatever comes next. That one is made
    // meanwhile, of which nobody tells.
    let mut again = tokio::time::interval(Duration::from_millis(5));
    let settled = async {
        while ours().count() != 4 {
            again.tick().await;
        }
    };
    tokio::time::timeout(LIMIT, settled).await.unwrap_or_else(|_| panic!("{:?}", mark.survivors()));
    let before: BTreeMap<_, _> = ours().map(|(pid, line)| (pid, (ticks(pid), line))).collect();
    printed(&mut client, "later").await;
    for (pid, (before, line)) in before {
        let spent = ticks(pid) - before;
        // What spins takes them all; what is still settling down takes a few.
        assert!(spent <= 10, "{line}: {spent} ticks of a hundred");
    }
    assert_eq!(client.shutdown().await, Some(0));
    mark.gone().await;
}

#[expect(clippy::print_stdout, reason = "the other end reads it")]
fn say(line: &str) {
    println!("{line}");
}

/// A client whose program can be found by its mark, and everything that this starts.
fn marked(root: &Path, mark: &str) -> Client {
    // The system's own programs first: those of a version manager take ten times as long to start.
    let path = format!("PATH=/usr/bin:/bin:{}", std::env::var("PATH").unwrap());
    Client::spawn("/usr/bin/env", &[&path, &format!("{MARK}={mark}"), PROGRAM, "--stdio"], root)
}
