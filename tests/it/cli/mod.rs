//! The program as people type it: words and exit codes.
#![expect(clippy::disallowed_methods, reason = "these tests start the program itself")]

mod folder;
mod live;
mod problems;

use folder::{Folder, RELOAD_TOML};

#[test]
fn without_arguments_there_is_help_on_stderr_and_the_usage_code() {
    let output = Folder::empty().output(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty(), "stdout is the wire of LSP");
    let help = String::from_utf8(output.stderr).unwrap();
    assert!(help.contains("--stdio") && help.contains("demo"), "{help}");
}

#[test]
fn the_long_help_names_every_exit_code() {
    let (help, code) = Folder::empty().said(&["--help"]);
    assert_eq!(code, Some(0));
    for status in reload_lsp::cli::ExitStatus::ALL {
        let row = format!("{:>3}  {}", status as u8, status.meaning());
        assert!(help.contains(&row), "{row} is missing in:\n{help}");
    }
}

#[test]
fn check_names_the_services_of_a_configuration_that_is_right() {
    let (said, code) = Folder::project().said(&["check"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("reload.toml is right: 1 service (echo)"), "{said}");
}

#[test]
fn check_shows_every_mistake_at_its_place() {
    let folder = Folder::project();
    folder.write("reload.toml", "[services.echo]\nrn = \"true\"\ngrace = 5\n");
    let (said, code) = folder.said(&["check"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("reload.toml:2:1: error:") && said.contains("2 | rn = \"true\""), "{said}");
    assert!(said.contains("reload.toml:3:"), "{said}");
}

#[test]
fn config_says_where_every_value_comes_from() {
    let folder = Folder::project();
    let (said, code) = folder.said(&["config"]);
    assert_eq!(code, Some(0));
    let watch = said.lines().find(|line| line.starts_with("services.echo.watch ")).unwrap();
    assert!(watch.contains("word.txt") && watch.ends_with("# reload.toml:3"), "{said}");
    let json: serde_json::Value = serde_json::from_str(&folder.said(&["config", "--json"]).0).unwrap();
    let keys: Vec<_> = json.as_array().unwrap().iter().filter_map(|row| row["key"].as_str()).collect();
    assert!(keys.contains(&"services.echo.grace"), "{keys:?}");
}

#[test]
fn explain_tells_what_a_save_would_do_and_why() {
    let folder = Folder::project();
    let (counts, code) = folder.said(&["explain", "word.txt"]);
    assert_eq!(code, Some(0));
    assert!(counts.contains("echo: restarts without building") && counts.contains("reload.toml"), "{counts}");
    let (other, _) = folder.said(&["explain", "notes.txt"]);
    assert!(other.contains("does nothing"), "{other}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let output = Folder::empty().output(&["check", "--root", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("nowhere") && said.contains("help:"), "{said}");
}

#[test]
fn the_schema_is_json_and_knows_the_keys_of_a_service() {
    let (said, code) = Folder::empty().said(&["schema"]);
    assert_eq!(code, Some(0));
    let schema: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(schema["properties"]["services"].is_object(), "{said}");
}

#[test]
fn every_shell_gets_completions_with_the_subcommands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (script, code) = Folder::empty().said(&["completions", shell]);
        assert_eq!(code, Some(0));
        assert!(script.contains("explain") && script.contains("demo"), "{shell}");
    }
}

#[test]
fn init_writes_a_configuration_that_check_accepts_and_never_writes_over_one() {
    let folder = Folder::empty();
    folder.write("go.mod", "module shop\n\ngo 1.22\n");
    folder.write("main.go", "package main\n\nfunc main() {}\n");
    let (said, code) = folder.said(&["init"]);
    assert_eq!(code, Some(0), "{said}");
    let written = std::fs::read_to_string(folder.root().join("reload.toml")).unwrap();
    assert!(written.contains("[services."), "{written}");
    assert_eq!(folder.said(&["check"]).1, Some(0));
    assert_eq!(folder.said(&["init"]).1, Some(3));
    assert_eq!(std::fs::read_to_string(folder.root().join("reload.toml")).unwrap(), written);
}

#[test]
fn what_was_decided_about_a_project_holds_until_it_is_revoked() {
    let folder = Folder::project();
    let state = || folder.said(&["trust"]).0;
    assert!(state().contains("nobody has decided"), "{}", state());
    let (allowed, code) = folder.said(&["allow"]);
    assert_eq!(code, Some(0));
    assert!(allowed.contains("serve.sh"), "what is allowed is shown: {allowed}");
    assert!(state().contains("allowed"), "{}", state());
    assert_eq!(folder.said(&["deny"]).1, Some(0));
    assert!(state().contains("denied"), "{}", state());
    let (list, _) = folder.said(&["trust", "--list"]);
    assert!(list.contains("denied") && list.contains("project"), "{list}");
    assert_eq!(folder.said(&["revoke"]).1, Some(0));
    assert!(state().contains("nobody has decided"), "{}", state());
}

#[test]
fn a_changed_command_is_shown_as_a_difference() {
    let folder = Folder::project();
    folder.said(&["allow"]);
    folder.write("reload.toml", &RELOAD_TOML.replace("serve.sh", "steal.sh"));
    let (said, _) = folder.said(&["trust"]);
    let shows = |sign: char, file: &str| {
        said.lines().any(|line| line.trim_start().starts_with(sign) && line.contains(file))
    };
    assert!(shows('-', "serve.sh") && shows('+', "steal.sh"), "{said}");
}

#[test]
fn a_plan_that_is_another_by_now_is_not_allowed() {
    let folder = Folder::project();
    let output = folder.output(&["allow", "0123456789"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(folder.said(&["trust"]).0.contains("nobody has decided"));
}

#[test]
fn the_log_goes_to_the_file_and_never_to_stdout() {
    let folder = Folder::project();
    let log = folder.0.path().join("log");
    let mut command = folder.command(&["check", "--log", log.to_str().unwrap()]);
    let output = command.env("RELOAD_LSP_LOG", "trace").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(log.exists() && output.stderr.is_empty());
    let unwritable = folder.output(&["check", "--log", "/nowhere/log"]);
    assert_eq!(unwritable.status.code(), Some(1));
}
