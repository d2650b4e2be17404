//! Which directories are watched, and how: each by itself, never files, never what is ignored. Natively where that works,
//! by looking again and again elsewhere. Called by `worker` and `walk`. Does not know: filters, contents.

mod limits;
mod mount;
mod native;
mod poll;

use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use notify::{RecommendedWatcher, Watcher};

use super::fingerprint::Fingerprints;
use super::queue::Queue;
use super::{How, Mode, Plan};
use limits::Limit;
use native::{PER_DIRECTORY, Refusal};
use poll::{Listing, Shared};

pub(super) use mount::{RemoteAt, remote_at};

/// The watched directories. Shared by the worker, the walk and the thread that polls.
#[derive(Debug)]
pub(super) struct Tree {
    inner: Mutex<Inner>,
    known: Arc<Fingerprints>,
    queue: Arc<Queue>,
    mode: Mode,
    interval: Duration,
    remote_at: RemoteAt,
    this: Weak<Self>,
}

#[derive(Debug, Default)]
struct Inner {
    root: PathBuf,
    watched: BTreeMap<PathBuf, Way>,
    watcher: Option<RecommendedWatcher>,
    /// True once the system has refused a watch; it is not asked again until something may have been given back.
    is_full: bool,
    /// How many directories are looked at, and how many of these because they were refused.
    polled: usize,
    refused: usize,
    /// What the refused directories lack, and that in words.
    lacking: Option<(Limit, String)>,
    /// Ends the thread that polls when it is dropped.
    poller: Option<Sender<()>>,
    /// Which file systems are remote, by device.
    remote: HashMap<u64, bool>,
}

/// How a directory is watched.
#[derive(Debug)]
enum Way {
    /// The system tells of it.
    Native,
    /// We look at it, because that is what is wanted, or because of its file system.
    Polled(Shared),
    /// We look at it until the system gives us a watch.
    Refused(Shared),
    /// Somebody else tells of it.
    Client,
}

/// What is watched how.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) how: How,
    pub(super) directories: usize,
    pub(super) polled: usize,
    pub(super) degraded: Option<String>,
}

impl Tree {
    /// Watches nothing yet. What happens in watched directories is told to `queue`; of polled ones, what happens to files
    /// that are `known`.
    pub(super) fn new(
        plan: &Plan,
        known: Arc<Fingerprints>,
        queue: Arc<Queue>,
        remote_at: RemoteAt,
    ) -> Arc<Self> {
        let inner = Inner { root: plan.root.clone(), ..Inner::default() };
        Arc::new_cyclic(|this| Self {
            inner: Mutex::new(inner),
            known,
            queue,
            mode: plan.mode,
            interval: plan.poll_interval,
            remote_at,
            this: this.clone(),
        })
    }

    /// Watches a directory, also when it already was: it may be another one by now.
    pub(super) fn watch(&self, directory: &Path) {
        let is_polled = match self.mode {
            Mode::Off => return,
            Mode::Client if directory.starts_with(&self.lock().root) => {
                return self.lock().put(directory, Way::Client);
            }
            Mode::Poll => true,
            Mode::Native => false,
            Mode::Auto | Mode::Client | Mode::Watchman => self.is_remote(directory),
        };
        if is_polled {
            return self.poll(directory, Way::Polled);
        }
        let answer = self.lock().watch_natively(directory, self);
        match answer {
            Ok(()) | Err(Refusal::Nothing) => {}
            Err(Refusal::Unsupported) => self.poll(directory, Way::Polled),
            Err(Refusal::Limit(_)) => self.poll(directory, Way::Refused),
        }
    }

    fn poll(&self, directory: &Path, way: fn(Shared) -> Way) {
        // Without the lock: it may take its time.
        let listing = Arc::new(Mutex::new(Listing::of(directory)));
        let mut inner = self.lock();
        inner.put(directory, way(listing));
        if inner.poller.is_none() {
            let (sender, stop) = channel();
            inner.poller = Some(sender);
            poll::start(self.this.clone(), self.interval, stop);
        }
    }

    fn is_remote(&self, directory: &Path) -> bool {
        let Ok(device) = directory.metadata().map(|metadata| metadata.dev()) else { return false };
        if let Some(known) = self.lock().remote.get(&device) {
            return *known;
        }
        let name = (self.remote_at)(directory);
        if let Some(name) = name {
            tracing::info!("{} is polled: it lies on {name}", directory.display());
        }
        self.lock().remote.insert(device, name.is_some());
        name.is_some()
    }

    /// True when the directory is watched.
    pub(super) fn is_watched(&self, directory: &Path) -> bool {
        self.lock().watched.contains_key(directory)
    }

    /// Drops the watches of a directory and of everything below it.
    pub(super) fn unwatch_below(&self, directory: &Path) {
        let mut inner = self.lock();
        let below = inner.watched.range(directory.to_owned()..).map(|(watched, _)| watched);
        let below: Vec<_> = below.take_while(|watched| watched.starts_with(directory)).cloned().collect();
        for directory in below {
            inner.unwatch(&directory);
        }
    }

    /// Drops the watches of all directories that are not wanted.
    pub(super) fn retain(&self, is_wanted: impl Fn(&Path) -> bool) {
        let all: Vec<_> = self.lock().watched.keys().cloned().collect();
        for directory in all.iter().filter(|directory| !is_wanted(directory)) {
            self.lock().unwatch(directory);
        }
    }

    /// Drops everything. Watches that were refused are tried again from now on.
    pub(super) fn reset(&self, root: &Path) {
        *self.lock() = Inner { root: root.to_owned(), ..Inner::default() };
    }

