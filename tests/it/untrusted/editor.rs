//! The ways in through an editor.

use std::fs;

use serde_json::{Value, json};

use super::canary::{Canary, other_plan, question};
use crate::support::client::{Client, uri};

/// What asks for something to be executed, or stopped.
const REQUESTS: [&str; 6] = ["build", "restart", "start", "stop", "pause", "resume"];

#[tokio::test]
async fn the_exact_commands_are_shown_and_the_state_says_why_nothing_runs() {
    let canary = Canary::new();
    let mut client = canary.open(None).await;
    let asked = question(&mut client).await;
    let status = client.wait("reload/status", |status| status["state"] == "untrusted").await;
    let text = fs::read_to_string(canary.project.path("reload.toml")).unwrap();
    for key in ["build", "run"] {
        let line = text.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
        let command = line.split_once('"').unwrap().1.trim_end_matches('"');
        assert!(asked.contains(command), "{command} is not in {asked}");
        assert!(status["trust"]["commands"].to_string().contains(command), "{status}");
    }
    assert_eq!((&status["trust"]["state"], &status["services"]), (&json!("asking"), &json!([])));
    let diagnostic = canary.project.diagnostic(&mut client, "nobody has allowed these commands yet").await;
    assert_eq!(diagnostic["severity"], 3, "it is no mistake");
    assert!(diagnostic["message"].as_str().unwrap().contains("help: "), "{diagnostic}");
    client
        .wait("window/logMessage", |log| log["message"].as_str().unwrap().contains("nobody has allowed"))
        .await;
    client.shutdown().await;
    canary.assert_silent();
}

#[tokio::test]
async fn an_editor_that_cannot_ask_tells_what_to_do() {
    let canary = Canary::new();
    let mut client = canary.open(None).await;
    client.refuse("window/showMessageRequest");
    client.request("workspace/executeCommand", json!({ "command": "reload-lsp.allow" })).await.unwrap();
    let told = client.wait("window/showMessage", |_| true).await;
    let words = told["message"].as_str().unwrap();
    assert!(words.contains("wants to run these commands") && words.contains("`reload-lsp allow`"), "{words}");
    client.shutdown().await;
    // It was asked at the beginning, too.
    client.taken("window/showMessageRequest");
    client.taken("window/showMessage");
    canary.assert_silent();
}

#[tokio::test]
async fn no_save_and_no_change_on_disk_runs_anything() {
    let canary = Canary::new();
    let mut client = canary.open(None).await;
    question(&mut client).await;
    let plan = other_plan(&mut client, &Value::Null).await;
    let (main, configuration) = (canary.project.path("main.txt"), canary.project.path("reload.toml"));
    client.notify("textDocument/willSave", json!({ "textDocument": { "uri": uri(&main) }, "reason": 1 }));
    client.save(&main);
    client.save(&canary.project.write("main.txt", "two\n"));
    fs::write(canary.project.path("made.txt"), "made\n").unwrap();
    client.save(&configuration);
    client.notify(
        "workspace/didChangeConfiguration",
        json!({ "settings": { "reload": { "trust": { "granted": true } } } }),
    );
    client
        .notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri(&main), "type": 2 }] }));
    client.notify("textDocument/didOpen", json!({ "textDocument": { "uri": uri(&main), "text": "" } }));
    // A change of the configuration is another plan: it is asked about anew, and comes after everything above.
    canary.configure("on_crash = \"wait\"\n");
    client.save(&configuration);
    other_plan(&mut client, &plan).await;
    question(&mut client).await;
    canary.assert_silent();
    client.shutdown().await;
    canary.assert_silent();
}

#[tokio::test]
async fn no_request_and_no_command_runs_anything() {
    let canary = Canary::new();
    let mut client = canary.open(None).await;
    question(&mut client).await;
    for name in REQUESTS {
        for params in [json!({}), json!({ "service": "canary" }), json!({ "build": true })] {
            let refused = client.request(&format!("reload/{name}"), params).await.unwrap_err();
            assert_eq!(
                (&refused["code"], &refused["data"]["kind"]),
                (&json!(-32803), &json!("untrusted")),
                "{name}"
            );
            assert!(refused["message"].as_str().unwrap().contains("help: "), "{refused}");
        }
        let command = json!({ "command": format!("reload-lsp.{name}"), "arguments": ["canary"] });
        let refused = client.request("workspace/executeCommand", command).await.unwrap_err();
        assert_eq!(
            (&refused["code"], &refused["data"]["kind"]),
            (&json!(-32803), &json!("untrusted")),
            "{name}"
        );
    }
    // What only tells may be asked.
    let configuration = json!({ "uri": uri(&canary.project.path("main.txt")) });
    for (method, params) in
        [("reload/getStatus", json!({})), ("reload/getLog", json!({})), ("reload/explain", configuration)]
    {
        client.request(method, params).await.unwrap();
    }
    let lens = json!({ "textDocument": { "uri": uri(&canary.project.path("reload.toml")) } });
    client.request("textDocument/codeLens", lens).await.unwrap();
    // A decision about another plan is none about this one.
    let other = json!({ "plan": "0".repeat(64), "decision": "allow" });
    client.request("reload/allow", other).await.unwrap();
    let ask = json!({ "command": "reload-lsp.allow" });
    client.request("workspace/executeCommand", ask).await.unwrap();
    question(&mut client).await;
    assert_eq!(client.request("reload/build", json!({})).await.unwrap_err()["data"]["kind"], "untrusted");
    canary.assert_silent();
    client.shutdown().await;
    canary.assert_silent();
}

#[tokio::test]
async fn a_folder_that_is_added_later_is_asked_about_too() {
    let (first, second) = (Canary::new(), Canary::guessed());
    let mut client = first.open(None).await;
    question(&mut client).await;
    let folder = json!([{ "uri": uri(&second.project.root()), "name": "second" }]);
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({ "event": { "added": folder, "removed": [] } }),
    );
    let asked = question(&mut client).await;
    assert!(asked.contains("cargo build"), "a guessed plan is one too: {asked}");
    let refused =
        client.request("reload/build", json!({ "uri": uri(&second.project.root()) })).await.unwrap_err();
    assert_eq!(refused["data"]["kind"], "untrusted");
    client.shutdown().await;
    first.assert_silent();
    second.assert_silent();
}

#[tokio::test]
async fn a_client_that_cannot_ask_is_told_what_to_do_and_nothing_runs() {
    let canary = Canary::new();
    let mut client = Client::start(canary.command(&["--stdio"]));
    client
        .request("initialize", json!({ "capabilities": {}, "rootUri": uri(&canary.project.root()) }))
        .await
        .unwrap();
    client.notify("initialized", json!({}));
    let diagnostic = canary.project.diagnostic(&mut client, "nobody has allowed these commands yet").await;
    assert!(diagnostic["message"].as_str().unwrap().contains("reload-lsp allow"), "{diagnostic}");
    // The client of the tests answers with an error, as such clients do.
    question(&mut client).await;
    client.shutdown().await;
    canary.assert_silent();
}
