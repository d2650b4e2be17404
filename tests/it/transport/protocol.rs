//! What a client may ask for, and under which names.

use std::time::Duration;

use reload_lsp::engine::{BuildStage, Request, State};
use reload_lsp::session::Input;
use reload_lsp::trust::{Decision, Voucher};
use serde_json::{Value, json};

use super::fake::{Server, Session, serve_client};
use crate::support::client::{Client, uri};

/// A client with one root and one service that runs.
async fn with_a_service() -> (Client, Server, Session, tempfile::TempDir) {
    let (mut client, mut server) = serve_client();
    let root = tempfile::tempdir().unwrap();
    client.initialize(json!({ "rootUri": uri(root.path()) })).await;
    let session = server.session().await;
    session.paint_service(State::Ready, Some((7, BuildStage::Passed)));
    client.wait("reload/status", |status| status["services"][0]["state"] == "ready").await;
    (client, server, session, root)
}

fn requested(service: Option<&str>, request: Request) -> Input {
    Input::Requested { service: service.map(Into::into), request }
}

#[tokio::test]
async fn the_answer_to_initialize_says_what_there_is() {
    let (mut client, _server) = serve_client();
    let result = client.initialize(json!({})).await;
    let capabilities = &result["capabilities"];
    assert_eq!(capabilities["positionEncoding"], "utf-8");
    let sync = json!({ "openClose": false, "change": 0, "willSave": true, "save": { "includeText": false } });
    assert_eq!(capabilities["textDocumentSync"], sync);
    let offer = &capabilities["experimental"]["reload"];
    assert_eq!(offer["protocol"], 1);
    assert_eq!(offer["commands"], capabilities["executeCommandProvider"]["commands"]);
    assert_eq!(result["serverInfo"]["name"], "reload-lsp");
    client.shutdown().await;
}

#[tokio::test]
async fn every_request_reaches_the_session_and_is_answered_at_once() {
    let (mut client, _server, mut session, _root) = with_a_service().await;
    for (method, params, request) in [
        ("reload/build", json!({ "service": "api" }), Request::Build),
        ("reload/restart", json!({ "service": "api" }), Request::Restart),
        ("reload/restart", json!({ "service": "api", "build": true }), Request::Build),
        ("reload/start", json!({ "service": "api" }), Request::Start),
        ("reload/stop", json!({ "service": "api" }), Request::Stop),
        ("reload/pause", json!({ "service": "api" }), Request::Pause),
        ("reload/resume", json!({ "service": "api" }), Request::Resume),
    ] {
        let answer = client.request(method, params).await.unwrap();
        assert_eq!(answer, json!({ "accepted": true, "generation": 7 }), "{method}");
        assert_eq!(session.input().await, requested(Some("api"), request), "{method}");
    }
    assert_eq!(client.request("reload/build", json!({})).await.unwrap(), json!({ "accepted": true }));
    assert_eq!(session.input().await, requested(None, Request::Build));
    client.shutdown().await;
}

#[tokio::test]
async fn a_hold_lasts_longer_or_ends_by_its_token() {
    let (mut client, _server, mut session, _root) = with_a_service().await;
    let token = client.request("reload/hold", json!({})).await.unwrap()["token"].clone();
    let Input::Held(hold, time) = session.input().await else { panic!("no hold") };
    assert_eq!(time, Duration::from_secs(60));
    let again = client.request("reload/hold", json!({ "token": token, "ttlMs": 500 })).await.unwrap();
    assert_eq!(again, json!({ "token": token }));
    assert_eq!(session.input().await, Input::Held(hold, Duration::from_millis(500)));
    let released = client.request("reload/release", json!({ "token": token })).await.unwrap();
    assert_eq!(released, json!({ "accepted": true }));
    assert_eq!(session.input().await, Input::Released(Some(hold)));
    let other = client.request("reload/hold", json!({})).await.unwrap();
    assert_ne!(other["token"], token);
    client.shutdown().await;
}

