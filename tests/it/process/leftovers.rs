//! What a command leaves behind: when it ends by itself, when nobody wants it any more, when a guard or the nursery is killed.

use std::collections::BTreeSet;
use std::fs;

use nix::sys::signal::Signal::{SIGCONT, SIGINT, SIGKILL, SIGSTOP, SIGTERM};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reload_lsp::process::{Exit, Leftovers, spawn, warm_up};

use super::{HOUR, Mark, NASTY, ended, lifeline, parent, read_rest, run, started, within};

#[tokio::test]
async fn what_a_run_leaves_behind_is_killed_before_its_exit_is_reported() {
    let mark = Mark::new();
    let child = spawn(mark.program("daemonizes_and_exits.sh")).await.unwrap();
    let exit = within(child.exited()).await;
    assert_eq!(exit, Exit { code: Some(4), signal: None, stopped: false, killed: 1 });
    assert_eq!(mark.survivors(), []);
}

#[tokio::test]
async fn what_a_build_leaves_behind_lives_on() {
    let mark = Mark::new();
    let mut command = mark.shell("tail -f /dev/null > /dev/null & echo $!; exit 4");
    command.leftovers = Leftovers::Keep;
    let lifeline = lifeline(&mut command);
    let child = spawn(command).await.unwrap();
    let exit = within(child.exited()).await;
    assert_eq!(exit, Exit { code: Some(4), signal: None, stopped: false, killed: 1 });
    let mut output = child.output();
    output.finish();
    let daemon = Pid::from_raw(read_rest(&mut output).await.trim().parse().unwrap());
    drop(child);
    // Whatever that was going to do is done when others have come and gone.
    for _ in 0..20 {
        run(mark.shell("true")).await;
    }
    kill(daemon, SIGKILL).expect("it lives");
    ended(lifeline).await;
}

#[tokio::test]
async fn what_a_build_leaves_behind_ends_when_it_is_told_to() {
    let mark = Mark::new();
    let mut command = mark.program("daemonizes_and_exits.sh");
    command.leftovers = Leftovers::Keep;
    let lifeline = lifeline(&mut command);
    let child = spawn(command).await.unwrap();
    within(child.exited()).await;
    child.stop(SIGTERM, HOUR);
    ended(lifeline).await;
}

#[tokio::test]
async fn nothing_is_left_of_a_child_that_is_dropped() {
    for name in NASTY {
        let mark = Mark::new();
        let mut command = mark.program(name);
        let lifeline = lifeline(&mut command);
        drop(started(command).await);
        ended(lifeline).await;
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_spawn_that_nobody_waited_for() {
    let mark = Mark::new();
    for _ in 0..20 {
        let mut command = mark.program("ignores_signals.sh");
        let lifeline = lifeline(&mut command);
        tokio::select! {
            biased;
            child = spawn(command) => drop(child),
            () = tokio::task::yield_now() => {}
        }
        ended(lifeline).await;
    }
}

#[tokio::test]
async fn a_build_that_is_dropped_before_it_ended_leaves_nothing() {
    let mark = Mark::new();
    let mut command = mark.program("daemonizes.sh");
    command.leftovers = Leftovers::Keep;
    let lifeline = lifeline(&mut command);
    drop(started(command).await);
    ended(lifeline).await;
}

#[tokio::test]
async fn nothing_but_a_kill_ends_a_guard() {
    let mark = Mark::new();
    let child = started(mark.program("daemonizes.sh")).await;
    let guard = parent(child.pid);
    for signal in [SIGTERM, SIGINT, SIGSTOP, SIGCONT] {
        kill(Pid::from_raw(guard), signal).unwrap();
    }
    child.stop(Signal::SIGUSR1, HOUR);
    let exit = within(child.exited()).await;
    assert_eq!((exit.signal, exit.killed), (Some(Signal::SIGUSR1 as i32), 1));
}

#[tokio::test]
async fn what_a_killed_guard_leaves_is_ended() {
    let mark = Mark::new();
    let mut command = mark.program("daemonizes.sh");
    let lifeline = lifeline(&mut command);
    let child = started(command).await;
    kill(Pid::from_raw(parent(child.pid)), SIGKILL).unwrap();
    let exit = within(child.exited()).await;
    assert_eq!((exit.code, exit.signal), (None, None));
    ended(lifeline).await;
}

/// The pids of our children that are a nursery.
fn nurseries() -> BTreeSet<i32> {
    let children = fs::read_dir("/proc/self/task").unwrap().flatten().map(|it| it.path().join("children"));
    let pids = children.flat_map(|it| {
        let text = fs::read_to_string(it).unwrap_or_default();
        text.split_ascii_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<i32>>()
    });
    pids.filter(|pid| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|it| it == "reload-guard\n"))
        .collect()
}

#[tokio::test]
async fn a_nursery_that_is_killed_is_replaced_and_nothing_is_lost() {
    let mark = Mark::new();
    for _ in 0..5 {
        let child = started(mark.program("says_goodbye.sh")).await;
        warm_up();
        for nursery in nurseries() {
            let _ = kill(Pid::from_raw(nursery), SIGKILL);
        }
        assert_eq!(run(mark.shell("exit 8")).await.0.code, Some(8));
        child.stop(SIGTERM, HOUR);
        assert_eq!(within(child.exited()).await.code, Some(7));
    }
}
