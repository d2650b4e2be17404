//! Configurations that cannot be read or make no sense, env files with a mistake, and a root that is gone for a while.

use std::fs;

use serde_json::Value;

use crate::support::client::Client;
use crate::support::project::{Project, state};

const GOOD: &str =
    "[services.api]\nrun = \"sh serve.sh\"\nready = { log = \"serving\" }\nwatch = [\"*.txt\"]\n";

/// What may stand in the place of a configuration: how it gets there, what is said of it, and in which line.
const BAD: [(&str, &str, u64); 5] = [
    ("a folder", "it is no regular file", 0),
    ("[services.api]\nrun = \"sh \u{fffd}serve.sh\"\n", "the text is not UTF-8", 1),
    ("[services.api]\nrun = \"sh serve.sh\n", "invalid", 1),
    ("[services.api]\nrn = \"sh serve.sh\"\n", "unknown key `rn`", 1),
    ("[services.api]\nrun = \"sh serve.sh\"\ngrace = 5\n", "grace", 2),
];

fn put(project: &Project, bad: &str) {
    let path = project.path("reload.toml");
    if bad == "a folder" {
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
    } else {
        // A byte that no text in UTF-8 has.
        let bytes: Vec<u8> =
            bad.chars().flat_map(|c| if c == '\u{fffd}' { vec![0xff] } else { vec![c as u8] }).collect();
        project.write("reload.toml", bytes);
    }
}

fn mend(project: &Project) {
    let path = project.path("reload.toml");
    if path.is_dir() {
        fs::remove_dir(&path).unwrap();
    }
    project.write("reload.toml", GOOD);
}

