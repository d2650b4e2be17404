//! Makes the process that becomes the command. Called by `duty`. Does not know: what becomes of it.

use std::convert::Infallible;
use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, chdir, dup2_stderr, dup2_stdout, execve, getpid, setpgid};

use super::raw;
use crate::process::wire::{Request, Step};

/// Where the sockets begin, as `sd_listen_fds` has it.
const FIRST_SOCKET: RawFd = 3;

/// What the command gets: its two pipes and its sockets.
#[derive(Debug)]
pub(super) struct Outputs {
    /// Its standard output.
    pub(super) stdout: OwnedFd,
    /// Its standard error.
    pub(super) stderr: OwnedFd,
    /// File descriptors from 3 up.
    pub(super) sockets: Vec<OwnedFd>,
}

/// Executes the command and returns its process, or what could not be done and why.
pub(super) fn start(request: Request, outputs: &Outputs) -> Result<Pid, (Step, Errno)> {
    let mut prepared = Prepared {
        program: to_c(request.program),
        dir: to_c(request.dir),
        argv: request.argv.into_iter().map(to_c).collect(),
        env: request.env.into_iter().map(to_c).collect(),
    };
    let mut failure = None;
    let made = raw::start(&mut || {
        let Err(error) = execute(&mut prepared, outputs);
        failure = Some(error);
    });
    let pid = made.map_err(|cause| (Step::Process, cause))?;
    match failure {
        None => Ok(pid),
        Some(error) => {
            let _ = waitpid(pid, None);
            Err(error)
        }
    }
}

/// A request as the system wants it.
#[derive(Debug)]
struct Prepared {
    program: CString,
    dir: CString,
    argv: Vec<CString>,
    env: Vec<CString>,
}

/// What the new process does. It shares its memory with the guard, which is suspended meanwhile, but not its descriptors,
/// signals and working directory.
fn execute(prepared: &mut Prepared, outputs: &Outputs) -> Result<Infallible, (Step, Errno)> {
    let process = |cause| (Step::Process, cause);
    let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
    chdir(prepared.dir.as_c_str()).map_err(|cause| (Step::Directory, cause))?;
    dup2_stdout(&outputs.stdout).map_err(process)?;
    dup2_stderr(&outputs.stderr).map_err(process)?;
    if !outputs.sockets.is_empty() {
        prepared.env.push(to_c(format!("LISTEN_PID={}", getpid()).into_bytes()));
        place(&outputs.sockets).map_err(process)?;
    }
    raw::unblock_signals().map_err(process)?;
    execve(&prepared.program, &prepared.argv, &prepared.env).map_err(|cause| (Step::Execute, cause))
}

/// First out of the way, then into place: a socket may have come at the number of another.
fn place(sockets: &[OwnedFd]) -> nix::Result<()> {
    let above = FIRST_SOCKET + RawFd::try_from(sockets.len()).map_err(|_| Errno::EMFILE)?;
    let copies: nix::Result<Vec<_>> = sockets.iter().map(|it| raw::copy_above(it.as_fd(), above)).collect();
    raw::place(copies?, FIRST_SOCKET)
}

/// A text from a request, where NUL is the separator, has none in it.
fn to_c(text: Vec<u8>) -> CString {
    CString::new(text).unwrap_or_default()
}
