//! What waits for the worker, in two lines: what a person did is served before what the disk says.
//! Called by `watch` (one end), `worker` (the other), `tree` and `walk`. Does not know: what is done about it.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::fingerprint::FileTime;
use super::worker::Word;
use super::{Glance, Plan};
use crate::engine::SaveReason;

/// What a person did.
#[derive(Debug)]
pub(super) enum Wish {
    /// The editor saved a path.
    Saved(PathBuf, SaveReason),
    /// The session has read the configuration as it was then.
    Read(Glance),
    /// Somebody wants to know when everything that is on disk now has been told.
    CatchUp(u64),
    /// Something else is to be watched; what was modified from then on is a change.
    Plan(Box<Plan>, FileTime),
}

/// What the disk says.
#[derive(Debug)]
pub(super) enum News {
    /// A path was modified.
    Disk(Hint, PathBuf),
    /// The system had to drop events: anything may have been modified.
    Dropped,
    /// A walk found a file that may have been modified since watching began.
    Suspect(PathBuf),
    /// The walk with this number is done.
    Walked(u64),
    /// What the conversation with Watchman of this number has come to.
    Watchman(u64, Word),
    /// Directories that were refused a watch have one now.
    Recovered,
}

/// What an event tells about a path. It is never believed: it only says when to look, and how soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// Whoever wrote it is done, or it was moved here.
    Settled,
    /// It was written to, and perhaps still is.
    Written,
    /// It was created.
    Appeared,
    /// It was removed or moved away.
    Vanished,
    /// Its permissions or times were modified.
    Touched,
}

/// The next thing to do.
#[derive(Debug)]
pub(super) enum Next {
    /// A person waits.
    Wish(Wish),
    /// The disk has news.
    News(News),
    /// Nothing has come.
    Nothing,
    /// It is over.
    Closed,
}

/// The two lines.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lines: Mutex<Lines>,
    arrived: Condvar,
}

#[derive(Debug, Default)]
struct Lines {
    wishes: VecDeque<Wish>,
    news: VecDeque<News>,
    is_closed: bool,
}

impl Queue {
    pub(super) fn wish(&self, wish: Wish) {
        let mut lines = self.lock();
        if !lines.is_closed {
            lines.wishes.push_back(wish);
            self.arrived.notify_one();
        }
    }

    pub(super) fn tell(&self, news: News) {
        self.lock().news.push_back(news);
        self.arrived.notify_one();
    }

    /// Whatever waits is dropped; the worker ends.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.arrived.notify_one();
    }

    /// The next wish, if there is one. Does not wait.
    pub(super) fn next_wish(&self) -> Next {
        let mut lines = self.lock();
        if lines.is_closed {
            return Next::Closed;
        }
        lines.wishes.pop_front().map_or(Next::Nothing, Next::Wish)
    }

    /// The next wish, else the next news. Does not wait.
    pub(super) fn next(&self) -> Next {
        self.lock().take()
    }

    /// As `next`, but waits: without limit, or until `deadline`, and `Next::Nothing` says that it has passed.
    pub(super) fn wait(&self, deadline: Option<Instant>) -> Next {
        let mut lines = self.lock();
        loop {
            let next = lines.take();
            if !matches!(next, Next::Nothing) {
                return next;
            }
            lines = if let Some(deadline) = deadline {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Next::Nothing;
                }
                self.arrived.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0
            } else {
                self.arrived.wait(lines).unwrap_or_else(PoisonError::into_inner)
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    fn take(&mut self) -> Next {
        if self.is_closed {
            return Next::Closed;
        }
        if let Some(wish) = self.wishes.pop_front() {
            return Next::Wish(wish);
        }
        let next = self.news.pop_front().map_or(Next::Nothing, Next::News);
        if self.news.is_empty() && self.news.capacity() > 1_024 {
            // A burst is over; an idle session holds no room for it.
            self.news = VecDeque::new();
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_overtakes_the_disk_but_not_another_save() {
        let queue = Queue::default();
        queue.tell(News::Walked(1));
        for name in ["a", "b"] {
            queue.wish(Wish::Saved(PathBuf::from(name), SaveReason::Manual));
        }
        for name in ["a", "b"] {
            let Next::Wish(Wish::Saved(path, _)) = queue.wait(None) else { panic!("no save") };
            assert_eq!(path, PathBuf::from(name));
        }
        assert!(matches!(queue.next_wish(), Next::Nothing));
        assert!(matches!(queue.next(), Next::News(News::Walked(1))));
        assert!(matches!(queue.wait(Some(Instant::now())), Next::Nothing));
        queue.close();
        assert!(matches!(queue.wait(None), Next::Closed));
    }
}
