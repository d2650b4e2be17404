//! What to build and run in a Go module: the program in its root, or the only one below `cmd`.

use std::fs;
use std::path::Path;

use super::{Commands, name_of, unclear, usable};
use crate::config::ConfigProblem;

pub(super) fn commands(root: &Path) -> Result<Commands, ConfigProblem> {
    if has_main(root) {
        return Ok(build(&module_name(root), "."));
    }
    let entries = fs::read_dir(root.join("cmd")).into_iter().flatten().flatten();
    let mut programs: Vec<String> = entries
        .filter(|entry| has_main(&entry.path()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    programs.sort();
    match programs.as_slice() {
        [only] => Ok(build(only, &format!("./cmd/{only}"))),
        [] => {
            let help = "write reload.toml with `build = \"go build -o {out} ./path/to/program\"` and `run = \"{out}\"`";
            Err(unclear(root, "go.mod", "there is no `package main` in the root or below cmd", help))
        }
        [first, ..] => {
            let help = format!(
                "write reload.toml with `[services.{first}]`, `build = \"go build -o {{out}} ./cmd/{first}\"` and \
                 `run = \"{{out}}\"`"
            );
            let what = format!("there are several programs below cmd ({})", programs.join(", "));
            Err(unclear(root, "go.mod", &what, help))
        }
    }
}

fn build(name: &str, package: &str) -> Commands {
    let is_plain = package.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let package = if is_plain { package.to_owned() } else { format!("'{package}'") };
    let build = Some(format!("go build -o {{out}} {package}"));
    Commands { name: usable(name), build, run: "{out}".to_owned(), ..Commands::default() }
}

/// The last part of the module's path that is no version.
fn module_name(root: &Path) -> String {
    let text = fs::read_to_string(root.join("go.mod")).unwrap_or_default();
    let module = text.lines().find_map(|line| line.trim().strip_prefix("module "));
    let is_version = |part: &&str| part.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
    let name = module.and_then(|module| module.trim().rsplit('/').find(|part| !is_version(part)));
    name.map_or_else(|| name_of(root), |name| name.trim_matches('"').to_owned())
}

fn has_main(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_source = name.ends_with(".go") && !name.ends_with("_test.go") && path.is_file();
        let says_main = |text: String| {
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            let is_tool =
                lines.iter().any(|line| *line == "//go:build ignore" || *line == "// +build ignore");
            !is_tool
                && lines
                    .iter()
                    .any(|line| line.split("//").next().unwrap_or_default().trim() == "package main")
        };
        is_source && fs::read_to_string(&path).is_ok_and(says_main)
    })
}
