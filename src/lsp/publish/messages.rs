//! What is said once: a pop-up when good turns to bad, a line of the log for what is new, the URL after the first ready, new
//! lenses. Called by `publish`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::{Pictures, Worker};
use crate::engine::{ServiceName, State};
use crate::lsp::transport::NoAnswer;
use crate::lsp::types::MessageType;
use crate::session::Picture;
use crate::snapshot;

/// How many mistakes of the configuration are logged at once; the diagnostics have them all.
const MISTAKES: usize = 10;

/// What people want to know of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    Bad,
    /// On the way: says nothing about either.
    Open,
}

/// Follows a session, until it or the client is gone.
pub(super) async fn run(worker: &Worker) {
    let mut pictures = Pictures::of(&worker.session);
    let mut states = States::new();
    let mut last: Option<Arc<Picture>> = None;
    let mut was_bad = false;
    let mut url_shown = !worker.terms.options.open_url || !worker.terms.abilities.show_document;
    while pictures.next().await.is_some() {
        let Some(room) = worker.client.room().await else { return };
        // The room is for what follows; all of it is bounded by a few entries for each service.
        drop(room);
        let picture = pictures.0.borrow_and_update().clone();
        for (kind, line) in news(last.replace(picture.clone()).as_deref(), &picture) {
            worker.client.notify("window/logMessage", &json!({ "type": kind, "message": line }));
        }
        let before = states.clone();
        for (state, line) in changes(&picture, &mut states) {
            let kind = if verdict(state) == Verdict::Bad { MessageType::ERROR } else { MessageType::INFO };
            worker.client.notify("window/logMessage", &json!({ "type": kind, "message": line }));
        }
        let state = snapshot::state(&picture);
        if verdict(state) == Verdict::Bad && !was_bad && !worker.terms.options.opt_in.status {
            let message = format!("reload-lsp: {}", snapshot::message(&picture, state));
            let params = json!({ "type": MessageType::ERROR, "message": message });
            worker.client.notify("window/showMessage", &params);
        }
        was_bad = verdict(state) == Verdict::Bad || (was_bad && verdict(state) == Verdict::Open);
        if states != before && worker.terms.abilities.code_lens_refresh {
            log_failure(worker.client.ask("workspace/codeLens/refresh", &json!(null)).await);
        }
        if let Some(url) = url(&picture).filter(|_| !url_shown) {
            url_shown = true;
            let params = json!({ "uri": url, "external": true });
            log_failure(worker.client.ask("window/showDocument", &params).await);
        }
    }
}

/// What is new of the whole: mistakes of the configuration, what is not seen, whether the commands may run.
fn news(last: Option<&Picture>, picture: &Picture) -> Vec<(MessageType, String)> {
    let mut news = Vec::new();
    let known = last.map(|last| last.configuration.clone()).unwrap_or_default();
    let is = &picture.configuration;
    for (kind, known, problems) in [
        (MessageType::ERROR, &known.errors, &is.errors),
        (MessageType::WARNING, &known.warnings, &is.warnings),
    ] {
        let new = problems.iter().filter(|problem| !known.contains(problem)).take(MISTAKES);
        news.extend(new.map(|problem| (kind, problem.to_string())));
    }
    if is.errors.is_empty() && !known.errors.is_empty() {
        news.push((MessageType::INFO, "the configuration is right again".to_owned()));
    }
    let degraded = picture.watch.degraded.clone();
    if degraded != last.and_then(|last| last.watch.degraded.clone()) {
        news.push(match degraded {
            Some(reason) => (MessageType::WARNING, format!("watching: {reason}")),
            None => (MessageType::INFO, "the disk is watched as it should be again".to_owned()),
        });
    }
    let state = snapshot::state(picture);
    if last.map(snapshot::state) != Some(state) && state == State::Untrusted {
        news.push((MessageType::WARNING, snapshot::message(picture, state)));
    }
    news
}

/// What was last said of each service.
type States = BTreeMap<ServiceName, (State, String)>;

/// The services whose state is another than before, with a line for each. What is only on the way is left out.
fn changes(picture: &Picture, states: &mut States) -> Vec<(State, String)> {
    let mut changed = Vec::new();
    for service in &picture.status.services {
        let said = (service.state, service.message.clone());
        let before = states.insert(service.name.clone(), said).map(|(state, _)| state);
        if before != Some(service.state) && verdict(service.state) != Verdict::Open {
            changed.push((service.state, format!("{}: {}", service.name, service.message)));
        }
    }
    changed
}

fn verdict(state: State) -> Verdict {
    match state {
        State::Misconfigured | State::BuildFailed | State::Crashed => Verdict::Bad,
        State::Ready | State::Finished | State::Stopped => Verdict::Good,
        State::Untrusted
        | State::Paused
        | State::Building
        | State::Restarting
        | State::Starting
        | State::Idle => Verdict::Open,
    }
}

/// The first URL of a service that answers on this machine.
fn url(picture: &Picture) -> Option<&str> {
    let runs = picture.status.services.iter().filter(|service| service.state == State::Ready);
    let urls = runs.filter_map(|service| service.run.as_ref()).flat_map(|run| &run.urls);
    urls.map(String::as_str).find(|url| is_loopback(url))
}

fn is_loopback(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let authority = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    authority.is_some_and(|authority| {
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

fn log_failure<T>(answer: Result<T, NoAnswer>) {
    if let Err(error) = answer {
        tracing::debug!("{error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_opened_in_a_browser() {
        for url in ["http://127.0.0.1:8080", "http://localhost/x", "https://[::1]:3000/", "http://127.9.9.9"]
        {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "http://10.0.0.1:8080",
            "http://localhost.example.org",
            "http://localhost@example.org/",
            "file:///etc/passwd",
            "http://example.org/127.0.0.1",
            "javascript:alert(1)",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
