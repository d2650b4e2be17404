//! The last steps of a new process before it becomes the command. Called by `duty` right after its fork.
//! Does not know: what the guard does meanwhile.

use std::convert::Infallible;
use std::ffi::CString;
use std::io::{PipeWriter, Write};
use std::os::fd::{AsFd, OwnedFd, RawFd};
use std::process::ExitCode;

use nix::errno::Errno;
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

/// Becomes the command. Returns only when that failed; `report` has then been told the step and the error number, while
/// success closes it without a word.
pub(super) fn exec(request: Request, outputs: Outputs, report: PipeWriter) -> ExitCode {
    let sockets = RawFd::try_from(outputs.sockets.len()).unwrap_or(0);
    // It must survive what is placed at the low numbers.
    let Ok(copy) = raw::copy_above(report.as_fd(), FIRST_SOCKET + sockets) else { return ExitCode::FAILURE };
    drop(report);
    let Err((step, cause)) = attempt(request, outputs);
    let mut words = [0; 8];
    words[..4].copy_from_slice(&step.to_number().to_ne_bytes());
    words[4..].copy_from_slice(&(cause as i32).to_ne_bytes());
    let _ = PipeWriter::from(copy).write_all(&words);
    ExitCode::FAILURE
}

fn attempt(request: Request, outputs: Outputs) -> Result<Infallible, (Step, Errno)> {
    let process = |cause| (Step::Process, cause);
    let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0));
    raw::reset_signals().map_err(process)?;
    let dir = to_c(request.dir);
    chdir(dir.as_c_str()).map_err(|cause| (Step::Directory, cause))?;
    dup2_stdout(outputs.stdout).map_err(process)?;
    dup2_stderr(outputs.stderr).map_err(process)?;
    let mut env: Vec<CString> = request.env.into_iter().map(to_c).collect();
    if !outputs.sockets.is_empty() {
        env.push(to_c(format!("LISTEN_PID={}", getpid()).into_bytes()));
        place(&outputs.sockets).map_err(process)?;
    }
    let argv: Vec<CString> = request.argv.into_iter().map(to_c).collect();
    execve(&to_c(request.program), &argv, &env).map_err(|cause| (Step::Execute, cause))
}

/// First out of the way, then into place: a socket may have come at the number of another.
fn place(sockets: &[OwnedFd]) -> Result<(), Errno> {
    let above = FIRST_SOCKET + RawFd::try_from(sockets.len()).map_err(|_| Errno::EMFILE)?;
    let copies: Result<Vec<_>, _> = sockets.iter().map(|it| raw::copy_above(it.as_fd(), above)).collect();
    let copies = copies.map_err(|cause| Errno::from_raw(cause.raw_os_error().unwrap_or(0)))?;
    raw::place(copies, FIRST_SOCKET)
}

/// A text from a request, where NUL is the separator, has none in it.
fn to_c(text: Vec<u8>) -> CString {
    CString::new(text).unwrap_or_default()
}
