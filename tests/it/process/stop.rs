//! How a command is ended, and what its exit says.

use nix::sys::signal::Signal;
use nix::sys::signal::Signal::{SIGINT, SIGKILL, SIGTERM};
use reload_lsp::process::{Exit, spawn};

use super::{GRACE, HOUR, Mark, NASTY, read_rest, read_until, run, started, within};

#[tokio::test]
async fn nothing_is_left_after_a_stop() {
    for name in NASTY {
        let mark = Mark::new();
        let child = started(mark.program(name)).await;
        child.stop(SIGTERM, GRACE);
        let exit = within(child.exited()).await;
        assert!(exit.stopped, "{name}: {exit:?}");
        assert_eq!(mark.survivors(), [], "{name}");
    }
}

#[tokio::test]
async fn nothing_is_left_after_a_stop_without_grace() {
    for name in NASTY {
        let mark = Mark::new();
        let child = started(mark.program(name)).await;
        child.stop(SIGKILL, HOUR);
        let exit = within(child.exited()).await;
        assert_eq!((exit.signal, exit.killed > 0), (Some(9), true), "{name}");
        assert_eq!(mark.survivors(), [], "{name}");
    }
}

#[tokio::test]
async fn a_program_may_end_in_order() {
    let mark = Mark::new();
    let child = started(mark.program("says_goodbye.sh")).await;
    child.stop(SIGTERM, HOUR);
    assert_eq!(read_rest(&mut child.output()).await, "goodbye\n");
    let exit = within(child.exited()).await;
    assert_eq!(exit, Exit { code: Some(7), signal: None, stopped: true, killed: 0 });
}

#[tokio::test]
async fn the_rest_of_the_group_may_use_the_rest_of_the_grace() {
    let mark = Mark::new();
    let child = started(mark.program("drains_slowly.sh")).await;
    child.stop(SIGTERM, HOUR);
    assert_eq!(read_rest(&mut child.output()).await, "drained\n");
    let exit = within(child.exited()).await;
    assert_eq!((exit.signal, exit.killed), (Some(15), 0));
}

#[tokio::test]
async fn what_was_never_asked_to_end_does_not_use_the_grace() {
    let mark = Mark::new();
    let child = started(mark.program("daemonizes.sh")).await;
    child.stop(SIGTERM, HOUR);
    let exit = within(child.exited()).await;
    assert_eq!((exit.signal, exit.killed), (Some(15), 1));
}

#[tokio::test]
async fn a_stopped_process_is_woken_to_take_the_signal() {
    let mark = Mark::new();
    let child = started(mark.program("stops_itself.sh")).await;
    child.stop(SIGTERM, HOUR);
    let exit = within(child.exited()).await;
    assert_eq!((exit.signal, exit.killed), (Some(15), 0));
}

#[tokio::test]
async fn the_shorter_grace_wins() {
    for graces in [[HOUR, GRACE], [GRACE, HOUR]] {
        let mark = Mark::new();
        let child = started(mark.program("ignores_signals.sh")).await;
        for grace in graces {
            child.stop(SIGTERM, grace);
        }
        let exit = within(child.exited()).await;
        assert_eq!((exit.signal, exit.killed), (Some(9), 2));
    }
}

#[tokio::test]
async fn a_second_stop_does_not_repeat_the_signal_but_sends_another_one() {
    let mark = Mark::new();
    let counts = "trap 'echo term' TERM; trap 'echo int; exit 6' INT; echo ready; while :; do :; done";
    let child = started(mark.shell(counts)).await;
    let mut output = child.output();
    child.stop(SIGTERM, HOUR);
    read_until(&mut output, "term").await;
    child.stop(SIGTERM, HOUR);
    child.stop(SIGINT, HOUR);
    assert_eq!(read_until(&mut output, "int").await, Vec::<String>::new());
    assert_eq!(within(child.exited()).await.code, Some(6));
}

#[tokio::test]
async fn the_exit_says_how_it_ended() {
    let mark = Mark::new();
    assert_eq!(run(mark.program("exits_at_once.sh")).await.0.code, Some(3));
    assert_eq!(run(mark.shell("kill -SEGV $$")).await.0.signal, Some(Signal::SIGSEGV as i32));
    let child = spawn(mark.shell("exit 9")).await.unwrap();
    // Any number may ask, at once or later.
    let (one, other) = tokio::join!(within(child.exited()), within(child.exited()));
    assert_eq!((one.code, other.code, within(child.exited()).await.code), (Some(9), Some(9), Some(9)));
}
