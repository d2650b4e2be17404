//! What a guard asks of the system beyond POSIX. Called by the rest of `guard`.
//! Weaker on macOS: no subreaper, so a process that leaves the group escapes; an exit is seen up to 20 ms late.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::SigSet;
#[cfg(target_os = "linux")]
use nix::sys::signalfd::{SfdFlags, SignalFd};

/// Tells when a child has changed its state.
#[derive(Debug)]
pub(super) struct ChildSignals {
    #[cfg(target_os = "linux")]
    signals: SignalFd,
}

impl ChildSignals {
    /// From now on no signal but KILL and STOP does anything to this process.
    pub(super) fn new() -> nix::Result<Self> {
        SigSet::all().thread_block()?;
        #[cfg(target_os = "linux")]
        {
            let mut children = SigSet::empty();
            children.add(nix::sys::signal::Signal::SIGCHLD);
            let signals = SignalFd::with_flags(&children, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
            Ok(Self { signals })
        }
        #[cfg(not(target_os = "linux"))]
        Ok(Self {})
    }

    /// Waits until one of `others` has something to read or was closed, a child changed its state, or `limit` is over.
    /// Returns which of `others` are ready; spurious returns are possible.
    pub(super) fn wait<const N: usize>(
        &self,
        others: [Option<BorrowedFd<'_>>; N],
        limit: Option<Duration>,
    ) -> [bool; N] {
        let limit = limit.map_or(PollTimeout::NONE, |limit| {
            // Rounded up, or a rest below a millisecond would spin.
            PollTimeout::try_from(limit.saturating_add(Duration::from_micros(999)))
                .unwrap_or(PollTimeout::MAX)
        });
        let mut watched: Vec<_> =
            others.iter().flatten().map(|other| PollFd::new(*other, PollFlags::POLLIN)).collect();
        #[cfg(target_os = "linux")]
        watched.push(PollFd::new(std::os::fd::AsFd::as_fd(&self.signals), PollFlags::POLLIN));
        #[cfg(not(target_os = "linux"))]
        let limit = limit.min(PollTimeout::from(20_u8));
        if let Err(Errno::EINTR | Errno::ENOMEM) = poll(&mut watched, limit) {
            return [false; N];
        }
        let mut events = watched.iter();
        let ready =
            others.map(|other| other.is_some() && events.next().is_some_and(|it| it.any() == Some(true)));
        #[cfg(target_os = "linux")]
        while let Ok(Some(_)) = self.signals.read_signal() {}
        ready
    }
}

/// Makes everything below this process its child when its own parent ends.
pub(super) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_child_subreaper(true);
}

/// Makes `ps` and `pkill` tell this process from the language server itself.
pub(super) fn rename() {
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_name(c"reload-guard");
}

/// Closes what the process that started us left open: the editor's files are none of the command's business.
pub(super) fn close_inherited() {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return };
    let numbers: Vec<i32> =
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for number in numbers.into_iter().filter(|number| *number > 2) {
        // One of them was the directory itself, closed by now.
        let _ = nix::unistd::close(number);
    }
}
