//! What holds for the text of the project: who may use whom, how long a file may be, which words are never right, and
//! that what the documents name exists.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` with this extension, by its path from the root of the project.
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.file_name().unwrap().to_string_lossy().into_owned();
            if entry.is_dir() {
                if !["target", "node_modules", ".git", ".reload", ".venv"].contains(&name.as_str()) {
                    folders.push(entry);
                }
            } else if entry.extension().is_some_and(|found| found == extension) {
                let path = entry.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((path, fs::read_to_string(&entry).unwrap()));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no .{extension} in {folder}");
    found
}

/// Rust files of ours; what fixtures hold is other people's.
fn sources() -> Vec<(String, String)> {
    let mut sources = files("src", "rs");
    sources.extend(files("tests", "rs").into_iter().filter(|(path, _)| !path.contains("fixtures/")));
    sources.retain(|(path, _)| !path.contains("/demo/project/"));
    sources
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("tests.rs")
}

/// What a file says outside of its own tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap()
}

#[track_caller]
fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

#[test]
fn a_module_uses_only_what_lies_below_it() {
    // The words of the engine and the paths of artifacts are everybody's.
    let layers: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("engine", &[][..]),
        ("artifact", &["engine", "process"]),
        ("output", &["engine"]),
        ("process", &[]),
        ("crash", &["engine"]),
        ("build", &["artifact", "crash", "engine", "output", "process"]),
        ("service", &["artifact", "build", "crash", "engine", "output", "process"]),
        ("watch", &["artifact", "engine"]),
        ("inputs", &["artifact", "build", "engine", "process", "watch"]),
        ("config", &["artifact", "build", "engine", "process", "service", "watch", "trust"]),
        ("trust", &["config", "engine", "process", "service", "watch"]),
        (
            "session",
            &[
                "artifact", "build", "config", "engine", "inputs", "output", "process", "service", "trust",
                "watch",
            ],
        ),
        ("snapshot", &["engine", "output", "session", "watch"]),
        ("control", &["config", "engine", "session", "snapshot"]),
        ("lsp", &["config", "engine", "output", "session", "snapshot", "trust", "watch"]),
        (
            "cli",
            &[
                "artifact", "build", "config", "control", "engine", "log", "lsp", "output", "process",
                "session", "snapshot", "trust", "watch",
            ],
        ),
        ("log", &[]),
    ]);
    let used = Regex::new(r"\bcrate::\{?(\w+)").unwrap();
    let mut wrong = Vec::new();
    for (path, text) in files("src", "rs") {
        let module = path.split('/').nth(1).unwrap().trim_end_matches(".rs");
        let Some(allowed) = layers.get(module) else { continue };
        if is_test(&path) {
            continue;
        }
        for line in without_tests(&text).lines().filter(|line| !line.trim_start().starts_with("//")) {
            for capture in used.captures_iter(line) {
                let other = &capture[1];
                if other != module && layers.contains_key(other) && !allowed.contains(&other) {
                    wrong.push(format!("{path} uses {other}"));
                }
            }
        }
    }
    assert_none(&wrong, "arrows go down only");
}

#[test]
fn the_engine_knows_nothing_of_the_world() {
    let world =
        Regex::new(r"\b(tokio|nix|notify|serde|std::(fs|process|net|thread|env)|SystemTime|Instant)\b")
            .unwrap();
    let wrong: Vec<_> = files("src/engine", "rs")
        .into_iter()
        .filter(|(path, _)| !is_test(path))
        .flat_map(|(path, text)| {
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            lines
                .filter(|line| world.is_match(line))
                .map(|line| format!("{path}: {line}"))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_none(&wrong, "the engine is pure");
}

#[test]
fn files_are_small() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        let limit = if path == "src/session/turn.rs" { 250 } else { 400 };
        if lines > limit {
            wrong.push(format!("{path} has {lines} lines, {limit} are allowed"));
        }
    }
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let engine = files("src/engine", "rs").into_iter().filter(|(path, _)| !is_test(path));
    let engine: usize = engine.map(|(_, text)| text.lines().filter(is_code).count()).sum();
    if engine > 2_700 {
        wrong.push(format!("src/engine has {engine} lines of code"));
    }
    assert_none(&wrong, "a file has one purpose and is soon read");
}