#[tokio::test]
async fn every_command_takes_an_object_or_plain_strings() {
    let (mut client, _server, mut session, _root) = with_a_service().await;
    for (command, arguments, expected) in [
        ("build", json!([{ "service": "api" }]), requested(Some("api"), Request::Build)),
        ("build", json!(["api"]), requested(Some("api"), Request::Build)),
        ("build", json!([]), requested(None, Request::Build)),
        ("restart", json!(["api"]), requested(Some("api"), Request::Restart)),
        ("stop", Value::Null, requested(None, Request::Stop)),
        ("start", json!([null]), requested(None, Request::Start)),
        ("pause", json!([{}]), requested(None, Request::Pause)),
        ("resume", json!([{ "unknown": 1 }]), requested(None, Request::Resume)),
        ("allow", json!(["abc"]), Input::Decided { plan: "abc".into(), decision: Decision::Allow }),
        (
            "allow",
            json!([{ "plan": "abc", "decision": "onlyNow" }]),
            Input::Decided { plan: "abc".into(), decision: Decision::OnlyNow },
        ),
    ] {
        let params = json!({ "command": format!("reload-lsp.{command}"), "arguments": arguments });
        let answer = client.request("workspace/executeCommand", params.clone()).await;
        assert_eq!(answer.unwrap()["accepted"], true, "{params}");
        assert_eq!(session.input().await, expected, "{params}");
    }
    client.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_done_says_why() {
    let (mut client, _server, session, root) = with_a_service().await;
    let command = |id: &str, arguments: Value| json!({ "command": id, "arguments": arguments });
    for (method, params, code, kind) in [
        ("reload/build", json!({ "service": "ap" }), -32803, json!("unknownService")),
        ("reload/build", json!({ "service": 7 }), -32602, Value::Null),
        ("reload/build", json!({ "uri": "file:///elsewhere" }), -32803, json!("misconfigured")),
        ("reload/build", json!({ "uri": "untitled:1" }), -32602, Value::Null),
        ("reload/explain", json!({}), -32602, Value::Null),
        ("reload/hold", json!({ "ttlMs": 0 }), -32602, Value::Null),
        ("reload/hold", json!({ "ttlMs": 3_600_001 }), -32602, Value::Null),
        ("reload/release", json!({ "token": "no token" }), -32602, Value::Null),
        ("reload/allow", json!({}), -32602, Value::Null),
        ("reload/allow", json!({ "plan": "x", "decision": "perhaps" }), -32602, Value::Null),
        ("workspace/executeCommand", command("reload-lsp.fly", json!([])), -32602, Value::Null),
        ("workspace/executeCommand", command("reload-lsp.build", json!([7])), -32602, Value::Null),
        ("workspace/executeCommand", command("reload-lsp.build", json!(["a", "b"])), -32602, Value::Null),
    ] {
        let error = client.request(method, params.clone()).await.unwrap_err();
        assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(code), &kind), "{params}: {error}");
    }
    session.paint(|picture| {
        picture.status = std::sync::Arc::default();
        let plan = reload_lsp::trust::Plan { root: root.path().into(), hash: "h".into(), commands: vec![] };
        picture.trust = std::sync::Arc::new(reload_lsp::session::Trust::Denied { plan });
    });
    let error = client.request("reload/build", json!({})).await.unwrap_err();
    assert_eq!(error["data"]["kind"], "untrusted");
    client.shutdown().await;
}

#[tokio::test]
async fn the_client_vouches_for_its_folder_or_does_not() {
    for (granted, voucher) in [(true, Voucher::Client), (false, Voucher::Nobody)] {
        let (mut client, mut server) = serve_client();
        let trust = json!({ "reload": { "trust": { "granted": granted } } });
        client.initialize(json!({ "initializationOptions": trust })).await;
        assert_eq!(server.session().await.setup.voucher, voucher);
        client.shutdown().await;
    }
}

#[tokio::test]
async fn folders_come_and_go_while_the_server_runs() {
    let (mut client, mut server) = serve_client();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [first, second] = folders.each_ref().map(|folder| json!({ "uri": uri(folder.path()), "name": "x" }));
    client.initialize(json!({ "workspaceFolders": [first] })).await;
    let mut old = server.session().await;

    let event = json!({ "event": { "added": [second, first], "removed": [first] } });
    client.notify("workspace/didChangeWorkspaceFolders", event);
    let new = server.session().await;
    assert_eq!(new.setup.root, folders[1].path().canonicalize().unwrap());
    // One of the two entries of the first folder is left.
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({ "event": { "added": [], "removed": [first] } }),
    );
    assert!(matches!(old.input().await, Input::Shutdown(Some(_))));
    let statuses =
        client.request("reload/getStatus", json!({ "uri": uri(folders[1].path()) })).await.unwrap();
    assert_eq!(statuses["statuses"][0]["root"], uri(&new.setup.root));
    client.shutdown().await;
}

#[tokio::test]
async fn the_configuration_has_a_lens_on_each_service() {
    let (mut client, _server, session, root) = with_a_service().await;
    let file = root.path().canonicalize().unwrap().join("reload.toml");
    std::fs::write(&file, "# x\n\n[services.api]\nrun = \"x\"\n[services.other]\n").unwrap();
    let path = file.clone();
    session.paint(move |picture| {
        let configuration = reload_lsp::session::Configuration { file: Some(path), ..Default::default() };
        picture.configuration = std::sync::Arc::new(configuration);
    });
    let document = json!({ "textDocument": { "uri": uri(&file) } });
    let lenses = client.request("textDocument/codeLens", document).await.unwrap();
    let titles: Vec<_> = lenses.as_array().unwrap().iter().map(|lens| &lens["command"]["title"]).collect();
    assert_eq!(titles, ["Ready", "restart", "stop", "log"]);
    assert_eq!(lenses[0]["range"]["start"]["line"], 2);
    let button = lenses[1]["command"].clone();
    let params = json!({ "command": button["command"], "arguments": button["arguments"] });
    client.request("workspace/executeCommand", params).await.unwrap();
    client.shutdown().await;
}
