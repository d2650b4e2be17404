//! `ready = { notify = true }`: the run, or anything below it, sends `READY=1` to `NOTIFY_SOCKET`.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::UnixDatagram;

use super::Sign;

/// Longer messages are cut; systemd allows no longer ones either.
const MESSAGE: usize = 4096;

/// A datagram socket in a folder of its own that only we can enter. Both are gone when it is dropped.
#[derive(Debug)]
pub(super) struct Notify {
    // Dropped before the folder.
    datagrams: UnixDatagram,
    folder: Folder,
    is_ready: bool,
}

impl Notify {
    pub(super) fn new() -> Result<Self, String> {
        let place = dirs::runtime_dir().filter(|dir| dir.is_dir()).unwrap_or_else(std::env::temp_dir);
        let failed = |error: io::Error| {
            format!(
                "could not make the socket of `ready.notify` in `{}`: {error} (help: set XDG_RUNTIME_DIR or TMPDIR to a folder with a short path)",
                place.display()
            )
        };
        let folder = Folder::new(&place).map_err(failed)?;
        let datagrams = UnixDatagram::bind(folder.socket()).map_err(failed)?;
        Ok(Self { datagrams, folder, is_ready: false })
    }

    pub(super) fn socket(&self) -> &Path {
        self.folder.socket()
    }

    pub(super) async fn wait(&mut self) {
        let mut message = [0; MESSAGE];
        while !self.is_ready {
            match self.datagrams.recv(&mut message).await {
                Ok(length) => self.is_ready = says_ready(&message[..length]),
                Err(error) => {
                    tracing::debug!(%error, "could not read from the notify socket");
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    /// Takes messages off the socket for as long as it is polled.
    pub(super) async fn drain(&mut self) {
        let mut message = [0; MESSAGE];
        while self.datagrams.recv(&mut message).await.is_ok() {}
        std::future::pending::<()>().await;
    }

    pub(super) fn sign(&self) -> Option<Sign> {
        self.is_ready.then_some(Sign::Own)
    }
}

fn says_ready(message: &[u8]) -> bool {
    message.split(|byte| *byte == b'\n').any(|line| line == b"READY=1")
}

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    socket: PathBuf,
}

impl Folder {
    fn new(place: &Path) -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = place.join(format!("reload-lsp-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { socket: path.join("notify"), path }),
                // Left behind by a process that had our pid and was killed, or put there by somebody: never entered.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.socket);
        let _ = fs::remove_dir(&self.path);
    }
}
