//! The two tasks of a client: one writes, one reads and answers the server. Called by `client` only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use reload_lsp::lsp::transport::{Frames, encode};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::record::Record;

/// The answer to a request of the server, or the words of an error; `None` leaves it unanswered.
pub(super) type Answerer = Arc<dyn Fn(&Value) -> Option<Result<Value, &'static str>> + Send + Sync>;
pub(super) type Answers = Arc<Mutex<BTreeMap<String, Answerer>>>;

/// What an editor answers by itself: nobody clicks anything.
fn default_answer(method: &str) -> Option<Value> {
    match method {
        "window/showDocument" => Some(json!({ "success": true })),
        "workspace/applyEdit" => Some(json!({ "applied": true })),
        "window/workDoneProgress/create"
        | "window/showMessageRequest"
        | "workspace/codeLens/refresh"
        | "client/registerCapability"
        | "client/unregisterCapability" => Some(Value::Null),
        _ => None,
    }
}

pub(super) async fn write(mut messages: UnboundedReceiver<Vec<u8>>, mut writer: impl AsyncWrite + Unpin) {
    while let Some(bytes) = messages.recv().await {
        if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
    let _ = writer.shutdown().await;
}

pub(super) async fn read(
    reader: impl AsyncRead + Unpin,
    inbox: UnboundedSender<Value>,
    outgoing: mpsc::WeakUnboundedSender<Vec<u8>>,
    answers: Answers,
    record: Arc<Record>,
) {
    let mut frames = Frames::new(reader);
    while let Ok(Some(body)) = frames.next().await {
        let message: Value = serde_json::from_slice(&body).expect("the server sends JSON");
        record.add("s2c", &message);
        if let (Some(method), Some(id)) = (message["method"].as_str(), message.get("id")) {
            let chosen = answers.lock().expect("no test panics in there").get(method).cloned();
            let result = match chosen {
                Some(answer) => answer(&message["params"]),
                None => Some(default_answer(method).ok_or("not offered")),
            };
            if let (Some(result), Some(outgoing)) = (result, outgoing.upgrade()) {
                let answer = match result {
                    Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
                    Err(words) => {
                        json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": words } })
                    }
                };
                record.add("c2s", &answer);
                let _ = outgoing.send(encode(answer.to_string().as_bytes()));
            }
        }
        if inbox.send(message).is_err() {
            return;
        }
    }
}
