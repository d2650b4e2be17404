//! What is watched for a service whose `watch` is not written: by the kind of project. Called by `resolve`.

use std::path::{Path, PathBuf};

use crate::process::CommandLine;

/// The kinds of project that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Kind {
    /// Rust.
    Cargo,
    /// Go.
    Go,
    /// `TypeScript` that is built before it runs.
    TypeScript,
    /// `JavaScript`, or `TypeScript` that runs as it is.
    Node,
    /// Python.
    Python,
    /// Anything else.
    Other,
}

/// What is watched by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct Defaults {
    /// Which kind of project it is.
    pub(in crate::config) kind: Kind,
    /// The folder that the globs are relative to.
    pub(in crate::config) folder: PathBuf,
}

/// Finds out what a service in `dir` is, by its commands first and by the manifests from `dir` up to `root` then.
pub(in crate::config) fn defaults(
    build: Option<&CommandLine>,
    run: Option<&CommandLine>,
    dir: &Path,
    root: &Path,
) -> Defaults {
    let by_command = build.and_then(by_command).or_else(|| run.and_then(by_command));
    let kinds: &[Kind] = match &by_command {
        Some(kind) => std::slice::from_ref(kind),
        None => &[Kind::Cargo, Kind::Go, Kind::Node, Kind::Python],
    };
    let folders: Vec<&Path> = dir.ancestors().take_while(|folder| folder.starts_with(root)).collect();
    for kind in kinds {
        let has = |folder: &&&Path| kind.manifests().iter().any(|name| folder.join(name).is_file());
        // A workspace is built from more than the package in `dir`: the outermost manifest counts there.
        let found = match kind {
            Kind::Cargo | Kind::Go => folders.iter().rev().find(has),
            Kind::TypeScript | Kind::Node | Kind::Python | Kind::Other => folders.iter().find(has),
        };
        if let Some(folder) = found {
            let is_compiled =
                *kind == Kind::Node && build.is_some() && folder.join("tsconfig.json").is_file();
            let kind = if is_compiled { Kind::TypeScript } else { *kind };
            return Defaults { kind, folder: folder.to_path_buf() };
        }
    }
    Defaults { kind: by_command.unwrap_or(Kind::Other), folder: dir.to_owned() }
}

fn by_command(command: &CommandLine) -> Option<Kind> {
    let words: Vec<&str> = match command {
        CommandLine::Shell(text) => text.split_whitespace().collect(),
        CommandLine::Argv(words) => words.iter().map(String::as_str).collect(),
    };
    let program = words.into_iter().find(|word| *word != "env" && !word.contains('='))?;
    let name = program.rsplit('/').next().unwrap_or(program);
    if name.starts_with("python") {
        return Some(Kind::Python);
    }
    match name {
        "cargo" => Some(Kind::Cargo),
        "go" => Some(Kind::Go),
        "node" | "npm" | "npx" | "pnpm" | "yarn" | "bun" | "deno" | "tsc" | "tsx" => Some(Kind::Node),
        "uv" | "poetry" | "flask" | "uvicorn" | "gunicorn" | "hypercorn" => Some(Kind::Python),
        _ => None,
    }
}

impl Kind {
    /// The name for people.
    pub(in crate::config) fn name(self) -> &'static str {
        match self {
            Self::Cargo => "Cargo",
            Self::Go => "Go",
            Self::TypeScript => "TypeScript",
            Self::Node => "Node",
            Self::Python => "Python",
            Self::Other => "any project",
        }
    }

    fn manifests(self) -> &'static [&'static str] {
        match self {
            Self::Cargo => &["Cargo.toml"],
            Self::Go => &["go.work", "go.mod"],
            Self::TypeScript | Self::Node => &["package.json"],
            Self::Python => {
                &["pyproject.toml", "manage.py", "requirements.txt", "setup.py", "main.py", "app.py"]
            }
            Self::Other => &[],
        }
    }

    /// Globs of what the build or the run reads.
    pub(in crate::config) fn watch(self) -> &'static [&'static str] {
        match self {
            Self::Cargo => {
                &["**/*.rs", "**/Cargo.toml", "Cargo.lock", ".cargo/config.toml", "rust-toolchain.toml"]
            }
            // Templates are usually embedded; users of other tools expect them to count.
            Self::Go => &[
                "**/*.go",
                "**/go.mod",
                "**/go.sum",
                "go.work",
                "go.work.sum",
                "**/*.{tmpl,tpl,gohtml,html}",
                "**/*.{c,h,s}",
            ],
            // What the compiler writes does not count: it would start the next build.
            Self::TypeScript => &["**/*.{ts,mts,cts,tsx}", "**/tsconfig*.json", "package.json"],
            Self::Node => &["**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx,json}"],
            Self::Python => &["**/*.py", "pyproject.toml"],
            Self::Other => &["**"],
        }
    }

    /// Those of them that hold although the toolchain says that the build does not read what they match: the run may.
    pub(in crate::config) fn served(self) -> &'static [&'static str] {
        match self {
            Self::Go => &["**/*.{tmpl,tpl,gohtml,html}"],
            Self::TypeScript => &["package.json"],
            Self::Cargo | Self::Node | Self::Python | Self::Other => &[],
        }
    }

    /// Globs of what would match and is not meant.
    pub(in crate::config) fn ignore(self) -> &'static [&'static str] {
        match self {
            Self::Cargo => &["**/target/**"],
            Self::Go => &["**/*_test.go", "**/testdata/**", "**/node_modules/**"],
            Self::TypeScript => &["**/node_modules/**", "**/dist/**"],
            Self::Node => &["**/node_modules/**", "**/dist/**", "**/coverage/**"],
            Self::Python => &["**/.venv/**", "**/venv/**", "**/site-packages/**", "**/__pycache__/**"],
            Self::Other => &["**/node_modules/**"],
        }
    }
}
