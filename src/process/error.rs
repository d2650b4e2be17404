//! Why a command could not be started, in words that say what to do. Made by `spawn`; `build` and `service` pass it on.
//! Does not know: which key of the configuration the command came from.

use std::path::PathBuf;

use nix::errno::Errno;

/// Why a command could not be started. The text names the thing and the remedy.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum SpawnError {
    /// The list of arguments has no item, or an empty first one.
    #[error("the command is empty (help: write the program and its arguments)")]
    NoCommand,
    /// The program has no slash and no directory of `PATH` has it.
    #[error("`{program}` was not found in PATH (help: install it, or name it by its path)")]
    NotInPath {
        /// The program as it was written.
        program: String,
    },
    /// The program has a slash and is not there.
    #[error("`{path}` does not exist (help: build it first, or correct the path)")]
    NoSuchFile {
        /// The absolute path of the program.
        path: PathBuf,
    },
    /// The file is there, but lacks the permission to be executed.
    #[error("`{path}` is not executable (help: run `chmod +x {path}`)")]
    NotExecutable {
        /// The absolute path of the program.
        path: PathBuf,
    },
    /// A directory, a script without a `#!` line, or a program for another system.
    #[error(
        "`{path}` is no program that can be executed here (help: begin a script with a `#!` line, or build it for this system)"
    )]
    NotAProgram {
        /// The absolute path of the program.
        path: PathBuf,
    },
    /// The file is there, but what its first line names is not; or the dynamic loader of a binary is missing.
    #[error(
        "`{path}` needs `{interpreter}`, which does not exist (help: install it, or correct the first line)"
    )]
    NoInterpreter {
        /// The absolute path of the program.
        path: PathBuf,
        /// What the `#!` line names, or `its dynamic loader`.
        interpreter: String,
    },
    /// Somebody still has the program open for writing.
    #[error("`{path}` is still being written (help: wait for whatever writes it, then try again)")]
    BeingWritten {
        /// The absolute path of the program.
        path: PathBuf,
    },
    /// Executing it failed for a reason that is not told apart.
    #[error("`{path}` could not be executed: {cause} (help: try it in a terminal)")]
    Refused {
        /// The absolute path of the program.
        path: PathBuf,
        /// What the system said.
        cause: Errno,
    },
    /// The working directory cannot be entered.
    #[error(
        "the working directory `{dir}` cannot be entered: {cause} (help: create it, or correct the path)"
    )]
    Directory {
        /// The absolute path of the directory.
        dir: PathBuf,
        /// What the system said.
        cause: Errno,
    },
    /// Arguments and environment together exceed what the system takes.
    #[error(
        "the arguments and the environment of `{path}` are too long (help: shorten them, or pass them in a file)"
    )]
    TooLong {
        /// The absolute path of the program.
        path: PathBuf,
    },
    /// A NUL byte cannot be passed to a program.
    #[error("{place} has a NUL byte in it (help: remove it)")]
    NulByte {
        /// Where it is, for example `the environment variable TOKEN`; never the value.
        place: String,
    },
    /// More sockets than can be handed over.
    #[error("{count} sockets cannot be handed over (help: listen on at most {limit} addresses)")]
    TooManySockets {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// No process, file descriptor or memory is left.
    #[error(
        "the system has no room for another process: {cause} (help: end some programs, or raise `ulimit -u` and `ulimit -n`)"
    )]
    NoRoom {
        /// What the system said.
        cause: Errno,
    },
    /// The process that starts commands cannot be started or does not answer.
    #[error("the guard `{program}` cannot be used: {cause} (help: reinstall reload-lsp and start it again)")]
    Guard {
        /// What was executed as the guard.
        program: PathBuf,
        /// What happened.
        cause: String,
    },
}

impl SpawnError {
    /// Whether a shortage of processes, file descriptors or memory is behind `cause`.
    pub(super) fn is_shortage(cause: Errno) -> bool {
        matches!(cause, Errno::EAGAIN | Errno::EMFILE | Errno::ENFILE | Errno::ENOMEM)
    }
}
