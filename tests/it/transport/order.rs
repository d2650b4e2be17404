//! What is handled in which order.
#![expect(clippy::unused_async, reason = "the signature of a handler is given")]

use std::path::PathBuf;
use std::sync::Arc;

use reload_lsp::engine::SaveReason;
use reload_lsp::lsp::transport::{self, Ended};
use reload_lsp::session::Input;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{InitializeParams, InitializeResult};
use tower_lsp::{LanguageServer, LspService};

use super::fake::serve_client;
use crate::support::client::{Client, uri};

/// Handlers that are slow, quick, talkative and broken.
struct Odd {
    client: transport::Client,
    gate: Arc<Notify>,
}

impl LanguageServer for Odd {
    async fn initialize(&self, _: InitializeParams) -> Result<InitializeResult> {
        Ok(InitializeResult::default())
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }
}

impl Odd {
    async fn slow(&self) -> Result<Value> {
        self.gate.notified().await;
        Ok(json!("slow"))
    }

    async fn quick(&self) -> Result<Value> {
        Ok(json!("quick"))
    }

    async fn talk(&self) -> Result<Value> {
        self.client.notify("test/first", &json!({}));
        Ok(json!("second"))
    }

    async fn panic(&self) -> Result<Value> {
        panic!("as the test wants")
    }
}

/// A client of the odd handlers; the gate opens for one slow request at a time.
async fn odd() -> (Client, Arc<Notify>, tokio::task::JoinHandle<Ended>) {
    let (near, far) = tokio::io::duplex(1024);
    let (reader, writer) = tokio::io::split(far);
    let (outbox, output) = transport::outbox();
    tokio::spawn(output.run(writer));
    let to_client = transport::Client::new(outbox.clone());
    let gate = Arc::new(Notify::new());
    let odd = Odd { client: to_client.clone(), gate: gate.clone() };
    let (service, _) = LspService::build(|_| odd)
        .custom_method("test/slow", Odd::slow)
        .custom_method("test/quick", Odd::quick)
        .custom_method("test/talk", Odd::talk)
        .custom_method("test/panic", Odd::panic)
        .finish();
    let ended =
        tokio::spawn(async move { transport::converse(reader, service, &to_client, &outbox, Some).await });
    let (reader, writer) = tokio::io::split(near);
    let mut client = Client::over(reader, writer);
    client.request("initialize", json!({ "capabilities": {} })).await.unwrap();
    (client, gate, ended)
}

#[tokio::test]
async fn a_thousand_saves_are_handled_in_order_and_a_request_sees_them_all() {
    let (mut client, mut server) = serve_client();
    let root = tempfile::tempdir().unwrap();
    client.initialize(json!({ "rootUri": uri(root.path()) })).await;
    let mut session = server.session().await;
    let root = root.path().canonicalize().unwrap();
    let path = |n: usize| root.join(format!("{n}.rs"));
    (0..1000).for_each(|n| client.save(&path(n)));
    client.request("reload/build", json!({})).await.unwrap();
    assert!(matches!(session.input().await, Input::Requested { service: None, .. }));
    for n in 0..1000 {
        assert_eq!(session.saves.try_recv(), Ok((path(n), SaveReason::Manual)));
    }
    client.shutdown().await;
}

#[tokio::test]
async fn a_quick_request_does_not_wait_for_slow_ones() {
    let (mut client, gate, ended) = odd().await;
    let slow: Vec<_> = (0..4).map(|_| client.ask("test/slow", Value::Null)).collect();
    assert_eq!(client.request("test/quick", Value::Null).await.unwrap(), "quick");
    for id in slow {
        gate.notify_one();
        assert_eq!(client.answer_to(id).await.unwrap(), "slow");
    }
    client.shutdown().await;
    assert_eq!(ended.await.unwrap(), Ended::Exit { shut_down: true });
}

#[tokio::test]
async fn what_a_handler_says_before_its_answer_arrives_before_it() {
    let (mut client, _gate, _ended) = odd().await;
    for _ in 0..100 {
        let id = client.ask("test/talk", Value::Null);
        client.answer_to(id).await.unwrap();
        // Taken without waiting: it must have come before the answer.
        assert_eq!(client.taken("test/first").len(), 1);
    }
    client.shutdown().await;
}

