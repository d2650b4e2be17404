//! Git behind the editor's back: one operation is one change, and one there and back none.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::Path;

use serde_json::{Value, json};

use crate::support::client::{Client, uri};
use crate::support::page::{ready, service};
use crate::support::project::Project;

const FILES: usize = 5_000;

/// Runs git, and whatever else, in the project.
#[expect(clippy::disallowed_methods, reason = "git is not ours to stop")]
async fn sh(directory: &Path, script: &str) {
    let mut command = tokio::process::Command::new("sh");
    command.args(["-e", "-c", script]).current_dir(directory);
    for (name, value) in [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")] {
        command.env(name, value);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
    }
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// A project whose `.txt` files, except for one, are the same on no two branches.
async fn repository(files: usize) -> Project {
    let project = Project::note("");
    let script = format!(
        "git init -q -b main
         printf 'builds\\n.reload\\n' > .gitignore
         mkdir many
         seq {files} | while read n; do echo main > many/$n.txt; done
         git add . && git commit -q -m main
         git checkout -q -b other
         seq {files} | while read n; do echo other > many/$n.txt; done
         git commit -q -a -m other && git checkout -q main"
    );
    project.write("reload.toml", project.read("reload.toml").replace("*.txt", "**/*.txt"));
    sh(&project.root(), &script).await;
    project
}

/// A save of another file is built by itself: nothing was to be built before it.
async fn nothing_was_built(project: &Project, client: &mut Client, generation: u64) {
    project.save(client, "other.txt", "new");
    let next = ready(client, "note", generation).await;
    assert_eq!(next["trigger"]["files"], json!([uri(&project.path("other.txt"))]), "{next}");
}

/// Waits until everything is watched and the service is ready.
async fn all_is_well(client: &mut Client) {
    let is_well = |status: &Value| status["watch"]["complete"] == true && status["state"] == "ready";
    client.wait("reload/status", is_well).await;
}

fn is_held(note: &Value) -> bool {
    note["waiting"]["why"] == "git"
}

#[tokio::test]
async fn a_branch_switch_of_five_thousand_files_is_one_build() {
    let project = repository(FILES).await;
    let mut client = project.open().await;
    all_is_well(&mut client).await;

    sh(&project.root(), "git checkout -q other").await;
    let held = service(&mut client, "note", is_held).await;
    assert_eq!(held["build"]["generation"], 1);
    let switched = ready(&mut client, "note", 2).await;
    assert_eq!(switched["trigger"]["count"], FILES);
    nothing_was_built(&project, &mut client, 3).await;
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_branch_switch_there_and_back_and_a_stash_that_is_popped_build_nothing() {
    let project = repository(500).await;
    project.write("many/1.txt", "mine\n");
    let mut client = project.open().await;
    all_is_well(&mut client).await;

    sh(&project.root(), "git stash -q && git checkout -q other && git checkout -q - && git stash pop -q")
        .await;
    service(&mut client, "note", is_held).await;
    service(&mut client, "note", |note| note["waiting"].is_null()).await;
    nothing_was_built(&project, &mut client, 2).await;
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn what_a_merge_with_conflicts_changes_is_held_and_a_save_meanwhile_is_not() {
    let project = repository(3).await;
    sh(&project.root(), "echo mine > many/1.txt && git commit -q -a -m mine").await;
    let mut client = project.open().await;
    all_is_well(&mut client).await;

    sh(&project.root(), "! git merge -q other").await;
    service(&mut client, "note", is_held).await;
    project.save(&client, "note.txt", "saved\n");
    let saved = ready(&mut client, "note", 2).await;
    assert_eq!(saved["trigger"]["files"], json!([uri(&project.path("note.txt"))]));
    sh(&project.root(), "git merge --abort").await;
    nothing_was_built(&project, &mut client, 3).await;
    assert_eq!(client.shutdown().await, Some(0));
}
