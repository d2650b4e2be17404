//! What the engine needs to know of a configuration, and the choice of some services. Called by `session` and `cli`.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::read::{enumerate, suggestion};
use super::{Config, ConfigProblem, Service, Task};
use crate::engine::{Key, ServiceSpec, TaskSpec};
use crate::service::Ready;

impl Config {
    /// Every service for the engine. A key differs when, and only when, a build or a run would be made from something
    /// else; how a service is treated is no part of it.
    pub fn specs(&self) -> Vec<ServiceSpec> {
        let spec = |service: &Service| ServiceSpec {
            name: service.name.clone(),
            root: self.root.as_path().into(),
            policy: service.policy.clone(),
            build: service.build.as_ref().map(|build| {
                key(|hasher| {
                    (build, &service.dir, &service.env, &service.problems, &service.matchers).hash(hasher);
                })
            }),
            run: service.run.as_ref().map(|run| {
                key(|hasher| {
                    (run, &service.dir, &service.env, &service.env_files, &service.listen).hash(hasher);
                    hash_ready(&service.ready, hasher);
                })
            }),
            tasks: service.tasks.iter().map(task).collect(),
        };
        self.services.iter().map(spec).collect()
    }

    /// Keeps the named services and what they depend on; all if nothing is named.
    pub fn only(mut self, names: &[String]) -> Result<Self, ConfigProblem> {
        let known = || self.services.iter().map(|service| service.name.as_str());
        if let Some(name) = names.iter().find(|name| !known().any(|known| known == name.as_str())) {
            let help = match suggestion(name, known()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("the services are {}", enumerate(known())),
            };
            let message = format!("there is no service `{name}`");
            return Err(ConfigProblem { spot: None, message, help: Some(help) });
        }
        if names.is_empty() {
            return Ok(self);
        }
        let mut kept: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = names.iter().map(String::as_str).collect();
        while let Some(name) = open.pop() {
            if kept.insert(name) {
                let found = self.services.iter().find(|service| service.name.as_str() == name);
                open.extend(
                    found
                        .into_iter()
                        .flat_map(|service| &service.policy.depends_on)
                        .map(crate::engine::ServiceName::as_str),
                );
            }
        }
        let kept: BTreeSet<String> = kept.into_iter().map(str::to_owned).collect();
        self.services.retain(|service| kept.contains(service.name.as_str()));
        Ok(self)
    }
}

fn task(task: &Task) -> TaskSpec {
    TaskSpec { id: task.id, command: task.command.to_string().into(), then: task.then }
}

/// Compared within one session only, so it may differ between versions of the program.
fn key(hash: impl FnOnce(&mut DefaultHasher)) -> Key {
    let mut hasher = DefaultHasher::new();
    hash(&mut hasher);
    Key(hasher.finish())
}

fn hash_ready(ready: &Ready, hasher: &mut DefaultHasher) {
    std::mem::discriminant(ready).hash(hasher);
    match ready {
        Ready::Auto | Ready::Notify => {}
        Ready::Http(text) | Ready::Tcp(text) | Ready::Log(text) => text.hash(hasher),
    }
}
