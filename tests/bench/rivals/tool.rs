//! The tools, and how each is asked to start a command when a file below `src` changes. Called by `rivals`.
//! Does not know: what is measured.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use clap::ValueEnum;
use serde_json::json;

use crate::project::Project;

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    /// This project, in a terminal: no editor tells it anything.
    ReloadLsp,
    /// `cargo install watchexec-cli --locked`
    Watchexec,
    /// `npm install --global nodemon`
    Nodemon,
    /// `pip install watchfiles`
    Watchfiles,
    /// `apt-get install entr`
    Entr,
}

/// How long it waits for quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settle {
    /// As it comes.
    Default,
    /// As short as it can be set.
    Shortest,
    /// Long enough for many changes at once, for a tool that does not settle as it comes.
    Long,
}

impl Settle {
    /// What `Long` is called where it is shown.
    pub(super) const LONG: &str = "--delay 1";
}

/// What it starts.
#[derive(Debug, Clone)]
pub(super) enum Job {
    /// A command that ends by itself.
    Once(Vec<OsString>),
    /// A command that stays, and makes way for the next.
    Server(Vec<OsString>),
}

impl Tool {
    pub(super) const ALL: [Self; 5] =
        [Self::ReloadLsp, Self::Watchexec, Self::Nodemon, Self::Watchfiles, Self::Entr];

    /// Its name and version; `None` if it is not installed.
    pub(super) fn version(self) -> Option<String> {
        let (program, argument) = match self {
            Self::ReloadLsp => (env!("CARGO_BIN_EXE_reload-lsp"), "--version"),
            Self::Watchexec => ("watchexec", "--version"),
            Self::Nodemon => ("nodemon", "--version"),
            Self::Watchfiles => ("watchfiles", "--version"),
            // It has no such option, and says so together with its release.
            Self::Entr => ("entr", "-h"),
        };
        let output = Command::new(program).arg(argument).stdin(Stdio::null()).output().ok()?;
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let is_version =
            |word: &&str| word.contains('.') && word.contains(|letter: char| letter.is_ascii_digit());
        let version =
            text.split_whitespace().find(is_version).unwrap_or("").trim_start_matches('v').to_owned();
        let name = self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        Some(format!("{name} {version}").trim_end().to_owned())
    }

    /// Why it cannot be set to settle like this.
    pub(super) fn refusal(self, settle: Settle) -> Option<&'static str> {
        match (settle, self) {
            (Settle::Default, _)
            | (Settle::Shortest, Self::Watchexec | Self::Watchfiles)
            | (Settle::Long, Self::Nodemon) => None,
            (Settle::Shortest, Self::Nodemon) => Some("as above: it does not settle"),
            (Settle::Shortest, Self::ReloadLsp | Self::Entr) => Some("no such setting"),
            (Settle::Long, _) => Some("it settles as it comes"),
        }
    }

    /// The command that watches `project`. Asks nothing that `refusal` names.
    pub(super) fn command(self, project: &Project, job: &Job, settle: Settle) -> io::Result<Command> {
        let is_default = settle == Settle::Default;
        let (words, is_server) = match job {
            Job::Once(words) => (words, false),
            Job::Server(words) => (words, true),
        };
        let mut command = match self {
            Self::ReloadLsp => {
                let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
                let words = json!(words);
                project.configure(&if is_server {
                    format!("run = {words}\nready = {{ log = \"ready\" }}\n")
                } else {
                    format!("build = {words}\n")
                })?;
                let mut command = Command::new(env!("CARGO_BIN_EXE_reload-lsp"));
                command
                    .arg("run")
                    .env("XDG_STATE_HOME", project.state())
                    .env("XDG_RUNTIME_DIR", project.state());
                command
            }
            Self::Watchexec => {
                let mut command = Command::new("watchexec");
                command.args(["--quiet", "--watch", "src", "--exts", "txt", "--shell", "none"]);
                command
                    .args((!is_default).then_some("--debounce=1ms"))
                    .args(is_server.then_some("--restart"));
                command.arg("--").args(words);
                command
            }
            Self::Nodemon => {
                let mut command = Command::new("nodemon");
                command.args(["--quiet", "--no-stdin", "--watch", "src", "--ext", "txt"]);
                // It does not know `--name=value`, and would hand such a word on to the command.
                if !is_default {
                    command.args(Settle::LONG.split(' '));
                }
                command.arg("--exec").arg(quoted(words));
                command
            }
            Self::Watchfiles if is_default => {
                let mut command = Command::new("watchfiles");
                command
                    .args(["--verbosity", "warning", "--target-type", "command"])
                    .arg(quoted(words))
                    .arg("src");
                command
            }
            Self::Watchfiles => {
                let program = "import sys, watchfiles\n\
                    watchfiles.run_process('src', target=sys.argv[1], target_type='command', debounce=1, step=1)";
                let mut command = Command::new("python3");
                command.args(["-c", program]).arg(quoted(words));
                command
            }
            Self::Entr => {
                let list = project.state().join("list");
                let sources = Command::new("find")
                    .args([&project.root().join("src")])
                    .args(["-name", "*.txt"])
                    .output()?;
                std::fs::write(&list, sources.stdout)?;
                let mut command = Command::new("entr");
                command
                    .arg(if is_server { "-nr" } else { "-n" })
                    .args(words)
                    .stdin(std::fs::File::open(list)?);
                command
            }
        };
        if self != Self::Entr {
            command.stdin(Stdio::null());
        }
        command.current_dir(project.root()).stdout(Stdio::null());
        Ok(command)
    }
}

/// For a shell. No word of ours holds a quote.
fn quoted(words: &[OsString]) -> String {
    words.iter().map(|word| format!("'{}'", Path::new(word).display())).collect::<Vec<_>>().join(" ")
}
