//! The system's own watcher: opened, and its events as news. Called by `tree` only.
//! Does not know: which directories, filters.

use std::io::ErrorKind as IoKind;
use std::path::Path;
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::limits::Limit;
use crate::watch::queue::{Hint, News, Queue};

/// Linux wants one watch for each directory, and events are exact. Elsewhere the watch of the root covers everything
/// below it at no cost; events of ignored directories then arrive as well and are dropped.
pub(super) const PER_DIRECTORY: bool = cfg!(target_os = "linux");

/// Why a directory can't be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The system has nothing left to give.
    Limit(Limit),
    /// Its file system knows no events.
    Unsupported,
    /// It is gone, or not ours to read.
    Nothing,
}

/// Asks the system for a watcher that tells `queue`.
pub(super) fn open(queue: &Arc<Queue>) -> Result<RecommendedWatcher, Refusal> {
    let queue = queue.clone();
    notify::recommended_watcher(move |result| translate(result, &queue)).map_err(|error| {
        tracing::debug!("could not watch at all: {error}");
        Refusal::Limit(Limit::of_watchers())
    })
}

/// Watches a directory, also when it already was: it may be another one by now.
pub(super) fn watch(
    watcher: &mut RecommendedWatcher,
    directory: &Path,
    is_root: bool,
) -> Result<(), Refusal> {
    let is_alone = PER_DIRECTORY || !is_root;
    let mode = if is_alone { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
    watcher.watch(directory, mode).map_err(|error| {
        tracing::debug!("could not watch {}: {error}", directory.display());
        match &error.kind {
            ErrorKind::MaxFilesWatch => Refusal::Limit(Limit::Watches),
            ErrorKind::Io(error) if matches!(error.kind(), IoKind::NotFound | IoKind::PermissionDenied) => {
                Refusal::Nothing
            }
            ErrorKind::Io(_) => Refusal::Unsupported,
            ErrorKind::Generic(_)
            | ErrorKind::PathNotFound
            | ErrorKind::WatchNotFound
            | ErrorKind::InvalidConfig(_) => Refusal::Nothing,
        }
    })
}

/// Runs on the thread of `notify`: sorts out what nobody needs to be woken for.
fn translate(result: notify::Result<Event>, queue: &Queue) {
    let event = match result {
        Ok(event) => event,
        Err(error) => {
            tracing::debug!("could not read an event: {error}");
            queue.tell(News::Dropped);
            return;
        }
    };
    if event.need_rescan() {
        queue.tell(News::Dropped);
    }
    let Some(hint) = hint(event.kind) else { return };
    for path in event.paths {
        queue.tell(News::Disk(hint, path));
    }
}

fn hint(kind: EventKind) -> Option<Hint> {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Some(Hint::Settled),
        // Reading is no modification, and `Both` repeats `From` and `To`.
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => None,
        EventKind::Create(_) => Some(Hint::Appeared),
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Some(Hint::Vanished),
        EventKind::Modify(ModifyKind::Metadata(_)) => Some(Hint::Touched),
        EventKind::Any | EventKind::Modify(_) | EventKind::Other => Some(Hint::Written),
    }
}
