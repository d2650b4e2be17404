//! Standard input. What a client sends should wake the thread that handles it, not one that only reads and passes it on.
//! Called by `lsp::serve_stdio`. Does not know: messages.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;

use tokio::io::AsyncRead;
use tokio::net::unix::pipe;

/// A reader of standard input: of a pipe or a socket without a thread of its own, else the ordinary one. Its descriptor must
/// not be read by anybody else. Must be called within tokio.
pub fn stdin() -> Box<dyn AsyncRead + Unpin + Send> {
    match unblocked() {
        Ok(Some(reader)) => reader,
        Ok(None) => Box::new(tokio::io::stdin()),
        Err(error) => {
            tracing::debug!("standard input is read by a thread: {error}");
            Box::new(tokio::io::stdin())
        }
    }
}

/// Whether a descriptor blocks is shared by all who hold the same open file. A terminal is the shell's as well, and a socket
/// may be our standard output too; those stay as they are.
fn unblocked() -> io::Result<Option<Box<dyn AsyncRead + Unpin + Send>>> {
    let copy = |descriptor: &dyn AsFd| descriptor.as_fd().try_clone_to_owned().map(File::from);
    let stdin = copy(&io::stdin())?;
    let found = stdin.metadata()?;
    if found.file_type().is_fifo() && cfg!(target_os = "linux") {
        // Opened anew, the file is ours alone.
        let reader = pipe::OpenOptions::new().open_receiver("/proc/self/fd/0")?;
        return Ok(Some(Box::new(reader)));
    }
    let is_answered = copy(&io::stdout())?.metadata().is_ok_and(|stdout| stdout.ino() == found.ino());
    if !found.file_type().is_socket() || is_answered {
        return Ok(None);
    }
    let stream = UnixStream::from(std::os::fd::OwnedFd::from(stdin));
    // Another kind of socket has no such address.
    stream.peer_addr()?;
    stream.set_nonblocking(true)?;
    Ok(Some(Box::new(tokio::net::UnixStream::from_std(stream)?)))
}
