//! How a command of ours ends: the exit codes, and the errors that lead to them. Used by every subcommand.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::config::ConfigProblem;
use crate::control::ClientError;
use crate::log::LogError;
use crate::lsp::ExitKind;
use crate::process::ForegroundError;
use crate::trust::StoreError;

/// The exit codes. Scripts rely on them: a number never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// Done, or quit by a person; the editor said `shutdown` and `exit`, or closed the pipe.
    Success = 0,
    /// It could not be done; the reason is on stderr. Also: the editor said `exit` without `shutdown`.
    Failure = 1,
    /// The arguments make no sense. Also: the bytes on stdin are not LSP, and nothing after them can be read.
    Usage = 2,
    /// The configuration has errors, or there is none.
    Configuration = 3,
    /// `wait`: the build failed, a task failed, the service crashed or is stopped.
    NotReady = 4,
    /// `wait`: the time was over first.
    TimedOut = 5,
    /// No session runs for the project.
    NoSession = 6,
    /// SIGHUP: the terminal was closed.
    HangUp = 129,
    /// SIGINT: Ctrl-C.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl ExitStatus {
    /// The end that a signal brings.
    pub(crate) fn of_signal(number: i32) -> Self {
        match number {
            1 => Self::HangUp,
            2 => Self::Interrupted,
            _ => Self::Terminated,
        }
    }

    /// Every code, in rising order.
    pub const ALL: [Self; 10] = [
        Self::Success,
        Self::Failure,
        Self::Usage,
        Self::Configuration,
        Self::NotReady,
        Self::TimedOut,
        Self::NoSession,
        Self::HangUp,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// What it means, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "done; or you quit; or the editor ended the session properly",
            Self::Failure => {
                "it could not be done (the reason is on stderr); or the editor left without `shutdown`"
            }
            Self::Usage => "the arguments make no sense; or what came on stdin was not LSP",
            Self::Configuration => "the configuration has errors, or there is none",
            Self::NotReady => "`wait`: the build or a task failed, or the service crashed or is stopped",
            Self::TimedOut => "`wait`: the time was over before anything was decided",
            Self::NoSession => "no session runs for the project",
            Self::HangUp => "SIGHUP: the terminal was closed",
            Self::Interrupted => "SIGINT: Ctrl-C",
            Self::Terminated => "SIGTERM",
        }
    }

    /// The table of the README, in Markdown.
    pub fn table() -> String {
        let rows = Self::ALL.map(|status| format!("| {} | {} |\n", status as u8, status.meaning()));
        format!("| code | meaning |\n|---|---|\n{}", rows.concat())
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

impl From<ExitKind> for ExitStatus {
    fn from(kind: ExitKind) -> Self {
        match kind {
            ExitKind::Orderly => Self::Success,
            ExitKind::WithoutShutdown => Self::Failure,
            ExitKind::FramingLost => Self::Usage,
            ExitKind::Signal(number) => Self::of_signal(number),
        }
    }
}

/// Why a command of ours cannot do what was asked. Printed once on stderr as `error: …`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("could not read the folder {path}: {cause} (help: give --root a folder that exists)")]
    Root { path: PathBuf, cause: std::io::Error },
    #[error("the configuration has errors")]
    Configuration(Vec<ConfigProblem>),
    #[error("there is no service `{name}` (help: {known})")]
    UnknownService { name: String, known: String },
    #[error("could not {action} {path}: {cause}{help}")]
    File { action: &'static str, path: PathBuf, cause: std::io::Error, help: &'static str },
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("could not read stdin: {0}")]
    Stdin(std::io::Error),
    #[error("could not start: {0}")]
    Runtime(std::io::Error),
    #[error("the plan is {plan} by now, not {asked} (help: `reload-lsp trust` shows what has changed)")]
    OtherPlan { asked: String, plan: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Foreground(#[from] ForegroundError),
    /// A whole sentence with its remedy.
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// The exit code it leads to.
    pub(crate) fn status(&self) -> ExitStatus {
        match self {
            Self::Root { .. } | Self::UnknownService { .. } => ExitStatus::Usage,
            Self::Configuration(_) => ExitStatus::Configuration,
            Self::Client(ClientError::NoSession { .. }) => ExitStatus::NoSession,
            Self::File { .. }
            | Self::Log(_)
            | Self::Runtime(_)
            | Self::Stdin(_)
            | Self::OtherPlan { .. }
            | Self::Store(_)
            | Self::Client(_)
            | Self::Foreground(_)
            | Self::Refused(_) => ExitStatus::Failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_code_once() {
        let table = ExitStatus::table();
        for status in ExitStatus::ALL {
            let row = format!("| {} | {} |\n", status as u8, status.meaning());
            assert_eq!(table.matches(&row).count(), 1, "{table}");
        }
    }
}
