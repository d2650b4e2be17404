//! Disks that are full, and files in the way of ours.
#![expect(clippy::disallowed_methods, reason = "the program is started on a disk of its own")]

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::json;
use tokio::process::Command;

use crate::support::client::{Client, uri};
use crate::support::project::{Project, state};

const CONFIGURATION: &str = "[services.api]\nbuild = \"cp serve.sh {out}\"\nrun = \"sh {out}\"\n\
    ready = { log = \"serving\" }\nwatch = [\"*.txt\"]\n";

/// Puts a disk of 64 KiB in the place of `.reload` and fills it. Nobody else sees it, and it goes with the program.
const FILL: &str = "mount -t tmpfs -o size=64k none .reload && { cat /dev/zero > .reload/filler; exec \"$@\"; } 2> /dev/null";

/// Where nothing may be mounted: no file may have any content.
const LIMIT: &str = "trap '' XFSZ && ulimit -f 0 && exec \"$@\"";

async fn may_mount() -> bool {
    let mut trial = Command::new("unshare");
    trial.args(["-Urm", "mount", "-t", "tmpfs", "none", "/tmp"]).stderr(Stdio::null());
    trial.status().await.is_ok_and(|status| status.success())
}

/// The program on a full disk, and what is to be removed to make room, if anything can be done about it.
async fn open_on_full_disk(project: &Project) -> (Client, Option<PathBuf>) {
    fs::create_dir(project.path(".reload")).unwrap();
    let may_mount = may_mount().await;
    let mut command = Command::new(if may_mount { "unshare" } else { "sh" });
    if may_mount {
        command.args(["-Urm", "sh", "-c", FILL, "sh"]);
    } else {
        command.args(["-c", LIMIT, "sh"]);
    }
    command.args([env!("CARGO_BIN_EXE_reload-lsp"), "--stdio"]);
    project.prepare(&mut command);
    let mut client = Client::start(command);
    let filler = project.path(".reload/filler");
    let seen = format!("/proc/{}/root{}", client.pid().unwrap(), filler.display());
    client.initialize(json!({ "rootUri": uri(&project.root()) })).await;
    (client, may_mount.then(|| seen.into()))
}

#[tokio::test]
async fn a_full_disk_is_named_and_the_build_goes_on_when_there_is_room() {
    let project = Project::new(CONFIGURATION);
    let (mut client, filler) = open_on_full_disk(&project).await;
    let diagnostic = project.diagnostic(&mut client, "could not write `").await;
    let message = diagnostic["message"].as_str().unwrap();
    assert!(message.contains("/.reload/") && message.contains("help: "), "{message}");
    assert_eq!(diagnostic["range"]["start"]["line"], project.line_with("build ="));
    let failed = state(&mut client, "buildFailed").await;
    assert!(failed["message"].as_str().unwrap().contains("could not write"), "{failed}");
    // Without a disk of its own for the test there is nothing that could be mended.
    if let Some(filler) = filler {
        assert!(message.contains("No space left") && message.contains("free some space"), "{message}");
        fs::remove_file(&filler).unwrap();
        client.save(&project.path("word.txt"));
        state(&mut client, "ready").await;
        project.no_diagnostics(&mut client).await;
        let ignored = fs::read_to_string(filler.with_file_name(".gitignore")).unwrap();
        assert_eq!(ignored, "*\n", "git is told of what is ours as soon as that is possible");
    }
    client.shutdown().await;
}

#[tokio::test]
async fn a_file_in_the_way_of_our_folder_is_named_and_what_runs_goes_on() {
    let project = Project::new(CONFIGURATION);
    let mut client = project.open().await;
    let before = state(&mut client, "ready").await;
    fs::remove_dir_all(project.path(".reload")).unwrap();
    project.write(".reload", "not a folder\n");
    client.save(&project.write("word.txt", "two\n"));
    let diagnostic = project.diagnostic(&mut client, ".reload/api/2").await;
    assert!(diagnostic["message"].as_str().unwrap().contains("help: a file is in the way"), "{diagnostic}");
    let failed = state(&mut client, "buildFailed").await;
    assert_eq!(failed["run"]["pid"], before["run"]["pid"], "it goes on");
    assert!(failed["message"].as_str().unwrap().contains("generation 1 is still serving"), "{failed}");

    fs::remove_file(project.path(".reload")).unwrap();
    client.save(&project.path("word.txt"));
    client.wait("reload/log", |log| log["entries"].to_string().contains("serving two")).await;
    project.no_diagnostics(&mut client).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_terminal_is_told_of_a_file_in_the_way_and_goes_on() {
    let project = Project::new(CONFIGURATION);
    project.write(".reload", "not a folder\n");
    let mut terminal = project.run();
    let line = terminal.line("could not be built").await;
    assert!(line.contains(".reload/api/1") && line.contains("a file is in the way"), "{line}");
    fs::remove_file(project.path(".reload")).unwrap();
    project.write("word.txt", "two\n");
    terminal.line("serving two").await;
    terminal.quit().await;
}
