//! Ends everything below a guard, whatever it does. Called by `duty`, and by the nursery for what a killed guard left.
//! Does not know: signals that ask, grace.

use std::collections::BTreeSet;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpid};

use super::os::ChildSignals;
use crate::process::tree;

/// How long to wait for killed processes to end before looking again: one may be waiting for a disk.
const AGAIN: Duration = Duration::from_millis(10);

/// Kills everything below this process. Returns how many lived and were killed, or could not be killed because they belong to
/// somebody else. Blocks until nothing else is left, however long that takes. `reaped` hears of every child that ended.
pub(super) fn everything_below(signals: &ChildSignals, reaped: &mut dyn FnMut(WaitStatus)) -> u32 {
    let mut killed = BTreeSet::new();
    loop {
        let frozen = freeze(&BTreeSet::new());
        killed.extend(frozen.iter().copied().filter(|pid| tree::lives(*pid)));
        let refused = frozen.iter().filter(|pid| kill(**pid, Signal::SIGKILL) == Err(Errno::EPERM)).count();
        let childless = reap(reaped);
        // A pass can miss what changes its parent at that moment; only the system's word that there is no child counts.
        if childless || (refused > 0 && refused == frozen.len()) {
            return u32::try_from(killed.len()).unwrap_or(u32::MAX);
        }
        let [] = signals.wait([], Some(AGAIN));
    }
}

/// Kills what is below this process, but for `guards` and what is below them. What this pass misses announces itself by the
/// end of its parent, so it is repeated after every such end.
pub(super) fn strays(guards: &BTreeSet<Pid>) {
    for pid in freeze(guards) {
        let _ = kill(pid, Signal::SIGKILL);
    }
}

/// Reaps every child that has ended. Returns whether there is no child at all any more.
pub(super) fn reap(reaped: &mut dyn FnMut(WaitStatus)) -> bool {
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) => return false,
            Ok(status) => reaped(status),
            Err(Errno::EINTR) => {}
            Err(_) => return true,
        }
    }
}

/// Stops everything below and returns it. What is stopped cannot fork; what did so just before is found the next time.
fn freeze(except: &BTreeSet<Pid>) -> BTreeSet<Pid> {
    let mut frozen = BTreeSet::new();
    let mut parents = vec![getpid()];
    while let Some(parent) = parents.pop() {
        for child in tree::children(parent) {
            if !except.contains(&child) && frozen.insert(child) {
                let _ = kill(child, Signal::SIGSTOP);
                parents.push(child);
            }
        }
    }
    frozen
}
