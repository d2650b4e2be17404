//! The processes between us and the commands: one nursery, which forks one guard per command. They are this executable,
//! started by `process::nursery` with a hidden argument; `guard_main` is called by `main` before anything else.
//! Does not know: tokio, threads, logging, the language server. It has no parent to report to but its sockets.

mod duty;
mod exec;
mod kill;
mod os;
pub(super) mod raw;

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use nix::errno::Errno;
use nix::sys::wait::WaitStatus;
use nix::unistd::{Pid, dup2_stdin, setsid};

use super::wire::{Report, Request, Step};
use exec::Outputs;
use os::ChildSignals;

/// The only argument of a guard.
pub(super) const ARGUMENT: &str = "--guard";

/// Does the work of a guard if this process was started to be one, and returns its exit code when that is over.
pub fn guard_main() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let asked = arguments.next().is_some_and(|first| first == ARGUMENT) && arguments.next().is_none();
    asked.then(|| serve().unwrap_or(ExitCode::FAILURE))
}

/// The nursery: forks a guard for every request, until reload-lsp is gone. A guard returns from here, too.
///
/// It is small and has one thread, so that a fork is cheap and safe, and it keeps nothing of a request. It also adopts what a
/// guard leaves that was killed by somebody, and ends it.
fn serve() -> io::Result<ExitCode> {
    os::close_inherited();
    let requests = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    dup2_stdin(File::open("/dev/null")?)?;
    let _ = setsid();
    os::rename();
    os::adopt_orphans();
    let signals = ChildSignals::new()?;
    let mut guards = BTreeSet::new();
    loop {
        let [ready] = signals.wait([Some(requests.as_fd())], None);
        bury(&signals, &mut guards);
        if !ready {
            continue;
        }
        let Some((request, descriptors)) = Request::receive(&requests)? else { return Ok(ExitCode::SUCCESS) };
        let Some((control, outputs)) = sort(descriptors) else { continue };
        match raw::fork() {
            Ok(Some(guard)) => {
                guards.insert(guard);
            }
            Ok(None) => {
                drop(requests);
                return Ok(duty::guard(control, &signals, request, outputs));
            }
            Err(cause) => refuse(&control, cause),
        }
    }
}

/// Tells reload-lsp that there is no process to be had. If that fails, it is gone and will not miss it.
fn refuse(mut control: &UnixStream, cause: Errno) {
    let _ = control.write_all(&Report::Failed { step: Step::Process, cause }.to_frame());
}

/// Which descriptor is what. `None` if some did not arrive; the control socket is closed then, which is an answer.
fn sort(descriptors: Vec<OwnedFd>) -> Option<(UnixStream, Outputs)> {
    let mut descriptors = descriptors.into_iter();
    let control = descriptors.next()?.into();
    let outputs =
        Outputs { stdout: descriptors.next()?, stderr: descriptors.next()?, sockets: descriptors.collect() };
    Some((control, outputs))
}

/// Reaps guards. What one leaves that ended by a signal has become ours, and ends.
fn bury(signals: &ChildSignals, guards: &mut BTreeSet<Pid>) {
    let mut was_killed = false;
    kill::reap(&mut |status| {
        if let Some(pid) = status.pid() {
            let was_guard = guards.remove(&pid);
            was_killed |= was_guard && matches!(status, WaitStatus::Signaled(..));
        }
    });
    if was_killed {
        let mut ended = Vec::new();
        kill::everything_below(signals, guards, &mut |status| ended.extend(status.pid()));
        // A guard that ended meanwhile was reaped by that.
        guards.retain(|guard| !ended.contains(guard));
    }
}
