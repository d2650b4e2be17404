//! An editor as far as the demo needs one: the client's end of LSP, in plain JSON. Called by `script`.
//! Does not know: the session, what a step is about.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::lsp::transport::{Frames, encode};

/// How long one wait may take. Only something that is broken reaches it.
const LIMIT: Duration = Duration::from_secs(60);

/// Why a wait came to nothing: what was waited for, and what was seen last.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}; last seen: {last}")]
pub(super) struct Disappointed {
    what: String,
    why: String,
    last: String,
}

/// What the language server has told so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The latest `reload/status`.
    pub(super) status: Value,
    /// The diagnostics of every file, by URI.
    pub(super) diagnostics: BTreeMap<String, Vec<Value>>,
    /// Answers to our requests, by id.
    answers: BTreeMap<i64, Value>,
}

impl Seen {
    /// The one service of the demo.
    pub(super) fn service(&self) -> &Value {
        &self.status["services"][0]
    }

    /// The diagnostics of one file.
    pub(super) fn diagnostics_of(&self, path: &Path) -> &[Value] {
        self.diagnostics.get(&uri(path)).map_or(&[], Vec::as_slice)
    }
}

/// An editor that speaks over this pair of streams.
#[derive(Debug)]
pub(super) struct Editor<R, W> {
    incoming: Frames<R>,
    outgoing: W,
    requests: i64,
    seen: Seen,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Editor<R, W> {
    pub(super) fn new(reader: R, writer: W) -> Self {
        Self { incoming: Frames::new(reader), outgoing: writer, requests: 0, seen: Seen::default() }
    }

    /// What the language server has told so far.
    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Opens a folder that its owner trusts, and asks for the status.
    pub(super) async fn open(&mut self, root: &Path) -> Result<(), Disappointed> {
        let reload = json!({ "protocol": 1, "status": true, "trust": { "granted": true } });
        let params = json!({
            "processId": null,
            "rootUri": uri(root),
            "workspaceFolders": [{ "uri": uri(root), "name": "demo" }],
            "capabilities": { "general": { "positionEncodings": ["utf-8", "utf-16"] } },
            "initializationOptions": { "reload": reload },
        });
        self.request("initialize", params).await?;
        self.notify("initialized", json!({})).await
    }

    /// Saves `text`, as editors do: announced, written beside the file, put in its place, told.
    pub(super) async fn save(&mut self, path: &Path, text: &str) -> Result<(), Disappointed> {
        let document = json!({ "uri": uri(path) });
        self.notify("textDocument/willSave", json!({ "textDocument": document, "reason": 1 })).await?;
        let beside = path.with_extension("tmp");
        std::fs::write(&beside, text)
            .and_then(|()| std::fs::rename(&beside, path))
            .map_err(|error| self.disappointed("saving", error))?;
        self.notify("textDocument/didSave", json!({ "textDocument": document })).await
    }

    /// Says goodbye; the language server ends.
    pub(super) async fn close(&mut self) -> Result<(), Disappointed> {
        self.request("shutdown", Value::Null).await?;
        self.notify("exit", Value::Null).await
    }

    /// Reads on until what was told fulfills a condition.
    pub(super) async fn wait(
        &mut self,
        what: &str,
        is_fulfilled: impl Fn(&Seen) -> bool,
    ) -> Result<(), Disappointed> {
        let deadline = tokio::time::Instant::now() + LIMIT;
        while !is_fulfilled(&self.seen) {
            match tokio::time::timeout_at(deadline, self.incoming.next()).await {
                Ok(Ok(Some(body))) => self.take(&body).await?,
                Ok(Ok(None)) => return Err(self.disappointed(what, "the language server has ended")),
                Ok(Err(error)) => return Err(self.disappointed(what, error)),
                Err(_) => return Err(self.disappointed(what, format!("nothing within {LIMIT:?}"))),
            }
        }
        Ok(())
    }

    /// Why something came to nothing.
    pub(super) fn disappointed(&self, what: &str, why: impl std::fmt::Display) -> Disappointed {
        let last = self.seen.status["message"].as_str().unwrap_or("no status");
        Disappointed { what: what.to_owned(), why: why.to_string(), last: last.to_owned() }
    }

    async fn request(&mut self, method: &str, params: Value) -> Result<(), Disappointed> {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await?;
        self.wait(method, |seen| seen.answers.contains_key(&id)).await?;
        let error = &self.seen.answers[&id]["error"];
        if error.is_null() { Ok(()) } else { Err(self.disappointed(method, error)) }
    }

    async fn notify(&mut self, method: &str, params: Value) -> Result<(), Disappointed> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params })).await
    }

    async fn send(&mut self, message: &Value) -> Result<(), Disappointed> {
        let frame = encode(message.to_string().as_bytes());
        let sent = self.outgoing.write_all(&frame).await;
        sent.map_err(|error| self.disappointed("telling the language server", error))
    }

    async fn take(&mut self, body: &[u8]) -> Result<(), Disappointed> {
        let mut message: Value =
            serde_json::from_slice(body).map_err(|error| self.disappointed("reading a message", error))?;
        let params = message["params"].take();
        match (message["method"].as_str(), message["id"].clone()) {
            (Some("reload/status"), _) => self.seen.status = params,
            (Some("textDocument/publishDiagnostics"), _) => {
                let uri = params["uri"].as_str().unwrap_or_default().to_owned();
                let diagnostics = params["diagnostics"].as_array().cloned().unwrap_or_default();
                self.seen.diagnostics.insert(uri, diagnostics);
            }
            // Whatever it asks, such as for a progress token, is fine with us.
            (Some(_), id) if !id.is_null() => {
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null })).await?;
            }
            (Some(_), _) => {}
            (None, id) => {
                self.seen.answers.insert(id.as_i64().unwrap_or_default(), message);
            }
        }
        Ok(())
    }
}

/// A path as a URI.
fn uri(path: &Path) -> String {
    crate::lsp::uri::text_from_path(path)
}

#[cfg(test)]
mod tests {
    use tokio::io::{duplex, split};

    use super::*;

    /// The clock jumps whenever everybody waits, so that the limit costs no time.
    #[tokio::test(start_paused = true)]
    async fn a_wait_that_comes_to_nothing_names_the_step_and_what_was_seen_last() {
        let (client, mut server) = duplex(1024);
        let status =
            json!({ "jsonrpc": "2.0", "method": "reload/status", "params": { "message": "web: starting" } });
        server.write_all(&encode(status.to_string().as_bytes())).await.unwrap();
        let (reader, writer) = split(client);
        let mut editor = Editor::new(reader, writer);
        let error = editor.wait("the first build", |_| false).await.unwrap_err();
        assert_eq!(error.to_string(), "the first build: nothing within 60s; last seen: web: starting");
    }

    #[tokio::test]
    async fn a_language_server_that_is_gone_is_not_waited_for() {
        let (client, server) = duplex(1024);
        drop(server);
        let (reader, writer) = split(client);
        let error = Editor::new(reader, writer).wait("the first build", |_| false).await.unwrap_err();
        assert!(error.to_string().contains("the language server has ended"), "{error}");
    }
}
