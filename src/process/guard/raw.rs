//! The few calls that Rust cannot check: making processes, taking over file descriptors by number, resetting signals.
//! Called by the rest of `guard` and by `wire`. Nothing else in this program is unsafe.
#![expect(unsafe_code, reason = "fork, received descriptors and signal dispositions have no safe interface")]

use std::ffi::{c_int, c_void};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, pthread_sigmask, signal};
use nix::sys::socket::MsgFlags;
use nix::unistd::{ForkResult, Pid};

/// How a message with descriptors is received.
#[cfg(target_os = "linux")]
pub(in crate::process) const RECEIVE: MsgFlags = MsgFlags::MSG_CMSG_CLOEXEC;
/// How a message with descriptors is received: without the flag; `own` sets it a moment later.
#[cfg(not(target_os = "linux"))]
pub(in crate::process) const RECEIVE: MsgFlags = MsgFlags::empty();

/// Makes a process. `None` is returned in the new one.
pub(super) fn fork() -> nix::Result<Option<Pid>> {
    // SAFETY: A guard never has a second thread, so no lock of the allocator or of anything else is held by a thread that
    // the new process lacks.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(Some(child)),
        ForkResult::Child => Ok(None),
    }
}

/// What a new process has for a stack until it executes its program, in bytes.
#[cfg(target_os = "linux")]
const STACK: usize = 256 * 1024;

/// Makes a process that does `work`, which should end by executing a program, and waits for that. If `work` returns, the
/// process ends. Both share their memory until then, so nothing is copied and what `work` writes is seen here.
#[cfg(target_os = "linux")]
pub(super) fn start(mut work: &mut dyn FnMut()) -> nix::Result<Pid> {
    extern "C" fn enter(work: *mut c_void) -> c_int {
        // SAFETY: This is the address of `work` in `start`, which is suspended and so can't use it itself.
        let work = unsafe { &mut *work.cast::<&mut dyn FnMut()>() };
        work();
        1
    }
    let mut stack: Vec<u128> = Vec::with_capacity(STACK / size_of::<u128>());
    let top = stack.spare_capacity_mut().as_mut_ptr_range().end;
    let flags = nix::libc::CLONE_VM | nix::libc::CLONE_VFORK | nix::libc::SIGCHLD;
    // SAFETY: With CLONE_VFORK this process, which has no second thread, is suspended until the new one has executed a program
    // or ended, so they never touch the shared memory at once and the stack outlives its use. Its end is aligned to 16 bytes.
    let pid = unsafe { nix::libc::clone(enter, top.cast(), flags, (&raw mut work).cast()) };
    Errno::result(pid).map(Pid::from_raw)
}

/// Makes a process that does `work`, which should end by executing a program. Weaker here: it is not waited for, and what it
/// writes is not seen, so a program that cannot be executed looks like one that ended with 127.
#[cfg(not(target_os = "linux"))]
pub(super) fn start(work: &mut dyn FnMut()) -> nix::Result<Pid> {
    if let Some(pid) = fork()? {
        return Ok(pid);
    }
    work();
    // SAFETY: Ends this process without running what its parent registered for its own end.
    unsafe { nix::libc::_exit(127) }
}

/// Takes over a descriptor that a message brought.
pub(in crate::process) fn own(descriptor: RawFd) -> OwnedFd {
    // SAFETY: The kernel has just made this descriptor for us, and the message it came with names it once.
    let owned = unsafe { OwnedFd::from_raw_fd(descriptor) };
    #[cfg(not(target_os = "linux"))]
    let _ = fcntl(&owned, FcntlArg::F_SETFD(nix::fcntl::FdFlag::FD_CLOEXEC));
    owned
}

/// A copy of `descriptor` whose number is `lowest` or above; closed on exec.
pub(super) fn copy_above(descriptor: BorrowedFd<'_>, lowest: RawFd) -> nix::Result<OwnedFd> {
    let copy = fcntl(descriptor, FcntlArg::F_DUPFD_CLOEXEC(lowest))?;
    // SAFETY: F_DUPFD_CLOEXEC returned a new descriptor that nobody else knows.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}

/// Puts `descriptors` at the numbers from `first` up, to be inherited. Whatever was there is closed, so this is for a process
/// that is about to exec, and `descriptors` must be above.
pub(super) fn place(descriptors: Vec<OwnedFd>, first: RawFd) -> nix::Result<()> {
    for (descriptor, number) in descriptors.into_iter().zip(first..) {
        // SAFETY: Nothing in this process uses the number after this: it is about to exec.
        let placed = unsafe { nix::unistd::dup2_raw(descriptor.as_fd(), number) }?;
        let _ = placed.into_raw_fd();
    }
    Ok(())
}

/// Gives every signal its default action, for what this process will start. Rust ignores SIGPIPE, and whoever started us may
/// ignore others.
pub(super) fn default_actions() {
    for each in Signal::iterator() {
        // SAFETY: The default action is no handler, so nothing can be called. KILL and STOP refuse: they have it anyway.
        let _ = unsafe { signal(each, SigHandler::SigDfl) };
    }
}

/// Lets every signal through.
pub(super) fn unblock_signals() -> nix::Result<()> {
    pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)
}
