//! Our end of a started command: what is asked of its guard and what the guard reports. Called by `build` and `service`
//! through `spawn`. Does not know: how the guard does it.

use std::io::ErrorKind;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream as StdStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::socket::{MsgFlags, recv};
use nix::unistd::Pid;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::sync::OnceCell;

use super::exit::Exit;
use super::wire::{FRAME, Report, Stop};
use super::{Leftovers, Reader, ports};

/// A started command with everything below it. Dropping it kills all of that at once, but for leftovers that are to be kept of
/// a command that ended by itself: those live until this process ends.
#[derive(Debug)]
pub struct Child {
    /// Its process, which is also its process group.
    pub pid: u32,
    /// Its standard output.
    pub stdout: pipe::Receiver,
    /// Its standard error.
    pub stderr: pipe::Receiver,
    /// Its guard.
    pub(super) guard: Pid,
    pub(super) control: Control,
}

impl Child {
    /// Waits until the command has ended and, unless leftovers are kept, nothing below it lives. Never waits for its output.
    /// Dropping the future is safe; asked again, the same exit is returned.
    pub async fn exited(&self) -> Exit {
        self.control.exited().await
    }

    /// Begins to end it: `signal` to the whole group, then SIGCONT so that a stopped process can take it. When `grace` elapses,
    /// everything below the guard is killed. When the command itself ends before, the rest of its group has what is left of the
    /// grace, and what had left the group is killed as soon as the group is gone. Returns at once; `exited` follows. Called
    /// again, the shorter grace wins, and another signal is sent too. SIGKILL means no grace.
    pub fn stop(&self, signal: Signal, grace: Duration) {
        self.control.stop(Stop { signal: signal as i32, grace });
    }

    /// The TCP addresses on which anything below the guard listens, sorted, including sockets that were handed over. Takes well
    /// below a millisecond.
    pub fn listeners(&self) -> Vec<std::net::SocketAddr> {
        ports::listeners(self.guard)
    }

    /// Reads both pipes, in chunks. Nobody else should read them.
    pub fn output(&self) -> Reader<'_> {
        Reader::new(&self.stdout, &self.stderr)
    }
}

/// The control socket. When it is closed, the guard kills everything and ends.
#[derive(Debug)]
pub(super) struct Control {
    stream: UnixStream,
    leftovers: Leftovers,
    stopped: AtomicBool,
    exit: OnceCell<Exit>,
}

/// The guards whose leftovers live until this process ends, each by its control socket.
static KEPT: Mutex<Vec<OwnedFd>> = Mutex::new(Vec::new());

impl Control {
    /// Our end of `stream`.
    pub(super) fn new(stream: StdStream, leftovers: Leftovers) -> std::io::Result<Self> {
        stream.set_nonblocking(true)?;
        let stream = UnixStream::from_std(stream)?;
        Ok(Self { stream, leftovers, stopped: AtomicBool::new(false), exit: OnceCell::new() })
    }

    /// Waits for the next report; `None` when the guard is gone. Dropping the future loses no report.
    pub(super) async fn report(&self) -> Option<Report> {
        loop {
            // The runtime is going down if this fails, and with it everybody who could ask.
            self.stream.readable().await.ok()?;
            match self.stream.try_io(Interest::READABLE, || receive(&self.stream)) {
                Ok(report) => return report,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return None,
            }
        }
    }

    async fn exited(&self) -> Exit {
        let exit = async {
            let report = self.report().await;
            let stopped = self.stopped.load(Ordering::Acquire);
            match report {
                Some(Report::Exited { code, signal, killed }) => Exit { code, signal, stopped, killed },
                Some(Report::Started { .. } | Report::Failed { .. }) | None => {
                    Exit { code: None, signal: None, stopped, killed: 0 }
                }
            }
        };
        *self.exit.get_or_init(|| exit).await
    }

    fn stop(&self, stop: Stop) {
        self.stopped.store(true, Ordering::Release);
        // A guard reads these as they come. If it is gone, everything else is.
        let _ = nix::unistd::write(&self.stream, &stop.to_frame());
    }

    /// Whether the command has ended by itself, as far as is known this moment.
    fn has_ended(&self) -> bool {
        self.exit.initialized() || matches!(receive(&self.stream), Ok(Some(Report::Exited { .. })))
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let keeps = self.leftovers == Leftovers::Keep && !self.stopped.load(Ordering::Acquire);
        if keeps && self.has_ended() {
            let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
            kept.retain(|guard| !matches!(receive(guard), Ok(None)));
            kept.extend(self.stream.as_fd().try_clone_to_owned());
        }
    }
}

/// Takes the next report without waiting; `None` when the guard is gone.
fn receive(stream: &impl AsRawFd) -> std::io::Result<Option<Report>> {
    let mut frame = [0; FRAME];
    match recv(stream.as_raw_fd(), &mut frame, MsgFlags::MSG_DONTWAIT) {
        Ok(FRAME) => Ok(Some(Report::from_frame(frame))),
        Ok(_) | Err(Errno::ECONNRESET) => Ok(None),
        Err(cause) => Err(cause.into()),
    }
}