    /// Tries again what was refused, and asks again where directories lie.
    pub(super) fn try_again(&self) {
        let mut inner = self.lock();
        inner.is_full = false;
        inner.remote.clear();
    }

    /// When this returns, all that the system has seen so far, and all that one look at what is polled has found, has been
    /// told to the queue. What others watch for us is as far as they have told.
    pub(super) fn catch_up(&self) {
        self.lock().ask_twice();
        poll::look_around(self);
    }

    /// What is watched how, and why some of it not as it should be.
    pub(super) fn state(&self) -> State {
        let inner = self.lock();
        let (directories, polled) = (inner.watched.len(), inner.polled);
        let how = match self.mode {
            Mode::Off => How::Off,
            Mode::Client => How::Client,
            Mode::Watchman => How::Watchman,
            Mode::Poll => How::Poll,
            Mode::Auto | Mode::Native if polled == 0 => How::Native,
            Mode::Auto | Mode::Native if polled == directories => How::Poll,
            Mode::Auto | Mode::Native => How::Mixed,
        };
        let lacking = inner.lacking.as_ref().filter(|_| inner.refused > 0);
        State { how, directories, polled, degraded: lacking.map(|(_, text)| text.clone()) }
    }

    /// Everything to look at; `None` if there is nothing, and then the thread is to end.
    fn polled(&self) -> Option<Vec<(PathBuf, Shared)>> {
        let mut inner = self.lock();
        // Something may have been given back since the last look.
        inner.is_full = false;
        let listings = inner.watched.iter().filter_map(|(directory, way)| match way {
            Way::Polled(listing) | Way::Refused(listing) => Some((directory.clone(), listing.clone())),
            Way::Native | Way::Client => None,
        });
        let polled: Vec<_> = listings.collect();
        if polled.is_empty() {
            inner.poller = None;
            return None;
        }
        Some(polled)
    }

    /// The directory above tells of this one again once it is back.
    fn forget_in_parent(&self, directory: &Path) {
        let (Some(parent), Some(name)) = (directory.parent(), directory.file_name()) else { return };
        let listing = match self.lock().watched.get(parent) {
            Some(Way::Polled(listing) | Way::Refused(listing)) => listing.clone(),
            Some(Way::Native | Way::Client) | None => return,
        };
        listing.lock().unwrap_or_else(PoisonError::into_inner).forget(name);
    }

    /// Asks for the watch that was refused, if it was. True when it is there now. The first refusal of a look holds for
    /// the rest of it.
    fn try_natively(&self, directory: &Path) -> bool {
        let mut inner = self.lock();
        let was_refused = matches!(inner.watched.get(directory), Some(Way::Refused(_)));
        was_refused && inner.watch_natively(directory, self).is_ok()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn put(&mut self, directory: &Path, way: Way) {
        self.take(directory);
        self.polled += usize::from(matches!(way, Way::Polled(_) | Way::Refused(_)));
        self.refused += usize::from(matches!(way, Way::Refused(_)));
        self.watched.insert(directory.to_owned(), way);
    }

    fn take(&mut self, directory: &Path) -> Option<Way> {
        let way = self.watched.remove(directory)?;
        self.polled -= usize::from(matches!(way, Way::Polled(_) | Way::Refused(_)));
        self.refused -= usize::from(matches!(way, Way::Refused(_)));
        Some(way)
    }

    fn watch_natively(&mut self, directory: &Path, tree: &Tree) -> Result<(), Refusal> {
        let is_root = directory == self.root;
        let is_covered = !PER_DIRECTORY && !is_root && directory.starts_with(&self.root);
        let answer = if is_covered { Ok(()) } else { self.ask_for_watch(directory, is_root, &tree.queue) };
        match answer {
            Ok(()) => self.put(directory, Way::Native),
            Err(Refusal::Limit(limit)) if !self.is_full => {
                self.is_full = true;
                self.lacking = Some((limit, limit.explain(tree.interval)));
            }
            Err(_) => {}
        }
        answer
    }

    fn ask_for_watch(&mut self, directory: &Path, is_root: bool, queue: &Arc<Queue>) -> Result<(), Refusal> {
        if let Some((limit, _)) = self.lacking.as_ref().filter(|_| self.is_full) {
            return Err(Refusal::Limit(*limit));
        }
        let watcher = match &mut self.watcher {
            Some(watcher) => watcher,
            none => none.insert(native::open(queue)?),
        };
        native::watch(watcher, directory, is_root)
    }

    /// The thread that reads the events of the system takes up the second question only after it has read what was there
    /// at the first.
    fn ask_twice(&mut self) {
        let is_native = |directory: &Path| matches!(self.watched.get(directory), Some(Way::Native));
        let is_asked = |directory: &Path| PER_DIRECTORY || !directory.starts_with(&self.root);
        let others = || self.watched.keys().find(|other| is_native(other) && is_asked(other));
        let root = Some(&self.root).filter(|root| is_native(root));
        let Some(directory) = root.or_else(others).cloned() else { return };
        let (is_root, watcher) = (directory == self.root, self.watcher.as_mut());
        let Some(watcher) = watcher else { return };
        for _ in 0..2 {
            if native::watch(watcher, &directory, is_root).is_err() {
                tracing::debug!("{} is gone while it is asked about", directory.display());
            }
        }
    }

    fn unwatch(&mut self, directory: &Path) {
        let Some(Way::Native) = self.take(directory) else { return };
        self.is_full = false;
        if let Some(watcher) = &mut self.watcher
            && let Err(error) = watcher.unwatch(directory)
        {
            // The system has dropped it with the directory.
            tracing::trace!("no watch to drop on {}: {error}", directory.display());
        }
    }
}
