//! What a build or the service itself writes into the watched files (product.md 2.9).
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;

use serde_json::{Value, json};

use crate::support::client::{Client, uri};
use crate::support::page::{ready, service};
use crate::support::project::Project;

/// A note that is built by `build` and says that it is ready after `start`.
fn note(build: &str, start: &str) -> Project {
    let configuration = format!(
        r#"[services.note]
build = "{build}; cp note.txt {{out}}"
run = "{start}; echo ready; exec tail -f /dev/null"
watch = ["**/*.txt", "data/**"]
ready = {{ log = "^ready" }}
"#
    );
    Project::of(&[("note.txt", "one\n"), ("data/readme", ""), ("reload.toml", &configuration)])
}

const COUNT: &str = "date +%s%N";

fn is_suspended(note: &Value) -> bool {
    note["suspended"].as_array().is_some_and(|paths| !paths.is_empty())
}

/// Waits for the loop to be noticed, and then for one save to be one build.
async fn ends(project: &Project, client: &mut Client, file: &str) {
    let suspended = service(client, "note", is_suspended).await;
    assert_eq!(suspended["suspended"], json!([uri(&project.path(file))]));
    let builds = suspended["build"]["generation"].as_u64().unwrap();
    assert!(builds <= 1 + 3, "{suspended}");
    let warning = project.diagnostic(client, "does not count any more").await;
    assert_eq!(warning["severity"], 2);
    let line = format!("ignore = [\"{file}\"]");
    assert!(warning["message"].as_str().unwrap().contains(&line), "{warning}");

    project.save(client, "note.txt", "two\n");
    ready(client, "note", builds + 1).await;
    project.save(client, "note.txt", "three\n");
    let last = ready(client, "note", builds + 2).await;
    assert_eq!(last["trigger"]["files"], json!([uri(&project.path("note.txt"))]));

    // The line that was named makes an end of it.
    let text = project.read("reload.toml");
    project.write("reload.toml", format!("{text}ignore = [\"{file}\"]\n"));
    service(client, "note", |note| !is_suspended(note)).await;
    project.no_diagnostics(client).await;
}

#[tokio::test]
async fn a_build_that_rewrites_a_source_is_stopped_from_running_in_circles() {
    let project = note(&format!("{COUNT} > counter.txt; sleep 0.2"), "true");
    let mut client = project.open().await;
    ends(&project, &mut client, "counter.txt").await;
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_service_that_writes_its_data_at_each_start_is_stopped_from_running_in_circles() {
    let project = note("true", &format!("{COUNT} > data/app.db"));
    let mut client = project.open().await;
    ends(&project, &mut client, "data/app.db").await;
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn fifty_saves_as_fast_as_it_goes_are_no_circle() {
    let project = note("true", "true");
    let mut client = project.open().await;
    ready(&mut client, "note", 1).await;
    let mut generation = 1;
    for save in 0..50 {
        project.save(&client, "note.txt", &format!("{save}\n"));
        // On a busy machine the disk may be first to tell.
        let of = |note: &Value| note["run"]["generation"].as_u64();
        let is_new = |note: &Value| note["state"] == "ready" && of(note) > Some(generation);
        let note = service(&mut client, "note", is_new).await;
        assert!(!is_suspended(&note), "{note}");
        generation = of(&note).unwrap();
    }
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_generator_that_always_writes_the_same_is_no_circle() {
    let project = note("echo generated > made.txt", "true");
    let mut client = project.open().await;
    // The first build makes the file: one more follows at most.
    let last =
        service(&mut client, "note", |note| note["state"] == "ready" && note["waiting"].is_null()).await;
    let generation = last["build"]["generation"].as_u64().unwrap();
    for (save, next) in (0..10).zip(generation + 1..) {
        fs::write(project.path("cookie.txt"), format!("{save}")).unwrap();
        client.save(&project.path("cookie.txt"));
        let built = service(&mut client, "note", |note| {
            note["state"] == "ready" && note["build"]["generation"].as_u64() >= Some(next)
        })
        .await;
        assert!(!is_suspended(&built));
    }
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_service_that_writes_its_data_when_it_is_up_is_stopped_from_running_in_circles() {
    let project = note("true", &format!("(sleep 0.1; {COUNT} > data/app.db) & true"));
    let mut client = project.open().await;
    ends(&project, &mut client, "data/app.db").await;
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn whoever_writes_as_soon_as_they_hear_that_it_is_ready_is_no_circle() {
    let project = note("true", "true");
    let mut client = project.open().await;
    for generation in 1..=10 {
        let ready = ready(&mut client, "note", generation).await;
        assert!(!is_suspended(&ready), "{ready}");
        project.write("note.txt", generation.to_string());
    }
    ready(&mut client, "note", 11).await;
    assert_eq!(client.shutdown().await, Some(0));
}
