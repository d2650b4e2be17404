//! Roots and files that are not where they seem to be: symlinks, folders above, other people's files.

use std::fs;
use std::os::unix::fs::{chown, symlink};

use nix::unistd::geteuid;
use serde_json::{Value, json};

use super::canary::{Canary, open, question};
use crate::support::client::{Client, uri};
use crate::support::project::{Project, state};

const CONFIGURATION: &str =
    "[services.api]\nrun = \"sh serve.sh\"\nready = { log = \"serving\" }\nwatch = [\"**\"]\n";

/// An editor that vouches for the folder with this name beside the project.
async fn vouching(project: &Project, folder: &str) -> Client {
    let mut client = project.editor();
    client.initialize(json!({ "rootUri": uri(&project.beside(folder)) })).await;
    client
}

#[tokio::test]
async fn a_symlink_to_a_project_is_the_project_and_another_one_when_it_leads_elsewhere() {
    let project = Project::new(CONFIGURATION);
    let link = project.beside("link");
    symlink(project.root(), &link).unwrap();
    let options = json!({ "reload": { "trust": { "granted": false } } });
    let params = json!({ "rootUri": uri(&link), "initializationOptions": options });
    assert!(project.output(&["allow"]).await.status.success());
    let mut client = project.editor();
    client.initialize(params.clone()).await;
    state(&mut client, "ready").await;
    client.save(&link.join("word.txt"));
    fs::write(link.join("word.txt"), "two\n").unwrap();
    client.save(&link.join("word.txt"));
    client.wait("reload/log", |log| log["entries"].to_string().contains("serving two")).await;
    client.shutdown().await;

    // The same name, the same bytes, another place.
    fs::remove_file(&link).unwrap();
    fs::create_dir(project.beside("other")).unwrap();
    for name in ["reload.toml", "serve.sh", "word.txt"] {
        fs::copy(project.path(name), project.beside("other").join(name)).unwrap();
    }
    symlink(project.beside("other"), &link).unwrap();
    let mut client = project.editor();
    client.answer("window/showMessageRequest", |_| Some(Value::Null));
    client.initialize(params).await;
    question(&mut client).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_save_outside_of_the_root_or_through_a_symlink_that_leads_out_is_none() {
    let project = Project::new(CONFIGURATION);
    fs::create_dir(project.beside("outside")).unwrap();
    let outside = project.beside("outside/word.txt");
    fs::write(&outside, "outside\n").unwrap();
    symlink(&outside, project.path("link.txt")).unwrap();
    symlink(project.beside("outside"), project.path("folder")).unwrap();
    let mut client = project.open().await;
    state(&mut client, "ready").await;
    fs::write(&outside, "changed\n").unwrap();
    let ways = ["link.txt", "folder/word.txt", "folder/../word.txt", "../outside/word.txt"];
    for path in ways.map(|way| project.path(way)).iter().chain([&outside]) {
        client.save(path);
    }
    let verdict =
        client.request("reload/explain", json!({ "uri": uri(&project.path("link.txt")) })).await.unwrap();
    assert_eq!(verdict["verdicts"][0]["action"], Value::Null, "{verdict}");
    // This one counts, and it is the only one.
    client.save(&project.write("word.txt", "two\n"));
    let status = client
        .wait("reload/status", |status| {
            status["services"][0]["run"]["generation"] == 2 && status["state"] == "ready"
        })
        .await;
    let trigger = &status["services"][0]["trigger"];
    assert_eq!(trigger["files"], json!([uri(&project.path("word.txt"))]), "{trigger}");
    client.save(&outside);
    client.save(&project.write("word.txt", "three\n"));
    client.wait("reload/log", |log| log["entries"].to_string().contains("serving three")).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_client_vouches_for_its_own_folder_not_for_a_configuration_above_it() {
    let project = Project::new(CONFIGURATION);
    fs::create_dir(project.path("part")).unwrap();
    let mut client = project.editor();
    client.answer("window/showMessageRequest", |_| Some(Value::Null));
    client.initialize(json!({ "rootUri": uri(&project.path("part")) })).await;
    let asked = question(&mut client).await;
    assert!(asked.contains(&format!("in {}:", project.root().display())), "{asked}");
    client.shutdown().await;
    // A client that has both open vouches for both.
    let folders = ["part", ""].map(|name| json!({ "uri": uri(&project.path(name)), "name": name }));
    let mut client = project.editor();
    client.initialize(json!({ "workspaceFolders": folders })).await;
    state(&mut client, "ready").await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_configuration_that_another_user_left_above_the_folder_is_none() {
    // Only root can make a file another user's; for everybody else there is nothing to be seen here.
    if !geteuid().is_root() {
        eprintln!("not tested: only root can give a file to another user");
        return;
    }
    let canary = Canary::new();
    let project = &canary.project;
    chown(project.path("reload.toml"), Some(65_534), None).unwrap();
    fs::create_dir(project.path("part")).unwrap();
    fs::write(project.path("part/reload.toml.example"), "").unwrap();
    let mut client = vouching(project, "project/part").await;
    client.wait("reload/status", |status| status["root"] == uri(&project.path("part")).as_str()).await;
    client.shutdown().await;
    canary.assert_silent();
}

#[tokio::test]
async fn a_plan_that_was_allowed_is_another_when_the_project_was_copied() {
    let project = Project::new(CONFIGURATION);
    assert!(project.output(&["allow"]).await.status.success());
    fs::rename(project.root(), project.beside("moved")).unwrap();
    fs::create_dir(project.root()).unwrap();
    for name in ["reload.toml", "serve.sh", "word.txt"] {
        fs::copy(project.beside("moved").join(name), project.path(name)).unwrap();
    }
    let mut client = project.editor();
    open(&mut client, &project, None).await;
    // The same place, the same bytes: it is the same plan.
    state(&mut client, "ready").await;
    client.shutdown().await;
    let mut client = project.editor();
    client.answer("window/showMessageRequest", |_| Some(Value::Null));
    let options = json!({ "reload": { "trust": { "granted": false } } });
    client
        .initialize(json!({ "rootUri": uri(&project.beside("moved")), "initializationOptions": options }))
        .await;
    question(&mut client).await;
    client.shutdown().await;
}
