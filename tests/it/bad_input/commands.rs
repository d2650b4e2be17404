//! Commands that cannot be started, never end, or end at once.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::client::Client;
use crate::support::project::{Project, state};

/// Asserts that the problem is shown at the line with `command`, and says `parts`.
async fn shown_at(project: &Project, client: &mut Client, command: &str, parts: &[&str]) {
    let diagnostic = project.diagnostic(client, parts[0]).await;
    let message = diagnostic["message"].as_str().unwrap();
    for part in parts {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    assert!(message.contains("help: "), "there is no remedy in {message}");
    assert_eq!(diagnostic["range"]["start"]["line"], project.line_with(command), "{message}");
    assert_eq!(diagnostic["severity"], 1);
}

#[tokio::test]
async fn a_build_command_that_is_missing_is_named_and_tried_again_when_it_is_there() {
    let project = Project::new("[services.api]\nbuild = [\"./tools/compile\"]\nwatch = [\"*.txt\"]\n");
    let mut client = project.open().await;
    shown_at(
        &project,
        &mut client,
        "build =",
        &["build command `./tools/compile`", "tools/compile` does not exist"],
    )
    .await;
    let failed = state(&mut client, "buildFailed").await;
    assert!(failed["build"]["notStarted"].as_str().unwrap().contains("help:"), "{failed}");
    client.wait("window/logMessage", |log| log["message"].as_str().unwrap().contains("tools/compile")).await;

    project.script("tools/compile", "#!/bin/sh\n");
    client.save(&project.path("word.txt"));
    project.no_diagnostics(&mut client).await;
    assert_eq!(state(&mut client, "idle").await["build"]["phase"], "passed");
    client.shutdown().await;
}

#[tokio::test]
async fn a_build_program_that_is_not_in_path_is_named_and_the_configuration_can_be_mended() {
    let configuration = "[services.api]\nrun = \"sh serve.sh\"\nready = { log = \"serving\" }\nbuild = [\"no-such-compiler\", \"-x\"]\n";
    let project = Project::new(configuration);
    let mut client = project.open().await;
    let parts = ["build command `no-such-compiler -x`", "`no-such-compiler` was not found in PATH"];
    shown_at(&project, &mut client, "build =", &parts).await;
    let path = project.write("reload.toml", configuration.replace("no-such-compiler", "true"));
    client.save(&path);
    state(&mut client, "ready").await;
    project.no_diagnostics(&mut client).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_program_that_the_shell_does_not_find_is_named_with_a_remedy() {
    for (key, file) in [("build", "Makefile"), ("run", "word.txt")] {
        let project =
            Project::new(&format!("[services.api]\n{key} = \"no-such-tool --fast\"\nwatch = [\"**\"]\n"));
        project.write(file, "x\n");
        let mut client = project.open().await;
        shown_at(&project, &mut client, key, &["no-such-tool", "127", "found"]).await;
        let mended = format!("[services.api]\n{key} = \"echo mended\"\n");
        client.save(&project.write("reload.toml", mended));
        project.no_diagnostics(&mut client).await;
        client.shutdown().await;
    }
}

#[tokio::test]
async fn a_command_that_may_not_be_executed_is_named_with_what_to_do() {
    for (key, line, what) in [
        ("build", "[\"./tool\"]", "is not executable"),
        ("run", "[\"./tool\"]", "is not executable"),
        ("build", "\"./tool\"", "126"),
        ("run", "\"./tool\"", "126"),
    ] {
        let project = Project::new(&format!("[services.api]\n{key} = {line}\nwatch = [\"**\"]\n"));
        let tool = project.write("tool", "#!/bin/sh\n");
        let mut client = project.open().await;
        shown_at(&project, &mut client, key, &["tool", what, "chmod +x"]).await;
        std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
        client.save(&tool);
        project.no_diagnostics(&mut client).await;
        client.shutdown().await;
    }
}

#[tokio::test]
async fn a_terminal_is_told_of_a_command_that_cannot_be_started_and_goes_on() {
    let project = Project::new(
        "[services.api]\nbuild = [\"./compile\"]\nrun = [\"./serve\"]\nready = { log = \"serving\" }\nwatch = [\"**\"]\n",
    );
    let mut terminal = project.run();
    let line = terminal.line("could not be built").await;
    assert!(line.contains("compile` does not exist") && line.contains("help:"), "{line}");
    project.script("compile", "#!/bin/sh\n");
    let line = terminal.line("could not be started").await;
    assert!(line.contains("serve` does not exist") && line.contains("help:"), "{line}");
    project.script("serve", "#!/bin/sh\necho serving\nexec sleep 1000\n");
    terminal.line("✓ api ready").await;
    terminal.quit().await;
}

#[tokio::test]
async fn a_build_that_never_ends_can_be_canceled_in_three_ways() {
    let project =
        Project::new("[services.api]\nbuild = \"cat word.txt; exec sleep 1000\"\nwatch = [\"*.txt\"]\n");
    let mut client = project.open().await;
    let building = client
        .wait("reload/status", |status| {
            let build = &status["services"][0]["build"];
            build["phase"] == "running"
                && build["elapsedMs"].as_u64().is_some()
                && build["startedAt"].is_string()
        })
        .await;
    assert_eq!(building["state"], "building");

    // The next save: it is for the next generation.
    client.wait("reload/log", |log| log["entries"].to_string().contains("one")).await;
    client.save(&project.write("word.txt", "two\n"));
    client.wait("reload/log", |log| log["entries"].to_string().contains("two")).await;

    // The progress.
    let is_second = |params: &serde_json::Value| {
        params["value"]["kind"] == "begin" && params["token"].to_string().contains('2')
    };
    let token = client.wait("$/progress", is_second).await["token"].clone();
    client.notify("window/workDoneProgress/cancel", json!({ "token": token }));
    client.wait("reload/status", |status| status["services"][0]["build"]["phase"] == "stopped").await;
    client.wait("$/progress", |params| params["token"] == token && params["value"]["kind"] == "end").await;

    // The command.
    client.taken("reload/status");
    let build = json!({ "command": "reload-lsp.build" });
    client.request("workspace/executeCommand", build).await.unwrap();
    client.wait("reload/status", |status| status["services"][0]["build"]["phase"] == "running").await;
    let stop = json!({ "command": "reload-lsp.stop", "arguments": ["api"] });
    client.request("workspace/executeCommand", stop).await.unwrap();
    client.wait("reload/status", |status| status["services"][0]["build"]["phase"] == "stopped").await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_service_that_has_nothing_more_to_do_waits_for_the_next_change() {
    let project = Project::new("[services.api]\nrun = \"cat word.txt\"\nwatch = [\"*.txt\"]\n");
    let mut client = project.open().await;
    let finished = state(&mut client, "finished").await;
    assert_eq!(finished["lastExit"]["code"], 0);
    assert!(finished["message"].as_str().unwrap().contains("waits for the next change"), "{finished}");
    client.save(&project.write("word.txt", "two\n"));
    client.wait("reload/log", |log| log["entries"].to_string().contains("two")).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_service_that_fails_at_once_is_tried_again_later_and_at_once_after_a_change() {
    let project = Project::new(
        "[services.api]\nrun = \"sh serve.sh\"\nready = { log = \"serving\" }\nwatch = [\"*.sh\"]\n",
    );
    project.write("serve.sh", "echo 'the database is gone' >&2\nexit 3\n");
    let mut client = project.open().await;
    let crashed = state(&mut client, "crashed").await;
    assert_eq!(crashed["waiting"]["why"], "backoff", "{crashed}");
    assert!(crashed["waiting"]["until"].is_string(), "{crashed}");
    assert!(crashed["message"].as_str().unwrap().contains("exited with code 3; starts again"), "{crashed}");
    let diagnostic = project.diagnostic(&mut client, "exited with code 3").await;
    assert_eq!(diagnostic["range"]["start"]["line"], project.line_with("run ="));
    client.wait("reload/status", |status| status["services"][0]["crashes"] == 2).await;

    client.save(&project.write("serve.sh", crate::support::project::SERVE));
    state(&mut client, "ready").await;
    project.no_diagnostics(&mut client).await;
    client.shutdown().await;
}
