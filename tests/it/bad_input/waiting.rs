//! Ports that others have, runs that are never ready, and services that wait for them: who and what is waited for is said.

use std::net::TcpListener;

use nix::sys::stat::Mode;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::project::{Project, SERVE, state};

/// Somebody who has a port of this machine: this test.
fn stranger() -> (TcpListener, u16) {
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = stranger.local_addr().unwrap().port();
    (stranger, port)
}

/// Asserts that the problem names the port, this process and a remedy, at the line of the run command.
fn assert_named(project: &Project, diagnostic: &Value, port: u16) {
    let message = diagnostic["message"].as_str().unwrap();
    let program = std::env::args().next().unwrap();
    for part in
        [&port.to_string(), &format!("held by pid {}", std::process::id()), &program, "help: end that pro"]
    {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    assert_eq!(diagnostic["range"]["start"]["line"], project.line_with("run ="));
}

#[tokio::test]
async fn a_port_that_a_stranger_has_is_named_and_taken_when_it_is_free() {
    let (stranger, port) = stranger();
    let listens = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/services/listens.py");
    let run = format!("run = [\"/usr/bin/env\", \"python3\", \"{listens}\", \"127.0.0.1:{port}\"]");
    let project = Project::new(&format!("[services.api]\n{run}\nready = {{ tcp = \"127.0.0.1:{port}\" }}\n"));
    let mut client = project.open().await;
    let diagnostic = project.diagnostic(&mut client, "held by pid").await;
    assert_named(&project, &diagnostic, port);
    let crashed = state(&mut client, "crashed").await;
    assert_eq!(crashed["waiting"]["why"], "backoff");
    // This process lives. Now it gives the port back, and nobody does anything.
    drop(stranger);
    let ready = state(&mut client, "ready").await;
    assert_eq!(ready["run"]["urls"], json!([format!("http://127.0.0.1:{port}")]));
    project.no_diagnostics(&mut client).await;
    client.shutdown().await;
}

#[tokio::test]
async fn an_address_to_listen_on_that_a_stranger_has_is_named_and_taken_when_it_is_free() {
    let (stranger, port) = stranger();
    let configuration = format!(
        "[services.api]\nrun = \"sh serve.sh\"\nready = {{ log = \"serving\" }}\nlisten = [\"127.0.0.1:{port}\"]\n"
    );
    let project = Project::new(&configuration);
    let mut client = project.open().await;
    let diagnostic = project.diagnostic(&mut client, "held by pid").await;
    assert_named(&project, &diagnostic, port);
    drop(stranger);
    state(&mut client, "ready").await;
    project.no_diagnostics(&mut client).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_terminal_is_told_who_has_the_port() {
    let (stranger, port) = stranger();
    let configuration = format!(
        "[services.api]\nrun = \"sh serve.sh\"\nready = {{ log = \"serving\" }}\nlisten = [\"127.0.0.1:{port}\"]\n"
    );
    let project = Project::new(&configuration);
    let mut terminal = project.run();
    let line = terminal.line("could not be started").await;
    assert!(
        line.contains(&format!("held by pid {}", std::process::id())) && line.contains("help:"),
        "{line}"
    );
    terminal.line("starts again in").await;
    drop(stranger);
    terminal.line("✓ api ready").await;
    terminal.quit().await;
}

/// A service that says nothing before somebody writes to `gate`.
const GATED: &str = "read line < gate\necho open\nexec sleep 1000\n";

fn gated(project: &Project) {
    project.write("gated.sh", GATED);
    nix::unistd::mkfifo(&project.path("gate"), Mode::S_IRWXU).unwrap();
}

/// Lets the service go on that waits at the gate.
async fn open_gate(project: &Project) {
    tokio::fs::write(project.path("gate"), "go\n").await.unwrap();
}

#[tokio::test]
async fn a_run_that_is_not_ready_in_time_is_said_so_and_still_waited_for() {
    let project = Project::new(
        "[services.api]\nrun = \"sh gated.sh\"\nready = { log = \"open\", timeout = \"300ms\" }\n",
    );
    gated(&project);
    let mut client = project.open().await;
    let diagnostic = project.diagnostic(&mut client, "was not ready within 300ms").await;
    let message = diagnostic["message"].as_str().unwrap();
    assert!(message.contains("still waited for") && message.contains("help: "), "{message}");
    assert_eq!(diagnostic["range"]["start"]["line"], project.line_with("run ="));
    let status = client.request("reload/getStatus", json!({})).await.unwrap();
    let service = &status["statuses"][0]["services"][0];
    assert_eq!((&service["state"], &service["waiting"]["why"]), (&json!("starting"), &json!("ready")));
    assert!(service["waiting"]["since"].is_string() && service["waiting"]["until"].is_null(), "{service}");
    open_gate(&project).await;
    state(&mut client, "ready").await;
    project.no_diagnostics(&mut client).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_terminal_is_told_of_a_run_that_is_not_ready_in_time() {
    let project = Project::new(
        "[services.api]\nrun = \"sh gated.sh\"\nready = { log = \"open\", timeout = \"300ms\" }\n",
    );
    gated(&project);
    let mut terminal = project.run();
    let line = terminal.line("was not ready within 300ms").await;
    assert!(line.contains("help:"), "{line}");
    open_gate(&project).await;
    terminal.line("✓ api ready").await;
    terminal.quit().await;
}

/// `api` needs `db`.
const DEPENDENT: &str = "[services.db]\nrun = \"sh gated.sh\"\nready = { log = \"open\" }\n\
    [services.api]\nrun = \"sh serve.sh\"\nready = { log = \"serving\" }\ndepends_on = [\"db\"]\n";

/// Waits until `api` says that it waits for `db`.
async fn waits_for_db(client: &mut Client) -> Value {
    let waits = |api: &Value| api["message"] == "waiting for db" && api["waiting"]["why"] == "dependency";
    let mut status = client.wait("reload/status", |status| waits(&status["services"][1])).await;
    status["services"][1].take()
}

#[tokio::test]
async fn who_is_waited_for_is_said_until_it_is_ready() {
    let project = Project::new(DEPENDENT);
    gated(&project);
    let mut client = project.open().await;
    let api = waits_for_db(&mut client).await;
    assert!(api["waiting"]["since"].is_string() && api["run"].is_null(), "{api}");
    open_gate(&project).await;
    client.wait("reload/status", |status| status["services"][1]["state"] == "ready").await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_service_whose_dependency_cannot_start_waits_until_it_can() {
    let project = Project::new(DEPENDENT);
    project.write("gated.sh", "exit 1\n");
    let mut client = project.open().await;
    client
        .wait("reload/status", |status| {
            status["services"][0]["state"] == "crashed"
                && status["services"][1]["message"] == "waiting for db"
        })
        .await;
    client.save(&project.write("gated.sh", SERVE.replace("serving", "open")));
    client.wait("reload/status", |status| status["services"][1]["state"] == "ready").await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_terminal_is_told_who_is_waited_for() {
    let project = Project::new(DEPENDENT);
    gated(&project);
    let mut terminal = project.run();
    terminal.line("still waiting for db").await;
    open_gate(&project).await;
    terminal.line("✓ api ready").await;
    terminal.quit().await;
}
