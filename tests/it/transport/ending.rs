//! How it ends, whoever ends it.

use std::time::Duration;

use reload_lsp::engine::State;
use reload_lsp::lsp::ExitKind;
use reload_lsp::session::{Input, Trust};
use reload_lsp::trust::Plan;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::fake::serve_client;

const HALF_A_SECOND: Duration = Duration::from_millis(500);

#[tokio::test]
async fn shutdown_and_exit_end_the_server_although_stdin_is_open() {
    let (mut client, mut server) = serve_client();
    client.initialize(json!({})).await;
    let mut session = server.session().await;
    client.shutdown().await;
    assert_eq!(server.exit().await, ExitKind::Orderly);
    assert_eq!(session.input().await, Input::Shutdown(Some(Duration::from_millis(1500))));
}

#[tokio::test]
async fn exit_without_shutdown_is_an_error() {
    for is_initialized in [true, false] {
        let (mut client, server) = serve_client();
        if is_initialized {
            client.initialize(json!({})).await;
        }
        client.notify("exit", Value::Null);
        client.ended().await;
        let exit = server.exit().await;
        assert_eq!((exit, exit.code()), (ExitKind::WithoutShutdown, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_hangs_up_ends_the_server_at_once() {
    let (mut client, mut server) = serve_client();
    client.initialize(json!({})).await;
    let mut session = server.session().await;
    session.paint_service(State::Ready, None);
    let begin = Instant::now();
    client.hang_up();
    assert_eq!(server.exit().await, ExitKind::Orderly);
    assert!(begin.elapsed() < HALF_A_SECOND, "{:?}", begin.elapsed());
    assert!(matches!(session.input().await, Input::Shutdown(Some(_))));
    client.ended().await;
}

#[tokio::test(start_paused = true)]
async fn a_question_that_nobody_answers_does_not_hold_up_the_end() {
    let (mut client, mut server) = serve_client();
    client.answer("window/showMessageRequest", |_| None);
    client.initialize(json!({})).await;
    let session = server.session().await;
    let plan = Plan { root: session.setup.root.clone(), hash: "h".into(), commands: vec!["x".into()] };
    session.paint(|picture| picture.trust = std::sync::Arc::new(Trust::Asking { plan, before: None }));
    client.wait("window/showMessageRequest", |_| true).await;
    let begin = Instant::now();
    client.hang_up();
    assert_eq!(server.exit().await, ExitKind::Orderly);
    assert!(begin.elapsed() < HALF_A_SECOND, "{:?}", begin.elapsed());
    client.ended().await;
}

#[tokio::test]
async fn a_dead_client_ends_the_server_although_somebody_holds_its_pipe() {
    #[expect(clippy::disallowed_methods, reason = "the process that the test says is the client")]
    let mut process = tokio::process::Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap();
    let (mut client, server) = serve_client();
    client.initialize(json!({ "processId": process.id() })).await;
    client.request("reload/getStatus", json!({})).await.unwrap();
    process.start_kill().unwrap();
    let begin = Instant::now();
    assert_eq!(server.exit().await, ExitKind::Orderly);
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    client.ended().await;
}

#[tokio::test]
async fn a_client_in_another_world_is_not_watched() {
    let (mut client, server) = serve_client();
    // No process can have this number.
    client.initialize(json!({ "processId": i32::MAX })).await;
    client.request("reload/getStatus", json!({})).await.unwrap();
    assert!(!server.exit.is_finished());
    client.shutdown().await;
    assert_eq!(server.exit().await, ExitKind::Orderly);
}
