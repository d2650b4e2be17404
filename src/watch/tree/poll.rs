//! Looks again and again at directories that nobody tells about. One thread, there only while there are such directories;
//! it tells the queue where something may have been modified, and everything after that is as for native events.
//! Called by `tree` only. Does not know: filters, contents.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::Tree;
use crate::watch::fingerprint::{FileTime, Fingerprints};
use crate::watch::queue::{Hint, News, Queue};

/// A look costs about 1.5 µs for each file. However many there are, no more than this part of one processor is spent on it.
const SHARE: u32 = 10;

/// Some file systems keep no times of directories: every so many looks they are listed whatever their time says.
const LIST_ANYWAY: u32 = 10;

/// A directory as it was at the last look.
#[derive(Debug)]
pub(super) struct Listing {
    names: BTreeSet<OsString>,
    stamp: FileTime,
    is_there: bool,
    looks: u32,
}

impl Listing {
    /// As it is now: what comes, goes or is written from now on is told.
    pub(super) fn of(directory: &Path) -> Self {
        let mut listing = Self { names: BTreeSet::new(), stamp: FileTime::NEVER, is_there: true, looks: 0 };
        if let Some((names, stamp)) = list(directory) {
            (listing.names, listing.stamp) = (names, stamp);
        }
        listing
    }

    /// The next look tells that this name appeared, if it is there.
    pub(super) fn forget(&mut self, name: &OsStr) {
        self.names.remove(name);
        self.stamp = FileTime::NEVER;
    }

    /// Looks at the directory, and at those of its files that are known. False if it is gone.
    fn look(&mut self, directory: &Path, known: &Fingerprints, queue: &Queue) -> bool {
        self.looks += 1;
        let metadata = match directory.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => metadata,
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                // A server that does not answer has removed nothing.
                tracing::debug!("could not look at {}: {error}", directory.display());
                return true;
            }
            Ok(_) | Err(_) => {
                if std::mem::replace(&mut self.is_there, false) {
                    queue.tell(News::Disk(Hint::Vanished, directory.to_owned()));
                }
                return false;
            }
        };
        if !std::mem::replace(&mut self.is_there, true) {
            queue.tell(News::Disk(Hint::Appeared, directory.to_owned()));
        }
        for name in &self.names {
            let path = directory.join(name);
            if known.contains(&path) && !known.is_untouched(&path) {
                queue.tell(News::Disk(Hint::Written, path));
            }
        }
        if (FileTime::of(&metadata) != self.stamp || self.looks.is_multiple_of(LIST_ANYWAY))
            && let Some((names, stamp)) = list(directory)
        {
            for name in self.names.symmetric_difference(&names) {
                let hint = if names.contains(name) { Hint::Appeared } else { Hint::Vanished };
                queue.tell(News::Disk(hint, directory.join(name)));
            }
            (self.names, self.stamp) = (names, stamp);
        }
        true
    }
}

/// The names in a directory, and its time before it was listed, as far as that can be relied upon.
fn list(directory: &Path) -> Option<(BTreeSet<OsString>, FileTime)> {
    let stamp = FileTime::of_path(directory)?.if_settled();
    let entries = directory.read_dir().ok()?;
    Some((entries.flatten().map(|entry| entry.file_name()).collect(), stamp))
}

/// Starts the thread. It ends when there is nothing to look at anymore, with the tree, or when the other end of `stop` is
/// dropped.
pub(super) fn start(tree: Weak<Tree>, interval: Duration, stop: Receiver<()>) {
    let spawned = std::thread::Builder::new().name("reload-poll".to_owned()).spawn(move || {
        let mut pause = interval;
        while stop.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            let Some(tree) = tree.upgrade() else { return };
            let before = cpu_time();
            if !look_around(&tree) {
                return;
            }
            pause = interval.max(cpu_time().saturating_sub(before) * SHARE);
        }
    });
    if let Err(error) = spawned {
        tracing::error!("could not start the thread that looks for modifications: {error}");
    }
}

/// One look at everything. False if there is nothing left to look at.
pub(super) fn look_around(tree: &Tree) -> bool {
    let Some(polled) = tree.polled() else { return false };
    let mut has_recovered = false;
    for (directory, listing) in polled {
        // First a watch, then the last look: nothing falls between the two.
        has_recovered |= tree.try_natively(&directory);
        let mut listing = listing.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = listing.look(&directory, &tree.known, &tree.queue);
        drop(listing);
        if !is_there {
            // It may be back before anybody looks above it, and it is watched no longer.
            tree.forget_in_parent(&directory);
        }
    }
    if has_recovered {
        tree.queue.tell(News::Recovered);
    }
    true
}

/// What this thread has cost so far.
fn cpu_time() -> Duration {
    let clock = nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID;
    nix::time::clock_gettime(clock).map(Duration::from).unwrap_or_default()
}

/// A listing that the thread looks at while the tree may forget it.
pub(super) type Shared = Arc<Mutex<Listing>>;
