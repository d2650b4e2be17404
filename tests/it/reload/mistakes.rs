//! Mistakes in the source: shown where they are while the old version goes on, and gone when they are repaired.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::page::{ask, page, ready, service};
use crate::support::project::Project;

/// `main.rs` with something else in the place of the answer.
fn page_with(expression: &str) -> String {
    page("one").replacen("\"one\"", expression, 1)
}

fn range(line: u32, from: u32, to: u32) -> Value {
    json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } })
}

/// Waits for the only diagnostic of `main.rs`.
async fn only_diagnostic(client: &mut Client, project: &Project) -> Value {
    let shown = client.wait_diagnostics(&project.path("main.rs"), |shown| !shown.is_empty()).await;
    assert_eq!(shown.len(), 1, "{shown:#?}");
    shown[0].clone()
}

#[tokio::test]
async fn a_mistake_is_shown_where_it_is_until_it_is_repaired() {
    let project = Project::page();
    let mut client = project.open().await;
    let first = ready(&mut client, "web", 1).await;

    project.save(&client, "main.rs", &page_with("42"));
    let diagnostic = only_diagnostic(&mut client, &project).await;
    assert_eq!(diagnostic["range"], range(3, 21, 23));
    assert_eq!(diagnostic["severity"], 1);
    assert_eq!(diagnostic["code"], "E0308");
    assert_eq!(diagnostic["source"], "reload: rustc");
    assert!(diagnostic["message"].as_str().unwrap().starts_with("mismatched types"), "{diagnostic}");

    let broken = service(&mut client, "web", |web| web["state"] == "buildFailed").await;
    assert_eq!(broken["stale"], true);
    assert_eq!(broken["build"]["errors"], 1);
    assert_eq!(broken["run"]["pid"], first["run"]["pid"]);
    assert_eq!(ask(&broken).await, "one", "the old version goes on");

    project.save(&client, "main.rs", &page("two"));
    let repaired = ready(&mut client, "web", 3).await;
    client.wait_diagnostics(&project.path("main.rs"), <[_]>::is_empty).await;
    assert_eq!(ask(&repaired).await, "two");
    assert_eq!(repaired["stale"], false);
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn columns_are_counted_as_the_client_counts_them() {
    for (encoding, from) in [("utf-8", 32), ("utf-16", 30)] {
        let project = Project::page();
        project.write("main.rs", page_with("/* 🚀 */ 42"));
        let general = json!({ "general": { "positionEncodings": [encoding] } });
        let mut client = project.open_as(json!({ "capabilities": general })).await;
        let diagnostic = only_diagnostic(&mut client, &project).await;
        assert_eq!(diagnostic["range"], range(3, from, from + 2), "{encoding}");
        assert_eq!(client.shutdown().await, Some(0));
    }
}

#[tokio::test]
async fn a_build_shows_its_progress_from_begin_to_end() {
    let project = Project::page();
    let mut client = project.open().await;
    ready(&mut client, "web", 1).await;
    let mut last = Value::Null;
    for (generation, expression, state) in [(2, "42", "buildFailed"), (3, "\"two\"", "ready")] {
        project.save(&client, "main.rs", &page_with(expression));
        service(&mut client, "web", |web| web["build"]["generation"] == generation && web["state"] == state)
            .await;
        let of_build =
            |params: &Value| params["token"].as_str().unwrap().ends_with(&format!("/{generation}"));
        let created = client.wait("window/workDoneProgress/create", of_build).await;
        let token = created["token"].clone();
        assert_ne!(token, last, "every build has a token of its own");
        for kind in ["begin", "end"] {
            let progress = client.wait("$/progress", |progress| progress["token"] == token).await;
            assert_eq!(progress["value"]["kind"], kind);
        }
        last = token;
    }
    assert_eq!(client.shutdown().await, Some(0));
}
