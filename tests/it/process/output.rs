//! Reading what a command writes.

use std::fs;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal::{SIGKILL, SIGTERM};
use reload_lsp::process::{Leftovers, Stream, spawn};

use super::{HOUR, Mark, ended, lifeline, read_rest, started, within};

#[tokio::test]
async fn an_exit_is_known_although_the_output_is_held_open() {
    let mark = Mark::new();
    let mut command = mark.shell("tail -f /dev/null & echo last words; exit 0");
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
async fn the_last_words_are_read_although_tokio_has_not_heard_of_them() {
    let mark = Mark::new();
    let mut command = mark.shell("read word <&3; echo last $word");
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    command.sockets.push(Arc::new(theirs.into()));
    let child = spawn(command).await.unwrap();
    let mut output = child.output();
    tokio::select! {
        biased;
        chunk = output.next() => panic!("nothing was to be written yet: {chunk:?}"),
        () = std::future::ready(()) => {}
    }
    // From here on this thread does not let tokio look again.
    ours.write_all(b"words\n").unwrap();
    while fs::exists(format!("/proc/{}", child.pid)).unwrap() {
        std::thread::yield_now();
    }
    output.finish();
    assert_eq!(output.next().await, Some((Stream::Stdout, &b"last words\n"[..])));
    within(child.exited()).await;
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
        // Until the flood has risen again.
        let mut flood = [PollFd::new(child.stdout.as_fd(), PollFlags::POLLIN)];
        assert_eq!(poll(&mut flood, PollTimeout::MAX), Ok(1));
    }
    child.stop(SIGKILL, HOUR);
    ended(lifeline).await;
}

#[tokio::test]
async fn an_output_that_is_closed_early_ends_early() {
    let mark = Mark::new();
    let child = spawn(mark.shell("echo bye; exec tail -f /dev/null >&- 2>&-")).await.unwrap();
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
