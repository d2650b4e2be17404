//! Clients that send what is no LSP, or too much of it, while a service runs.

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::client::{Client, uri};
use crate::support::project::{Project, state};

const CONFIGURATION: &str =
    "[services.api]\nrun = \"sh serve.sh\"\nready = { log = \"serving\" }\nwatch = [\"*.txt\"]\n";

fn frame(body: &[u8]) -> Vec<u8> {
    [format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

/// The process of the service, as it is now.
async fn pid(client: &mut Client) -> Pid {
    let status = client.request("reload/getStatus", json!({})).await.unwrap();
    let pid = status["statuses"][0]["services"][0]["run"]["pid"].as_i64().unwrap();
    Pid::from_raw(i32::try_from(pid).unwrap())
}

#[tokio::test]
async fn messages_that_cannot_be_read_are_answered_and_disturb_nothing() {
    let project = Project::new(CONFIGURATION);
    let mut client = project.open().await;
    state(&mut client, "ready").await;
    let before = pid(&mut client).await;
    let no_rpc = json!({ "id": 4711, "method": "shutdown" }).to_string();
    for (body, code) in [
        (&b"{\"jsonrpc\": \"2.0\", \"method\": "[..], -32700),
        (b"\xff\xfe\xfd", -32700),
        (b"", -32700),
        (b"[[[[", -32700),
        (b"7", -32600),
        (no_rpc.as_bytes(), -32600),
    ] {
        client.send_bytes(&frame(body));
        client.wait_error(code).await;
    }
    assert_eq!(pid(&mut client).await, before);
    client.save(&project.write("word.txt", "two\n"));
    client.wait("reload/log", |log| log["entries"].to_string().contains("serving two")).await;
    client.shutdown().await;
}

#[tokio::test]
async fn bytes_that_are_no_lsp_end_everything_in_order() {
    for bytes in [
        &b"Content-Length: 99999999999999999999\r\n\r\n"[..],
        b"Content-Length: 1000000000\r\n\r\n{",
        b"Content-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ] {
        let project = Project::new(CONFIGURATION);
        let mut client = project.open().await;
        state(&mut client, "ready").await;
        let service = pid(&mut client).await;
        client.send_bytes(bytes);
        client.wait_error(-32700).await;
        assert_eq!(client.ended().await, Some(2), "{}", String::from_utf8_lossy(bytes));
        assert_eq!(kill(service, None), Err(Errno::ESRCH), "nothing is left");
    }
}

#[tokio::test]
async fn nothing_begins_before_initialize() {
    let project = Project::new(CONFIGURATION);
    let mut client = project.editor();
    client.notify("initialized", json!({}));
    client.save(&project.path("word.txt"));
    let allow = json!({ "command": "reload-lsp.allow" });
    for (method, params) in
        [("reload/build", json!({})), ("reload/getStatus", json!({})), ("workspace/executeCommand", allow)]
    {
        assert_eq!(client.request(method, params).await.unwrap_err()["code"], -32002, "{method}");
    }
    client.initialize(json!({ "rootUri": uri(&project.root()) })).await;
    let ready = state(&mut client, "ready").await;
    assert_eq!((&ready["run"]["id"], &ready["run"]["generation"]), (&json!(1), &json!(1)));
    client.shutdown().await;
}

#[tokio::test]
async fn a_flood_of_notifications_is_taken_and_the_last_save_counts() {
    let project = Project::new(CONFIGURATION);
    let mut client = project.open().await;
    state(&mut client, "ready").await;
    let word = project.path("word.txt");
    let text = "x".repeat(2_000);
    for n in 0..5_000 {
        client.notify("$/unknown", json!({ "n": n }));
        client.notify("workspace/unknown", Value::Null);
        client.notify("textDocument/didChange", json!({ "text": text }));
        client.save(&word);
    }
    client.request("reload/getStatus", json!({})).await.unwrap();
    client.save(&project.write("word.txt", "last\n"));
    client.wait("reload/log", |log| log["entries"].to_string().contains("serving last")).await;
    let status = client.wait("reload/status", |status| {
        status["state"] == "ready" && status["services"][0]["run"]["generation"] != 1
    });
    assert_eq!(status.await["services"][0]["run"]["generation"], 2, "saves of what is known are no changes");
    client.shutdown().await;
}
