//! What a person asks for by hand, from an editor that knows us and from one that knows only commands.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::page::{printed, ready, service};
use crate::support::project::Project;

/// How something is asked for.
#[derive(Clone, Copy)]
enum By {
    Request,
    Command,
}

impl By {
    async fn ask(self, client: &mut Client, what: &str) {
        let target = json!({ "service": "note" });
        let answer = match self {
            Self::Request => client.request(&format!("reload/{what}"), target).await,
            Self::Command => {
                let params = json!({ "command": format!("reload-lsp.{what}"), "arguments": [target] });
                client.request("workspace/executeCommand", params).await
            }
        };
        let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(answer["accepted"], true);
    }
}

#[tokio::test]
async fn a_person_can_build_restart_stop_start_pause_and_resume() {
    for by in [By::Request, By::Command] {
        let project = Project::note("[watch]\nmode = \"off\"\n");
        let mut client = project.open().await;
        let first = ready(&mut client, "note", 1).await;

        by.ask(&mut client, "build").await;
        let built = service(&mut client, "note", |note| note["build"]["phase"] == "unchanged").await;
        assert_eq!(built["build"]["generation"], 2);
        assert_eq!(built["trigger"]["origin"], "person");
        assert_eq!(built["run"]["pid"], first["run"]["pid"], "the same text need not run again");

        by.ask(&mut client, "restart").await;
        let is_new = |note: &Value| note["state"] == "ready" && note["run"]["pid"] != first["run"]["pid"];
        let restarted = service(&mut client, "note", is_new).await;
        assert_eq!(restarted["build"]["generation"], 2, "a restart builds nothing");

        by.ask(&mut client, "stop").await;
        let stopped = |note: &Value| note["state"] == "stopped" && note["run"].is_null();
        let exit = service(&mut client, "note", stopped).await["lastExit"].take();
        assert_eq!([&exit["asked"], &exit["signal"]], [&json!(true), &json!(15)]);

        by.ask(&mut client, "start").await;
        let is_third = |note: &Value| note["state"] == "ready" && note["run"]["id"] == 3;
        service(&mut client, "note", is_third).await;

        by.ask(&mut client, "pause").await;
        service(&mut client, "note", |note| note["state"] == "paused").await;
        project.save(&client, "note.txt", "two\n");
        project.save(&client, "other.txt", "new\n");
        let message = "paused; 2 changes collected";
        let paused = service(&mut client, "note", |note| note["message"] == message).await;
        assert_eq!(paused["build"]["generation"], 2);

        by.ask(&mut client, "resume").await;
        assert_eq!(printed(&mut client, "two").await, 3, "one trip for all that was collected");
        ready(&mut client, "note", 3).await;
        assert_eq!(client.shutdown().await, Some(0));
        assert_eq!(project.read("builds").lines().count(), 3);
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_carried_out_says_why() {
    let project = Project::note("");
    let mut client = project.open().await;
    ready(&mut client, "note", 1).await;
    let error = client.request("reload/restart", json!({ "service": "nota" })).await.unwrap_err();
    assert_eq!(error["code"], -32803);
    assert_eq!(error["data"]["kind"], "unknownService");
    assert!(error["message"].as_str().unwrap().contains("note"), "{error}");
    assert_eq!(client.shutdown().await, Some(0));
}
