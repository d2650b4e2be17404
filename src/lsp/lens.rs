//! Code lenses on the services' tables in the configuration: what each does, and what can be done with it.
//! Called by `handlers`.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::types::{CodeLens, Command, Position, Range};
use super::uri;
use crate::engine::{ServiceStatus, State};
use crate::session::Picture;

/// The lenses of a file; `None` if it is nobody's configuration.
pub(super) fn answer(path: &Path, pictures: &[Arc<Picture>]) -> Option<Vec<CodeLens>> {
    let is_configuration =
        |file: &Option<std::path::PathBuf>| file.as_ref().is_some_and(|file| uri::canonical(file) == path);
    let picture = pictures.iter().find(|picture| is_configuration(&picture.configuration.file))?;
    let text = std::fs::read_to_string(path).ok()?;
    let mut lenses = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let Some(service) = service_of(line, &picture.status.services) else { continue };
        let range = Range::new(position(n, 0), position(n, line.trim_end().len()));
        let target = json!({ "service": service.name.as_str(), "uri": uri::text_from_path(path) });
        for (title, id) in buttons(service) {
            lenses.push(CodeLens { range, command: Some(command(title, id, &target)), data: None });
        }
    }
    Some(lenses)
}

/// The service whose table a line begins.
fn service_of<'a>(line: &str, services: &'a [ServiceStatus]) -> Option<&'a ServiceStatus> {
    let name = line.trim().strip_prefix("[services.")?.split(']').next()?;
    let name = name.trim_matches(['"', '\'']);
    services.iter().find(|service| service.name.as_str() == name)
}

fn buttons(service: &ServiceStatus) -> Vec<(String, &'static str)> {
    let switch = match service.state {
        State::Stopped | State::Finished | State::Crashed | State::Idle => ("start", "reload-lsp.start"),
        State::Untrusted
        | State::Misconfigured
        | State::Paused
        | State::Building
        | State::BuildFailed
        | State::Restarting
        | State::Starting
        | State::Ready => ("stop", "reload-lsp.stop"),
    };
    let buttons = [("restart", "reload-lsp.restart"), switch, ("log", "reload-lsp.showLog")];
    let status = (service.message.clone(), "reload-lsp.showLog");
    std::iter::once(status).chain(buttons.map(|(title, id)| (title.to_owned(), id))).collect()
}

fn command(title: String, id: &str, target: &Value) -> Command {
    Command { title, command: id.to_owned(), arguments: Some(vec![target.clone()]) }
}

fn position(line: usize, character: usize) -> Position {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Position::new(number(line), number(character))
}
