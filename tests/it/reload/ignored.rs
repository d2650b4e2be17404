//! What is ignored costs nothing: no build, no watch.

use std::fs;

use serde_json::json;
use tokio::process::Command;

use crate::support::client::{Client, LIMIT, uri};
use crate::support::page::ready;
use crate::support::project::Project;

/// A watched project that ignores `node_modules`, and how many directories of it are watched.
async fn project() -> (Project, Client, u64) {
    let project = Project::note("");
    project.write(".gitignore", "node_modules/\n*.log\n");
    let file = project.read("reload.toml").replace("*.txt", "**/*.txt");
    project.write("reload.toml", file);
    project.write("src/part.txt", "one");
    let mut client = project.open().await;
    ready(&mut client, "note", 1).await;
    let directories = watched(&mut client).await;
    assert_eq!(directories, 2, "the root and `src`");
    (project, client, directories)
}

/// How many directories are watched, once everything is.
async fn watched(client: &mut Client) -> u64 {
    let mut answer = client.request("reload/getStatus", json!({})).await.unwrap();
    let mut watch = answer["statuses"][0]["watch"].take();
    if watch["complete"] != true {
        watch =
            client.wait("reload/status", |status| status["watch"]["complete"] == true).await["watch"].take();
    }
    watch["directories"].as_u64().unwrap()
}

/// The next generation is this file's alone, and no directory more is watched than before.
async fn assert_nothing_but_a_cookie(project: &Project, client: &mut Client, directories: u64) {
    let cookie = project.write("src/cookie.txt", "baked");
    let second = ready(client, "note", 2).await;
    assert_eq!(second["trigger"]["files"], json!([uri(&cookie)]));
    assert_eq!(second["trigger"]["count"], 1);
    assert_eq!(watched(client).await, directories);
}

#[tokio::test]
async fn thousands_of_ignored_files_are_no_build_and_take_no_watch() {
    let (project, mut client, directories) = project().await;
    for package in 0..100 {
        let package = project.path(&format!("node_modules/package-{package}/dist"));
        fs::create_dir_all(&package).unwrap();
        for part in 0..50 {
            fs::write(package.join(format!("part-{part}.txt")), "part").unwrap();
        }
    }
    assert_nothing_but_a_cookie(&project, &mut client, directories).await;

    // Again, as an update does it: the old ones make way for new ones, which are moved in as a whole.
    fs::rename(project.path("node_modules"), project.beside("node_modules")).unwrap();
    fs::rename(project.beside("node_modules"), project.path("node_modules")).unwrap();
    for number in 0..1_000 {
        fs::write(project.path(&format!("src/{}.log", number % 10)), number.to_string()).unwrap();
    }
    project.write("src/cookie.txt", "eaten");
    let third = ready(&mut client, "note", 3).await;
    assert_eq!(third["trigger"]["count"], 1);
    assert_eq!(watched(&mut client).await, directories);
    assert_eq!(client.shutdown().await, Some(0));
}

/// In a module of its own, so that it is run where npm is.
mod trials {
    use super::*;

    #[tokio::test]
    #[ignore = "needs npm"]
    async fn npm_installs_without_a_build_or_a_watch() {
        let (project, mut client, directories) = project().await;
        let package = |name: &str| format!("{{ \"name\": \"{name}\", \"version\": \"1.0.0\" }}");
        let mut folders = Vec::new();
        for number in 0..20 {
            let name = format!("package-{number}");
            let folder = project.beside(&name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("package.json"), package(&name)).unwrap();
            for part in 0..50 {
                fs::write(folder.join(format!("part-{part}.txt")), "part").unwrap();
            }
            folders.push(folder);
        }
        fs::write(project.path("package.json"), package("project")).unwrap();
        // Copies instead of symlinks: what comes from a registry is no symlink either.
        let npm = Command::new("npm")
            .args(["install", "--install-links", "--offline", "--no-audit", "--no-fund"])
            .args(folders)
            .current_dir(project.root())
            .env("HOME", project.beside(""))
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(LIMIT, npm).await.expect("npm ends").unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(project.path("node_modules/package-19/part-49.txt").is_file());
        assert_nothing_but_a_cookie(&project, &mut client, directories).await;
        assert_eq!(client.shutdown().await, Some(0));
    }
}
