//! What the client is shown, and what it costs when it does not look.

use std::sync::Arc;

use reload_lsp::config::{ConfigProblem, Spot};
use reload_lsp::engine::{BuildStage, ColumnUnit, Edit, Fix, Generation, Place, Position, Problem, Request};
use reload_lsp::engine::{Severity, State};
use reload_lsp::lsp::transport::{Frames, encode};
use reload_lsp::output::{From, Output, Source, Stream};
use reload_lsp::session::{Configuration, Input, ServiceProblems, Trust};
use reload_lsp::trust::{Decision, Plan};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::fake::{Server, Session, serve_client, serve_stream};
use crate::support::client::{Client, uri};

/// A client with one root; `params` go over its `initialize`.
async fn with_root(params: Value) -> (Client, Server, Session, tempfile::TempDir) {
    let (mut client, mut server) = serve_client();
    let root = tempfile::tempdir().unwrap();
    let mut all = json!({ "rootUri": uri(root.path()) });
    all.as_object_mut().unwrap().extend(params.as_object().unwrap().clone());
    client.initialize(all).await;
    let session = server.session().await;
    (client, server, session, root)
}

fn problem(session: &Session, name: &str, message: &str) -> Problem {
    let at = |column| Position { line: 1, column: Some(column) };
    let path = session.setup.root.join(name);
    let place = Place { path, start: at(5), end: Some(at(8)), unit: ColumnUnit::Char };
    let fix =
        Fix { title: "use `bar`".into(), edits: vec![Edit { place: place.clone(), text: "bar".into() }] };
    Problem { fixes: vec![fix], ..Problem::new(Severity::Error, "cargo", message).at(place) }
}

fn paint_problems(session: &Session, problems: Vec<Problem>) {
    session.paint(|picture| {
        picture.problems = Arc::new(vec![ServiceProblems { service: "api".into(), spot: None, problems }]);
    });
}

#[tokio::test]
async fn each_file_is_published_when_it_changes_and_taken_back_when_it_is_clean() {
    let (mut client, _server, session, _root) = with_root(json!({})).await;
    let [a, b] = ["a.rs", "b.rs"].map(|name| session.setup.root.join(name));
    paint_problems(&session, vec![problem(&session, "a.rs", "x"), problem(&session, "b.rs", "y")]);
    client.wait_diagnostics(&a, |shown| shown.len() == 1).await;
    let shown = client.wait_diagnostics(&b, |shown| shown.len() == 1).await;
    assert_eq!(shown[0]["source"], "reload: cargo");

    paint_problems(&session, vec![problem(&session, "b.rs", "y"), problem(&session, "c.rs", "z")]);
    client.wait_diagnostics(&a, <[_]>::is_empty).await;
    client.wait_diagnostics(&session.setup.root.join("c.rs"), |shown| shown.len() == 1).await;
    assert_eq!(client.taken("textDocument/publishDiagnostics"), Vec::<Value>::new(), "b.rs is as it was");

    client.request("shutdown", Value::Null).await.unwrap();
    client.wait_diagnostics(&b, <[_]>::is_empty).await;
    client.notify("exit", Value::Null);
    client.ended().await;
}

