//! What each call means: translate, tell the session, return. Called by `server`. Does not know: sockets.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout, timeout_at};

use super::protocol::{
    self, Accepted, Call, Explain, Failure, Held, Hold, Logs, METHODS, Outcome, Release, Target, WAIT_TIME,
    Wait, Waited,
};
use super::verdict::{self, Verdict};
use crate::engine::Request;
use crate::session::{BadHold, Handle, Refusal, Token};
use crate::snapshot;

/// How many lines `logs` gives when nobody says how many.
const LINES: usize = 1000;
/// The longest that one call may wait.
const LONGEST: Duration = Duration::from_secs(3600);

/// Reads a line as a call. The error has the id, as far as there is one.
pub(super) fn parse(line: &[u8]) -> Result<Call, (Option<u64>, Failure)> {
    let value: Value = serde_json::from_slice(line).map_err(|error| (None, bad_call(error.to_string())))?;
    let id = value["id"].as_u64();
    Call::deserialize_from(value).map_err(|failure| (id, failure))
}

impl Call {
    fn deserialize_from(value: Value) -> Result<Self, Failure> {
        serde_json::from_value(value).map_err(|error| bad_call(error.to_string()))
    }
}

/// Does what a call says. Dropping the future gives up what it waits for, and nothing else.
pub(super) async fn answer(call: &Call, session: &Handle) -> Outcome {
    let outcome = match call.method.as_str() {
        protocol::STATUS => to_json(&snapshot::snapshot(&session.picture().borrow())),
        protocol::BUILD => request(call, session, Request::Build),
        protocol::RESTART => request(call, session, Request::Restart),
        protocol::START => request(call, session, Request::Start),
        protocol::STOP => request(call, session, Request::Stop),
        protocol::PAUSE => request(call, session, Request::Pause),
        protocol::RESUME => request(call, session, Request::Resume),
        protocol::HOLD => hold(call, session),
        protocol::RELEASE => release(call, session),
        protocol::EXPLAIN => explain(call, session),
        protocol::LOGS => logs(call, session).await,
        protocol::WAIT => wait(call, session).await,
        other => {
            let known = METHODS.join(", ");
            Err(bad_call(format!("there is no method `{other}` (help: the methods are {known})")))
        }
    };
    outcome.map_or_else(Outcome::Error, Outcome::Result)
}

fn request(call: &Call, session: &Handle, request: Request) -> Result<Value, Failure> {
    let target: Target = params(call)?;
    session.request(target.service.as_deref(), request).map_err(|refusal| refused(&refusal))?;
    accepted()
}

fn hold(call: &Call, session: &Handle) -> Result<Value, Failure> {
    let hold: Hold = params(call)?;
    let token = token(hold.token.as_deref())?.unwrap_or_else(Token::fresh);
    session.hold(token, hold.ttl_ms).map_err(|error| bad_call(error.to_string()))?;
    to_json(&Held { token: token.to_string() })
}

fn release(call: &Call, session: &Handle) -> Result<Value, Failure> {
    let release: Release = params(call)?;
    session.release(token(release.token.as_deref())?);
    accepted()
}

fn token(text: Option<&str>) -> Result<Option<Token>, Failure> {
    text.map(str::parse).transpose().map_err(|error: BadHold| bad_call(error.to_string()))
}

fn explain(call: &Call, session: &Handle) -> Result<Value, Failure> {
    let wanted: Explain = params(call)?;
    let path = Path::new(&wanted.path);
    if !path.is_absolute() {
        return Err(bad_call(format!("the path `{}` is not absolute", wanted.path)));
    }
    to_json(&snapshot::explanation(&session.picture().borrow(), path))
}

async fn logs(call: &Call, session: &Handle) -> Result<Value, Failure> {
    let wanted: Logs = params(call)?;
    let root = session.picture().borrow().root.clone();
    let until = Instant::now() + wanted.wait_ms.map_or(Duration::ZERO, Duration::from_millis).min(LONGEST);
    let mut after = wanted.after;
    let mut dropped = 0;
    let mut news = session.output().subscribe();
    loop {
        news.borrow_and_update();
        let mut lines = snapshot::lines(session.output(), &root, after, wanted.max.unwrap_or(LINES).max(1));
        if let Some(service) = &wanted.service {
            lines.log.entries.retain(|entry| entry.service == *service);
        }
        let has_read = lines.next != after;
        (after, dropped) = (lines.next, dropped + lines.log.dropped);
        let is_over = Instant::now() >= until;
        if !lines.log.entries.is_empty() || (is_over && !has_read) {
            lines.log.dropped = dropped;
            return to_json(&lines);
        }
        if !has_read {
            // Over or gone: the next look is the last.
            let _ = timeout_at(until, news.changed()).await;
        }
    }
}

async fn wait(call: &Call, session: &Handle) -> Result<Value, Failure> {
    let wanted: Wait = params(call)?;
    let time = wanted.timeout_ms.map_or(WAIT_TIME, Duration::from_millis).min(LONGEST);
    let service = wanted.service.as_deref();
    session.knows(service).map_err(|refusal| refused(&refusal))?;
    let mut pictures = session.picture();
    let reached = timeout(time, async {
        session.caught_up().await;
        let decided = pictures.wait_for(|picture| verdict::of(picture, service) != Verdict::Open).await;
        decided.ok().map(|picture| picture.clone())
    });
    let (verdict, picture) = match reached.await {
        Ok(Some(picture)) => (verdict::of(&picture, service), picture),
        // Who has not caught up can't know.
        Ok(None) | Err(_) => (Verdict::Open, session.picture().borrow().clone()),
    };
    let status = snapshot::snapshot(&picture);
    let message = verdict::message(&picture, service);
    to_json(&Waited { verdict: verdict.word().to_owned(), message, status })
}

fn params<T: DeserializeOwned>(call: &Call) -> Result<T, Failure> {
    let params = if call.params.is_null() { json!({}) } else { call.params.clone() };
    serde_json::from_value(params).map_err(|error| bad_call(format!("`{}`: {error}", call.method)))
}

fn accepted() -> Result<Value, Failure> {
    to_json(&Accepted { accepted: true })
}

fn to_json(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| bad_call(error.to_string()))
}

fn refused(refusal: &Refusal) -> Failure {
    Failure { kind: refusal.kind().to_owned(), message: refusal.to_string() }
}

pub(super) fn bad_call(message: impl Into<String>) -> Failure {
    Failure { kind: "badCall".to_owned(), message: message.into() }
}
