//! What to build and run in a Cargo project: its only binary, or the `default-run` one.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{Commands, unclear, usable};
use crate::config::ConfigProblem;

const MANIFEST: &str = "Cargo.toml";

/// A program of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Binary {
    package: String,
    name: String,
}

pub(super) fn commands(root: &Path) -> Result<Commands, ConfigProblem> {
    let Some(manifest) = manifest(root) else {
        return Err(unclear(root, MANIFEST, "Cargo.toml can't be read", "see what `cargo metadata` says"));
    };
    if manifest.contains_key("package") {
        let found = binaries(root, &manifest);
        let default = default_run(&manifest);
        let chosen = found.iter().find(|binary| Some(binary.name.as_str()) == default);
        return match (found.as_slice(), chosen) {
            ([only], _) => Ok(build(only, "cargo build".to_owned())),
            (_, Some(chosen)) => Ok(build(chosen, format!("cargo build --bin {}", chosen.name))),
            (several, None) => {
                Err(choice(root, several, |binary| format!("cargo build --bin {}", binary.name)))
            }
        };
    }
    let mut found = Vec::new();
    for folder in members(root, &manifest) {
        let Some(manifest) = self::manifest(&folder) else { continue };
        let binaries = binaries(&folder, &manifest);
        match default_run(&manifest) {
            Some(default) => found.extend(binaries.into_iter().filter(|binary| binary.name == default)),
            None => found.extend(binaries),
        }
    }
    let command = |binary: &Binary| format!("cargo build -p {} --bin {}", binary.package, binary.name);
    match found.as_slice() {
        [only] => Ok(build(only, command(only))),
        several => Err(choice(root, several, command)),
    }
}

fn build(binary: &Binary, build: String) -> Commands {
    Commands {
        name: usable(&binary.name),
        build: Some(build),
        run: "{exe}".to_owned(),
        ..Commands::default()
    }
}

fn choice(root: &Path, several: &[Binary], command: impl Fn(&Binary) -> String) -> ConfigProblem {
    let Some(first) = several.first() else {
        let help = "write reload.toml with the commands, such as `build = \"cargo test\"`";
        return unclear(root, MANIFEST, "there is no binary in this Cargo project", help);
    };
    let names: Vec<&str> = several.iter().map(|binary| binary.name.as_str()).collect();
    let help = format!(
        "write reload.toml with `[services.{}]`, `build = \"{}\"` and `run = \"{{exe}}\"`, or set `default-run`",
        usable(&first.name),
        command(first)
    );
    unclear(root, MANIFEST, &format!("there are several binaries ({})", names.join(", ")), help)
}

fn manifest(folder: &Path) -> Option<Table> {
    fs::read_to_string(folder.join(MANIFEST)).ok()?.parse().ok()
}

fn default_run(manifest: &Table) -> Option<&str> {
    manifest.get("package")?.get("default-run")?.as_str()
}

/// The binaries of a package, by Cargo's own rules: those that are named, and those that lie where binaries lie.
fn binaries(folder: &Path, manifest: &Table) -> Vec<Binary> {
    let package = manifest.get("package");
    let Some(name) = package.and_then(|package| package.get("name")).and_then(Value::as_str) else {
        return Vec::new();
    };
    let listed = manifest.get("bin").and_then(Value::as_array).into_iter().flatten();
    let mut names: Vec<String> =
        listed.filter_map(|bin| bin.get("name")).filter_map(Value::as_str).map(str::to_owned).collect();
    let is_automatic =
        package.and_then(|package| package.get("autobins")).and_then(Value::as_bool) != Some(false);
    if is_automatic {
        let has_main = folder.join("src/main.rs").is_file();
        let main_is_named = manifest
            .get("bin")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|bin| bin.get("path").and_then(Value::as_str) == Some("src/main.rs"));
        if has_main && !main_is_named {
            names.push(name.to_owned());
        }
        names.extend(below_bin(&folder.join("src/bin")));
    }
    names.sort();
    names.dedup();
    names.into_iter().map(|binary| Binary { package: name.to_owned(), name: binary }).collect()
}

fn below_bin(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let path = entry.path();
            let is_file = path.extension().is_some_and(|extension| extension == "rs");
            let is_binary = is_file || path.join("main.rs").is_file();
            is_binary.then(|| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))?
        })
        .collect()
}

/// The folders of the members that a plain `cargo build` builds.
fn members(root: &Path, manifest: &Table) -> Vec<PathBuf> {
    let workspace = manifest.get("workspace");
    let list = |key| workspace.and_then(|workspace| workspace.get(key)).and_then(Value::as_array);
    let members = list("default-members").or_else(|| list("members"));
    let mut folders = Vec::new();
    for member in members.into_iter().flatten().filter_map(Value::as_str) {
        match member
            .strip_suffix("/*")
            .map(|parent| root.join(parent))
            .or_else(|| (member == "*").then(|| root.to_owned()))
        {
            Some(parent) => {
                let entries = fs::read_dir(parent).into_iter().flatten().flatten();
                folders.extend(entries.map(|entry| entry.path()).filter(|path| path.is_dir()));
            }
            None => folders.push(root.join(member)),
        }
    }
    folders.sort();
    folders.dedup();
    folders
}
