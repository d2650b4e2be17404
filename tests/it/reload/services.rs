//! Several services of one project: who waits for whom.

use std::fs;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::{Value, json};

use crate::support::page::{ready, service};
use crate::support::project::Project;

#[tokio::test]
async fn a_service_waits_for_what_it_needs_and_follows_its_restarts() {
    let toml = r#"[services.web]
run = "echo ready; exec tail -f /dev/null"
watch = ["web.txt"]
ready = { log = "^ready" }
depends_on = ["db"]
cascade = true

[services.db]
run = "test ! -p gate || cat gate; echo ready; exec tail -f /dev/null"
watch = ["db.txt"]
ready = { log = "^ready" }
"#;
    let project = Project::of(&[("reload.toml", toml)]);
    let gate = project.path("gate");
    mkfifo(&gate, Mode::S_IRWXU).unwrap();
    let mut client = project.open().await;

    let waiting = service(&mut client, "web", |web| web["waiting"]["why"] == "dependency").await;
    assert_eq!(waiting["run"], Value::Null);
    assert!(waiting["message"].as_str().unwrap().contains("db"), "{waiting}");
    // Opened only when the other end is read.
    let opened = gate.clone();
    tokio::task::spawn_blocking(move || fs::write(opened, "")).await.unwrap().unwrap();
    let first = ready(&mut client, "web", 1).await;
    fs::remove_file(gate).unwrap();

    client.request("reload/restart", json!({ "service": "db" })).await.unwrap();
    let second = service(&mut client, "web", |web| {
        web["state"] == "ready" && web["run"]["id"].as_u64() > first["run"]["id"].as_u64()
    })
    .await;
    assert_ne!(second["run"]["pid"], first["run"]["pid"]);
    assert_eq!(client.shutdown().await, Some(0));
}
