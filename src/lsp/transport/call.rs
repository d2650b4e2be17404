//! One message: what it is, and one call of the service that survives a panic. Called by `transport` only.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use serde_json::Value;
use tower::Service;
use tower_lsp::ExitedError;
use tower_lsp::jsonrpc::{Request, Response};

use super::failure;

/// What a message is.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A request or a notification.
    Request(Value),
    /// The answer to something we asked.
    Answer {
        /// Of what.
        id: Value,
        /// The result, or the client's words.
        answer: Result<Value, String>,
    },
    /// Neither.
    Invalid {
        /// Its id, as far as there is one.
        id: Value,
        /// `-32700` or `-32600`.
        code: i64,
        /// What is wrong.
        message: String,
    },
}

/// How far a call got at once.
pub(super) enum Started {
    /// It is done; the answer, if one is due.
    Done(Option<Value>),
    /// It goes on beside the following calls.
    Running(Pin<Box<dyn Future<Output = Option<Value>> + Send>>),
}

/// Tells what a message is.
pub(super) fn read(body: &[u8]) -> Incoming {
    let mut message: Value = match serde_json::from_slice(body) {
        Ok(message) => message,
        Err(error) => return Incoming::Invalid { id: Value::Null, code: -32700, message: error.to_string() },
    };
    let id = message.get("id").filter(|id| id.is_string() || id.is_i64() || id.is_null()).cloned();
    let invalid = |message: &str| Incoming::Invalid {
        id: id.clone().unwrap_or_default(),
        code: -32600,
        message: message.to_owned(),
    };
    if message["jsonrpc"] != "2.0" {
        return invalid("a message must be an object with `\"jsonrpc\": \"2.0\"`");
    }
    if message.get("id").is_some() && id.is_none() {
        return invalid("`id` must be a string or a 64-bit number");
    }
    if message["method"].is_string() {
        return Incoming::Request(message);
    }
    let Some(id) = id.clone() else { return invalid("a message must have a `method` or an `id`") };
    if message.get("result").is_some() {
        return Incoming::Answer { id, answer: Ok(message["result"].take()) };
    }
    match message.get("error") {
        Some(error) => {
            let words = error["message"].as_str().map_or_else(|| error.to_string(), str::to_owned);
            Incoming::Answer { id, answer: Err(words) }
        }
        None => invalid("a message must have a `method`, a `result` or an `error`"),
    }
}

/// Calls the service and polls once, so that what a handler does before its first await happens in the order of arrival.
pub(super) async fn start<S>(service: &mut S, message: Value) -> Started
where
    S: Service<Request, Response = Option<Response>, Error = ExitedError>,
    S::Future: Send + 'static,
{
    let id = message.get("id").cloned();
    let method = message["method"].as_str().unwrap_or_default().to_owned();
    if poll_fn(|context| service.poll_ready(context)).await.is_err() {
        return Started::Done(None);
    }
    let request: Request = match serde_json::from_value(message) {
        Ok(request) => request,
        Err(error) => return Started::Done(id.map(|id| failure(&id, -32600, &error.to_string()))),
    };
    let mut call = Box::pin(answer(service.call(request), id, method));
    let first = poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await;
    match first {
        Poll::Ready(answer) => Started::Done(answer),
        Poll::Pending => Started::Running(call),
    }
}

/// The answer of one call, whatever becomes of it.
async fn answer(
    call: impl Future<Output = Result<Option<Response>, ExitedError>>,
    id: Option<Value>,
    method: String,
) -> Option<Value> {
    let mut call = Box::pin(call);
    let outcome = poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            // Whatever the handler held is behind locks that outlive a panic.
            Err(_) => Poll::Ready(Err(())),
        }
    })
    .await;
    match (outcome, id) {
        (Ok(Ok(Some(response))), _) => match serde_json::to_value(&response) {
            Ok(value) => Some(value),
            Err(error) => Some(failure(&Value::Null, -32603, &error.to_string())),
        },
        // The framework is silent about unknown methods that begin with `$/`; a request needs an answer all the same.
        (Ok(Ok(None)), Some(id)) => Some(failure(&id, -32601, &format!("there is no method `{method}`"))),
        (Ok(Err(_)), Some(id)) => Some(failure(&id, -32600, "the server is ending")),
        (Err(()), id) => {
            tracing::error!("the handler of `{method}` panicked");
            id.map(|id| {
                failure(&id, -32603, &format!("the handler of `{method}` failed (help: see the log)"))
            })
        }
        (Ok(Ok(None) | Err(_)), None) => None,
    }
}
