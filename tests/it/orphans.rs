//! Nothing survives the death of the supervisor, however sudden: rounds of SIGKILL while it runs everything that misbehaves.
//!
//! `RELOAD_TEST_ROUNDS=200 cargo test --test it orphans::` asks for more rounds than the usual 20.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal::SIGTERM;
use reload_lsp::process::{Leftovers, spawn};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::process::{MARK, Mark, NASTY, read_until, within};

/// Tells a copy of this test binary that it is the supervisor that will be killed, and by which mark it is known.
const SUPERVISE: &str = "RELOAD_TEST_SUPERVISE";

/// How often a supervisor says how far it is: each program started, the build ended, each program busy.
const STEPS: usize = 2 * NASTY.len() + 1;

#[tokio::test]
async fn nothing_survives_a_killed_supervisor() {
    let rounds = std::env::var("RELOAD_TEST_ROUNDS").map_or(20, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        let mark = Mark::new();
        // Seven has no factor in common with the steps, so that the rounds visit all of them.
        let ports = kill_a_supervisor(&mark, (round * 7) % STEPS + 1).await;
        mark.gone().await;
        for port in ports {
            TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
        }
    }
}

/// Starts a supervisor, kills it after so many steps, and returns the ports that were open by then.
async fn kill_a_supervisor(mark: &Mark, steps: usize) -> Vec<u16> {
    #[expect(clippy::disallowed_methods, reason = "nothing but this test stands between it and its death")]
    let mut supervisor = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "orphans::supervisor", "--nocapture"])
        .env(SUPERVISE, &mark.0)
        // Its guards have the mark by this.
        .env(MARK, &mark.0)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(supervisor.stdout.take().unwrap()).lines();
    let (mut passed, mut ports) = (0, Vec::new());
    while passed < steps {
        let line = within(lines.next_line()).await.unwrap().expect("a supervisor does not end by itself");
        passed += usize::from(line == "step");
        ports.extend(line.strip_prefix("port ").map(|port| port.parse::<u16>().unwrap()));
    }
    supervisor.kill().await.unwrap();
    ports
}

/// The supervisor. In an ordinary run of the tests it has nothing to do.
#[tokio::test]
async fn supervisor() {
    let Ok(mark) = std::env::var(SUPERVISE) else { return };
    // What is left is for the other end to judge.
    let mark = std::mem::ManuallyDrop::new(Mark::named(mark));
    let mut children = Vec::new();
    // The harness may have begun a line.
    say("");
    for name in NASTY {
        children.push(spawn(mark.program(name)).await.unwrap());
        say("step");
    }
    let mut build = mark.program("daemonizes_and_exits.sh");
    build.leftovers = Leftovers::Keep;
    let build = spawn(build).await.unwrap();
    build.exited().await;
    drop(build);
    say("step");
    for (child, name) in children.iter().zip(NASTY) {
        read_until(&mut child.output(), "ready").await.iter().for_each(|line| say(line));
        if name == "ignores_signals.sh" {
            child.stop(SIGTERM, Duration::from_secs(3600));
        }
        say("step");
    }
    std::future::pending::<()>().await;
}

#[expect(clippy::print_stdout, reason = "the other end reads it")]
fn say(line: &str) {
    println!("{line}");
}
