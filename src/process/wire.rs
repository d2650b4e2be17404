//! What reload-lsp and its guard processes say to each other over sockets. Used by `nursery` and `child` on one side, by
//! `guard` on the other; both are the same executable, so nothing here is a stable format.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};

use super::guard::raw;

/// Every frame on the control socket has this many bytes, so that no write and no read is ever partial.
pub(super) const FRAME: usize = 16;

/// The most sockets that fit beside the control socket and the two pipes in one message.
pub(super) const SOCKETS: usize = 250;

/// The most file descriptors the kernel passes in one message (`SCM_MAX_FD`).
const DESCRIPTORS: usize = SOCKETS + 3;

/// The size of the payload, and how many of its texts are arguments.
const HEADER: usize = 12;

/// A command that is ready to be executed: nothing in it has to be looked up any more.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    /// Whether leftovers live on.
    pub(super) keep: bool,
    /// Absolute path of the program.
    pub(super) program: Vec<u8>,
    /// Absolute path of the working directory.
    pub(super) dir: Vec<u8>,
    /// The arguments, the name of the program first.
    pub(super) argv: Vec<Vec<u8>>,
    /// The whole environment as `NAME=value`, but for `LISTEN_PID`, which only the new process knows.
    pub(super) env: Vec<Vec<u8>>,
}

impl Request {
    /// Sends it with `descriptors`: the control socket, standard output, standard error, then the sockets.
    pub(super) fn send(&self, to: &UnixStream, descriptors: &[RawFd]) -> io::Result<()> {
        // No text has a NUL byte in it, so NUL separates them.
        let mut payload = Vec::with_capacity(16 * 1024);
        for text in [&self.program, &self.dir].into_iter().chain(&self.argv).chain(&self.env) {
            payload.extend_from_slice(text);
            payload.push(0);
        }
        let size = u32::try_from(payload.len()).map_err(|_| Errno::E2BIG)?;
        let arguments = u32::try_from(self.argv.len()).map_err(|_| Errno::E2BIG)?;
        let mut header = [0; HEADER];
        header[..4].copy_from_slice(&size.to_ne_bytes());
        header[4..8].copy_from_slice(&arguments.to_ne_bytes());
        header[8] = u8::from(self.keep);
        let rights = [ControlMessage::ScmRights(descriptors)];
        let sent = sendmsg::<()>(to.as_raw_fd(), &[IoSlice::new(&header)], &rights, MsgFlags::empty(), None)?;
        let mut to = to;
        to.write_all(&header[sent..])?;
        to.write_all(&payload)
    }

    /// Waits for the next request and its descriptors; `None` when the other end is gone.
    pub(super) fn receive(from: &UnixStream) -> io::Result<Option<(Self, Vec<OwnedFd>)>> {
        let mut header = [0; HEADER];
        let mut space = nix::cmsg_space!([RawFd; DESCRIPTORS]);
        let mut descriptors = Vec::new();
        let got = {
            let mut parts = [IoSliceMut::new(&mut header)];
            let message = recvmsg::<()>(from.as_raw_fd(), &mut parts, Some(&mut space), raw::RECEIVE)?;
            for rights in message.cmsgs()? {
                if let ControlMessageOwned::ScmRights(received) = rights {
                    descriptors.extend(received.into_iter().map(raw::own));
                }
            }
            message.bytes
        };
        if got == 0 {
            return Ok(None);
        }
        let mut from = from;
        from.read_exact(&mut header[got..])?;
        let number = |at: usize| header[at..at + 4].try_into().map_or(0, u32::from_ne_bytes) as usize;
        let mut payload = vec![0; number(0)];
        from.read_exact(&mut payload)?;
        let mut texts = payload.split(|byte| *byte == 0).map(<[u8]>::to_vec);
        let program = texts.next().unwrap_or_default();
        let dir = texts.next().unwrap_or_default();
        let argv = texts.by_ref().take(number(4)).collect();
        let mut env: Vec<_> = texts.collect();
        env.pop(); // What follows the last NUL: nothing.
        Ok(Some((Self { keep: header[8] != 0, program, dir, argv, env }, descriptors)))
    }
}

/// What was being done when a command could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Making a process, or giving it its descriptors.
    Process,
    /// Entering the working directory.
    Directory,
    /// Executing the program.
    Execute,
}

impl Step {
    /// As a number for a frame.
    pub(super) fn to_number(self) -> i32 {
        match self {
            Step::Process => 0,
            Step::Directory => 1,
            Step::Execute => 2,
        }
    }

    /// From the number in a frame.
    pub(super) fn from_number(number: i32) -> Self {
        match number {
            1 => Step::Directory,
            2 => Step::Execute,
            _ => Step::Process,
        }
    }
}

/// What a guard reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    /// The command is executed.
    Started { pid: i32, guard: i32 },
    /// It could not be.
    Failed { step: Step, cause: Errno },
    /// It ended, and what is left is as the request asked for. Neither code nor signal: it could not be killed.
    Exited { code: Option<i32>, signal: Option<i32>, killed: u32 },
}

impl Report {
    /// As a frame.
    pub(super) fn to_frame(self) -> [u8; FRAME] {
        let numbers = match self {
            Report::Started { pid, guard } => [0, pid, guard, 0],
            Report::Failed { step, cause } => [1, step.to_number(), cause as i32, 0],
            Report::Exited { code: Some(code), killed, .. } => [2, code, 0, killed.cast_signed()],
            Report::Exited { signal: Some(signal), killed, .. } => [3, signal, 0, killed.cast_signed()],
            Report::Exited { killed, .. } => [4, 0, 0, killed.cast_signed()],
        };
        frame(numbers)
    }

    /// From a frame.
    pub(super) fn from_frame(bytes: [u8; FRAME]) -> Self {
        let [kind, a, b, c] = numbers(bytes);
        let killed = c.cast_unsigned();
        match kind {
            0 => Report::Started { pid: a, guard: b },
            1 => Report::Failed { step: Step::from_number(a), cause: Errno::from_raw(b) },
            2 => Report::Exited { code: Some(a), signal: None, killed },
            3 => Report::Exited { code: None, signal: Some(a), killed },
            _ => Report::Exited { code: None, signal: None, killed },
        }
    }
}

/// What a guard is told: end the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop {
    /// The signal that asks it to end.
    pub(super) signal: i32,
    /// How long it may take, in whole milliseconds.
    pub(super) grace: Duration,
}

impl Stop {
    /// As a frame. A grace beyond 24 days is cut to that.
    pub(super) fn to_frame(self) -> [u8; FRAME] {
        let grace = i32::try_from(self.grace.as_millis()).unwrap_or(i32::MAX);
        frame([self.signal, grace, 0, 0])
    }

    /// From a frame.
    pub(super) fn from_frame(bytes: [u8; FRAME]) -> Self {
        let [signal, grace, ..] = numbers(bytes);
        Self { signal, grace: Duration::from_millis(u64::from(grace.max(0).cast_unsigned())) }
    }
}

fn frame(numbers: [i32; 4]) -> [u8; FRAME] {
    let mut bytes = [0; FRAME];
    for (place, number) in bytes.chunks_exact_mut(4).zip(numbers) {
        place.copy_from_slice(&number.to_ne_bytes());
    }
    bytes
}

fn numbers(bytes: [u8; FRAME]) -> [i32; 4] {
    let mut numbers = [0; 4];
    for (number, place) in numbers.iter_mut().zip(bytes.chunks_exact(4)) {
        *number = place.try_into().map_or(0, i32::from_ne_bytes);
    }
    numbers
}