#[tokio::test]
async fn a_repair_is_offered_while_the_text_is_what_the_compiler_saw() {
    let (mut client, _server, mut session, _root) = with_root(json!({})).await;
    let path = session.setup.root.join("a.rs");
    std::fs::write(&path, "let foo;\n").unwrap();
    paint_problems(&session, vec![problem(&session, "a.rs", "cannot find `foo`")]);
    let shown = client.wait_diagnostics(&path, |shown| shown.len() == 1).await;
    let params = json!({
        "textDocument": { "uri": uri(&path) },
        "range": shown[0]["range"],
        "context": { "diagnostics": shown },
    });
    let actions = client.request("textDocument/codeAction", params.clone()).await.unwrap();
    let titles = |actions: &Value| -> Vec<_> {
        actions
            .as_array()
            .unwrap()
            .iter()
            .map(|action| action["title"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(titles(&actions), ["use `bar`", "Build again", "Show build output"]);
    let edit = &actions[0]["edit"]["changes"][uri(&path)][0];
    assert_eq!((&edit["newText"], &edit["range"]["start"]["character"]), (&json!("bar"), &json!(4)));

    let again = json!({ "command": actions[1]["command"], "arguments": actions[1]["arguments"] });
    session.paint_service(State::BuildFailed, None);
    client.request("workspace/executeCommand", again).await.unwrap();
    assert_eq!(
        session.input().await,
        Input::Requested { service: Some("api".into()), request: Request::Build }
    );

    // Away from it there is nothing, but for an editor that asks for all that it shows on the line.
    let mut elsewhere = params.clone();
    elsewhere["range"] =
        json!({ "start": { "line": 0, "character": 1 }, "end": { "line": 0, "character": 1 } });
    let actions = client.request("textDocument/codeAction", elsewhere.clone()).await.unwrap();
    assert_eq!(titles(&actions), ["use `bar`", "Build again", "Show build output"]);
    elsewhere["context"]["diagnostics"] = json!([]);
    assert_eq!(client.request("textDocument/codeAction", elsewhere).await.unwrap(), Value::Null);

    std::fs::write(&path, "let fog;\n").unwrap();
    let actions = client.request("textDocument/codeAction", params).await.unwrap();
    assert_eq!(titles(&actions), ["Build again", "Show build output"]);
    client.shutdown().await;
}

#[tokio::test]
async fn a_mistake_in_the_configuration_is_shown_on_its_line() {
    let (mut client, _server, session, _root) = with_root(json!({})).await;
    let path = session.setup.root.join("reload.toml");
    std::fs::write(&path, "[services.api]\nbuld = 1\n").unwrap();
    let spot = Spot { path: path.clone(), start: (1, 0), end: (1, 4) };
    let error = ConfigProblem {
        spot: Some(spot),
        message: "unknown key `buld`".into(),
        help: Some("did you mean `build`?".into()),
    };
    session.paint(|picture| {
        let errors = vec![error];
        picture.configuration = Arc::new(Configuration { errors, ..Configuration::default() });
    });
    let shown = client.wait_diagnostics(&path, |shown| shown.len() == 1).await;
    assert_eq!(shown[0]["message"], "unknown key `buld`\nhelp: did you mean `build`?");
    assert_eq!(shown[0]["range"]["end"], json!({ "line": 1, "character": 4 }));
    client.wait("reload/status", |status| status["state"] == "misconfigured").await;
    client.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_pictures_is_ten_a_second_and_the_last_always_comes() {
    let (mut client, _server, session, _root) = with_root(json!({})).await;
    for n in 0..1000 {
        session.paint_service(State::Building, Some((n, BuildStage::Running)));
        tokio::time::advance(std::time::Duration::from_millis(1)).await;
    }
    session.paint_service(State::Ready, None);
    client.wait("reload/status", |status| status["state"] == "ready").await;
    let count = client.taken("reload/status").len();
    assert!((8..=12).contains(&count), "{count} statuses in a second");
    client.shutdown().await;
}

#[tokio::test]
async fn every_build_has_one_progress_that_ends_and_can_be_canceled() {
    let (mut client, _server, mut session, _root) = with_root(json!({})).await;
    session.paint_service(State::Building, Some((3, BuildStage::Running)));
    let created = client.wait("window/workDoneProgress/create", |_| true).await;
    let token = created["token"].clone();
    let of = |token: &Value, kind: &'static str| {
        let token = token.clone();
        move |params: &Value| params["token"] == token && params["value"]["kind"] == kind
    };
    let begin = client.wait("$/progress", of(&token, "begin")).await;
    assert_eq!(begin["value"]["cancellable"], true);
    client.notify("window/workDoneProgress/cancel", json!({ "token": token }));
    let canceled = Input::Requested { service: Some("api".into()), request: Request::CancelBuild };
    assert_eq!(session.input().await, canceled);

    session.paint_service(State::Ready, Some((3, BuildStage::Stopped)));
    client.wait("$/progress", of(&token, "end")).await;
    session.paint_service(State::Building, Some((4, BuildStage::Running)));
    let next = client.wait("window/workDoneProgress/create", |_| true).await["token"].clone();
    assert_ne!(next, token);
    client.wait("$/progress", of(&next, "begin")).await;
    client.shutdown().await;
    client.wait("$/progress", of(&next, "end")).await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_answers_misses_nothing_else() {
    let (mut client, _server, session, _root) = with_root(json!({})).await;
    client.answer("window/workDoneProgress/create", |_| None);
    client.answer("workspace/codeLens/refresh", |_| None);
    session.paint_service(State::Building, Some((3, BuildStage::Running)));
    client.wait("window/workDoneProgress/create", |_| true).await;
    let begin = tokio::time::Instant::now();
    paint_problems(&session, vec![problem(&session, "a.rs", "x")]);
    client.wait_diagnostics(&session.setup.root.join("a.rs"), |shown| shown.len() == 1).await;
    client.request("reload/getStatus", json!({})).await.unwrap();
    assert!(begin.elapsed() < std::time::Duration::from_secs(1));
    client.shutdown().await;
}

#[tokio::test]
async fn a_client_without_our_status_is_told_once_when_good_turns_to_bad() {
    let quiet = json!({ "initializationOptions": { "reload": { "status": false, "log": false } } });
    let (mut client, _server, session, _root) = with_root(quiet).await;
    let states = [
        (State::Ready, false),
        (State::Building, false),
        (State::BuildFailed, true),
        (State::Building, false),
        (State::BuildFailed, false),
        (State::Building, false),
        (State::Ready, false),
        (State::Crashed, true),
    ];
    for (state, is_told) in states {
        session.paint_service(state, None);
        // The lens is refreshed after the messages of a state.
        client.wait("workspace/codeLens/refresh", |_| true).await;
        let told = client.taken("window/showMessage");
        assert_eq!(told.len(), usize::from(is_told), "{state:?}: {told:?}");
    }
    assert!(client.taken("reload/status").is_empty() && client.taken("reload/log").is_empty());
    client.shutdown().await;
}

#[tokio::test]
async fn the_exact_commands_are_shown_before_anything_runs() {
    let (mut client, _server, mut session, _root) = with_root(json!({})).await;
    client.answer("window/showMessageRequest", |_| Some(json!({ "title": "Only now" })));
    let ask = |session: &Session, hash: &str, before: Option<Vec<String>>| {
        let root = session.setup.root.clone();
        let plan = Plan { root, hash: hash.into(), commands: vec!["api: rm -rf /tmp/x".into()] };
        session.paint(|picture| picture.trust = Arc::new(Trust::Asking { plan, before }));
    };
    ask(&session, "first", None);
    let question = client.wait("window/showMessageRequest", |_| true).await;
    assert!(question["message"].as_str().unwrap().contains("api: rm -rf /tmp/x"), "{question}");
    let titles: Vec<_> = question["actions"].as_array().unwrap().iter().map(|a| &a["title"]).collect();
    assert_eq!(titles, ["Allow", "Only now", "Never"]);
    let decided = Input::Decided { plan: "first".into(), decision: Decision::OnlyNow };
    assert_eq!(session.input().await, decided);

    // No answer is no, and nobody is asked twice about the same plan unless they want it.
    client.answer("window/showMessageRequest", |_| Some(Value::Null));
    ask(&session, "second", Some(vec!["api: make".into()]));
    let question = client.wait("window/showMessageRequest", |_| true).await;
    assert!(question["message"].as_str().unwrap().contains("- api: make"), "{question}");
    ask(&session, "second", Some(vec!["api: make".into()]));
    client.answer("window/showMessageRequest", |_| Some(json!({ "title": "Allow" })));
    let again = json!({ "command": "reload-lsp.allow" });
    client.request("workspace/executeCommand", again).await.unwrap();
    client.wait("window/showMessageRequest", |_| true).await;
    let decided = Input::Decided { plan: "second".into(), decision: Decision::Allow };
    assert_eq!(session.input().await, decided);
    client.shutdown().await;
}

#[tokio::test]
async fn the_url_is_opened_once_and_only_if_somebody_wants_it() {
    for wanted in [true, false] {
        let options = json!({ "initializationOptions": { "reload": { "openUrl": wanted } } });
        let (mut client, _server, session, _root) = with_root(options).await;
        for generation in 1..=2 {
            session.paint_service(State::Starting, None);
            session.paint(|picture| {
                let mut status = (*picture.status).clone();
                status.services[0].state = State::Ready;
                status.services[0].run = Some(reload_lsp::engine::RunStatus {
                    id: reload_lsp::engine::RunId(generation),
                    generation: Generation(generation),
                    stage: reload_lsp::engine::RunStage::Ready,
                    pid: Some(1),
                    urls: vec!["http://127.0.0.1:8080".into()],
                    started: reload_lsp::engine::Moment::default(),
                });
                picture.status = Arc::new(status);
            });
            client.wait("reload/status", |status| status["services"][0]["run"]["id"] == generation).await;
        }
        client.shutdown().await;
        assert_eq!(client.taken("window/showDocument").len(), usize::from(wanted));
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_costs_no_memory_and_is_told_what_it_missed() {
    const LINES: u64 = 100_000;
    let (near, far) = tokio::io::duplex(1024);
    let mut server = serve_stream(far);
    let (reader, mut writer) = tokio::io::split(near);
    let options = json!({ "reload": { "protocol": 1, "log": true } });
    let params = json!({ "capabilities": {}, "initializationOptions": options });
    for (id, method, params) in [(json!(1), "initialize", params), (Value::Null, "initialized", json!({}))] {
        let mut message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        if !id.is_null() {
            message["id"] = id;
        }
        writer.write_all(&encode(message.to_string().as_bytes())).await.unwrap();
    }
    let session = server.session().await;
    let source =
        Source { service: "api".into(), from: From::Run, stream: Stream::Stdout, generation: Generation(1) };
    // 100 MB; nothing here waits for the client.
    for n in 1..=LINES {
        session.output.push(&source, format!("{n:>1023}\n"));
        if n % 1000 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let mut frames = Frames::new(reader);
    let (mut seen, mut dropped, mut bytes, mut last) = (0, 0, 0, 0);
    while last < LINES {
        let body = frames.next().await.unwrap().expect("the server lives");
        bytes += body.len();
        let message: Value = serde_json::from_slice(&body).unwrap();
        if message["method"] != "reload/log" {
            continue;
        }
        dropped += message["params"]["dropped"].as_u64().unwrap();
        let entries = message["params"]["entries"].as_array().unwrap();
        seen += entries.len() as u64;
        last = entries.last().map_or(last, |entry| entry["n"].as_u64().unwrap());
    }
    assert_eq!(seen + dropped, LINES, "every line was shown or counted");
    assert!(bytes < 3 * Output::BYTES, "{bytes} bytes waited for the client");
}
