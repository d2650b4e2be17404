//! When a program is executed, seen from outside: the system opens its file then. Its own first act comes much later, because
//! a program has to be loaded and has to start. Called by `saves`. Does not know: who executes it.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use notify::event::{AccessKind, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

/// The executions of one program since this was made.
pub(crate) struct Execs {
    seen: Arc<Mutex<Vec<SystemTime>>>,
    /// It sees nothing anymore when this is dropped.
    _watcher: RecommendedWatcher,
}

impl Execs {
    /// Watches the file of the program.
    pub(crate) fn of(program: &Path) -> io::Result<Self> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = seen.clone();
        let note = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| matches!(event.kind, EventKind::Access(AccessKind::Open(_)))) {
                sink.lock().unwrap_or_else(PoisonError::into_inner).push(SystemTime::now());
            }
        };
        let mut watcher = notify::recommended_watcher(note).map_err(io::Error::other)?;
        watcher.watch(program, RecursiveMode::NonRecursive).map_err(io::Error::other)?;
        Ok(Self { seen, _watcher: watcher })
    }

    /// The first one after `moment`. An error where the system does not tell who opens a file.
    pub(crate) fn first_after(&self, moment: SystemTime) -> io::Result<SystemTime> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let first = seen.iter().find(|exec| **exec >= moment).copied();
        first.ok_or_else(|| io::Error::other("no execution was seen: this can be measured on Linux only"))
    }
}
