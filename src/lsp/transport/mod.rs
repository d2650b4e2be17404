//! Framing and order, in place of the stock server loop: notifications are handled strictly in order, requests side by
//! side, and nothing that a client sends ends the process. Called by `lsp::serve`.
//! Does not know: what the methods do, sessions.

mod call;
mod client;
mod frame;
mod outbox;
mod stdin;

use serde_json::{Value, json};
use tokio::io::AsyncRead;
use tokio::task::JoinSet;
use tower::Service;
use tower_lsp::ExitedError;
use tower_lsp::jsonrpc::{Request, Response};

use call::{Incoming, Started};
pub use client::{ANSWER_LIMIT, Client, NoAnswer};
pub use frame::{FrameError, Frames, LONGEST_BODY, encode};
pub use outbox::{Outbox, Room, Writer, outbox};
pub use stdin::stdin;

/// Why the conversation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The client sent `exit`; `shut_down` tells whether it had sent `shutdown` before.
    Exit {
        /// Whether `shutdown` was answered before.
        shut_down: bool,
    },
    /// The stream from the client has ended, or failed.
    Eof,
    /// The stream carries something else than messages.
    FramingLost,
}

/// Reads what the client sends and gives it to `service`, until the conversation is over. `prepare` sees each request
/// and notification before the service; what it returns is handed on, `None` is dropped. Requests that are still running
/// at the end are dropped, and so they are when the future is.
pub async fn converse<R, S>(
    reader: R,
    mut service: S,
    client: &Client,
    outbox: &Outbox,
    prepare: impl Fn(Value) -> Option<Value>,
) -> Ended
where
    R: AsyncRead + Unpin,
    S: Service<Request, Response = Option<Response>, Error = ExitedError>,
    S::Future: Send + 'static,
{
    let mut frames = Frames::new(reader);
    let mut running: JoinSet<Option<Value>> = JoinSet::new();
    let mut shut_down = false;
    loop {
        let body = tokio::select! {
            Some(done) = running.join_next() => {
                if let Ok(Some(response)) = done {
                    outbox.send(&response);
                }
                continue;
            }
            body = next(&mut frames, outbox) => body,
        };
        let body = match body {
            Ok(Some(body)) => body,
            Ok(None) => return Ended::Eof,
            Err(FrameError::Read(error)) => {
                tracing::debug!("the stream from the client failed: {error}");
                return Ended::Eof;
            }
            Err(error) => {
                tracing::error!("the client cannot be understood any more: {error}");
                outbox.send(&failure(&Value::Null, -32700, &error.to_string()));
                return Ended::FramingLost;
            }
        };
        match call::read(&body) {
            Incoming::Request(message) => {
                let method = message["method"].as_str().unwrap_or_default().to_owned();
                let Some(message) = prepare(message) else { continue };
                let started = call::start(&mut service, message).await;
                if method == "exit" {
                    return Ended::Exit { shut_down };
                }
                match started {
                    Started::Done(response) => {
                        shut_down |= method == "shutdown"
                            && response.as_ref().is_some_and(|response| response.get("result").is_some());
                        if let Some(response) = response {
                            outbox.send(&response);
                        }
                    }
                    Started::Running(future) => drop(running.spawn(future)),
                }
            }
            Incoming::Answer { id, answer } => client.answered(&id, answer),
            Incoming::Invalid { id, code, message } => outbox.send(&failure(&id, code, &message)),
        }
    }
}

/// The next message, as soon as the client takes what is meant for it.
async fn next<R: AsyncRead + Unpin>(
    frames: &mut Frames<R>,
    outbox: &Outbox,
) -> Result<Option<Vec<u8>>, FrameError> {
    outbox.uncrowded().await;
    frames.next().await
}

/// The answer that something went wrong.
fn failure(id: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}
