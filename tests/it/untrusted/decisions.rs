//! Who may allow what, for how long, and what happens when that changes.

use serde_json::{Value, json};

use super::canary::{open, question};
use crate::support::client::Client;
use crate::support::project::{Project, state};

const CONFIGURATION: &str =
    "[services.api]\nrun = \"sh serve.sh\"\nready = { log = \"serving\" }\nwatch = [\"*.txt\"]\n";

/// The same with another command.
fn changed() -> String {
    CONFIGURATION.replace("sh serve.sh", "sh ./serve.sh again")
}

async fn opened(project: &Project, title: Option<&str>) -> Client {
    let mut client = project.editor();
    open(&mut client, project, title).await;
    client
}

/// Asserts that the session has asked and was told no.
async fn assert_waits(client: &mut Client) {
    let status = client.request("reload/getStatus", json!({})).await.unwrap();
    assert_eq!(status["statuses"][0]["state"], "untrusted", "{status}");
    assert_eq!(status["statuses"][0]["services"], json!([]));
}

#[tokio::test]
async fn no_answer_is_no() {
    let project = Project::new(CONFIGURATION);
    for is_answered in [true, false] {
        let mut client = project.editor();
        let never = |_: &Value| None;
        open(&mut client, &project, None).await;
        if !is_answered {
            client.answer("window/showMessageRequest", never);
        }
        question(&mut client).await;
        assert_waits(&mut client).await;
        client.shutdown().await;
    }
}

#[tokio::test]
async fn only_now_lasts_for_one_session() {
    let project = Project::new(CONFIGURATION);
    for _ in 0..2 {
        let mut client = opened(&project, Some("Only now")).await;
        question(&mut client).await;
        state(&mut client, "ready").await;
        project.no_diagnostics(&mut client).await;
        client.shutdown().await;
    }
}

#[tokio::test]
async fn what_was_allowed_is_remembered() {
    let project = Project::new(CONFIGURATION);
    let mut client = opened(&project, Some("Allow")).await;
    question(&mut client).await;
    state(&mut client, "ready").await;
    client.shutdown().await;
    // Dropped, the next one would complain of a question that nobody looked at.
    let mut client = opened(&project, None).await;
    state(&mut client, "ready").await;
    client.shutdown().await;
}

