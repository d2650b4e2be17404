//! The demo plays its four steps on the real program.
#![expect(clippy::disallowed_methods, reason = "these tests start the program itself")]

use std::process::{Command, Output, Stdio};

fn demo(arguments: &[&str], temporary: &std::path::Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reload-lsp"));
    command
        .arg("demo")
        .args(arguments)
        .env("TMPDIR", temporary)
        .env("XDG_STATE_HOME", temporary.join("state"));
    command.stdin(Stdio::null()).output().unwrap()
}

#[test]
fn the_demo_shows_a_build_a_change_a_mistake_and_its_repair() {
    let temporary = tempfile::tempdir().unwrap();
    let output = demo(&["--once"], temporary.path());
    let said = String::from_utf8(output.stdout).unwrap();
    let failed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}\n{failed}");
    let mut rest = said.as_str();
    for expected in [
        "1 Open the folder",
        "✓ ready in",
        "build ",
        "the page says “Hello from reload-lsp”",
        "2 Save a change",
        "✓ ready in",
        "the page says “Saved, built, swapped”",
        "3 Save a mistake",
        "✗ build failed",
        "main.rs:3:",
        "mismatched types",
        "the page says “Saved, built, swapped”",
        "4 Save the repair",
        "✓ ready in",
        "the page says “All is well again”",
        "no diagnostics are left",
    ] {
        let at = rest.find(expected).unwrap_or_else(|| panic!("{expected:?} is missing in:\n{said}"));
        rest = &rest[at + expected.len()..];
    }
    assert!(said.lines().all(|line| line.chars().count() <= 80 || line.contains("project")), "{said}");
    let left: Vec<_> =
        std::fs::read_dir(temporary.path()).unwrap().flatten().map(|entry| entry.path()).collect();
    assert!(!left.iter().any(|path| path.display().to_string().contains("demo")), "{left:?}");
}

#[test]
fn the_demo_leaves_the_files_of_others_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.tex"), "years").unwrap();
    let output = demo(&["--once", folder.path().to_str().unwrap()], folder.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("is not empty"));
    assert_eq!(std::fs::read_to_string(folder.path().join("thesis.tex")).unwrap(), "years");
}
