//! A plan for a project without a file, as the text of a `reload.toml`. Called by `load` and `init`.
//! Does not know: how the text is read.

mod cargo;
mod go;
mod init;
pub(super) mod kind;
mod node;
mod python;

use std::path::{Path, PathBuf};

use super::{ConfigProblem, ConfigSource, Spot};

pub use init::init;

/// What was guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guess {
    /// The name of the service.
    pub(super) name: String,
    /// The text of a `reload.toml`.
    pub(super) text: String,
    /// The file that led to it.
    pub(super) from: &'static str,
    /// Files whose content is part of what would be executed.
    pub(super) sources: Vec<ConfigSource>,
}

/// The commands of the one service of a guess.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Commands {
    name: String,
    build: Option<String>,
    run: String,
    env: Vec<(&'static str, &'static str)>,
    sources: Vec<ConfigSource>,
}

type Try = fn(&Path) -> Result<Commands, ConfigProblem>;

/// What is looked for, in this order.
const TRIES: &[(&str, Try)] = &[
    ("Cargo.toml", cargo::commands),
    ("go.mod", go::commands),
    ("package.json", node::commands),
    ("manage.py", python::commands),
    ("pyproject.toml", python::commands),
    ("main.py", python::commands),
    ("app.py", python::commands),
];

/// The file of a project that says most about what it is.
pub(super) fn manifest(root: &Path) -> Option<PathBuf> {
    TRIES.iter().map(|(manifest, _)| root.join(manifest)).find(|path| path.is_file())
}

/// Guesses from what lies in the root. If there is nothing to go by, the problem says what to write.
pub(super) fn guess(root: &Path) -> Result<Guess, ConfigProblem> {
    if let Some((manifest, commands)) = TRIES.iter().find(|(manifest, _)| root.join(manifest).is_file()) {
        return commands(root).map(|commands| commands.written(manifest));
    }
    let names: Vec<&str> = TRIES.iter().map(|(manifest, _)| *manifest).collect();
    let (names, root) = (names.join(", "), root.display());
    let help = "write reload.toml with `[services.app]` and `run = \"...\"`, and `build = \"...\"` if it is compiled";
    Err(ConfigProblem {
        spot: None,
        message: format!(
            "there is no reload.toml in {root} or above it, and nothing to guess from ({names})"
        ),
        help: Some(help.to_owned()),
    })
}

/// A usable name for a service, after the folder of the project.
pub(super) fn name_of(root: &Path) -> String {
    usable(&root.file_name().unwrap_or_default().to_string_lossy())
}

/// `name` with only characters that the name of a service may have.
fn usable(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).take(100).collect();
    let name = name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    if name.is_empty() { "app".to_owned() } else { name.to_owned() }
}

/// A project that is recognized and leaves a choice, or lacks something.
fn unclear(root: &Path, manifest: &str, what: &str, help: impl Into<String>) -> ConfigProblem {
    let spot = Some(Spot::top(&root.join(manifest)));
    ConfigProblem { spot, message: format!("can't guess what to run: {what}"), help: Some(help.into()) }
}

impl Commands {
    fn written(self, from: &'static str) -> Guess {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let is_bare = self.name.chars().all(|c| c != '.');
        let name = if is_bare { self.name.clone() } else { quoted(&self.name) };
        let mut lines = vec![format!("[services.{name}]")];
        lines.extend(self.build.as_deref().map(|build| format!("build = {}", quoted(build))));
        lines.push(format!("run = {}", quoted(&self.run)));
        let variables: Vec<String> =
            self.env.iter().map(|(name, value)| format!("{name} = {}", quoted(value))).collect();
        if !variables.is_empty() {
            lines.push(format!("env = {{ {} }}", variables.join(", ")));
        }
        Guess { name: self.name, text: lines.join("\n") + "\n", from, sources: self.sources }
    }
}