#[tokio::test]
async fn what_was_denied_is_remembered_until_somebody_asks_again() {
    let project = Project::new(CONFIGURATION);
    let mut client = opened(&project, Some("Never")).await;
    question(&mut client).await;
    client.wait("reload/status", |status| status["trust"]["state"] == "denied").await;
    project.diagnostic(&mut client, "these commands were denied").await;
    client.shutdown().await;

    let mut client = opened(&project, Some("Allow")).await;
    client.wait("reload/status", |status| status["trust"]["state"] == "denied").await;
    assert_waits(&mut client).await;
    assert!(client.taken("window/showMessageRequest").is_empty(), "nobody is pestered");
    let ask = json!({ "command": "reload-lsp.allow" });
    client.request("workspace/executeCommand", ask).await.unwrap();
    question(&mut client).await;
    state(&mut client, "ready").await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_changed_command_is_asked_about_with_its_difference_while_the_old_one_goes_on() {
    let project = Project::new(CONFIGURATION);
    let mut client = opened(&project, Some("Allow")).await;
    question(&mut client).await;
    let before = state(&mut client, "ready").await;

    client.answer("window/showMessageRequest", |_| Some(Value::Null));
    client.save(&project.write("reload.toml", changed()));
    let asked = question(&mut client).await;
    assert!(
        asked.contains("- api runs: sh serve.sh\n") && asked.contains("+ api runs: sh ./serve.sh again"),
        "{asked}"
    );
    let diagnostic =
        project.diagnostic(&mut client, "the commands have changed since they were allowed").await;
    assert_eq!(diagnostic["severity"], 3);
    assert!(diagnostic["message"].as_str().unwrap().contains("what ran before goes on"), "{diagnostic}");
    let status = client.request("reload/getStatus", json!({})).await.unwrap();
    let status = &status["statuses"][0];
    assert_eq!(status["services"][0]["run"]["pid"], before["run"]["pid"], "it goes on");
    assert_eq!(status["trust"]["before"], json!(["api runs: sh serve.sh"]), "{status}");
    assert!(status["message"].as_str().unwrap().contains("have changed since they were allowed"), "{status}");

    // What goes on is the old command, also after a change.
    client.save(&project.write("word.txt", "two\n"));
    client.wait("reload/log", |log| log["entries"].to_string().contains("serving two")).await;
    client
        .request("reload/allow", json!({ "plan": status["trust"]["plan"], "decision": "allow" }))
        .await
        .unwrap();
    let allowed = |status: &Value| {
        status["trust"]["state"] == "allowed" && status["services"][0]["run"]["generation"] == 3
    };
    client.wait("reload/status", |status| allowed(status) && status["state"] == "ready").await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_change_that_is_taken_back_needs_no_answer() {
    let project = Project::new(CONFIGURATION);
    let mut client = opened(&project, Some("Allow")).await;
    question(&mut client).await;
    state(&mut client, "ready").await;
    client.answer("window/showMessageRequest", |_| None);
    client.save(&project.write("reload.toml", changed()));
    question(&mut client).await;
    client.taken("reload/status");
    client.save(&project.write("reload.toml", CONFIGURATION));
    client.wait("reload/status", |status| status["trust"]["state"] == "allowed").await;
    project.no_diagnostics(&mut client).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_client_that_vouches_is_not_asked_about_a_changed_command_unless_the_configuration_pins() {
    let project = Project::new(CONFIGURATION);
    let mut client = project.open().await;
    state(&mut client, "ready").await;
    client.save(&project.write("reload.toml", changed()));
    client
        .wait("reload/status", |status| {
            status["services"][0]["run"]["generation"] == 2 && status["state"] == "ready"
        })
        .await;
    client.save(&project.write("reload.toml", format!("{CONFIGURATION}[trust]\npin = \"always\"\n")));
    client.answer("window/showMessageRequest", |_| Some(Value::Null));
    question(&mut client).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_hash_in_the_environment_allows_exactly_its_plan() {
    let project = Project::new(CONFIGURATION);
    let told = String::from_utf8(project.output(&["trust"]).await.stdout).unwrap();
    let hash = told.lines().find_map(|line| line.strip_prefix("plan ")).unwrap().to_owned();
    let wrong = hash.replace(|c: char| c.is_ascii_digit(), "0");
    for (allow, runs) in
        [(hash.clone(), true), (wrong, false), (hash[..32].to_owned(), false), (String::new(), false)]
    {
        let mut command = project.command(&["--stdio"]);
        command.env("RELOAD_LSP_ALLOW", &allow);
        let mut client = Client::start(command);
        open(&mut client, &project, None).await;
        if runs {
            state(&mut client, "ready").await;
            // Only this plan.
            client.save(&project.write("reload.toml", changed()));
            question(&mut client).await;
            client.wait("reload/status", |status| status["state"] == "untrusted").await;
            project.write("reload.toml", CONFIGURATION);
        } else {
            question(&mut client).await;
            assert_waits(&mut client).await;
        }
        client.shutdown().await;
    }
}

#[tokio::test]
async fn what_is_allowed_in_a_terminal_runs_at_once_in_the_editor_that_waits() {
    let project = Project::new(CONFIGURATION);
    let mut client = project.editor();
    open(&mut client, &project, None).await;
    client.answer("window/showMessageRequest", |_| None);
    question(&mut client).await;
    assert_waits(&mut client).await;
    assert!(project.output(&["allow"]).await.status.success());
    state(&mut client, "ready").await;
    project.no_diagnostics(&mut client).await;
    client.shutdown().await;
}

#[tokio::test]
async fn what_is_allowed_after_a_no_in_the_editor_runs_at_once_too() {
    let project = Project::new(CONFIGURATION);
    let mut client = opened(&project, Some("Never")).await;
    question(&mut client).await;
    client.wait("reload/status", |status| status["trust"]["state"] == "denied").await;
    assert!(project.output(&["allow"]).await.status.success());
    state(&mut client, "ready").await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_person_who_types_run_has_allowed_it_for_this_time_only() {
    let project = Project::new(CONFIGURATION);
    let mut terminal = project.run();
    terminal.line("✓ api ready").await;
    terminal.quit().await;
    let mut client = opened(&project, None).await;
    question(&mut client).await;
    assert_waits(&mut client).await;
    client.shutdown().await;
}