#[test]
fn every_file_says_what_lives_in_it() {
    let is_headed = |text: &str| text.starts_with("//! ") || text.starts_with("#![doc = include_str!");
    let wrong: Vec<_> =
        sources().into_iter().filter(|(_, text)| !is_headed(text)).map(|(path, _)| path).collect();
    assert_none(&wrong, "a file begins with `//!`: what lives here, who calls it, what it does not know");
}

#[test]
fn what_the_documents_name_exists() {
    let named = Regex::new(r"`((?:src|tests|editors|vscode-extension|\.github|\.ci)/[\w./-]*)`").unwrap();
    let mut wrong = Vec::new();
    let mut documents = files(".", "md");
    documents.extend(sources());
    for (path, text) in documents {
        let is_rust = Path::new(&path).extension().is_some_and(|extension| extension == "rs");
        let lines = text.lines().filter(|line| !is_rust || line.starts_with("//!"));
        for line in lines {
            for capture in named.captures_iter(line) {
                let target = capture[1].trim_end_matches('/');
                if !root().join(target).exists() {
                    wrong.push(format!("{path}: {target}"));
                }
            }
        }
    }
    assert_none(&wrong, "a named path is gone");
}

#[test]
fn the_words_that_are_never_right_are_not_used() {
    let never = [
        "debounce",
        "throttle",
        "revision",
        "epoch",
        "cooldown",
        "healthy",
        "live_reload",
        "manager",
        "helper",
        "util",
    ];
    let words = Regex::new(&format!(r"(?i)\b\w*({})\w*\b", never.join("|"))).unwrap();
    let foreign = ["UNIX_EPOCH", "http_body_util", "hyper_util"];
    let text = Regex::new(r#""(?:[^"\\]|\\.)*"|//.*"#).unwrap();
    let mut wrong = Vec::new();
    // What programs print in tests is theirs.
    for (path, source) in sources().into_iter().filter(|(path, _)| !is_test(path)) {
        for line in source.lines() {
            let code = text.replace_all(line, "");
            let found = words.find_iter(&code).map(|found| found.as_str());
            wrong.extend(found.filter(|word| !foreign.contains(word)).map(|word| format!("{path}: {word}")));
        }
    }
    assert_none(&wrong, "one word per thing");
}

#[test]
fn no_test_sleeps() {
    let sleeps = Regex::new(r"\b(thread|time)::sleep\(|\bsleep\(Duration").unwrap();
    let tests = sources().into_iter().filter(|(path, _)| is_test(path) && path != "tests/it/tidy.rs");
    let wrong: Vec<_> = tests.filter(|(_, text)| sleeps.is_match(text)).map(|(path, _)| path).collect();
    assert_none(&wrong, "a test waits for an event, not for time to pass");
}

/// Compares what stands between two marks of the README with `wanted`; writes it there if `UPDATE` is set.
fn check_readme(mark: &str, wanted: &str) {
    let path: PathBuf = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (before, rest) = readme.split_once(&begin).unwrap();
    let (found, after) = rest.split_once(&end).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, format!("{before}{begin}{wanted}{end}{after}")).unwrap();
    } else {
        assert_eq!(found, wanted, "run UPDATE=1 cargo test --test it tidy");
    }
}

#[test]
fn the_readme_has_every_key_of_the_configuration() {
    check_readme("reference", &reload_lsp::config::reference());
}

#[test]
fn the_readme_has_every_exit_code() {
    check_readme("exit codes", &reload_lsp::cli::ExitStatus::table());
}
