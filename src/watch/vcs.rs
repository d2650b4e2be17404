//! Whether git is at work in the repository of the root: then its changes are to be held, so that a branch switch is one
//! trip, and one there and back none (product.md 2.4). Called by `worker`, which holds what it was to look at: the engine
//! needs no state for it, and what git puts back before anybody looks is no change at all.
//! Only the repository that the root itself lies in counts, not one nested below.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

/// While one of these is in git's directory, git is at work.
const MARKERS: [&str; 7] = [
    "index.lock",
    "rebase-merge",
    "rebase-apply",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_LOG",
];

/// When this has passed since an operation began, it holds nothing any more: somebody left it open, or git died.
const LIMIT: Duration = Duration::from_secs(10);

/// Git goes from one step to the next, and people from one command to the next, within this time.
const QUIET: Duration = Duration::from_millis(200);

/// Git's directory, and what is going on in it.
#[derive(Debug, Default)]
pub(super) struct Git {
    directory: PathBuf,
    /// The markers that are there, and since when; `None`: since before anybody looked.
    markers: BTreeMap<&'static str, Option<Instant>>,
    /// When the last one came or went.
    stirred: Option<Instant>,
    /// When it all began that now follows step by step.
    began: Option<Instant>,
}

impl Git {
    /// The repository of a root, or the one it would have. What is left open in it from earlier holds nothing.
    pub(super) fn of(root: &Path) -> Self {
        let mut git = Self { directory: directory(root), ..Self::default() };
        git.look(None);
        git
    }

    /// Where the markers lie. It need not exist.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Whether the coming and going of `path` matters.
    pub(super) fn depends_on(&self, path: &Path) -> bool {
        let name = path.file_name();
        path.parent() == Some(&self.directory) && MARKERS.iter().any(|marker| name == Some(marker.as_ref()))
    }

    /// A marker came or went. It may have done both by now.
    pub(super) fn stir(&mut self, now: Instant) {
        self.stirred = Some(now);
        self.look(Some(now));
    }

    /// Until when changes are to be held, if git is at work.
    pub(super) fn holds_until(&mut self, now: Instant) -> Option<Instant> {
        let limits = self.markers.values().flatten().map(|since| *since + LIMIT);
        let quiet = self.stirred.map(|stirred| stirred + QUIET);
        let Some(end) = limits.chain(quiet).filter(|end| *end > now).max() else {
            self.began = None;
            return None;
        };
        let began = *self.began.get_or_insert(now);
        Some(end.min(began + LIMIT)).filter(|end| *end > now)
    }

    fn look(&mut self, now: Option<Instant>) {
        for marker in MARKERS {
            if self.directory.join(marker).symlink_metadata().is_err() {
                self.markers.remove(marker);
            } else {
                self.markers.entry(marker).or_insert(now);
            }
        }
    }
}

/// `.git` in the root or above; in a worktree and a submodule it is a file that names the directory.
fn directory(root: &Path) -> PathBuf {
    let mut found = root.ancestors().map(|ancestor| ancestor.join(".git"));
    let Some(git) = found.find(|git| git.exists()) else { return root.join(".git") };
    let named = std::fs::read_to_string(&git).ok().filter(|_| git.is_file());
    match named.as_deref().and_then(|text| text.strip_prefix("gitdir:")) {
        Some(named) => {
            let directory = git.with_file_name(named.trim());
            directory.canonicalize().unwrap_or(directory)
        }
        None => git,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn repository() -> (tempfile::TempDir, Git) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".git")).unwrap();
        let git = Git::of(root.path());
        (root, git)
    }

    #[test]
    fn changes_are_held_while_the_lock_is_there_and_a_moment_longer() {
        let (_root, mut git) = repository();
        let start = Instant::now();
        let lock = git.directory().join("index.lock");
        assert!(git.depends_on(&lock) && !git.depends_on(&git.directory().join("index")));
        assert_eq!(git.holds_until(start), None);
        fs::write(&lock, "").unwrap();
        git.stir(start);
        assert_eq!(git.holds_until(start), Some(start + LIMIT));
        fs::remove_file(&lock).unwrap();
        git.stir(start + QUIET);
        assert_eq!(git.holds_until(start + QUIET), Some(start + 2 * QUIET));
        assert_eq!(git.holds_until(start + 2 * QUIET), None);
    }

    #[test]
    fn a_merge_that_is_left_open_holds_ten_seconds_and_each_step_in_it_anew() {
        let (_root, mut git) = repository();
        let start = Instant::now();
        fs::write(git.directory().join("MERGE_HEAD"), "").unwrap();
        git.stir(start);
        assert_eq!(git.holds_until(start + LIMIT / 2), Some(start + LIMIT));
        assert_eq!(git.holds_until(start + LIMIT), None);
        let later = start + 10 * LIMIT;
        let lock = git.directory().join("index.lock");
        fs::write(&lock, "").unwrap();
        git.stir(later);
        assert_eq!(git.holds_until(later), Some(later + LIMIT));
        fs::remove_file(&lock).unwrap();
        git.stir(later);
        assert_eq!(git.holds_until(later + QUIET), None);
    }

    #[test]
    fn steps_without_end_hold_ten_seconds_at_most() {
        let (_root, mut git) = repository();
        let start = Instant::now();
        let mut at = start;
        while at < start + LIMIT {
            git.stir(at);
            assert_eq!(git.holds_until(at), Some((at + QUIET).min(start + LIMIT)));
            at += QUIET / 2;
        }
        git.stir(at);
        assert_eq!(git.holds_until(at), None);
    }

    #[test]
    fn what_was_left_open_before_holds_nothing() {
        let (root, git) = repository();
        fs::create_dir(git.directory().join("rebase-merge")).unwrap();
        assert_eq!(Git::of(root.path()).holds_until(Instant::now()), None);
    }

    #[test]
    fn the_directory_is_found_above_the_root_and_through_a_file() {
        let (root, git) = repository();
        let below = root.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        assert_eq!(Git::of(&below).directory(), git.directory());
        let real = git.directory().join("worktrees/b");
        fs::create_dir_all(&real).unwrap();
        fs::write(below.join(".git"), "gitdir: ../../.git/worktrees/b\n").unwrap();
        assert_eq!(Git::of(&below).directory(), real.canonicalize().unwrap());
    }
}
