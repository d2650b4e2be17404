//! Paths that may be half written: looked at a little later, unless their writer says first that it is done.
//! Called by `worker` only. Does not know: files.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

/// How long a writer gets to say that it is done. Then the path is looked at all the same, for there are writers who
/// never close; a content that is modified after that is another change. Long enough for every way to save:
/// truncate and write, move away and write anew.
const PATIENCE: Duration = Duration::from_millis(50);

/// The paths, in the order in which their time comes.
#[derive(Debug, Default)]
pub(super) struct Pending {
    due: HashMap<PathBuf, Instant>,
    order: BTreeSet<(Instant, PathBuf)>,
}

impl Pending {
    /// The path was modified `at` this moment, and is to be looked at. When it already is, its time stays, so that a
    /// steady writer cannot put it off.
    pub(super) fn add(&mut self, path: PathBuf, at: Instant) {
        if self.due.contains_key(&path) {
            return;
        }
        let due = at + PATIENCE;
        self.due.insert(path.clone(), due);
        self.order.insert((due, path));
    }

    /// The path has been looked at.
    pub(super) fn remove(&mut self, path: &Path) {
        if let Some((path, due)) = self.due.remove_entry(path) {
            self.order.remove(&(due, path));
        }
    }

    /// Nothing is to be looked at anymore.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether nothing is to be looked at.
    pub(super) fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    /// When the next path is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.order.first().map(|(due, _)| *due)
    }

    /// A path that is due now. It counts as looked at.
    pub(super) fn next_due(&mut self) -> Option<PathBuf> {
        if self.deadline()? > Instant::now() {
            return None;
        }
        let (_, path) = self.order.pop_first()?;
        self.due.remove(&path);
        if self.due.is_empty() {
            // An idle session holds no room for a burst.
            self.clear();
        }
        Some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_path_is_due_once_and_a_steady_writer_cannot_put_it_off() {
        let mut pending = Pending::default();
        pending.add("a".into(), Instant::now());
        pending.add("b".into(), Instant::now());
        tokio::time::advance(PATIENCE / 2).await;
        pending.add("a".into(), Instant::now());
        pending.remove(Path::new("b"));
        assert_eq!(pending.next_due(), None);
        tokio::time::advance(PATIENCE / 2).await;
        assert_eq!(pending.next_due(), Some("a".into()));
        assert_eq!((pending.next_due(), pending.deadline()), (None, None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_path_that_is_written_again_after_it_was_looked_at_is_due_again() {
        let mut pending = Pending::default();
        pending.add("a".into(), Instant::now());
        pending.remove(Path::new("a"));
        tokio::time::advance(PATIENCE / 2).await;
        pending.add("a".into(), Instant::now());
        tokio::time::advance(PATIENCE / 2).await;
        assert_eq!(pending.next_due(), None, "its time counts from the second writing");
        tokio::time::advance(PATIENCE / 2).await;
        assert_eq!(pending.next_due(), Some("a".into()));
    }
}
