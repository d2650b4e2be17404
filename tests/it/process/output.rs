//! Reading what a command writes.

use nix::sys::signal::Signal::{SIGKILL, SIGTERM};
use reload_lsp::process::{Leftovers, Stream, spawn};

use super::{HOUR, Mark, ended, lifeline, read_rest, run, started, within};

#[tokio::test]
async fn an_exit_is_known_although_the_output_is_held_open() {
    let mark = Mark::new();
    let mut command = mark.shell("sleep 1000 & echo last words; exit 0");
    command.leftovers = Leftovers::Keep;
    let lifeline = lifeline(&mut command);
    let child = spawn(command).await.unwrap();
    let mut output = child.output();
    assert_eq!(within(child.exited()).await.code, Some(0));
    output.finish();
    assert_eq!(read_rest(&mut output).await, "last words\n");
    child.stop(SIGKILL, HOUR);
    ended(lifeline).await;
}

#[tokio::test]
async fn the_last_words_are_read_however_late() {
    let mark = Mark::new();
    for _ in 0..50 {
        let child = spawn(mark.shell("echo out; echo err >&2")).await.unwrap();
        within(child.exited()).await;
        let mut output = child.output();
        output.finish();
        let mut heard = Vec::new();
        while let Some((stream, bytes)) = within(output.next()).await {
            heard.push((stream, bytes.to_vec()));
        }
        heard.sort_by_key(|(stream, _)| *stream == Stream::Stderr);
        assert_eq!(heard, [(Stream::Stdout, b"out\n".to_vec()), (Stream::Stderr, b"err\n".to_vec())]);
    }
}

#[tokio::test]
async fn reading_ends_although_a_leftover_floods() {
    let mark = Mark::new();
    let mut command = mark.shell("yes & exit 0");
    command.leftovers = Leftovers::Keep;
    let lifeline = lifeline(&mut command);
    let child = spawn(command).await.unwrap();
    within(child.exited()).await;
    let mut output = child.output();
    output.finish();
    let mut read = 0;
    while let Some((_, bytes)) = within(output.next()).await {
        read += bytes.len();
        assert!(read <= 64 * 1024, "more than a pipe holds");
        // Time for the flood to rise again.
        run(mark.shell("true")).await;
    }
    child.stop(SIGKILL, HOUR);
    ended(lifeline).await;
}

#[tokio::test]
async fn an_output_that_is_closed_early_ends_early() {
    let mark = Mark::new();
    let child = spawn(mark.shell("echo bye; exec sleep 1000 >&- 2>&-")).await.unwrap();
    assert_eq!(read_rest(&mut child.output()).await, "bye\n");
    child.stop(SIGTERM, HOUR);
    within(child.exited()).await;
}

#[tokio::test]
async fn a_flood_comes_in_small_chunks_and_lets_others_work() {
    let mark = Mark::new();
    let child = started(mark.program("floods_its_output.sh")).await;
    let mut output = child.output();
    let (mut read, mut turns) = (0, 0);
    let others = async {
        loop {
            tokio::task::yield_now().await;
            turns += 1;
        }
    };
    let flood = async {
        while read < 64 * 1024 * 1024 {
            let (_, bytes) = output.next().await.unwrap();
            assert!(bytes.len() <= 64 * 1024);
            read += bytes.len();
        }
    };
    tokio::select! {
        biased;
        () = within(flood) => {}
        () = others => {}
    }
    assert!(turns > 0, "nobody else had a turn");
    child.stop(SIGTERM, HOUR);
    within(child.exited()).await;
}
