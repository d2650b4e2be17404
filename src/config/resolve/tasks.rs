//! The tasks of rules: what to run, and what follows. Called by `resolve`.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::config::options::{At, RuleAction, RuleOptions, ServiceOptions};
use crate::config::{Spot, Task};
use crate::engine::{Action, TaskId};

/// The task of each rule in their order; `None` for a rule without one. `elsewhere` is the place of what is in no file.
pub(super) fn tasks(options: &ServiceOptions, dir: &Path, elsewhere: &Spot) -> Vec<Option<Task>> {
    let rules = options.rules.value().map(Vec::as_slice).unwrap_or_default();
    rules.iter().map(|rule| task(rule, options, dir, elsewhere)).collect()
}

fn task(rule: &At<RuleOptions>, options: &ServiceOptions, dir: &Path, elsewhere: &Spot) -> Option<Task> {
    let run = rule.value.run.given()?;
    let mut hasher = DefaultHasher::new();
    for path in rule.value.paths.value().into_iter().flatten() {
        path.value.hash(&mut hasher);
    }
    let env = options.env.value().map(|env| env.0.as_slice()).unwrap_or_default();
    for (name, value) in env {
        (&name.value, &value.0).hash(&mut hasher);
    }
    (&run.value, dir).hash(&mut hasher);
    Some(Task {
        id: TaskId(hasher.finish()),
        command: run.value.clone(),
        then: rule.value.action.value().and_then(|action| to_action(*action)),
        spot: run.from.spot().unwrap_or(elsewhere).clone(),
    })
}

/// What a rule's word asks for; `None` is `ignore`.
pub(super) fn to_action(action: RuleAction) -> Option<Action> {
    match action {
        RuleAction::Do(action) => Some(action),
        RuleAction::Ignore => None,
    }
}
