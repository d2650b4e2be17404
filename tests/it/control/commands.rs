//! The subcommands that speak to a session.

use std::process::Stdio;

use serde_json::{Value, json};

use super::{WORD, Wire, opened, run, socket};
use crate::support::client::uri;
use crate::support::project::{Project, Terminal, state};

async fn picture(project: &Project) -> Value {
    serde_json::from_str(&run(project, &["status", "--json"], 0).await).unwrap()
}

#[tokio::test]
async fn whoever_waits_gets_the_verdict_on_what_was_written_just_before() {
    let (project, mut client) = opened().await;
    run(&project, &["wait"], 0).await;
    for word in ["two", "broken", "three", "broken", "four"] {
        project.write("word.txt", format!("{word}\n"));
        let said = run(&project, &["wait"], if word == "broken" { 4 } else { 0 }).await;
        assert_eq!(said.contains("build failed"), word == "broken", "{said}");
        let logs = run(&project, &["logs"], 0).await;
        assert_eq!(logs.contains(&format!("│ serving {word}")), word != "broken", "{logs}");
    }
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_session_does_what_it_is_asked_for() {
    let (project, mut client) = opened().await;
    let said = run(&project, &["status"], 0).await;
    assert!(said.contains("✓ api: ready") && said.contains("generation 1"), "{said}");
    let first = picture(&project).await;
    assert_eq!(first["state"], "ready");

    run(&project, &["restart", "api"], 0).await;
    run(&project, &["wait", "api"], 0).await;
    let second = picture(&project).await;
    assert_ne!(second["services"][0]["run"]["pid"], first["services"][0]["run"]["pid"]);
    run(&project, &["build"], 0).await;
    run(&project, &["wait"], 0).await;
    assert_eq!(picture(&project).await["services"][0]["build"]["generation"], 2);

    run(&project, &["stop"], 0).await;
    let said = run(&project, &["wait"], 4).await;
    assert!(said.contains("stop"), "{said}");
    run(&project, &["start"], 0).await;
    run(&project, &["wait"], 0).await;

    run(&project, &["pause"], 0).await;
    project.write("word.txt", "two\n");
    run(&project, &["wait", "--timeout", "50ms"], 5).await;
    run(&project, &["resume"], 0).await;
    run(&project, &["wait"], 0).await;
    assert!(run(&project, &["logs"], 0).await.contains("api 3 │ serving two"));

    let said = run(&project, &["restart", "apy"], 1).await;
    assert!(said.contains("there is no service `apy`") && said.contains("api"), "{said}");
    run(&project, &["wait", "apy"], 1).await;
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_session_is_found_from_every_folder_of_its_project_and_only_there() {
    let project = Project::new(WORD);
    project.write("deep/er/x", "");
    project.write("other/reload.toml", "[services.x]\nrun = \"true\"\n");
    let said = run(&project, &["status"], 6).await;
    assert!(said.contains("no session runs for") && said.contains("help:"), "{said}");
    let mut terminal = project.run();
    terminal.line("│ serving one").await;
    socket(&project).await;
    run(&project, &["status", "--root", "deep/er"], 0).await;
    run(&project, &["status", "--root", "other"], 6).await;
    run(&project, &["status", "--root", ".."], 6).await;
    terminal.quit().await;
    run(&project, &["status"], 6).await;
}

#[tokio::test]
async fn whoever_follows_the_log_gets_what_comes_until_the_session_ends() {
    let (project, mut client) = opened().await;
    let mut command = project.command(&["logs", "-f", "api"]);
    command.stdout(Stdio::piped());
    let mut log = Terminal::start(command);
    log.line("api 1 · $ ! grep").await;
    log.line("api 1 │ serving one").await;
    project.save_word(&client, "two");
    log.line("api 2 │ serving two").await;
    assert_eq!(client.shutdown().await, Some(0));
    assert_eq!(log.ended().await, Some(0));
}

#[tokio::test]
async fn whoever_asks_why_is_told_what_holds_now_too() {
    let (project, mut client) = opened().await;
    let mut wire = Wire::open(&project).await;
    let answer = wire.call("explain", json!({ "path": project.path("word.txt") })).await;
    assert_eq!(
        (&answer["result"]["verdicts"][0]["action"], &answer["result"]["now"]),
        (&json!("rebuild"), &json!([]))
    );
    run(&project, &["hold"], 0).await;
    let said = run(&project, &["explain", "word.txt"], 0).await;
    assert!(
        said.contains("builds, then restarts") && said.contains("api: held; changes are collected until"),
        "{said}"
    );
    run(&project, &["release"], 0).await;
    let said = run(&project, &["explain", "word.txt"], 0).await;
    assert!(!said.contains("collected"), "{said}");
    let answer = wire.call("explain", json!({ "path": "word.txt" })).await;
    assert_eq!(answer["error"]["kind"], "badCall", "{answer}");
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_session_that_nobody_trusts_says_so_and_runs_nothing() {
    let project = Project::new(WORD);
    let mut client = project.editor();
    let untrusted = json!({ "reload": { "trust": { "granted": false } } });
    client.answer("window/showMessageRequest", |_| Some(Value::Null));
    client.initialize(json!({ "rootUri": uri(&project.root()), "initializationOptions": untrusted })).await;
    client.wait("reload/status", |status| status["state"] == "untrusted").await;
    socket(&project).await;
    let said = run(&project, &["status"], 0).await;
    assert!(said.contains("untrusted") && said.contains("api runs: sh serve.sh"), "{said}");
    for request in ["build", "restart", "start", "wait"] {
        let said = run(&project, &[request], 1).await;
        assert!(said.contains("nobody has allowed") && said.contains("reload-lsp allow"), "{said}");
    }
    run(&project, &["allow"], 0).await;
    state(&mut client, "ready").await;
    run(&project, &["wait"], 0).await;
    client.taken("window/showMessageRequest");
    client.taken("window/showMessage");
    assert_eq!(client.shutdown().await, Some(0));
}
