//! Walks the whole tree in the background: watches every directory before it is listed, takes over the contents that
//! are simply there, and sends the worker to all that may have been modified. Saves are answered meanwhile.
//! Called by `worker` only. Does not know: services, what is reported.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::fingerprint::{self, FileTime};
use super::ground::Ground;
use super::queue::News;

/// More threads than this only wait for the disk, and the first build wants the processors.
const THREADS: usize = 4;

/// A walk that goes on. Dropping it ends it soon, and it tells nothing more.
#[derive(Debug)]
pub(super) struct Walk {
    /// Told when it is done.
    pub(super) number: u64,
    /// What is unknown and was modified at this moment or later is a change; what is older is simply there.
    pub(super) since: FileTime,
    is_cancelled: Arc<AtomicBool>,
}

impl Drop for Walk {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

/// Starts a walk on threads of its own.
pub(super) fn start(ground: Ground, number: u64, since: FileTime) -> Walk {
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let walk = Walk { number, since, is_cancelled: is_cancelled.clone() };
    let spawned = std::thread::Builder::new().name("reload-walk".to_owned()).spawn(move || {
        run(&ground, since, &is_cancelled);
        if !is_cancelled.load(Ordering::Relaxed) {
            ground.queue.tell(News::Walked(number));
        }
    });
    if let Err(error) = spawned {
        tracing::warn!("could not start a thread to walk the tree: {error}");
    }
    walk
}

fn run(ground: &Ground, since: FileTime, is_cancelled: &Arc<AtomicBool>) {
    let known = ground.fingerprints.paths();
    run_from(&ground.root, ground, since, is_cancelled);
    // Symlinks may lead to where the way from the root is ignored. There may be more symlinks there.
    let mut walked = BTreeSet::new();
    while let Some(directory) = ground.aliases.directories().difference(&walked).next().cloned() {
        // What the filter enters by itself was on the way.
        if !ground.filter.enters(&directory) && ground.enters(&directory) {
            run_from(&directory, ground, since, is_cancelled);
        }
        walked.insert(directory);
    }
    for path in known {
        if is_cancelled.load(Ordering::Relaxed) {
            return;
        }
        if ground.concern(&path).is_none() {
            ground.fingerprints.remove(&path);
        } else if !ground.fingerprints.is_untouched(&path) {
            ground.queue.tell(News::Suspect(path.into()));
        }
    }
}

fn run_from(start: &Path, ground: &Ground, since: FileTime, is_cancelled: &Arc<AtomicBool>) {
    ground.tree.watch(start);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    let mut builder = WalkBuilder::new(start);
    builder.standard_filters(false).follow_links(false).threads(threads);
    let (entered, is_over) = (ground.clone(), is_cancelled.clone());
    builder.filter_entry(move |entry| {
        if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
            return true;
        }
        let is_entered = !is_over.load(Ordering::Relaxed) && entered.enters(entry.path());
        if is_entered && entry.depth() > 0 {
            // Before it is listed: what comes into being between the two would be lost otherwise.
            entered.tree.watch(entry.path());
        }
        is_entered
    });
    builder.build_parallel().run(|| {
        let mut buffer = Vec::new();
        Box::new(move |entry| {
            if is_cancelled.load(Ordering::Relaxed) {
                return WalkState::Quit;
            }
            match entry {
                Ok(entry) => visit(ground, since, &entry, &mut buffer),
                Err(error) => tracing::debug!("could not walk: {error}"),
            }
            WalkState::Continue
        })
    });
}

fn visit(ground: &Ground, since: FileTime, entry: &DirEntry, buffer: &mut Vec<u8>) {
    let path = entry.path();
    let Some(kind) = entry.file_type() else { return };
    if kind.is_symlink() {
        ground.note_link(path);
    }
    if kind.is_dir() || ground.concern(path).is_none() {
        return;
    }
    let is_simply_there = if ground.fingerprints.contains(path) {
        ground.fingerprints.is_untouched(path)
    } else {
        fingerprint::read(path, buffer).is_some_and(|seen| {
            // It may have been removed and reported so while it was read: then what was just recorded is wrong.
            seen.modified < since
                && ground.fingerprints.record_first(path, seen)
                && FileTime::of_path(path) == Some(seen.modified)
        })
    };
    if !is_simply_there {
        ground.queue.tell(News::Suspect(path.to_owned()));
    }
}
