//! What the worker does about news of the disk. Never believes an event: it only says where to look, and how soon.
//! Called by `worker` only. Does not know: saves, plans.

use std::path::{Path, PathBuf};

use tokio::time::Instant;

use super::Worker;
use crate::engine::{Identity, Origin};
use crate::watch::queue::Hint;

impl Worker {
    pub(super) fn on_disk(&mut self, hint: Hint, path: PathBuf) {
        if self.held.git.depends_on(&path) {
            self.held.git.stir(Instant::now());
            return;
        }
        let comes_or_goes = matches!(hint, Hint::Appeared | Hint::Vanished | Hint::Settled);
        if comes_or_goes && self.anchors.depend_on(&path) {
            self.on_anchor(&path);
            return;
        }
        if !self.root_exists {
            return;
        }
        if self.ground.tree.is_watched(&path) {
            // One that appeared and is watched was found by a listing before its event came.
            if matches!(hint, Hint::Vanished | Hint::Settled) {
                self.renew(&path);
            }
            return;
        }
        match hint {
            Hint::Written => self.look_later(path),
            Hint::Vanished => {
                self.ground.aliases.forget(&path);
                self.look_later(path);
            }
            Hint::Appeared | Hint::Settled | Hint::Touched => match path.symlink_metadata() {
                Ok(metadata) if metadata.is_dir() => self.renew(&path),
                Ok(metadata) if metadata.is_symlink() => self.on_link(path),
                Ok(_) if hint == Hint::Settled && self.held.until().is_none() => {
                    self.ground.aliases.forget(&path);
                    self.pending.remove(&path);
                    self.look(&path);
                }
                Ok(_) | Err(_) => self.look_later(path),
            },
        }
    }

    /// A symlink is there. It may lead somewhere else than before.
    fn on_link(&mut self, link: PathBuf) {
        if let Some(directory) = self.ground.note_link(&link)
            && !self.ground.tree.is_watched(&directory)
        {
            self.to_list.push(directory);
        }
        self.look_later(link);
    }

    fn look_later(&mut self, path: PathBuf) {
        if !self.ground.concern(&path).is_none() {
            self.pending.add(path, Instant::now());
        }
    }

    /// A directory that we depend on came or went. It may be another one by now, under the same name.
    fn on_anchor(&mut self, path: &Path) {
        let root = self.plan.root.clone();
        if root.starts_with(path) {
            self.ground.tree.reset(&root);
            self.walk = None;
        } else {
            self.renew(path);
        }
        self.anchors.watch(&self.ground.tree);
        self.look_at_anchors(self.began);
        if root.starts_with(path) {
            self.check_root(self.is_known_since());
        }
    }

    /// A directory came, went, or is another one: nothing that was seen in it holds any longer.
    fn renew(&mut self, directory: &Path) {
        self.ground.tree.unwatch_below(directory);
        self.lost.insert(directory.to_owned());
        self.lost_at.get_or_insert_with(Instant::now);
        self.to_list.push(directory.to_owned());
    }

    /// Watches a directory, then lists it. What is in it may be half written.
    pub(super) fn list(&mut self, directory: &Path) {
        self.ground.filter.forget(directory);
        let is_directory = directory.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        if !is_directory || self.is_by_watchman() || !self.ground.enters(directory) {
            return;
        }
        self.ground.tree.watch(directory);
        let entries = match directory.read_dir() {
            Ok(entries) => entries,
            Err(error) => {
                tracing::debug!("could not list {}: {error}", directory.display());
                return;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.to_list.push(path),
                Ok(kind) if kind.is_symlink() => self.on_link(path),
                Ok(_) | Err(_) => self.look_later(path),
            }
        }
    }

    /// Reads a path that the disk told about, and reports it if it is not what was last seen.
    pub(super) fn look(&mut self, path: &Path) {
        let concern = self.ground.concern(path);
        if concern.is_none() {
            return;
        }
        // Until everything is known nobody can tell whether a missing file was ever there: rather once too often. A pipe
        // or a socket is there, and never was a file.
        let is_known = self.is_covered || path.symlink_metadata().is_ok();
        let (before, after) = self.take_over(path);
        if (before, after) == (Identity::Unknown, Identity::Nothing) && is_known {
            return;
        }
        if before != after {
            self.report(path, Origin::Disk, before, after, &concern);
        }
    }
}
