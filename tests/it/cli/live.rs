//! `reload-lsp run`: the live view in a pipe and in a terminal.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use nix::sys::signal::Signal;
use nix::sys::termios::{LocalFlags, tcgetattr};

use super::folder::{Folder, Live, RELOAD_TOML, SERVE_SH};

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
    let mistake = live.wait_for("✗ reload.toml:2:1:");
    assert!(mistake.contains("rn"), "{mistake}");
    live.wait_for("nothing runs until that is mended");
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
