//! Services that end although nobody asked them to.

use serde_json::json;

use crate::support::page::{ask, page, ready, service};
use crate::support::project::Project;

#[tokio::test]
async fn a_crash_is_shown_on_its_line_and_tried_again_until_it_is_repaired() {
    let project = Project::page();
    let main = project.path("main.rs");
    let mut client = project.open().await;
    ready(&mut client, "web", 1).await;

    project.save(&client, "main.rs", &page("crash"));
    let crashed = service(&mut client, "web", |web| web["state"] == "crashed").await;
    assert_eq!(crashed["waiting"]["why"], "backoff");
    assert_eq!(crashed["lastExit"]["code"], 101);
    assert_eq!(crashed["lastExit"]["asked"], false);
    let line = page("crash").lines().position(|line| line.contains("assert!")).unwrap();
    let shown = client.wait_diagnostics(&main, |shown| !shown.is_empty()).await;
    assert_eq!(shown.len(), 1, "{shown:#?}");
    assert_eq!(shown[0]["range"]["start"], json!({ "line": line, "character": 4 }));
    assert!(shown[0]["message"].as_str().unwrap().contains("it was made to crash"), "{shown:#?}");

    let again = service(&mut client, "web", |web| web["crashes"] == 2).await;
    assert_eq!(again["build"]["generation"], 2, "nothing is built for another try");
    assert_ne!(again["lastExit"]["run"], crashed["lastExit"]["run"]);
    client.wait_diagnostics(&main, |shown| shown.len() == 1).await;

    project.save(&client, "main.rs", &page("two"));
    let repaired = ready(&mut client, "web", 3).await;
    client.wait_diagnostics(&main, <[_]>::is_empty).await;
    assert_eq!(ask(&repaired).await, "two");
    assert_eq!(repaired["crashes"], 0);
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_save_of_the_same_content_tries_again_after_a_crash() {
    let toml = r#"[services.note]
run = "test -e repaired || exit 3; echo ready; exec tail -f /dev/null"
watch = ["note.txt"]
on_crash = "wait"
ready = { log = "^ready" }
"#;
    let project = Project::of(&[("note.txt", "one\n"), ("reload.toml", toml)]);
    let mut client = project.open().await;
    let crashed = service(&mut client, "note", |note| note["state"] == "crashed").await;
    assert_eq!(crashed["lastExit"]["code"], 3);
    assert_eq!(crashed["waiting"], json!(null));

    project.write("repaired", "");
    client.save(&project.path("note.txt"));
    ready(&mut client, "note", 2).await;
    assert_eq!(client.shutdown().await, Some(0));
}
