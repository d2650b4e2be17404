//! A project of its own for each test, with a trust store of its own, and the program in it: as the server of an editor, or
//! in a terminal. Called by tests of the whole program.
#![expect(clippy::disallowed_methods, reason = "these tests start the program itself")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::client::{Client, LIMIT, uri};

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_reload-lsp");

/// A service that says which word it was started with, and then serves until it is stopped.
pub(crate) const SERVE: &str = "echo \"serving $(cat word.txt)\"\nexec sleep 1000\n";

/// A folder with the project in it, and room beside the project.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// A project without any file.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::Builder::new().prefix("reload-lsp-").tempdir().unwrap();
        std::fs::create_dir(folder.path().join("project")).unwrap();
        Self { folder }
    }

    /// A project with this `reload.toml`, and with `serve.sh` and `word.txt` for it.
    pub(crate) fn new(configuration: &str) -> Self {
        let project = Self::empty();
        project.write("reload.toml", configuration);
        project.write("serve.sh", SERVE);
        project.write("word.txt", "one\n");
        project
    }

    /// The project, symlinks resolved. It need not exist.
    pub(crate) fn root(&self) -> PathBuf {
        self.beside("project")
    }

    /// A path beside the project.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// A path in the project.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// Writes a file of the project as most editors do: beside it, then in its place.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let beside = self.beside("half-written");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(&beside, &path).unwrap();
        path
    }

    /// Writes a file of the project that can be executed.
    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.write(name, text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Writes `word.txt` and says that it was saved, as an editor does.
    pub(crate) fn save_word(&self, client: &Client, word: &str) {
        client.save(&self.write("word.txt", format!("{word}\n")));
    }

    /// The line of `reload.toml` with `part` in it, from 0.
    pub(crate) fn line_with(&self, part: &str) -> usize {
        let text = std::fs::read_to_string(self.path("reload.toml")).unwrap();
        text.lines()
            .position(|line| line.contains(part))
            .unwrap_or_else(|| panic!("{part} is not in:\n{text}"))
    }

    /// The program with these arguments, in the project.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments);
        self.prepare(&mut command);
        command
    }

    /// What the program needs of its environment to keep to this folder.
    pub(crate) fn prepare(&self, command: &mut Command) {
        command.current_dir(self.root()).stdin(Stdio::null()).kill_on_drop(true);
        command.env("XDG_STATE_HOME", self.beside("state")).env("XDG_RUNTIME_DIR", self.beside("runtime"));
        for name in ["RELOAD_LSP_LOG", "RELOAD_LSP_ALLOW", "NO_COLOR"] {
            command.env_remove(name);
        }
    }

    /// An editor in this project that has said nothing yet.
    pub(crate) fn editor(&self) -> Client {
        Client::start(self.command(&["--stdio"]))
    }

    /// An editor that vouches for this project.
    pub(crate) async fn open(&self) -> Client {
        let mut client = self.editor();
        client.initialize(serde_json::json!({ "rootUri": uri(&self.root()) })).await;
        client
    }

    /// `reload-lsp run` in a pipe.
    pub(crate) fn run(&self) -> Terminal {
        Terminal::start(self.command(&["run"]))
    }

    /// What a command that ends by itself prints.
    pub(crate) async fn output(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output();
        tokio::time::timeout(LIMIT, output).await.expect("the command ends").unwrap()
    }

    /// The diagnostics of `reload.toml`, as soon as one of them has `part` in its message: this one.
    pub(crate) async fn diagnostic(&self, client: &mut Client, part: &str) -> Value {
        self.diagnostic_of(client, &self.path("reload.toml"), part).await
    }

    /// The same for another file.
    pub(crate) async fn diagnostic_of(&self, client: &mut Client, path: &Path, part: &str) -> Value {
        let has = |shown: &Value| shown["message"].as_str().is_some_and(|message| message.contains(part));
        let shown = client.wait_diagnostics(path, |shown| shown.iter().any(has)).await;
        shown.into_iter().find(has).unwrap()
    }

    /// Waits until `reload.toml` has no diagnostics.
    pub(crate) async fn no_diagnostics(&self, client: &mut Client) {
        client.wait_diagnostics(&self.path("reload.toml"), <[Value]>::is_empty).await;
    }
}

/// `reload-lsp run` with its output in a pipe.
pub(crate) struct Terminal {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    seen: Vec<String>,
}

impl Terminal {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, seen: Vec::new() }
    }

    /// Waits for the next line with `part` in it.
    pub(crate) async fn line(&mut self, part: &str) -> String {
        loop {
            match tokio::time::timeout(LIMIT, self.lines.next_line()).await {
                Ok(Ok(Some(line))) => {
                    self.seen.push(line.clone());
                    if line.contains(part) {
                        return line;
                    }
                }
                end => panic!("no line with {part:?} ({end:?}) after:\n{}", self.seen.join("\n")),
            }
        }
    }

    /// Waits until it ends by itself, and gives its exit code.
    pub(crate) async fn ended(mut self) -> Option<i32> {
        tokio::time::timeout(LIMIT, self.child.wait()).await.expect("it ends").unwrap().code()
    }

    /// Ends it as Ctrl-C does.
    pub(crate) async fn quit(mut self) {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok()).unwrap();
        kill(Pid::from_raw(pid), Signal::SIGINT).unwrap();
        let status = tokio::time::timeout(LIMIT, self.child.wait()).await.expect("it ends").unwrap();
        assert_eq!(status.code(), Some(130), "{}", self.seen.join("\n"));
    }
}

/// Waits for a status whose first service is in this state.
pub(crate) async fn state(client: &mut Client, state: &str) -> Value {
    client.wait("reload/status", |status| status["services"][0]["state"] == state).await["services"][0].take()
}
