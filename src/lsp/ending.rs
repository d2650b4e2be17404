//! How everything ends: EOF, `exit`, a signal and a dead client are one path. Called by `lsp::serve`.
//! Does not know: services.

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::handlers::Server;
use super::transport::{Ended, Outbox};
use super::{ExitKind, STOP_GRACE};

/// How long sessions may take on top of the grace of their services, before we go without them.
const STOP_MARGIN: Duration = Duration::from_secs(2);
/// How long the client may take to read our last words.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// How often a client is looked for where the system cannot tell of its end.
const LOOK: Duration = Duration::from_millis(900);

/// Why everything ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The conversation is over.
    Conversation(Ended),
    /// The client takes nothing any more.
    Deaf,
    /// The process of the client is gone.
    Dead,
    /// Somebody sent us this signal.
    Signal(i32),
}

impl Cause {
    /// The exit that follows from it.
    pub(super) fn exit_kind(self) -> ExitKind {
        match self {
            Self::Conversation(Ended::Exit { shut_down: true } | Ended::Eof) | Self::Deaf | Self::Dead => {
                ExitKind::Orderly
            }
            Self::Conversation(Ended::Exit { shut_down: false }) => ExitKind::WithoutShutdown,
            Self::Conversation(Ended::FramingLost) => ExitKind::FramingLost,
            Self::Signal(signal) => ExitKind::Signal(signal),
        }
    }
}

/// Stops everything and says the last words to a client that still reads.
pub(super) async fn end(server: &Server, outbox: &Outbox) {
    server.begin_ending();
    let sessions = server.roots().sessions();
    let stopped = async {
        for session in &sessions {
            session.ended().await;
        }
    };
    if tokio::time::timeout(STOP_GRACE + STOP_MARGIN, stopped).await.is_err() {
        tracing::error!("the services did not stop in time; the guard ends what is left of them");
    }
    let _ = tokio::time::timeout(LAST_WORDS, outbox.flushed()).await;
}

/// From now on SIGTERM, SIGINT and SIGHUP no longer end the process; the future gives the number of the first that comes.
/// Where they cannot be caught, it waits forever.
pub(super) fn signals() -> impl Future<Output = i32> {
    let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
    let streams: io::Result<Vec<_>> = kinds.into_iter().map(signal).collect();
    let streams = streams.inspect_err(|error| tracing::error!("signals cannot be caught: {error}"));
    async move {
        let Ok(mut streams) = streams else { return std::future::pending().await };
        let [terminate, interrupt, hangup] = &mut streams[..] else { return std::future::pending().await };
        tokio::select! {
            _ = terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = interrupt.recv() => SignalKind::interrupt().as_raw_value(),
            _ = hangup.recv() => SignalKind::hangup().as_raw_value(),
        }
    }
}

/// Waits until the process that `pid` names is gone. One that cannot be seen at the beginning lives in another world
/// (container, Flatpak): it is never watched.
pub(super) async fn death(pid: impl Future<Output = u32>) {
    let Ok(pid) = i32::try_from(pid.await) else { return std::future::pending().await };
    #[cfg(target_os = "linux")]
    match linux::open(pid) {
        Ok(process) => return linux::gone(process).await,
        Err(io::ErrorKind::Unsupported) => {}
        Err(_) => return std::future::pending().await,
    }
    if !is_visible(pid) {
        return std::future::pending().await;
    }
    // Only where the system cannot tell: wakes up about once a second.
    while is_visible(pid) {
        tokio::time::sleep(LOOK).await;
    }
}

fn is_visible(pid: i32) -> bool {
    use nix::errno::Errno;
    use nix::sys::signal::kill;
    !matches!(kill(nix::unistd::Pid::from_raw(pid), None), Err(Errno::ESRCH))
}

#[cfg(target_os = "linux")]
mod linux {
    //! A process as a file descriptor, which becomes readable when the process ends: no polling, no reused number.

    use std::io::{self, ErrorKind};
    use std::os::fd::{FromRawFd, OwnedFd};

    use nix::libc;
    use tokio::net::unix::pipe::Receiver;

    /// The process with this number; `Unsupported` where the kernel has no such thing.
    #[expect(unsafe_code, reason = "neither std nor nix has a safe call for it")]
    pub(super) fn open(pid: i32) -> Result<OwnedFd, ErrorKind> {
        // SAFETY: the call takes two numbers and touches no memory of ours.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        match i32::try_from(fd) {
            // SAFETY: the kernel has just made this descriptor for us alone.
            Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
            _ if io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH) => Err(ErrorKind::NotFound),
            _ => Err(ErrorKind::Unsupported),
        }
    }

    /// Waits for the end of the process.
    pub(super) async fn gone(process: OwnedFd) {
        // Nothing is ever read: a receiver of a pipe is how tokio waits for any descriptor without unsafe code.
        let waited = async { Receiver::from_owned_fd_unchecked(process)?.readable().await };
        if let Err(error) = waited.await {
            tracing::warn!("the client's process cannot be watched: {error}");
            std::future::pending::<()>().await;
        }
    }
}
