//! Everything that `reload.toml` may say, as it is written: the one declaration of the keys. The schema and the reference
//! are made from it; `read` fills it, `resolve` makes a `Config` of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;
use schemars::JsonSchema;

use super::provenance::Provenance;
use crate::build::parse::matcher::Matcher;
use crate::engine::{Action, ColumnUnit, OnBuildFailure, OnCrash, OnSave, Severity, Swap};
use crate::process::CommandLine;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub from: Provenance,
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Written<T> {
    /// It is not there.
    #[default]
    Absent,
    /// It is there and wrong, which has been reported: it must not be reported as missing too.
    Wrong,
    /// It is there.
    Given(At<T>),
}

impl<T> Written<T> {
    /// The value with its place, if it is there and right.
    pub fn given(&self) -> Option<&At<T>> {
        match self {
            Self::Given(at) => Some(at),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// The value, if it is there and right.
    pub fn value(&self) -> Option<&T> {
        self.given().map(|at| &at.value)
    }

    /// Whether nothing was written.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// A table whose keys are names that the user chose, in the order of the document.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T>(pub Vec<(At<String>, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// A span of time: `5s`, `300ms`, `1m 30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Duration);

/// A signal by its name, with or without `SIG`, or by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignalName(pub Signal);

/// A TCP address: `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address(pub SocketAddr);

/// The value of a variable: a string or a whole number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable(pub String);

/// What a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleAction {
    /// Something.
    Do(Action),
    /// Nothing.
    Ignore,
}

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(pub Severity);

/// What columns count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit(pub ColumnUnit);

/// Somebody else's object, unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded(pub serde_json::Value);

/// How the disk is to be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchMode {
    /// Natively where that works, else by polling.
    Auto,
    /// Natively, on network file systems too.
    Native,
    /// By looking again and again.
    Poll,
    /// By the editor.
    Client,
    /// By Watchman.
    Watchman,
    /// Not at all.
    Off,
}

/// Whether the trust in a folder is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pin {
    /// A folder that the editor trusts needs no further question.
    #[default]
    Auto,
    /// Every plan has to be allowed by itself, in trusted folders too.
    Always,
}

/// The configuration of reload-lsp: what to build, what to run, and what to watch for it. Paths are relative to the file.
#[derive(Debug, Clone, PartialEq, Default, JsonSchema)]
#[schemars(default, deny_unknown_fields, title = "reload.toml")]
pub struct Options {
    /// The services, each in a table of its own: `[services.api]`.
    pub services: Named<ServiceOptions>,
    /// Whether paths that `.gitignore` and `.ignore` exclude are left out.
    #[schemars(extend("default" = true))]
    pub gitignore: Written<bool>,
    /// How commands are trusted.
    pub trust: TrustOptions,
    /// How the disk is watched.
    pub watch: WatchOptions,
    /// What problems look like in the output of a tool that is not known, each in a table of its own: `[[matcher]]`.
    #[schemars(extend("default" = []))]
    pub matcher: Written<Vec<At<MatcherOptions>>>,
    /// An HTTP front for one service. Not served by this version.
    pub proxy: Written<ProxyOptions>,
}

