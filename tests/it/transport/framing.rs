//! Bytes that are no messages, and messages that are no LSP: the server says what is wrong and lives on.

use reload_lsp::lsp::ExitKind;
use reload_lsp::lsp::transport::encode;
use serde_json::{Value, json};

use super::fake::{Logged, serve_client};

#[tokio::test]
async fn a_message_that_cannot_be_read_is_answered_and_nothing_more() {
    let (mut client, _server) = serve_client();
    for (body, code) in [
        (&b"{\"jsonrpc\":\"2.0\",\"method\":"[..], -32700),
        (b"", -32700),
        (b"\xff\xfe{}", -32700),
        (b"{\"jsonrpc\":\"2.0\",\"method\":\"x\xff\"}", -32700),
        (b"[]", -32600),
        (b"7", -32600),
        (b"{\"method\":\"initialize\",\"id\":1}", -32600),
        (b"{\"jsonrpc\":\"2.0\"}", -32600),
        (b"{\"jsonrpc\":\"2.0\",\"id\":7}", -32600),
        (b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"x\"}", -32600),
        (b"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}]", -32600),
    ] {
        client.send_bytes(&encode(body));
        let answer = client.wait_error(code).await;
        assert!(answer["error"]["message"].is_string(), "{answer}");
    }
    client.initialize(json!({})).await;
    client.shutdown().await;
}

#[tokio::test]
async fn a_header_may_be_written_in_any_way() {
    let (mut client, _server) = serve_client();
    let body = json!({ "jsonrpc": "2.0", "id": 5, "method": "initialize", "params": { "capabilities": {} } });
    let body = body.to_string();
    let header =
        format!("X-Trace: 1\r\ncontent-length: {}\r\nContent-Type: application/json\r\n", body.len());
    client.send_bytes(format!("{header}\r\n{body}").as_bytes());
    assert!(client.answer_to(5).await.unwrap()["capabilities"].is_object());
    client.shutdown().await;
}

#[tokio::test]
async fn a_length_that_is_none_is_said_once_and_ends_the_server() {
    for length in ["x", "-1", "67108865", "99999999999999999999"] {
        let logged = Logged::begin();
        let (mut client, server) = serve_client();
        client.send_bytes(format!("Content-Length: {length}\r\n\r\n{{}}").as_bytes());
        assert_eq!(client.wait_error(-32700).await["id"], Value::Null);
        client.ended().await;
        assert_eq!(server.exit().await, ExitKind::FramingLost);
        assert_eq!(ExitKind::FramingLost.code(), 2);
        assert_eq!(logged.lines().len(), 1, "{:?}", logged.lines());
    }
}

#[tokio::test]
async fn a_message_of_thirty_mebibytes_is_fine() {
    let (mut client, _server) = serve_client();
    client.initialize(json!({})).await;
    let text = "x".repeat(30 * 1024 * 1024);
    let document = json!({ "uri": "file:///a", "languageId": "a", "version": 1, "text": text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    client.request("reload/getStatus", json!({})).await.unwrap();
    let refused = client.request("textDocument/hover", json!({ "text": text })).await.unwrap_err();
    assert_eq!(refused["code"], -32602, "{}", refused["message"]);
    client.shutdown().await;
}

#[tokio::test]
async fn unknown_requests_are_refused_and_unknown_notifications_are_not() {
    let (mut client, _server) = serve_client();
    client.initialize(json!({})).await;
    for method in ["$/anything", "textDocument/unheardOf", "reload/unheardOf"] {
        assert_eq!(client.request(method, json!({})).await.unwrap_err()["code"], -32601, "{method}");
        client.notify(method, json!({}));
    }
    client.shutdown().await;
}

#[tokio::test]
async fn a_notification_that_cannot_be_read_costs_one_line_of_the_log() {
    let logged = Logged::begin();
    let (mut client, mut server) = serve_client();
    client.initialize(json!({})).await;
    let mut session = server.session().await;
    client.notify("textDocument/didSave", json!({ "textDocument": { "uri": 7 } }));
    client.request("reload/getStatus", json!({})).await.unwrap();
    assert_eq!(logged.lines().len(), 1, "{:?}", logged.lines());
    assert!(logged.lines()[0].contains("textDocument/didSave"), "{:?}", logged.lines());
    assert!(session.inputs.try_recv().is_err());
    client.shutdown().await;
}

#[tokio::test]
async fn a_request_at_the_wrong_time_is_refused() {
    let (mut client, _server) = serve_client();
    assert_eq!(client.request("reload/build", json!({})).await.unwrap_err()["code"], -32002);
    client.initialize(json!({})).await;
    client.request("shutdown", Value::Null).await.unwrap();
    assert_eq!(client.request("reload/build", json!({})).await.unwrap_err()["code"], -32600);
    client.notify("exit", Value::Null);
    client.ended().await;
}

#[tokio::test]
async fn answers_that_nobody_waits_for_are_ignored() {
    let (mut client, _server) = serve_client();
    client.initialize(json!({})).await;
    for id in [json!(77), json!("late"), json!(-1)] {
        client.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
        client
            .send(&json!({ "jsonrpc": "2.0", "id": id, "error": { "code": 1, "message": "x", "more": 1 } }));
    }
    client.request("reload/getStatus", json!({})).await.unwrap();
    client.shutdown().await;
}
