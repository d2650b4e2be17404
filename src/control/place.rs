//! Where the socket of a session lies, and who may have it. Called by `server` and `client`.
//! Does not know: what is said over it.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Something is not as only we could have made it.
    #[error(
        "the folder {path} is not ours alone (help: remove it; it must be a folder of yours with mode 700)"
    )]
    Foreign {
        /// Which folder.
        path: PathBuf,
    },
    /// The system says no.
    #[error("could not use {path}: {cause} (help: set XDG_RUNTIME_DIR to a folder that you alone may write)")]
    Refused {
        /// Which path.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// A socket that we listen on; its name goes with it.
#[derive(Debug)]
pub(super) struct Seat {
    /// Not blocking.
    pub(super) listener: UnixListener,
    path: PathBuf,
}

/// What became of the wish for a seat.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is ours.
    Ours(Seat),
    /// Another session of the same root has it. The connection ends with that.
    Theirs(UnixStream),
}

/// The name of the socket of a root: absolute, symlinks resolved.
fn name(root: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let hash = blake3::hash(root.as_os_str().as_bytes()).to_hex();
    format!("{}.sock", &hash[..24])
}

/// The folders in which a socket may lie, the best first.
fn folders() -> Vec<PathBuf> {
    let shared = std::env::temp_dir().join(format!("reload-lsp-{}", geteuid()));
    let runtime = dirs::runtime_dir().map(|folder| folder.join("reload-lsp"));
    runtime.into_iter().chain([shared]).collect()
}

/// Where the socket of `root` may be: whoever looks for it may have another environment than who serves it.
pub(super) fn candidates(root: &Path) -> Vec<PathBuf> {
    let name = name(root);
    let safe = folders().into_iter().filter(|folder| is_ours_alone(folder));
    safe.map(|folder| folder.join(&name)).collect()
}

/// Takes the seat of `root`. Blocks for a moment.
pub(super) fn take(root: &Path) -> Result<Taken, PlaceError> {
    let mut refusal = None;
    for folder in folders() {
        match prepare(&folder).and_then(|()| take_in(&folder, root)) {
            Ok(taken) => return Ok(taken),
            Err(error) => refusal = Some(error),
        }
    }
    Err(refusal.unwrap_or_else(|| PlaceError::Foreign { path: std::env::temp_dir() }))
}

/// Makes the folder, or sees to it that nobody else has made it for us.
fn prepare(folder: &Path) -> Result<(), PlaceError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|cause| PlaceError::Refused { path: folder.to_owned(), cause })?;
    if is_ours_alone(folder) { Ok(()) } else { Err(PlaceError::Foreign { path: folder.to_owned() }) }
}

fn is_ours_alone(folder: &Path) -> bool {
    let is_ours = |metadata: Metadata| {
        let is_private = metadata.mode() & 0o777 == 0o700;
        metadata.is_dir() && metadata.uid() == geteuid().as_raw() && is_private
    };
    fs::symlink_metadata(folder).is_ok_and(is_ours)
}

/// One lock for all names of the folder, held for as long as it takes to look and to bind: so nobody removes a socket that
/// somebody else has just bound.
fn take_in(folder: &Path, root: &Path) -> Result<Taken, PlaceError> {
    let path = folder.join(name(root));
    let refused = |cause| PlaceError::Refused { path: path.clone(), cause };
    let lock = lock(folder).map_err(refused)?;
    let taken = match UnixStream::connect(&path) {
        Ok(other) => Taken::Theirs(other),
        Err(_) => Taken::Ours(bind(&path).map_err(refused)?),
    };
    drop(lock);
    Ok(taken)
}

fn lock(folder: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(folder.join("lock"))?;
    file.lock()?;
    Ok(file)
}

fn bind(path: &Path) -> io::Result<Seat> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    // Nobody else gets through the folder meanwhile.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok(Seat { listener, path: path.to_owned() })
}

impl Drop for Seat {
    /// While we still listen: whoever waits for our end finds the name free.
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!("could not remove {}: {error}", self.path.display());
        }
    }
}