/// One service: a program that is built, run, and reloaded.
#[derive(Debug, Clone, PartialEq, Default, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct ServiceOptions {
    /// The folder in which the commands run.
    #[schemars(extend("default" = "."))]
    pub dir: Written<String>,
    /// The build command: a string is run by `sh -c`, a list directly. `{out}` is a path for the program of this build alone.
    pub build: Written<CommandLine>,
    /// The run command. `{out}` is what the build wrote there, `{exe}` the program that cargo made.
    pub run: Written<CommandLine>,
    /// Globs of the paths that count; a path without wildcards also stands for everything below it. By default what the build reads, where its toolchain can tell, else what is usual for the kind of project.
    pub watch: Written<Vec<At<String>>>,
    /// Globs of the paths that do not count.
    #[schemars(extend("default" = []))]
    pub ignore: Written<Vec<At<String>>>,
    /// Variables for builds and runs.
    #[schemars(extend("default" = {}))]
    pub env: Written<Named<Variable>>,
    /// Files with more variables, read for every run; `env` wins over them. A change of one restarts the service.
    #[schemars(extend("default" = []))]
    pub env_files: Written<Vec<At<String>>>,
    /// What asks a run to end.
    #[schemars(extend("default" = "SIGTERM"))]
    pub stop_signal: Written<SignalName>,
    /// How long a run may take to end; after that it is killed.
    #[schemars(extend("default" = "5s"))]
    pub grace: Written<Time>,
    /// Whether the old run is stopped before the new one starts, or once the new one is ready (needs `listen`).
    #[schemars(extend("default" = "stop-first"))]
    pub swap: Written<Swap>,
    /// Addresses that stay open over all runs; every run gets the sockets as `LISTEN_FDS`.
    #[schemars(extend("default" = []))]
    pub listen: Written<Vec<At<Address>>>,
    /// When a run is ready. `auto`: when it listens on a TCP port, or has lived for a second without.
    #[schemars(schema_with = "super::schema::ready", extend("default" = "auto"))]
    pub ready: Written<ReadyOptions>,
    /// What a failed build does to the run: `keep` lets the last good one go on.
    #[schemars(extend("default" = "keep"))]
    pub on_build_failure: Written<OnBuildFailure>,
    /// What happens after a crash: `restart` after a growing pause, or `wait` for a change.
    #[schemars(extend("default" = "restart"))]
    pub on_crash: Written<OnCrash>,
    /// Which saves of the editor count: all, only those that somebody pressed a key for, or none.
    #[schemars(extend("default" = "always"))]
    pub on_save: Written<OnSave>,
    /// Services that must be ready before this one starts.
    #[schemars(extend("default" = []))]
    pub depends_on: Written<Vec<At<String>>>,
    /// Whether a new run of one of `depends_on` restarts this service.
    #[schemars(extend("default" = false))]
    pub cascade: Written<bool>,
    /// Which output formats of the build are read for errors: by name, by a program that prints them, a `[[matcher]]`, or one of VS Code such as `$tsc`. By default those that fit the build command, and every `[[matcher]]`.
    pub problems: Written<Vec<At<String>>>,
    /// What else some paths ask for, tried in order before `watch`.
    #[schemars(extend("default" = []))]
    pub rules: Written<Vec<At<RuleOptions>>>,
}

/// What some paths ask for.
#[derive(Debug, Clone, PartialEq, Default, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct RuleOptions {
    /// Globs of the paths that the rule is for.
    pub paths: Written<Vec<At<String>>>,
    /// What a change of one asks for; with `run`, what follows when the task has passed. By default `ignore` then.
    pub action: Written<RuleAction>,
    /// A task: a command that runs when one changes, in the folder and with the variables of the service.
    pub run: Written<CommandLine>,
}

/// What problems look like in the output of a tool: by `start` and `then`, by `vscode` or by `efm`.
#[derive(Debug, Clone, PartialEq, Default, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct MatcherOptions {
    /// Its name for `problems`, also shown with what it finds.
    pub name: Written<String>,
    /// A matcher that stands above, or one of VS Code such as `$gcc`: what is not written here is as there.
    pub base: Written<String>,
    /// The first line of a problem: a regular expression with the groups `file`, `line`, `col`, `endline`, `endcol`, `location`, `severity`, `code` and `message`.
    pub start: Written<String>,
    /// The lines that follow it, in their order.
    #[schemars(extend("default" = []))]
    pub then: Written<Vec<At<StepOptions>>>,
    /// What the words of the tool mean: `{ E = "error" }`. Usual ones are known.
    #[schemars(extend("default" = {}))]
    pub severity: Written<Named<Level>>,
    /// What a problem without such a word is.
    #[schemars(extend("default" = "error"))]
    pub default_severity: Written<Level>,
    /// How columns are counted.
    #[schemars(schema_with = "super::schema::column", extend("default" = {}))]
    pub column: Written<ColumnOptions>,
    /// Where relative paths may begin, tried in order: `cwd`, `workspace`, or a folder of the project. What is not found there is looked for as for every tool.
    #[schemars(extend("default" = ["cwd"]))]
    pub path: Written<Vec<At<String>>>,
    /// A line below a problem that tells of another place, with the same groups.
    pub related: Written<String>,
    /// Lines that say nothing: regular expressions.
    #[schemars(extend("default" = []))]
    pub ignore: Written<Vec<At<String>>>,
    /// A problem matcher of VS Code, as it stands in `tasks.json`.
    pub vscode: Written<Embedded>,
    /// Errorformats of Vim, one in each string.
    #[schemars(extend("default" = []))]
    pub efm: Written<Vec<At<String>>>,
    /// What it is compiled to, if there is no mistake in it.
    #[schemars(skip)]
    pub compiled: Option<Arc<Matcher>>,
}

