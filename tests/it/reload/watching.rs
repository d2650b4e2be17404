//! Who watches the disk: the editor where it is asked to and can, else we.

use std::fs;

use serde_json::{Value, json};

use crate::support::client::{Client, uri};
use crate::support::project::Project;

const CONFIGURATION: &str = "[services.api]\nrun = \"sh serve.sh\"\nready = { log = \"serving\" }\n\
    watch = [\"word.txt\"]\n[watch]\nmode = \"client\"\n";
const REGISTER: &str = "client/registerCapability";

/// An editor that can watch files, and by patterns relative to a folder or not.
async fn open(project: &Project, relative: Value) -> Client {
    let mut client = project.editor();
    start(project, &mut client, relative).await;
    client
}

async fn start(project: &Project, client: &mut Client, relative: Value) {
    let ability = json!({ "dynamicRegistration": true, "relativePatternSupport": relative });
    let capabilities = json!({ "workspace": { "didChangeWatchedFiles": ability } });
    client.initialize(json!({ "rootUri": uri(&project.root()), "capabilities": capabilities })).await;
}

/// Waits until everything is watched in this way.
async fn watched(client: &mut Client, mode: &str) -> Value {
    client
        .wait("reload/status", |status| {
            status["watch"]["mode"] == mode
                && status["watch"]["complete"] == true
                && status["state"] == "ready"
        })
        .await
}

fn generation(status: &Value) -> &Value {
    &status["services"][0]["run"]["generation"]
}

#[tokio::test]
async fn an_editor_that_is_asked_to_watches_and_what_it_tells_is_a_change() {
    let project = Project::new(CONFIGURATION);
    let mut client = open(&project, json!(true)).await;
    let request = client.wait(REGISTER, |_| true).await;
    let registration = &request["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    let glob = &registration["registerOptions"]["watchers"][0]["globPattern"];
    assert_eq!(*glob, json!({ "baseUri": uri(&project.root()), "pattern": "**/*" }));
    watched(&mut client, "client").await;

    fs::write(project.path("word.txt"), "two\n").unwrap();
    let told =
        |kind: u8, name: &str| json!({ "changes": [{ "uri": uri(&project.path(name)), "type": kind }] });
    client.notify("workspace/didChangeWatchedFiles", told(2, "word.txt"));
    client.wait("reload/status", |status| *generation(status) == 2 && status["state"] == "ready").await;
    // Told once more, saved as well: it is the same content.
    client.notify("workspace/didChangeWatchedFiles", told(1, "word.txt"));
    client.save(&project.path("word.txt"));
    fs::remove_file(project.path("word.txt")).unwrap();
    client.notify("workspace/didChangeWatchedFiles", told(3, "word.txt"));
    client.wait("reload/status", |status| *generation(status) == 3).await;

    // What holds is what the configuration says last.
    project.write("word.txt", "three\n");
    let path = project.write("reload.toml", CONFIGURATION.replace("client", "off"));
    client.save(&path);
    let request = client.wait("client/unregisterCapability", |_| true).await;
    assert_eq!(request["unregisterations"][0]["id"], registration["id"]);
    watched(&mut client, "off").await;
    client.shutdown().await;
}

#[tokio::test]
async fn an_editor_without_relative_patterns_gets_a_plain_one() {
    let project = Project::new(CONFIGURATION);
    let mut client = open(&project, json!(false)).await;
    let request = client.wait(REGISTER, |_| true).await;
    assert_eq!(request["registrations"][0]["registerOptions"]["watchers"][0]["globPattern"], "**/*");
    watched(&mut client, "client").await;
    client.shutdown().await;
}

#[tokio::test]
async fn where_no_editor_watches_we_do_and_say_so() {
    let project = Project::new(CONFIGURATION);
    let mut silent = project.editor();
    silent.answer(REGISTER, |_| None);
    start(&project, &mut silent, json!(true)).await;
    watched(&mut silent, "native").await;
    project.diagnostic(&mut silent, "means `auto`").await;
    silent.taken(REGISTER);
    // It may have done it all the same, and late.
    silent.wait("client/unregisterCapability", |_| true).await;
    silent.shutdown().await;

    let mut unable = project.open().await;
    watched(&mut unable, "native").await;
    project.diagnostic(&mut unable, "means `auto`").await;
    fs::write(project.path("word.txt"), "two\n").unwrap();
    unable.wait("reload/status", |status| *generation(status) == 2).await;
    unable.shutdown().await;
}
