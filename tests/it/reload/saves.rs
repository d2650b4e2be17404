//! Saves of an editor and what is modified behind its back: every one of them counts, none of them twice.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use serde_json::json;

use crate::support::client::{Client, uri};
use crate::support::page::{ask, page, printed, ready, service};
use crate::support::project::Project;

/// Without it a slow test may be overtaken by the disk.
const SAVES_ONLY: &str = "[watch]\nmode = \"off\"\n";

/// Says why a file is about to be saved.
fn will_save(client: &Client, project: &Project, path: &str, reason: u32) {
    let document = json!({ "uri": uri(&project.path(path)) });
    client.notify("textDocument/willSave", json!({ "textDocument": document, "reason": reason }));
}

#[tokio::test]
async fn a_save_brings_the_new_version() {
    let project = Project::page();
    let mut client = project.open().await;
    let first = ready(&mut client, "web", 1).await;
    assert_eq!(ask(&first).await, "one");

    project.save(&client, "main.rs", &page("two"));
    let second = ready(&mut client, "web", 2).await;
    assert_eq!(ask(&second).await, "two");
    assert_ne!(first["run"]["pid"], second["run"]["pid"]);
    assert_eq!(second["stale"], false);
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_comment_leaves_the_service_alone() {
    let project = Project::page();
    let mut client = project.open().await;
    let first = ready(&mut client, "web", 1).await;

    project.save(&client, "main.rs", &(page("one") + "// All is well.\n"));
    let second = service(&mut client, "web", |web| web["build"]["phase"] == "unchanged").await;
    assert_eq!(second["state"], "ready");
    assert_eq!(second["stale"], false);
    for part in ["id", "pid", "urls", "generation"] {
        assert_eq!(second["run"][part], first["run"][part], "{part}");
    }
    assert_eq!(ask(&second).await, "one");
    assert!(second["message"].as_str().unwrap().contains("changed nothing"), "{second}");
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_save_during_a_slow_build_stops_it_and_the_last_content_runs() {
    let project = Project::of(&[
        ("note.txt", "one\n"),
        (
            "reload.toml",
            r#"[services.note]
build = "grep -q slow note.txt && { echo $$ > slow.pid; exec tail -f /dev/null; }; cp note.txt {out}"
run = "cat {out}; echo ready; exec tail -f /dev/null"
watch = ["note.txt", "slow.pid"]
ready = { log = "^ready" }

[[services.note.rules]]
paths = ["slow.pid"]
action = "refresh"
"#,
        ),
    ]);
    let mut client = project.open().await;
    let first = ready(&mut client, "note", 1).await;

    project.save(&client, "note.txt", "slow\n");
    let building = service(&mut client, "note", |note| note["build"]["generation"] == 2).await;
    assert_eq!(building["state"], "building");
    assert_eq!(building["run"]["pid"], first["run"]["pid"], "the old version goes on during a build");
    let slow = project.written("slow.pid").await;

    project.save(&client, "note.txt", "quick\n");
    assert_eq!(printed(&mut client, "quick").await, 3);
    let third = ready(&mut client, "note", 3).await;
    assert_eq!(third["stale"], false);
    assert!(!Path::new("/proc").join(slow.trim()).exists(), "the slow build is still there");
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_thousand_saves_at_once_take_three_builds_at_most() {
    let project = Project::page();
    project.write("reload.toml", project.read("reload.toml") + SAVES_ONLY);
    let mut client = project.open().await;
    ready(&mut client, "web", 1).await;

    for number in 1..1_000 {
        project.write(&format!("part_{number}.rs"), "");
    }
    project.write("main.rs", page("all saved"));
    let begin = SystemTime::now();
    for number in 1..1_000 {
        client.save(&project.path(&format!("part_{number}.rs")));
    }
    client.save(&project.path("main.rs"));
    let last = service(&mut client, "web", |web| {
        web["state"] == "ready" && web["trigger"]["count"] == 1_000 && web["stale"] == false
    })
    .await;
    assert_eq!(ask(&last).await, "all saved");
    // What is stopped begins again after 50 ms, which is what a busy machine may need to notice the next save.
    let last_build = humantime::parse_rfc3339(last["build"]["startedAt"].as_str().unwrap()).unwrap();
    let took = last_build.duration_since(begin).unwrap_or_default();
    let builds = last["build"]["generation"].as_u64().unwrap() - 1;
    assert!(u128::from(builds) <= (1 + took.as_millis() / 50).max(3), "{builds} builds in {took:?}");
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_thousand_saves_of_one_file_end_with_the_last() {
    let project = Project::page();
    let main = project.path("main.rs");
    let mut client = project.open().await;
    ready(&mut client, "web", 1).await;

    for number in 1..=1_000 {
        let text = page(&format!("save {number}"));
        if number % 2 == 0 {
            fs::write(&main, text).unwrap();
        } else {
            project.write("main.rs", text);
        }
        client.save(&main);
        // The program hears of it before the next.
        tokio::task::yield_now().await;
    }
    let generation = printed(&mut client, "says save 1000").await;
    let last = ready(&mut client, "web", generation).await;
    assert_eq!(ask(&last).await, "save 1000");
    assert_eq!(last["stale"], false);
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn what_is_modified_outside_of_the_editor_is_reloaded_too() {
    let project = Project::page();
    let mut client = project.open().await;
    ready(&mut client, "web", 1).await;

    project.write("main.rs", page("two"));
    let second = ready(&mut client, "web", 2).await;
    assert_eq!(ask(&second).await, "two");
    assert_eq!(second["trigger"]["origin"], "disk");
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn one_save_is_one_build_although_the_disk_tells_of_it_too() {
    let project = Project::note("");
    let mut client = project.open().await;
    ready(&mut client, "note", 1).await;

    project.save(&client, "note.txt", "two\n");
    ready(&mut client, "note", 2).await;
    // The disk tells in order: when it has told of this file, it has told of the save.
    project.write("other.txt", "");
    let third = ready(&mut client, "note", 3).await;
    assert_eq!(third["trigger"]["files"], json!([uri(&project.path("other.txt"))]));
    assert_eq!(client.shutdown().await, Some(0));
    assert_eq!(project.read("builds").lines().count(), 3);
}

#[tokio::test]
async fn a_save_of_the_same_content_does_nothing_while_all_is_well() {
    let project = Project::note("");
    let mut client = project.open().await;
    ready(&mut client, "note", 1).await;

    client.save(&project.path("note.txt"));
    project.save(&client, "other.txt", "new");
    let second = ready(&mut client, "note", 2).await;
    assert_eq!(second["trigger"]["files"], json!([uri(&project.path("other.txt"))]));
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn an_automatic_save_is_told_from_a_manual_one() {
    let project = Project::note(SAVES_ONLY);
    let mut client = project.open().await;
    ready(&mut client, "note", 1).await;

    let reasons = [(2, "afterDelay"), (3, "focusOut"), (1, "manual")];
    for ((reason, word), generation) in reasons.into_iter().zip(2..) {
        will_save(&client, &project, "note.txt", reason);
        project.save(&client, "note.txt", &format!("{word}\n"));
        let trigger = ready(&mut client, "note", generation).await["trigger"].take();
        assert_eq!([&trigger["origin"], &trigger["reason"]], [&json!("editor"), &json!(word)]);
        assert_eq!(trigger["count"], 1);
    }
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn automatic_saves_wait_for_a_manual_one_where_that_is_wanted() {
    let project = Project::note("");
    let file = project.read("reload.toml") + "on_save = \"manual\"\n" + SAVES_ONLY;
    project.write("reload.toml", &file);
    let mut client = project.open().await;
    ready(&mut client, "note", 1).await;

    will_save(&client, &project, "note.txt", 2);
    project.save(&client, "note.txt", "two\n");
    let held = service(&mut client, "note", |note| note["waiting"]["why"] == "hold").await;
    assert_eq!(held["build"]["generation"], 1);
    assert_eq!(held["stale"], true, "what was saved does not run");

    project.save(&client, "other.txt", "new");
    let second = ready(&mut client, "note", 2).await;
    assert_eq!(second["trigger"]["count"], 2);
    assert_eq!(printed(&mut client, "two").await, 2);
    assert_eq!(client.shutdown().await, Some(0));
}
