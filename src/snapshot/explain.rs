//! Whether a save of a path would do something, what decides, and what holds it back now. Called by `lsp`, `control` and
//! `cli`.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::picture;
use crate::engine::{self, Action, ServiceStatus, State};
use crate::session::{Picture, Trust};
use crate::watch;

/// The answer to `reload/explain`, and to `explain` over the control socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The same for people, one line for each verdict.
    pub text: String,
    /// One for each service; at least one.
    pub verdicts: Vec<Verdict>,
    /// What holds all of it back now, one line each.
    #[serde(default)]
    pub now: Vec<String>,
}

/// What a save would do for one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The service; null when the file counts for none.
    pub service: Option<String>,
    /// `rebuild`, `restart`, `refresh`, `task`; null: nothing.
    pub action: Option<String>,
    /// The rule, glob or ignore file that decides.
    pub because: String,
}

/// The answer of a session.
pub fn explanation(picture: &Picture, path: &Path) -> Explanation {
    let verdicts = watch::explain(&picture.watch_plan, path).into_iter().map(to_json);
    Explanation::of(verdicts.collect(), now(picture, path))
}

impl Explanation {
    /// The answer of a plan that no session knows of.
    pub fn of_plan(plan: &watch::Plan, path: &Path) -> Self {
        Self::of(watch::explain(plan, path).into_iter().map(to_json).collect(), Vec::new())
    }

    /// Whether any of it is said of a service.
    pub fn is_concerned(&self) -> bool {
        self.verdicts.iter().any(|verdict| verdict.service.is_some())
    }

    /// The answers of several sessions, each with whether the file lies in its root: the build of another root may read it.
    pub fn of_all(answers: impl Iterator<Item = (bool, Self)>) -> Self {
        // Who has nothing to do with what lies elsewhere says so for all of its services at once.
        let (mut verdicts, mut now) = (Vec::new(), Vec::new());
        for (_, answer) in answers.filter(|(is_inside, answer)| *is_inside || answer.is_concerned()) {
            verdicts.extend(answer.verdicts);
            now.extend(answer.now);
        }
        if verdicts.is_empty() {
            let because = "the file lies in no open folder".to_owned();
            verdicts.push(Verdict { service: None, action: None, because });
        }
        Self::of(verdicts, now)
    }

    /// Only what is said about one service.
    pub fn keep_only(&mut self, service: &str) {
        let verdicts = std::mem::take(&mut self.verdicts);
        let of_service = verdicts.into_iter().filter(|verdict| verdict.service.as_deref() == Some(service));
        *self = Self::of(of_service.collect(), std::mem::take(&mut self.now));
    }

    fn of(verdicts: Vec<Verdict>, now: Vec<String>) -> Self {
        let lines = verdicts.iter().map(|verdict| {
            let service = verdict.service.as_deref().unwrap_or("no service");
            let action = verdict.action.as_deref().unwrap_or("nothing");
            format!("{service}: {action}, because of {}", verdict.because)
        });
        let text = lines.chain(now.iter().map(|line| format!("now: {line}"))).collect::<Vec<_>>().join("\n");
        Self { text, verdicts, now }
    }
}

fn to_json(verdict: watch::Verdict) -> Verdict {
    let action = verdict.action.map(|action| match action {
        Action::Task(_) => "task",
        Action::Refresh => "refresh",
        Action::Restart => "restart",
        Action::Rebuild => "rebuild",
    });
    Verdict {
        service: verdict.service.map(|service| service.as_str().to_owned()),
        action: action.map(str::to_owned),
        because: verdict.because,
    }
}

/// What keeps a save from doing at once what the rules say.
fn now(picture: &Picture, path: &Path) -> Vec<String> {
    let mut now = Vec::new();
    if !matches!(*picture.trust, Trust::Allowed) {
        now.push(picture::message(picture, State::Untrusted));
    }
    now.extend(
        picture.configuration.errors.first().map(|first| format!("the configuration has errors: {first}")),
    );
    now.extend(picture.status.services.iter().filter_map(|service| collecting(service, picture)));
    now.extend(picture.status.services.iter().filter_map(|service| suspended(service, picture, path)));
    now.extend(picture.watch.degraded.as_ref().map(|why| format!("some changes may not be seen: {why}")));
    now
}

/// That changes of a service are only collected, and until when.
fn collecting(service: &ServiceStatus, picture: &Picture) -> Option<String> {
    if service.state != State::Paused {
        return None;
    }
    let until = match service.waiting.and_then(|waiting| waiting.until) {
        Some(until) => format!("until {} or `release`", picture::time(picture.began + until.0)),
        None => "until `resume`".to_owned(),
    };
    Some(format!("{}: {}; changes are collected {until}", service.name, service.message))
}

/// That a path does not count for a service, because it has been in a loop.
fn suspended(service: &ServiceStatus, picture: &Picture, path: &Path) -> Option<String> {
    let named = picture.root.join(path);
    let path = named.canonicalize().unwrap_or(named);
    let path = service.suspended.iter().find(|suspended| ***suspended == *path)?;
    let glob = engine::glob_of(path, &picture.root);
    Some(format!(
        "{}: suspended: the build, a task or the service itself writes it each time; add `{glob}` to `ignore`",
        service.name
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::Status;

    fn ready() -> ServiceStatus {
        ServiceStatus {
            name: "api".into(),
            state: State::Ready,
            message: "ready".to_owned(),
            ..ServiceStatus::default()
        }
    }

    #[test]
    fn a_suspended_path_is_named_with_what_to_write() {
        let root = Path::new("/w");
        let path: Arc<Path> = root.join("gen[1].go").into();
        let service = ServiceStatus { suspended: vec![path.clone()], ..ready() };
        let picture =
            Picture { status: Arc::new(Status { services: vec![service] }), ..Picture::blank(root) };
        let line = "api: suspended: the build, a task or the service itself writes it each time; \
                    add `gen[[]1[]].go` to `ignore`";
        let explained = explanation(&picture, &path);
        assert_eq!(explained.now, [line]);
        assert!(explained.text.ends_with(&format!("now: {line}")), "{}", explained.text);
        assert_eq!(explanation(&picture, &root.join("main.go")).now, Vec::<String>::new());
    }
}
