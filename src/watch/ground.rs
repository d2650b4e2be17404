//! What the worker and the walk share: what counts, what was seen, what is watched. Called by both.
//! Does not know: who is told.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::aliases::Aliases;
use super::filter::{Concern, Filter};
use super::fingerprint::Fingerprints;
use super::queue::Queue;
use super::tree::Tree;

/// Cheap to clone: all clones share everything but the filter, which is replaced as a whole.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) root: PathBuf,
    pub(super) filter: Arc<Filter>,
    pub(super) fingerprints: Arc<Fingerprints>,
    pub(super) aliases: Arc<Aliases>,
    pub(super) tree: Arc<Tree>,
    pub(super) queue: Arc<Queue>,
}

impl Ground {
    /// Who wants to know about the file `path`, under whatever name.
    pub(super) fn concern(&self, path: &Path) -> Concern {
        let concern = self.filter.concern(path);
        if !concern.is_none() && concern.unread.is_empty() {
            return concern;
        }
        let others = self.aliases.names(path).into_iter().map(|name| self.filter.concern(&name));
        others.into_iter().find(|other| !other.is_none()).unwrap_or(concern)
    }

    /// True when the directory is to be watched and listed.
    pub(super) fn enters(&self, directory: &Path) -> bool {
        self.filter.enters(directory)
            || self.aliases.lead_into(directory)
            || self.aliases.names(directory).iter().any(|name| self.filter.enters(name))
    }

    /// Takes note of a symlink that somebody may want to look through. Returns the directory to watch for it.
    pub(super) fn note_link(&self, link: &Path) -> Option<PathBuf> {
        if self.filter.enters(link) || !self.filter.concern(link).is_none() {
            return self.aliases.note(link, &self.root);
        }
        None
    }
}