#[tokio::test]
async fn a_handler_that_panics_costs_its_own_answer_only() {
    let (mut client, _gate, _ended) = odd().await;
    let error = client.request("test/panic", Value::Null).await.unwrap_err();
    assert_eq!(error["code"], -32603);
    assert_eq!(client.request("test/quick", Value::Null).await.unwrap(), "quick");
    client.shutdown().await;
}

#[tokio::test]
async fn a_request_can_be_canceled() {
    let (mut client, _gate, _ended) = odd().await;
    let id = client.ask("test/slow", Value::Null);
    client.notify("$/cancelRequest", json!({ "id": id }));
    assert_eq!(client.answer_to(id).await.unwrap_err()["code"], -32800);
    client.shutdown().await;
}

#[tokio::test]
async fn a_slow_request_does_not_hold_up_the_end() {
    let (mut client, _gate, ended) = odd().await;
    client.ask("test/slow", Value::Null);
    client.abandon();
    assert_eq!(ended.await.unwrap(), Ended::Eof);
}

#[tokio::test(start_paused = true)]
async fn the_reason_of_a_save_is_told_and_holds_for_two_seconds() {
    let (mut client, mut server) = serve_client();
    let root = tempfile::tempdir().unwrap();
    client.initialize(json!({ "rootUri": uri(root.path()) })).await;
    let mut session = server.session().await;
    let path = root.path().canonicalize().unwrap().join("a b.rs");
    let document = json!({ "uri": uri(&path) });
    for (reason, waited, expected) in [
        (2, 0, SaveReason::AfterDelay),
        (3, 1, SaveReason::FocusOut),
        (1, 0, SaveReason::Manual),
        (2, 3, SaveReason::Manual),
    ] {
        client.notify("textDocument/willSave", json!({ "textDocument": document, "reason": reason }));
        client.request("reload/getStatus", json!({})).await.unwrap();
        tokio::time::advance(std::time::Duration::from_secs(waited)).await;
        client.save(&path);
        assert_eq!(session.save().await, (path.clone(), expected));
        // It belongs to one save.
        client.save(&path);
        assert_eq!(session.save().await, (path.clone(), SaveReason::Manual));
    }
    client.shutdown().await;
}

#[tokio::test]
async fn a_save_is_for_the_innermost_root_and_for_those_that_it_is_elsewhere_for() {
    let (mut client, mut server) = serve_client();
    let outer = tempfile::tempdir().unwrap();
    let outer = outer.path().canonicalize().unwrap();
    let inner = outer.join("in ner");
    std::fs::create_dir(&inner).unwrap();
    std::os::unix::fs::symlink(&inner, outer.join("link")).unwrap();
    let folder = |path: &PathBuf| json!({ "uri": uri(path), "name": "x" });
    client.initialize(json!({ "workspaceFolders": [folder(&outer), folder(&inner)] })).await;
    let (mut outside, mut inside) = (server.session().await, server.session().await);
    assert_eq!((&outside.setup.root, &inside.setup.root), (&outer, &inner));

    let save = |uri: String| client.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    save(format!("git:{}", outer.join("a.rs").display()));
    save("file:///elsewhere/a.rs".into());
    // Unencoded, as some clients send it, and through a symlink.
    save(format!("file://{}", inner.join("b.rs").display()));
    save(uri(&outer.join("link/c.rs")));
    save(uri(&outer.join("d.rs")));
    // Their builds may read what lies elsewhere; who watches knows.
    let elsewhere = PathBuf::from("/elsewhere/a.rs");
    for path in [elsewhere.clone(), inner.join("b.rs"), inner.join("c.rs"), outer.join("d.rs")] {
        assert_eq!(inside.save().await, (path, SaveReason::Manual));
    }
    for path in [elsewhere, outer.join("d.rs")] {
        assert_eq!(outside.save().await, (path, SaveReason::Manual));
    }
    client.shutdown().await;
}
