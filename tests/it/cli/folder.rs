//! A project in a folder of its own, and `reload-lsp` as it lives there. Used by the tests of the command line.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use nix::pty::openpty;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// Only something that is broken takes so long.
const LIMIT: Duration = Duration::from_secs(60);

/// A service that says which word it was started with, and then waits to be stopped.
pub(super) const RELOAD_TOML: &str =
    "[services.echo]\nrun = [\"sh\", \"serve.sh\"]\nwatch = [\"word.txt\"]\n";
pub(super) const SERVE_SH: &str = "echo \"the word is $(cat word.txt)\"\nexec sleep 1000\n";

/// A folder of its own, with a trust store of its own.
pub(super) struct Folder(pub(super) TempDir);

impl Folder {
    pub(super) fn empty() -> Self {
        Self(tempfile::Builder::new().prefix("reload-lsp-cli-").tempdir().unwrap())
    }

    /// A project whose service needs no build.
    pub(super) fn project() -> Self {
        let folder = Self::empty();
        folder.write("reload.toml", RELOAD_TOML);
        folder.write("serve.sh", SERVE_SH);
        folder.write("word.txt", "first\n");
        folder
    }

    pub(super) fn root(&self) -> PathBuf {
        self.0.path().join("project")
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        std::fs::create_dir_all(self.root()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_reload-lsp"));
        command.args(arguments).current_dir(self.root());
        command.env("XDG_STATE_HOME", self.0.path().join("state"));
        command.env_remove("NO_COLOR").env_remove("RELOAD_LSP_LOG").env("TERM", "xterm");
        command
    }

    pub(super) fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// The same, with this text on stdin: less than fits into a pipe.
    pub(super) fn piped(&self, arguments: &[&str], text: &str) -> Output {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // One that takes no input may have ended.
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// What a command prints on stdout, and its exit code.
    pub(super) fn said(&self, arguments: &[&str]) -> (String, Option<i32>) {
        let output = self.output(arguments);
        (String::from_utf8(output.stdout).unwrap(), output.status.code())
    }
}

/// `reload-lsp` as it lives, with what it prints line by line.
pub(super) struct Live {
    pub(super) child: Child,
    lines: Receiver<String>,
    pub(super) seen: Vec<String>,
}

impl Live {
    /// Starts a command with its stdout in a pipe.
    pub(super) fn piped(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        Self { child, lines: lines_of(stdout), seen: Vec::new() }
    }

    /// Starts a command on a terminal; returns the keyboard and screen as well.
    pub(super) fn on_terminal(mut command: Command) -> (Self, File) {
        let terminal = openpty(None, None).unwrap();
        let same = || Stdio::from(terminal.slave.try_clone().unwrap());
        let child = command.stdin(same()).stdout(same()).spawn().unwrap();
        let master = File::from(terminal.master);
        let lines = lines_of(master.try_clone().unwrap());
        (Self { child, lines, seen: Vec::new() }, master)
    }

    /// Waits for a line that contains `part`.
    pub(super) fn wait_for(&mut self, part: &str) -> String {
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

    pub(super) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Waits for the end. Everything that was printed is in `seen` afterwards.
    pub(super) fn end(&mut self) -> ExitStatus {
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
