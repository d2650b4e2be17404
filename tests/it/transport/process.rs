//! The real program over its pipes: exit codes, and that nothing holds up its end.

use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::client::{Client, uri};

fn spawn(root: &Path) -> Client {
    Client::spawn(env!("CARGO_BIN_EXE_reload-lsp"), &["--stdio"], root)
}

#[tokio::test]
async fn the_program_exits_with_0_after_shutdown_and_with_1_without() {
    let root = tempfile::tempdir().unwrap();
    let mut client = spawn(root.path());
    client.initialize(json!({ "rootUri": uri(root.path()) })).await;
    assert_eq!(client.shutdown().await, Some(0));

    let mut client = spawn(root.path());
    client.initialize(json!({ "rootUri": uri(root.path()) })).await;
    client.notify("exit", Value::Null);
    assert_eq!(client.ended().await, Some(1));
}

#[tokio::test]
async fn the_program_exits_with_2_when_its_input_is_no_protocol() {
    let root = tempfile::tempdir().unwrap();
    let mut client = spawn(root.path());
    client.send_bytes(b"Content-Length: what\r\n\r\n");
    client.wait_error(-32700).await;
    assert_eq!(client.ended().await, Some(2));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the program runs in real time")]
async fn the_program_goes_at_once_when_its_input_ends() {
    let root = tempfile::tempdir().unwrap();
    let mut client = spawn(root.path());
    client.initialize(json!({ "rootUri": uri(root.path()) })).await;
    let begin = Instant::now();
    client.hang_up();
    assert_eq!(client.ended().await, Some(0));
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_signal_ends_the_program_and_shows_in_its_exit_code() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let root = tempfile::tempdir().unwrap();
        let mut client = spawn(root.path());
        client.initialize(json!({ "rootUri": uri(root.path()) })).await;
        client.request("reload/getStatus", json!({})).await.unwrap();
        let pid = client.pid().and_then(|pid| i32::try_from(pid).ok()).unwrap();
        kill(Pid::from_raw(pid), signal).unwrap();
        assert_eq!(client.ended().await, Some(128 + signal as i32));
    }
}
