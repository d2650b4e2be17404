//! The program as people type it: words, exit codes, and the live view in a pipe and in a terminal.
#![expect(clippy::disallowed_methods, reason = "these tests start the program itself")]

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use nix::pty::openpty;
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;
use tempfile::TempDir;

/// Only something that is broken takes so long.
const LIMIT: Duration = Duration::from_secs(60);

/// A service that says which word it was started with, and then waits to be stopped.
const RELOAD_TOML: &str = "[services.echo]\nrun = [\"sh\", \"serve.sh\"]\nwatch = [\"word.txt\"]\n";
const SERVE_SH: &str = "echo \"the word is $(cat word.txt)\"\nexec sleep 1000\n";

/// A folder of its own, with a trust store of its own.
struct Folder(TempDir);

impl Folder {
    fn empty() -> Self {
        Self(tempfile::Builder::new().prefix("reload-lsp-cli-").tempdir().unwrap())
    }

    /// A project whose service needs no build.
    fn project() -> Self {
        let folder = Self::empty();
        folder.write("reload.toml", RELOAD_TOML);
        folder.write("serve.sh", SERVE_SH);
        folder.write("word.txt", "first\n");
        folder
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("project")
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        std::fs::create_dir_all(self.root()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_reload-lsp"));
        command.args(arguments).current_dir(self.root());
        command.env("XDG_STATE_HOME", self.0.path().join("state"));
        command.env_remove("NO_COLOR").env_remove("RELOAD_LSP_LOG").env("TERM", "xterm");
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// What a command prints on stdout, and its exit code.
    fn said(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let output = self.output(arguments);
        (String::from_utf8(output.stdout).unwrap(), output.status.code())
    }
}

/// `reload-lsp` as it lives, with what it prints line by line.
struct Live {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Live {
    /// Starts a command with its stdout in a pipe.
    fn piped(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        Self { child, lines: lines_of(stdout), seen: Vec::new() }
    }

    /// Starts a command on a terminal; returns the keyboard and screen as well.
    fn on_terminal(mut command: Command) -> (Self, File) {
        let terminal = openpty(None, None).unwrap();
        let same = || Stdio::from(terminal.slave.try_clone().unwrap());
        let child = command.stdin(same()).stdout(same()).spawn().unwrap();
        let master = File::from(terminal.master);
        let lines = lines_of(master.try_clone().unwrap());
        (Self { child, lines, seen: Vec::new() }, master)
    }

    /// Waits for a line that contains `part`.
    fn wait_for(&mut self, part: &str) -> String {
        loop {
            match self.lines.recv_timeout(LIMIT) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(part) {
                        return line;
                    }
                }
                Err(error) => panic!("no line with {part:?} ({error}) after:\n{}", self.seen.join("\n")),
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Waits for the end. Everything that was printed is in `seen` afterwards.
    fn end(&mut self) -> ExitStatus {
        while let Ok(line) = self.lines.recv_timeout(LIMIT) {
            self.seen.push(line);
        }
        self.child.wait().unwrap()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // What a failed test leaves behind ends with it: its guard kills what it has started.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let lines = BufReader::new(stream).lines();
        // A terminal whose program has ended gives an error instead of an end.
        for line in lines.map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

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
fn the_readme_has_the_table_of_exit_codes() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    // A copy of the sources without the README, as cargo makes it for a package, has nothing to compare.
    let Ok(readme) = std::fs::read_to_string(path) else { return };
    let table = reload_lsp::cli::ExitStatus::table();
    assert!(readme.contains(&table), "the README should contain:\n{table}");
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
fn a_pipe_gets_plain_lines_of_what_happens() {
    let folder = Folder::project();
    let mut live = Live::piped(folder.command(&["run"]));
    live.wait_for("│ the word is first");
    live.wait_for("✓ echo ready");
    folder.write("word.txt", "second\n");
    live.wait_for("word.txt changed on disk");
    live.wait_for("│ the word is second");
    live.wait_for("✓ echo ready");
    live.signal(Signal::SIGTERM);
    assert_eq!(live.end().code(), Some(143));
    let all = live.seen.join("\n");
    assert!(!all.contains('\x1b') && !all.contains("q quit"), "{all}");
}

#[test]
fn a_mistake_in_the_configuration_is_waited_out() {
    let folder = Folder::project();
    folder.write("reload.toml", "[services.echo]\nrn = \"true\"\n");
    let mut live = Live::piped(folder.command(&["run"]));
    let line = live.wait_for("✗ reload.toml:2:1:");
    assert!(line.contains("rn"), "{line}");
    live.wait_for("waiting for the configuration to be mended");
    folder.write("reload.toml", RELOAD_TOML);
    live.wait_for("✓ echo ready");
    live.signal(Signal::SIGINT);
    assert_eq!(live.end().code(), Some(130));
}

#[test]
fn flags_that_make_no_sense_end_it_at_once() {
    let folder = Folder::empty();
    assert_eq!(folder.output(&["run", "--build", "", "--exec", "true"]).status.code(), Some(3));
    assert_eq!(folder.output(&["run", "--config", "nowhere.toml"]).status.code(), Some(3));
    let output = Folder::project().output(&["run", "nothing"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no service `nothing`") && said.contains("echo"), "{said}");
}

#[test]
fn flags_run_a_project_without_a_configuration() {
    let folder = Folder::empty();
    folder.write("serve.sh", SERVE_SH);
    folder.write("word.txt", "flag\n");
    let mut live = Live::piped(folder.command(&["run", "--exec", "sh serve.sh", "--watch", "*.txt"]));
    live.wait_for("│ the word is flag");
    live.signal(Signal::SIGTERM);
    assert_eq!(live.end().code(), Some(143));
}

#[test]
fn a_reader_who_has_seen_enough_ends_it() {
    let folder = Folder::project();
    let mut command = folder.command(&["run"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("reload-lsp "), "{line}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn once_ends_when_all_is_ready_or_something_has_failed() {
    let folder = Folder::project();
    let (said, code) = folder.said(&["run", "--once"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("✓ echo ready"), "{said}");
    folder.write("serve.sh", "echo 'it is over' >&2\nexit 7\n");
    let (said, code) = folder.said(&["run", "--once"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("it is over") && said.contains("crashed: exit code 7"), "{said}");
}

#[test]
fn keys_restart_and_quit_and_the_terminal_is_as_it_was() {
    let folder = Folder::project();
    let (mut live, mut keyboard) = Live::on_terminal(folder.command(&["run"]));
    live.wait_for("q quit");
    live.wait_for("ready");
    let is_raw = || !tcgetattr(&keyboard).unwrap().local_flags.contains(LocalFlags::ICANON);
    assert!(is_raw(), "single keys are heard");
    keyboard.write_all(b"r").unwrap();
    live.wait_for("restarting");
    live.wait_for("the word is first");
    keyboard.write_all(b"?").unwrap();
    live.wait_for("clear the screen");
    keyboard.write_all(b"q").unwrap();
    live.wait_for("stopped");
    assert_eq!(live.child.wait().unwrap().code(), Some(0));
    let is_raw = !tcgetattr(&keyboard).unwrap().local_flags.contains(LocalFlags::ICANON);
    assert!(!is_raw, "lines are back");
    let all = live.seen.join("\n");
    assert!(all.contains("\x1b["), "a terminal gets colors: {all}");
}

#[test]
fn no_color_is_respected() {
    let folder = Folder::project();
    let mut command = folder.command(&["run"]);
    command.env("NO_COLOR", "1");
    let (mut live, mut keyboard) = Live::on_terminal(command);
    live.wait_for("echo ready");
    keyboard.write_all(b"q").unwrap();
    live.wait_for("stopped");
    assert!(!live.seen.join("\n").contains('\x1b'), "{:?}", live.seen);
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
