//! Our end of the nursery, the process that forks a guard for every command. Called by `child`; `warm_up` by `session`.
//! Does not know: what the commands are.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{self, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};

use super::error::SpawnError;
use super::guard::ARGUMENT;
use super::wire::Request;

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
static NURSERY: Mutex<Option<Nursery>> = Mutex::new(None);

#[derive(Debug)]
struct Nursery {
    /// Closed when this process ends, however it ends; that ends the nursery.
    requests: UnixStream,
    process: process::Child,
}

/// Names the executable that calls `guard_main`, for programs that do not call it themselves: test binaries. The first call
/// before the first command counts.
pub fn use_guard_program(path: PathBuf) {
    let _ = PROGRAM.set(path);
}

/// Starts what starting commands needs, so that the first one does not wait for it. A failure shows when a command is started.
pub fn warm_up() {
    let mut nursery = lock();
    if nursery.is_none() {
        *nursery = Nursery::start().ok();
    }
}

/// Sends a request to the nursery, to a new one if somebody has ended the last. Returns the pid of the one it went to.
pub(super) fn send(request: &Request, descriptors: &[RawFd]) -> Result<u32, SpawnError> {
    let mut nursery = lock();
    let mut cause = None;
    for _ in 0..2 {
        let current = match nursery.take().filter(|it| !it.has_ended()) {
            Some(current) => current,
            None => Nursery::start().map_err(|error| explain(&error))?,
        };
        match request.send(&current.requests, descriptors) {
            Ok(()) => return Ok(nursery.insert(current).process.id()),
            // A request that is half sent would spoil the next one, so this nursery is dropped.
            Err(error) => cause = Some(error.to_string()),
        }
    }
    Err(unusable(cause.unwrap_or_default()))
}

/// Whether the nursery with this pid has ended, and with it the requests it had not come to.
pub(super) fn has_ended(pid: u32) -> bool {
    lock().as_ref().is_none_or(|nursery| nursery.process.id() != pid || nursery.has_ended())
}

/// The error that says that commands cannot be started at all.
pub(super) fn unusable(cause: String) -> SpawnError {
    SpawnError::Guard { program: program(), cause }
}

fn explain(error: &io::Error) -> SpawnError {
    let cause = Errno::from_raw(error.raw_os_error().unwrap_or(0));
    if SpawnError::is_shortage(cause) { SpawnError::NoRoom { cause } } else { unusable(error.to_string()) }
}

impl Nursery {
    fn start() -> io::Result<Self> {
        let (requests, theirs) = UnixStream::pair()?;
        #[expect(clippy::disallowed_methods, reason = "this is the place that the others are sent to")]
        let process = process::Command::new(program())
            // Whoever kills everything that is called reload-lsp should still leave somebody to clean up.
            .arg0("reload-guard")
            .arg(ARGUMENT)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/")
            .spawn()?;
        Ok(Self { requests, process })
    }

    /// Asks the socket, because a process that is ending closes its sockets before it can be waited for.
    fn has_ended(&self) -> bool {
        let peeked = recv(self.requests.as_raw_fd(), &mut [0], MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT);
        peeked != Err(Errno::EAGAIN)
    }
}

impl Drop for Nursery {
    /// Leaves no zombie.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// This executable, also when it was replaced on disk meanwhile.
fn program() -> PathBuf {
    let ourselves = || {
        if cfg!(target_os = "linux") {
            return PathBuf::from("/proc/self/exe");
        }
        std::env::current_exe().unwrap_or_else(|_| PathBuf::from("reload-lsp"))
    };
    PROGRAM.get().cloned().unwrap_or_else(ourselves)
}

fn lock() -> MutexGuard<'static, Option<Nursery>> {
    // A panic leaves at worst a nursery that the next request replaces.
    NURSERY.lock().unwrap_or_else(PoisonError::into_inner)
}
