//! Reads the two pipes of a command without buffering and without waiting for a leftover that holds them open. Used by
//! `build` and `service`. Does not know: lines, encodings.

use std::io::ErrorKind;
use std::os::fd::AsFd;

use nix::fcntl::{FcntlArg, fcntl};
use tokio::net::unix::pipe;
use tokio::task::coop;

/// The size of the largest chunk in bytes, and of what a pipe holds.
const CHUNK: usize = 64 * 1024;

/// Which of the two pipes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// The output of a command. The pipes are its only buffer: a command that writes faster than this is read has to wait.
#[derive(Debug)]
pub struct Reader<'a> {
    pipes: [Pipe<'a>; 2],
    buffer: Box<[u8]>,
    /// Which pipe is looked at first: the one that was not read last.
    turn: usize,
}

#[derive(Debug)]
struct Pipe<'a> {
    stream: Stream,
    receiver: &'a pipe::Receiver,
    rest: Rest,
}

/// What is still to be read from a pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Whatever comes.
    Open,
    /// At most so many bytes, and only what is there.
    Within(usize),
    /// Nothing.
    Ended,
}

impl<'a> Reader<'a> {
    pub(super) fn new(stdout: &'a pipe::Receiver, stderr: &'a pipe::Receiver) -> Self {
        let pipe = |stream, receiver| Pipe { stream, receiver, rest: Rest::Open };
        Self {
            pipes: [pipe(Stream::Stdout, stdout), pipe(Stream::Stderr, stderr)],
            buffer: vec![0; CHUNK].into(),
            turn: 0,
        }
    }

    /// Waits for the next chunk, of at most 64 KiB, in the order of arrival as far as two pipes have one. `None` when both have
    /// ended or, after `finish`, when nothing is left of what was written until then. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<(Stream, &[u8])> {
        loop {
            // Otherwise a flood would keep this thread for itself.
            coop::consume_budget().await;
            if let Some((stream, size)) = self.read() {
                return Some((stream, &self.buffer[..size]));
            }
            let [one, other] = &self.pipes;
            if one.rest != Rest::Open && other.rest != Rest::Open {
                return None;
            }
            tokio::select! {
                () = one.readable() => {}
                () = other.readable() => {}
            }
        }
    }

    /// Says that the command has ended: `next` then returns what it wrote until now and does not wait for more, even if a
    /// leftover holds the pipes open or goes on writing.
    pub fn finish(&mut self) {
        for pipe in &mut self.pipes {
            if pipe.rest == Rest::Open {
                pipe.rest = Rest::Within(pipe.capacity());
            }
        }
    }

    fn read(&mut self) -> Option<(Stream, usize)> {
        for _ in 0..self.pipes.len() {
            let pipe = &mut self.pipes[self.turn];
            self.turn = (self.turn + 1) % 2;
            if let Some(size) = pipe.read(&mut self.buffer) {
                return Some((pipe.stream, size));
            }
        }
        None
    }
}

impl Pipe<'_> {
    /// Reads what is there, if anything is.
    fn read(&mut self, buffer: &mut [u8]) -> Option<usize> {
        let read = match self.rest {
            Rest::Open => match self.receiver.try_read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                read => read.ok(),
            },
            // Not through tokio, which does not try when it has not heard yet of the last words of a command.
            Rest::Within(limit) => {
                let limit = limit.min(buffer.len());
                nix::unistd::read(self.receiver, &mut buffer[..limit]).ok()
            }
            Rest::Ended => return None,
        };
        match (read, &mut self.rest) {
            // The end, nothing there although we do not wait, or a pipe that cannot be read.
            (None | Some(0), rest) => {
                *rest = Rest::Ended;
                return None;
            }
            (Some(size), Rest::Within(rest)) => *rest -= size,
            (Some(_), Rest::Open | Rest::Ended) => {}
        }
        read
    }

    async fn readable(&self) {
        if self.rest != Rest::Open || self.receiver.readable().await.is_err() {
            // The other pipe decides. An error means that the runtime is going down.
            std::future::pending::<()>().await;
        }
    }

    /// What the pipe holds: more cannot have been written before `finish` without having been read.
    fn capacity(&self) -> usize {
        #[cfg(target_os = "linux")]
        if let Ok(Ok(size)) = fcntl(self.receiver.as_fd(), FcntlArg::F_GETPIPE_SZ).map(usize::try_from) {
            return size;
        }
        CHUNK
    }
}
