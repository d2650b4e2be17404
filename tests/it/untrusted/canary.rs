//! A project that leaves a trace outside of its root as soon as anything of it is executed, read or opened.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::net::{Ipv6Addr, SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::client::{Client, uri};
use crate::support::project::Project;

/// Programs that a guess, or the look for what a build reads, might think of.
const TOOLS: [&str; 10] = ["cargo", "rustc", "go", "git", "make", "ninja", "node", "npm", "python3", "tsc"];

/// The project.
pub(super) struct Canary {
    pub(super) project: Project,
    /// Where the run is asked whether it is ready.
    probed: TcpListener,
    /// What is to be opened for the run. Of IPv6, where hardly a test beside this one would be given the same port.
    listen: SocketAddr,
}

impl Canary {
    /// A project whose every command, env file, address and probe is a trap.
    pub(super) fn new() -> Self {
        let probed = TcpListener::bind("127.0.0.1:0").unwrap();
        probed.set_nonblocking(true).unwrap();
        let listen = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let project = Project::empty();
        // Whoever opens it to read waits for a writer, and can be found by that.
        nix::unistd::mkfifo(&project.beside("secrets.env"), Mode::S_IRWXU).unwrap();
        project.write("main.txt", "one\n");
        let canary = Self { project, probed, listen };
        canary.configure("");
        for tool in TOOLS {
            let trace = canary.project.beside(&format!("trace-{tool}"));
            canary
                .project
                .script(&format!("../tools/{tool}"), &format!("#!/bin/sh\n: > '{}'\n", trace.display()));
        }
        canary
    }

    /// A project without a configuration, from which a plan is guessed.
    pub(super) fn guessed() -> Self {
        let canary = Self::new();
        std::fs::remove_file(canary.project.path("reload.toml")).unwrap();
        canary.project.write("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n");
        canary.project.write("build.rs", "fn main() {}\n");
        canary.project.write("src/main.rs", "fn main() {}\n");
        canary
    }

    /// Writes the configuration, with `more` at its end.
    pub(super) fn configure(&self, more: &str) {
        let [build, run, task] =
            ["build", "run", "task"].map(|what| self.project.beside(&format!("trace-{what}")));
        let (build, run, task) = (build.display(), run.display(), task.display());
        let probe = self.probed.local_addr().unwrap();
        let listen = self.listen;
        let text = format!(
            "[services.canary]\n\
             build = \"trap '' TERM; : > '{build}'\"\n\
             run = \"trap '' TERM; : > '{run}'; exec sleep 1000\"\n\
             env_files = [\"../secrets.env\"]\n\
             listen = [\"{listen}\"]\n\
             ready = {{ http = \"http://{probe}/health\" }}\n\
             watch = [\"**\"]\n{more}\n\
             [[services.canary.rules]]\n\
             paths = [\"*.txt\"]\n\
             run = \": > '{task}'\"\n"
        );
        self.project.write("reload.toml", text);
    }

    /// The program, with traps for what it might look for in `PATH`.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(arguments);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", self.project.beside("tools").display()));
        command
    }

    /// An editor that vouches for nothing, and whose person answers `title` to every question; `None`: closes it.
    pub(super) async fn open(&self, title: Option<&str>) -> Client {
        let mut client = Client::start(self.command(&["--stdio"]));
        open(&mut client, &self.project, title).await;
        client
    }

    /// Asserts that nothing has happened. What was begun without being asked for would show here, or at the latest when the
    /// program has ended: a trap that is killed has time to leave its trace.
    #[track_caller]
    pub(super) fn assert_silent(&self) {
        let beside = std::fs::read_dir(self.project.beside("")).unwrap();
        let names = beside.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let traces: Vec<_> = names.filter(|name| name.starts_with("trace-")).collect();
        assert!(traces.is_empty(), "something was executed: {traces:?}");
        assert!(!self.project.path(".reload").exists(), "something was written");
        let writer = OpenOptions::new()
            .write(true)
            .custom_flags(OFlag::O_NONBLOCK.bits())
            .open(self.project.beside("secrets.env"));
        assert!(writer.is_err(), "somebody reads the env file");
        assert_eq!(self.probed.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "the probe was asked");
        assert!(TcpListener::bind(self.listen).is_ok(), "the port was opened");
    }
}

/// `initialize` without vouching for anything.
pub(super) async fn open(client: &mut Client, project: &Project, title: Option<&str>) {
    let answer = title.map_or(Value::Null, |title| json!({ "title": title }));
    client.answer("window/showMessageRequest", move |_| Some(answer.clone()));
    let options = json!({ "reload": { "trust": { "granted": false } } });
    client.initialize(json!({ "rootUri": uri(&project.root()), "initializationOptions": options })).await;
}

/// The next question to the person: its text.
pub(super) async fn question(client: &mut Client) -> String {
    let question = client.wait("window/showMessageRequest", |_| true).await;
    let titles: Vec<_> =
        question["actions"].as_array().unwrap().iter().map(|action| &action["title"]).collect();
    assert_eq!(titles, ["Allow", "Only now", "Never"]);
    question["message"].as_str().unwrap().to_owned()
}

/// Waits until the plan in question is another than `before`, and gives its hash. Everything that was sent or written earlier
/// has been looked at by then.
pub(super) async fn other_plan(client: &mut Client, before: &Value) -> Value {
    let is_other = |status: &Value| status["state"] == "untrusted" && status["trust"]["plan"] != *before;
    client.wait("reload/status", is_other).await["trust"]["plan"].take()
}
