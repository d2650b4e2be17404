//! The processes between us and the commands: one nursery, which forks a guard for every command. They are this executable,
//! started by `process::nursery` with a hidden argument; `guard_main` is called by `main` before anything else.
//! Does not know: tokio, threads, logging, the language server. It has no parent to report to but its sockets.

mod duty;
mod exec;
mod kill;
mod os;
pub(super) mod raw;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::Duration;

use nix::unistd::{Pid, dup2_stdin, setsid};

use os::ChildSignals;

/// The only argument of a guard.
pub(super) const ARGUMENT: &str = "--guard";

/// How long a command that is being started has the processors for itself before the next guard is made.
const AFTER_YOU: Duration = Duration::from_millis(2);

/// Does the work of a guard if this process was started to be one, and returns its exit code when that is over.
pub fn guard_main() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let asked = arguments.next().is_some_and(|first| first == ARGUMENT) && arguments.next().is_none();
    asked.then(|| if serve().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The nursery: has one guard ready that waits for the next request, until reload-lsp is gone. A guard returns from here, too.
///
/// It is small and has one thread, so that a fork is cheap and safe, and it never sees a request. It also adopts what a guard
/// leaves that was killed by somebody, and ends it.
fn serve() -> io::Result<()> {
    os::close_inherited();
    let requests = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    dup2_stdin(File::open("/dev/null")?)?;
    let _ = setsid();
    os::rename();
    os::adopt_orphans();
    let signals = ChildSignals::new()?;
    raw::default_actions();
    let (taken, take) = UnixStream::pair()?;
    taken.set_nonblocking(true)?;
    let mut guards = BTreeSet::new();
    loop {
        let spare = match raw::fork() {
            Ok(Some(spare)) => spare,
            Ok(None) => {
                drop(taken);
                return duty::guard(requests, take, &signals);
            }
            Err(cause) if duty::refuse(&requests, cause)? => continue,
            Err(_) => return Ok(()),
        };
        guards.insert(spare);
        // Every guard says when it has taken a request. One that ends without having done so leaves no way to tell where the
        // next request begins; usually there is none, because reload-lsp is gone.
        while (&taken).read_exact(&mut [0]).is_err() {
            if !guards.contains(&spare) {
                return Ok(());
            }
            let [is_taken] = signals.wait([Some(taken.as_fd())], None);
            if !is_taken {
                bury(&mut guards);
            }
        }
        // Another request does not wait.
        let [_] = signals.wait([Some(requests.as_fd())], Some(AFTER_YOU));
        bury(&mut guards);
    }
}

/// Reaps guards, and kills what has become ours because its guard was killed.
fn bury(guards: &mut BTreeSet<Pid>) {
    kill::reap(&mut |status| {
        status.pid().map(|pid| guards.remove(&pid));
    });
    kill::strays(guards);
}
