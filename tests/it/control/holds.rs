//! Holds over the socket.

use serde_json::{Value, json};

use super::{Wire, opened, run};
use crate::support::client::{Client, LIMIT};
use crate::support::project::Project;

/// Writes file after file, each when the one before is held.
async fn write_three(project: &Project, client: &mut Client) {
    for n in 1..=3 {
        project.write(&format!("more/{n}"), "");
        let held = format!("held; {n} change");
        client.wait("reload/status", |status| status["message"].as_str().unwrap().contains(&held)).await;
    }
}

/// Waits for a hold that lasts for longer than until `last`, and gives its end.
async fn held_until(client: &mut Client, last: &str) -> String {
    let until = |status: &Value| status["services"][0]["waiting"]["until"].as_str().map(str::to_owned);
    let is_later = |status: &Value| until(status).is_some_and(|until| until.as_str() > last);
    until(&client.wait("reload/status", is_later).await).unwrap()
}

#[tokio::test]
async fn a_hold_ends_in_one_trip_for_all_that_came() {
    let (project, mut client) = opened().await;
    let one = run(&project, &["hold", "--ttl", "10m"], 0).await;
    let two = run(&project, &["hold"], 0).await;
    write_three(&project, &mut client).await;
    let said = run(&project, &["status"], 0).await;
    assert!(said.contains("held") && said.contains("waits: hold until 20"), "{said}");
    run(&project, &["release", one.trim()], 0).await;
    assert!(run(&project, &["status"], 0).await.contains("held; 3 changes collected"));
    run(&project, &["release", two.trim()], 0).await;
    run(&project, &["wait"], 0).await;
    let said = run(&project, &["status"], 0).await;
    assert!(said.contains("generation 2"), "{said}");
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_command_under_a_hold_ends_as_it_would_and_so_does_the_hold() {
    let (project, mut client) = opened().await;
    let gate = project.beside("gate");
    nix::unistd::mkfifo(&gate, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let script = "read code < \"$0\"; exit $code";
    let mut command = project.command(&["hold", "--ttl", "9s", "--", "sh", "-c", script]);
    let mut holding = command.arg(&gate).spawn().unwrap();
    let first = held_until(&mut client, "").await;
    // Before it would end, it is held again.
    held_until(&mut client, &first).await;
    write_three(&project, &mut client).await;
    tokio::task::spawn_blocking(move || std::fs::write(gate, "7\n")).await.unwrap().unwrap();
    let ended = tokio::time::timeout(LIMIT, holding.wait()).await.expect("it ends").unwrap();
    assert_eq!(ended.code(), Some(7));
    run(&project, &["wait"], 0).await;
    assert!(run(&project, &["status"], 0).await.contains("generation 2"));
    let said = run(&project, &["hold", "--", "no-such-program"], 1).await;
    assert!(said.contains("could not start `no-such-program`") && said.contains("help:"), "{said}");
    assert!(!run(&project, &["status"], 0).await.contains("held"));
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_hold_has_a_limit_and_ends_by_itself() {
    let (project, mut client) = opened().await;
    for (ttl, token) in [(0, json!(null)), (3_600_001, json!(null)), (5, json!("no token"))] {
        let mut wire = Wire::open(&project).await;
        let answer = wire.call("hold", json!({ "ttlMs": ttl, "token": token })).await;
        assert_eq!(answer["error"]["kind"], "badCall", "{answer}");
    }
    run(&project, &["hold", "--ttl", "50ms"], 0).await;
    project.write("word.txt", "two\n");
    run(&project, &["wait"], 0).await;
    assert!(run(&project, &["logs"], 0).await.contains("serving two"));
    assert_eq!(client.shutdown().await, Some(0));
}
