//! What has no place of its own, and what is wrong with the configuration: shown where the configuration names it.
//! Called by `collect`.

use std::path::PathBuf;

use super::convert::{self, Texts};
use crate::config::{ConfigProblem, Spot};
use crate::lsp::capabilities::Abilities;
use crate::lsp::types::{Diagnostic, DiagnosticSeverity, Range};
use crate::session::{Picture, Trust};

/// Files whose first line stands for the project, the most telling first.
const MANIFESTS: [&str; 8] = [
    "reload.toml",
    "Cargo.toml",
    "go.mod",
    "package.json",
    "pyproject.toml",
    "manage.py",
    ".air.toml",
    "Makefile",
];

/// The file whose first line stands for the project: the configuration, else the root manifest, else none.
pub(super) fn manifest(picture: &Picture) -> Option<PathBuf> {
    let file = picture.configuration.file.clone();
    file.or_else(|| MANIFESTS.iter().map(|name| picture.root.join(name)).find(|path| path.is_file()))
}

/// What is wrong with the configuration, and whether it waits for trust.
pub(super) fn configuration(
    picture: &Picture,
    abilities: &Abilities,
    texts: &mut Texts,
) -> Vec<(PathBuf, Diagnostic)> {
    let manifest = manifest(picture);
    let mut found = Vec::new();
    let kinds = [
        (&picture.configuration.errors, DiagnosticSeverity::ERROR),
        (&picture.configuration.warnings, DiagnosticSeverity::WARNING),
    ];
    for (problems, severity) in kinds {
        for problem in problems {
            let (path, range) = match &problem.spot {
                Some(spot) => (Some(spot.path.clone()), texts.spot_range(spot, abilities)),
                None => (manifest.clone(), convert::top()),
            };
            found.extend(path.map(|path| (path, own(range, severity, text(problem)))));
        }
    }
    if let (Some(path), Some(message)) = (manifest, untrusted(picture)) {
        found.push((path, own(convert::top(), DiagnosticSeverity::INFORMATION, message)));
    }
    found
}

/// Where something without a place is shown.
pub(super) fn range(
    spot: Option<&Spot>,
    picture: &Picture,
    abilities: &Abilities,
    texts: &mut Texts,
) -> Option<(PathBuf, Range)> {
    match spot {
        Some(spot) => Some((spot.path.clone(), texts.spot_range(spot, abilities))),
        None => Some((manifest(picture)?, convert::top())),
    }
}

/// A diagnostic of our own.
pub(super) fn own(range: Range, severity: DiagnosticSeverity, message: String) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(severity),
        source: Some(convert::source("reload")),
        message,
        ..Diagnostic::default()
    }
}

fn text(problem: &ConfigProblem) -> String {
    match &problem.help {
        Some(help) => format!("{}\nhelp: {help}", problem.message),
        None => problem.message.clone(),
    }
}

fn untrusted(picture: &Picture) -> Option<String> {
    let (plan, what) = match &*picture.trust {
        Trust::Allowed => return None,
        Trust::Asking { plan, before: None } => (plan, "nobody has allowed these commands yet"),
        Trust::Asking { plan, before: Some(_) } => {
            (plan, "the commands have changed since they were allowed")
        }
        Trust::Denied { plan } => (plan, "these commands were denied"),
    };
    let then = if picture.status.services.is_empty() {
        format!("so nothing of {} runs", picture.root.display())
    } else {
        "so what ran before goes on instead".to_owned()
    };
    let commands = plan.commands.join("\n  ");
    Some(format!("{what}, {then}:\n  {commands}\nhelp: run `reload-lsp allow`"))
}
