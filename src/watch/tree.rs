//! Which directories are watched: each by itself, never files, never what is ignored. Called by `worker` and `walk`.
//! Does not know: filters, contents.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::queue::{Hint, News, Queue};

/// Linux wants one watch for each directory, and events are exact. Elsewhere the watch of the root covers everything
/// below it at no cost; events of ignored directories then arrive as well and are dropped.
const PER_DIRECTORY: bool = cfg!(target_os = "linux");

const NO_MORE_WATCHES: &str = "the system allows no more watches: what is modified in some directories is seen only \
    when the editor saves (help: sudo sysctl fs.inotify.max_user_watches=1048576)";
const NO_MORE_INSTANCES: &str = "the system allows no more watchers: only what the editor saves is seen \
    (help: sudo sysctl fs.inotify.max_user_instances=1024, or raise `ulimit -n`)";

/// The watched directories. Shared by the worker and the walk.
#[derive(Debug)]
pub(super) struct Tree {
    inner: Mutex<Inner>,
    queue: Arc<Queue>,
}

#[derive(Debug, Default)]
struct Inner {
    root: PathBuf,
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    degraded: Option<String>,
    /// True once the system has refused a watch; it is not asked again until something is given back.
    is_full: bool,
}

impl Tree {
    /// Watches nothing yet. What happens in watched directories is told to `queue`.
    pub(super) fn new(root: &Path, queue: Arc<Queue>) -> Self {
        let inner = Inner { root: root.to_owned(), ..Inner::default() };
        Self { inner: Mutex::new(inner), queue }
    }

    /// Watches a directory, also when it already was: it may be another one by now.
    pub(super) fn watch(&self, directory: &Path) {
        let mut inner = self.lock();
        let is_root = directory == inner.root;
        if inner.is_full {
            return;
        }
        if !PER_DIRECTORY && !is_root && directory.starts_with(&inner.root) {
            inner.watched.insert(directory.to_owned());
            return;
        }
        if inner.watcher.is_none() && !inner.open(&self.queue) {
            return;
        }
        let is_alone = PER_DIRECTORY || !is_root;
        let mode = if is_alone { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
        let Some(watcher) = &mut inner.watcher else { return };
        match watcher.watch(directory, mode) {
            Ok(()) => {
                inner.watched.insert(directory.to_owned());
            }
            Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
                inner.is_full = true;
                inner.degraded = Some(NO_MORE_WATCHES.to_owned());
            }
            // It is gone already, or not ours to read.
            Err(error) => tracing::debug!("could not watch {}: {error}", directory.display()),
        }
    }

    /// True when the directory has a watch.
    pub(super) fn is_watched(&self, directory: &Path) -> bool {
        self.lock().watched.contains(directory)
    }

    /// Drops the watches of a directory and of everything below it.
    pub(super) fn unwatch_below(&self, directory: &Path) {
        let mut inner = self.lock();
        let below = inner.watched.range(directory.to_owned()..);
        let below: Vec<_> = below.take_while(|watched| watched.starts_with(directory)).cloned().collect();
        for directory in below {
            inner.unwatch(&directory);
        }
    }

    /// Drops the watches of all directories that are not wanted.
    pub(super) fn retain(&self, is_wanted: impl Fn(&Path) -> bool) {
        let all: Vec<_> = self.lock().watched.iter().cloned().collect();
        for directory in all.iter().filter(|directory| !is_wanted(directory)) {
            self.lock().unwatch(directory);
        }
    }

    /// Drops everything. Watches that were refused are tried again from now on.
    pub(super) fn reset(&self, root: &Path) {
        *self.lock() = Inner { root: root.to_owned(), ..Inner::default() };
    }

    /// Tries again what was refused.
    pub(super) fn try_again(&self) {
        let mut inner = self.lock();
        inner.is_full = false;
        inner.degraded = None;
    }

    /// When this returns, all that the system has seen so far has been told to the queue: the thread that reads its events
    /// takes up the second question only after it has read what was there at the first.
    pub(super) fn catch_up(&self) {
        let mut inner = self.lock();
        let root = inner.root.clone();
        if !inner.watched.contains(&root) {
            return;
        }
        let mode = if PER_DIRECTORY { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
        for _ in 0..2 {
            if let Some(Err(error)) = inner.watcher.as_mut().map(|watcher| watcher.watch(&root, mode)) {
                tracing::debug!("could not ask the watcher: {error}");
            }
        }
    }

    /// How many directories have a watch, and why some have none.
    pub(super) fn state(&self) -> (usize, Option<String>) {
        let inner = self.lock();
        (inner.watched.len(), inner.degraded.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Asks the system for a watcher. False if it gives none.
    fn open(&mut self, queue: &Arc<Queue>) -> bool {
        let queue = queue.clone();
        match notify::recommended_watcher(move |result| translate(result, &queue)) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => {
                tracing::debug!("could not watch at all: {error}");
                self.is_full = true;
                self.degraded = Some(NO_MORE_INSTANCES.to_owned());
            }
        }
        self.watcher.is_some()
    }

    fn unwatch(&mut self, directory: &Path) {
        self.watched.remove(directory);
        self.is_full = false;
        if let Some(watcher) = &mut self.watcher
            && let Err(error) = watcher.unwatch(directory)
        {
            // The system has dropped it with the directory.
            tracing::trace!("no watch to drop on {}: {error}", directory.display());
        }
    }
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