/// One line of a problem after the first. It has to be there, unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Default, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct StepOptions {
    /// What it looks like: a regular expression with the same groups.
    pub re: Written<String>,
    /// Whether it is any number of lines.
    #[schemars(extend("default" = false))]
    pub repeat: Written<bool>,
    /// The line behind the last of them; it belongs to the problem.
    pub until: Written<String>,
    /// Whether it may be missing.
    #[schemars(extend("default" = false))]
    pub optional: Written<bool>,
    /// Whether every such line is a problem of its own, below a common heading.
    #[schemars(extend("default" = false))]
    pub each: Written<bool>,
    /// Whether the first `^` in it points to the column.
    #[schemars(extend("default" = false))]
    pub caret: Written<bool>,
}

/// How columns are counted.
#[derive(Debug, Clone, PartialEq, Default, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct ColumnOptions {
    /// The number of the first column.
    #[schemars(extend("default" = 1, "enum" = [0, 1]))]
    pub base: Written<u32>,
    /// What is counted: characters, bytes of UTF-8, units of UTF-16, or columns of the screen with tab stops every 8. With `vscode` by default `utf16`, with `efm` `utf8`.
    #[schemars(extend("default" = "char"))]
    pub unit: Written<Unit>,
}

/// When a run is ready: at most one of the probes.
#[derive(Debug, Clone, PartialEq, Default, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct ReadyOptions {
    /// When this URL answers with 2xx.
    pub http: Written<String>,
    /// When this `host:port` accepts a connection.
    pub tcp: Written<String>,
    /// When a line of the output matches this regular expression.
    pub log: Written<String>,
    /// When it sends `READY=1` to `NOTIFY_SOCKET`.
    pub notify: Written<bool>,
    /// How long a run may take to become ready; after that the status says so, and with `swap = "start-first"` it is stopped.
    #[schemars(extend("default" = "10s"))]
    pub timeout: Written<Time>,
}

/// How commands are trusted.
#[derive(Debug, Clone, PartialEq, Default, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct TrustOptions {
    /// `always` asks for every change of the commands, in folders that the editor trusts too.
    #[schemars(extend("default" = "auto"))]
    pub pin: Written<Pin>,
}

/// How the disk is watched.
#[derive(Debug, Clone, PartialEq, Default, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct WatchOptions {
    /// How. `auto`: natively, but on network and virtual file systems by `poll`; what the system refuses a watch is polled
    /// in any case. `client`: the editor watches, if it can. `watchman`: Watchman does, for huge trees. `off`: only saves
    /// of the editor count.
    #[schemars(extend("default" = "auto"))]
    pub mode: Written<WatchMode>,
    /// The pause between two looks of `poll`, from 500 ms to 2 s.
    #[schemars(extend("default" = "1s"))]
    pub poll_interval: Written<Time>,
}

/// An HTTP front for one service. Not served by this version.
#[derive(Debug, Clone, PartialEq, Default, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct ProxyOptions {
    /// Where it listens.
    pub listen: Written<Address>,
    /// The service behind it.
    pub service: Written<String>,
}
