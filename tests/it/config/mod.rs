//! Configurations as people write them: what holds, and what they are told about their mistakes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod guess;
mod matchers;
mod mistakes;
mod schema;
mod services;
mod sources;

use std::fs;
use std::path::PathBuf;

use reload_lsp::config::{self, Config, ConfigProblem, Overrides};
use reload_lsp::process::CommandLine;
use tempfile::TempDir;

/// A project in a folder of its own.
struct Project {
    folder: TempDir,
    root: PathBuf,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("config").tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("shop");
        fs::create_dir(&root).unwrap();
        let project = Self { folder, root };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn load(&self) -> Result<Config, Vec<ConfigProblem>> {
        config::load(&self.root, &Overrides::default())
    }

    fn load_with(&self, overrides: &Overrides) -> Result<Config, Vec<ConfigProblem>> {
        config::load(&self.root, overrides)
    }

    /// Problems as people read them, with the root as `{root}`.
    fn told(&self, problems: &[ConfigProblem]) -> String {
        let lines = problems.iter().map(|problem| format!("{problem}\n"));
        lines.collect::<String>().replace(&self.root.display().to_string(), "{root}")
    }
}

fn shell(text: &str) -> CommandLine {
    CommandLine::Shell(text.to_owned())
}
