//! What is said to the client and asked of it. Called by the handlers and the workers of `lsp`.
//! Does not know: streams, sessions.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::outbox::{Outbox, Room};

/// How long the client may take for an answer that no person has to think about.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The limit has elapsed.
    #[error("the client did not answer `{method}` within {} s", ANSWER_LIMIT.as_secs())]
    Late {
        /// What was asked.
        method: &'static str,
    },
    /// The client answered with an error.
    #[error("the client refused `{method}`: {message}")]
    Refused {
        /// What was asked.
        method: &'static str,
        /// Its words.
        message: String,
    },
    /// There is no client any more.
    #[error("the client is gone")]
    Gone,
}

type Answer = Result<Value, String>;

#[derive(Debug, Default)]
struct Asked {
    next: AtomicU64,
    // Held to insert or remove one entry, never over an await.
    waiting: Mutex<HashMap<u64, oneshot::Sender<Answer>>>,
}

/// The client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    outbox: Outbox,
    asked: Arc<Asked>,
}

/// Forgets a question when nobody waits for its answer any more.
struct Question<'a> {
    asked: &'a Asked,
    id: u64,
}

impl Client {
    /// The client behind a queue.
    pub fn new(outbox: Outbox) -> Self {
        Self { outbox, asked: Arc::default() }
    }

    /// Tells the client something at once, in the order of the calls.
    pub fn notify(&self, method: &str, params: &impl Serialize) {
        self.outbox.send(&Notification { jsonrpc: "2.0", method, params });
    }

    /// Waits until a worker may send; see `Outbox::room`.
    pub async fn room(&self) -> Option<Room> {
        self.outbox.room().await
    }

    /// Tells the client something in the room that a worker waited for.
    pub fn notify_in(&self, room: Room, method: &str, params: &impl Serialize) {
        self.outbox.send_in(room, &Notification { jsonrpc: "2.0", method, params });
    }

    /// Asks the client; the answer counts for `ANSWER_LIMIT`, afterwards it is ignored. Dropping the future is safe.
    pub async fn ask(&self, method: &'static str, params: &impl Serialize) -> Result<Value, NoAnswer> {
        let answer = tokio::time::timeout(ANSWER_LIMIT, self.ask_person(method, params));
        answer.await.unwrap_or(Err(NoAnswer::Late { method }))
    }

    /// Asks the person in front of the client, who may take any time. The limit is the caller's: whoever no longer needs
    /// the answer drops the future.
    pub async fn ask_person(&self, method: &'static str, params: &impl Serialize) -> Result<Value, NoAnswer> {
        let room = self.outbox.room().await.ok_or(NoAnswer::Gone)?;
        let id = self.asked.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.asked.waiting().insert(id, sender);
        let _question = Question { asked: &self.asked, id };
        self.outbox.send_in(room, &json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        match answer.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(message)) => Err(NoAnswer::Refused { method, message }),
            Err(_) => Err(NoAnswer::Gone),
        }
    }

    /// Takes an answer of the client. One that nobody waits for is ignored.
    pub fn answered(&self, id: &Value, answer: Answer) {
        let sender = id.as_u64().and_then(|id| self.asked.waiting().remove(&id));
        let Some(sender) = sender else {
            return tracing::debug!("the client answered what nobody waits for: {id}");
        };
        // Whoever asked may have stopped waiting in this moment.
        let _ = sender.send(answer);
    }
}

impl Asked {
    // Whoever panicked has left the map whole.
    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Answer>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.asked.waiting().remove(&self.id);
    }
}

#[derive(Serialize)]
struct Notification<'a, P> {
    jsonrpc: &'static str,
    method: &'a str,
    params: &'a P,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::transport::outbox;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_answers_is_waited_for_for_five_seconds() {
        let (outbox, _writer) = outbox();
        let client = Client::new(outbox);
        let begin = tokio::time::Instant::now();
        let answer = client.ask("window/showDocument", &json!({})).await;
        assert_eq!(answer, Err(NoAnswer::Late { method: "window/showDocument" }));
        assert_eq!(begin.elapsed(), ANSWER_LIMIT);
        assert!(client.asked.waiting().is_empty(), "a question nobody waits for costs nothing");
        client.answered(&json!(0), Ok(Value::Null));
        client.answered(&json!("unknown"), Ok(Value::Null));
    }
}
