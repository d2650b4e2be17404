//! The variables that a run gets beyond our own. Called by `run`.
//! Order: `env` wins over our own environment, that over `env_files`, a later file over an earlier one.
//! Does not know: probes. Never puts a value into a message.

mod dotenv;
mod pycache;

use std::ffi::OsString;
use std::io;

use super::Request;
use dotenv::Variables;

/// What is set, in addition to our own environment, and removed from it. Has no `Debug`, because values are secrets.
#[derive(Default)]
pub(super) struct Environment {
    /// In the form that `process::Command` wants.
    pub(super) variables: Vec<(OsString, Option<OsString>)>,
    /// What is odd, for people.
    pub(super) warnings: Vec<String>,
}

impl Environment {
    /// Sets a variable, whatever it was.
    pub(super) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.replace(name, Some(value.into()));
    }

    /// Takes a variable away that is meant for us.
    pub(super) fn remove(&mut self, name: &str) {
        self.replace(name, None);
    }

    fn replace(&mut self, name: &str, value: Option<OsString>) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.into(), value));
    }

    /// Whether the run will find anything in this variable.
    fn has(&self, name: &str) -> bool {
        let set = self.variables.iter().find(|(known, _)| known == name);
        let value = set.map_or_else(|| std::env::var_os(name), |(_, value)| value.clone());
        value.is_some_and(|value| !value.is_empty())
    }
}

/// Reads `env_files` anew. An error is a reason not to start; it names the file and the line.
pub(super) async fn read(request: &Request) -> Result<Environment, String> {
    let mut environment = Environment::default();
    environment.remove("NOTIFY_SOCKET");
    environment.set("RELOAD_GENERATION", request.generation.to_string());
    environment.set("RELOAD_RUN", request.run.to_string());
    let mut texts: Vec<(String, String)> = Vec::new();
    for path in &request.env_files {
        let name = path.strip_prefix(&request.root).unwrap_or(path).display().to_string();
        match tokio::fs::read_to_string(path).await {
            Ok(text) => texts.push((name, text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => environment
                .warnings
                .push(format!("`{name}` does not exist (help: create it, or take it out of `env_files`)")),
            Err(error) => return Err(format!("could not read `{name}`: {error} (help: see `env_files`)")),
        }
    }
    for (name, value) in parse(&texts)? {
        environment.set(&name, value);
    }
    for (name, value) in &request.env {
        environment.set(name, value);
    }
    keep_bytecode_apart(request, &mut environment).await;
    Ok(environment)
}

/// What the files set, but for what our own environment has.
fn parse(texts: &[(String, String)]) -> Result<Vec<(String, String)>, String> {
    let ours = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let mut variables = Variables::new(&ours);
    for (name, text) in texts {
        variables.read(text).map_err(|mistake| format!("{name}:{}: {}", mistake.line, mistake.message))?;
    }
    Ok(variables.into_entries())
}

/// Unless the person decides where bytecode goes, or that there is none.
async fn keep_bytecode_apart(request: &Request, environment: &mut Environment) {
    if environment.has("PYTHONPYCACHEPREFIX") || environment.has("PYTHONDONTWRITEBYTECODE") {
        return;
    }
    let (root, service) = (request.root.clone(), request.service.clone());
    if let Ok(folder) = tokio::task::spawn_blocking(move || pycache::prepare(&root, &service)).await {
        environment.set("PYTHONPYCACHEPREFIX", folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Generation, RunId};
    use crate::process::CommandLine;
    use crate::service::Ready;

    #[tokio::test]
    async fn what_is_meant_for_us_is_kept_from_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let request = Request {
            service: "api".into(),
            run: RunId(2),
            generation: Generation(1),
            root: folder.path().to_owned(),
            dir: folder.path().to_owned(),
            command: CommandLine::Shell("true".into()),
            env: vec![("RELOAD_RUN".into(), "mine".into())],
            env_files: Vec::new(),
            listen: Vec::new(),
            listeners: std::sync::Arc::default(),
            ready: Ready::Auto,
            stop_signal: nix::sys::signal::Signal::SIGTERM,
            hush: std::time::Duration::ZERO,
        };
        let variables = read(&request).await.unwrap().variables;
        for (name, expected) in
            [("NOTIFY_SOCKET", None), ("RELOAD_RUN", Some("mine")), ("RELOAD_GENERATION", Some("1"))]
        {
            let found: Vec<_> = variables.iter().filter(|(known, _)| known == name).collect();
            assert_eq!(found, [&(name.into(), expected.map(OsString::from))]);
        }
    }
}