fn pid(service: &Value) -> u64 {
    service["run"]["pid"].as_u64().unwrap()
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_shown_at_its_line_and_waited_for() {
    for (bad, said, line) in BAD {
        let project = Project::new(GOOD);
        put(&project, bad);
        let mut client = project.open().await;
        let diagnostic = project.diagnostic(&mut client, said).await;
        assert_eq!(diagnostic["range"]["start"]["line"], line, "{diagnostic}");
        assert_eq!(diagnostic["severity"], 1);
        assert!(diagnostic["message"].as_str().unwrap().contains("help: "), "{diagnostic}");
        let status = client.wait("reload/status", |status| status["state"] == "misconfigured").await;
        assert!(status["errors"].to_string().contains(said), "{status}");
        client.wait("window/logMessage", |log| log["message"].as_str().unwrap().contains(said)).await;
        mend(&project);
        state(&mut client, "ready").await;
        project.no_diagnostics(&mut client).await;
        client.shutdown().await;
    }
}

#[tokio::test]
async fn a_configuration_that_becomes_invalid_does_not_touch_what_runs() {
    for (bad, said, line) in BAD {
        let project = Project::new(GOOD);
        let mut client = project.open().await;
        let before = state(&mut client, "ready").await;
        put(&project, bad);
        client.save(&project.path("reload.toml"));
        let diagnostic = project.diagnostic(&mut client, said).await;
        assert_eq!(diagnostic["range"]["start"]["line"], line, "{diagnostic}");
        let status =
            client.wait("reload/status", |status| !status["errors"].as_array().unwrap().is_empty()).await;
        assert_eq!(
            (&status["state"], pid(&status["services"][0])),
            (&"ready".into(), pid(&before)),
            "it goes on"
        );
        // The last configuration that was right still holds.
        client.taken("reload/status");
        client.save(&project.write("word.txt", "two\n"));
        let second =
            client.wait("reload/status", |status| status["services"][0]["run"]["generation"] == 2).await;
        assert!(!second["errors"].as_array().unwrap().is_empty());
        mend(&project);
        project.no_diagnostics(&mut client).await;
        client
            .wait("reload/status", |status| {
                status["errors"].as_array().unwrap().is_empty() && status["state"] == "ready"
            })
            .await;
        client.shutdown().await;
    }
}

#[tokio::test]
async fn a_terminal_shows_every_mistake_of_the_configuration_and_goes_on_when_it_is_mended() {
    let project = Project::new(GOOD);
    let mut terminal = project.run();
    terminal.line("✓ api ready").await;
    for (bad, said, line) in BAD {
        put(&project, bad);
        let shown = terminal.line(said).await;
        assert!(shown.contains(&format!("✗ reload.toml:{}:", line + 1)), "{shown}");
        terminal.line("help: ").await;
        mend(&project);
        terminal.line("the configuration is right again").await;
    }
    terminal.quit().await;
}

#[tokio::test]
async fn an_env_file_with_a_mistake_is_named_with_its_line() {
    let project = Project::new(&format!("{GOOD}env_files = [\"dev.env\"]\n"));
    let env = project.write("dev.env", "PORT=1\nNAME=\"half\n");
    let mut client = project.open().await;
    let diagnostic = project.diagnostic(&mut client, "dev.env:2: ").await;
    assert!(diagnostic["message"].as_str().unwrap().contains("help: "), "{diagnostic}");
    assert_eq!(diagnostic["range"]["start"]["line"], project.line_with("run ="));
    let crashed = state(&mut client, "crashed").await;
    assert!(crashed["message"].as_str().unwrap().contains("dev.env:2: "), "{crashed}");
    client.save(&project.write("dev.env", "PORT=1\nNAME=\"whole\"\n"));
    state(&mut client, "ready").await;
    project.no_diagnostics(&mut client).await;

    // The same while it runs.
    fs::write(&env, "PORT=1\nhalf a line\n").unwrap();
    project.diagnostic(&mut client, "dev.env:2: ").await;
    client.taken("reload/status");
    fs::write(&env, "PORT=2\n").unwrap();
    state(&mut client, "ready").await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_terminal_is_told_of_a_mistake_in_an_env_file() {
    let project = Project::new(&format!("{GOOD}env_files = [\"dev.env\"]\n"));
    project.write("dev.env", "PORT=1\nhalf a line\n");
    let mut terminal = project.run();
    let line = terminal.line("could not be started: dev.env:2: ").await;
    assert!(line.contains("help: "), "{line}");
    project.write("dev.env", "PORT=1\n");
    terminal.line("✓ api ready").await;
    terminal.quit().await;
}

/// Takes the root away, and waits until that is said.
async fn take_away(project: &Project, client: &mut Client) {
    fs::rename(project.root(), project.beside("away")).unwrap();
    let name = project.root().display().to_string();
    let is_said =
        |text: &Value| text.as_str().is_some_and(|text| text.contains(&name) && text.contains("help:"));
    client.wait("reload/status", |status| is_said(&status["watch"]["degraded"])).await;
}

#[tokio::test]
async fn a_root_that_disappears_is_said_and_picked_up_again_when_it_is_back() {
    let project = Project::new(GOOD);
    let mut client = project.open().await;
    let before = state(&mut client, "ready").await;
    take_away(&project, &mut client).await;
    let status = client.request("reload/getStatus", Value::Null).await.unwrap();
    assert_eq!(pid(&status["statuses"][0]["services"][0]), pid(&before), "the service goes on: {status}");

    fs::rename(project.beside("away"), project.root()).unwrap();
    client
        .wait("reload/status", |status| {
            status["watch"]["degraded"].is_null() && status["watch"]["complete"] == true
        })
        .await;
    client.taken("reload/status");
    fs::write(project.path("word.txt"), "two\n").unwrap();
    let status = client
        .wait("reload/status", |status| {
            status["services"][0]["run"]["generation"] == 2 && status["state"] == "ready"
        })
        .await;
    assert_eq!(status["errors"], serde_json::json!([]));
    client.shutdown().await;
}

#[tokio::test]
async fn a_root_that_was_cloned_anew_is_picked_up_with_everything_that_differs() {
    let project = Project::new(GOOD);
    let mut client = project.open().await;
    state(&mut client, "ready").await;
    take_away(&project, &mut client).await;
    fs::create_dir(project.root()).unwrap();
    project.write("serve.sh", crate::support::project::SERVE);
    project.write("word.txt", "two\n");
    project.write("reload.toml", GOOD);
    client.wait("reload/log", |log| log["entries"].to_string().contains("serving two")).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_terminal_is_told_that_the_root_is_gone_and_when_it_is_back() {
    let project = Project::new(GOOD);
    let mut terminal = project.run();
    terminal.line("✓ api ready").await;
    fs::rename(project.root(), project.beside("away")).unwrap();
    let line = terminal.line("is gone").await;
    assert!(line.contains("help: "), "{line}");
    fs::rename(project.beside("away"), project.root()).unwrap();
    terminal.line("the disk is watched as it should be again").await;
    project.write("word.txt", "two\n");
    terminal.line("serving two").await;
    terminal.quit().await;
}
