//! What people are told about their mistakes.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::Project;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/config");

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(FIXTURES).join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    found.sort();
    assert!(found.len() > 3, "the fixtures of {folder} are there");
    found
}

#[test]
fn every_configuration_that_was_ever_valid_still_loads() {
    for path in fixtures("valid") {
        let project = Project::new(&[("reload.toml", &fs::read_to_string(&path).unwrap())]);
        if let Err(problems) = project.load() {
            panic!("{}:\n{}", path.display(), project.told(&problems));
        }
    }
}

/// `UPDATE=1` writes what is said now beside each case.
#[test]
fn every_mistake_is_told_with_its_place_and_its_remedy() {
    let mut wrong = String::new();
    for path in fixtures("invalid") {
        let project = Project::new(&[("reload.toml", &fs::read_to_string(&path).unwrap())]);
        let problems = project.load().expect_err(&path.display().to_string());
        assert!(
            problems.iter().all(|problem| problem.help.is_some() && problem.spot.is_some()),
            "{problems:?}"
        );
        let told = project.told(&problems).replace("{root}/reload.toml:", "");
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &told).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != told {
            wrong.extend([path.display().to_string(), ":\n".to_owned(), told]);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_broken_file_that_no_editor_would_write_is_a_mistake_like_any_other() {
    let project = Project::new(&[("reload.toml", "")]);
    fs::write(project.root.join("reload.toml"), b"[services.api]\nrun = \"\xff\"\n").unwrap();
    let problems = project.load().unwrap_err();
    let expected = "{root}/reload.toml:2:8: the text is not UTF-8 (help: save it as UTF-8)\n";
    assert_eq!(project.told(&problems), expected);

    fs::remove_file(project.root.join("reload.toml")).unwrap();
    fs::create_dir(project.root.join("reload.toml")).unwrap();
    let problems = project.load().unwrap_err();
    assert!(project.told(&problems).contains("it is no regular file"), "{problems:?}");
}

#[test]
fn what_is_odd_but_harmless_is_a_warning() {
    let text = "[services.assets]\nbuild = \"make\"\ngrace = \"1s\"\ncascade = true\n[services.run]\nrun = \"x\"\n\
        on_build_failure = \"stop\"\n[watch]\npoll_interval = \"100ms\"\nmode = \"client\"\n[proxy]\nlisten = \"127.0.0.1:8090\"\nservice = \"run\"\n";
    let project = Project::new(&[("reload.toml", text)]);
    let told = project.told(&project.load().unwrap().warnings);
    for expected in [
        "3:9: `services.assets.grace` has no effect without `run`",
        "4:11: `services.assets.cascade` has no effect without `depends_on`",
        "7:20: `services.run.on_build_failure` has no effect without `build`",
        "9:17: `watch.poll_interval` is 100ms, and 500ms is used (help: write a time from \"500ms\" to \"2s\")",
        "10:8: nobody watches files for reload-lsp here, so `watch.mode` = `client` means `auto`",
        "`proxy` is not served by this version",
    ] {
        assert!(told.contains(expected), "{expected} in\n{told}");
    }
    assert_eq!(told.lines().count(), 6, "{told}");
}

proptest! {
    /// Half-typed text is the usual state of a file in an editor.
    #[test]
    fn no_text_is_too_broken_to_be_told_about(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..30)
    ) {
        let project = Project::new(&[("reload.toml", &words.concat())]);
        if let Err(problems) = project.load() {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| problem.help.is_some()));
        }
    }
}

const WORDS: &[&str] = &[
    "[services",
    ".api",
    ".",
    "]",
    "\n",
    "[[",
    "]]",
    "run",
    "build",
    "watch",
    "ready",
    "env",
    " = ",
    "\"",
    "'''",
    "x",
    "ö",
    "{",
    "}",
    "[",
    ",",
    "1",
    "-9223372036854775809",
    "0x",
    "1.5",
    "true",
    "2020-01-01",
    "#",
    "\\",
    "{out}",
    "*",
    "\0",
    "rules",
    "listen",
    "depends_on",
    "grace",
    "\"5s\"",
    "\r",
    "\u{feff}",
];
