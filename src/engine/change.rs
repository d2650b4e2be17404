//! What was modified, who told us, and what it asks for. Made by `watch`, merged by the engine into a `Trigger`.

use std::path::Path;
use std::sync::Arc;

use super::{Moment, TaskId};

/// Why the editor saved (`TextDocumentSaveReason` of the LSP specification).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SaveReason {
    /// Somebody pressed save; also when the client gave no reason.
    Manual,
    /// Saved by itself after a delay.
    AfterDelay,
    /// Saved by itself because the editor lost the focus.
    FocusOut,
}

/// Who told us that a trip is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The session began, and nothing runs yet.
    StartUp,
    /// The configuration of the service was changed.
    Configuration,
    /// The file system.
    Disk,
    /// `textDocument/didSave`.
    Editor(SaveReason),
    /// A command from the editor, the terminal or a script.
    Person,
}

/// Whether the content of a path differs from what was last seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// It differs, or the path appeared, vanished or was never seen.
    New,
    /// A save of what was already known. Counts only when there is nothing good to keep (product.md 2.2).
    Same,
}

/// What a change asks for (product.md 2.3). `ignore` never reaches the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Run the task of a rule; what follows is in its `TaskSpec`.
    Task(TaskId),
    /// Open browsers load the page again; the service is left alone.
    Refresh,
    /// Swap the run without building.
    Restart,
    /// Build, then swap.
    Rebuild,
}

/// One path that the editor or the disk says was modified, as one service sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Change {
    /// Absolute path.
    pub path: Arc<Path>,
    /// Editor or disk.
    pub origin: Origin,
    /// Whether the fingerprint differs.
    pub content: Content,
    /// What the first matching rule, or the service's default, asks for.
    pub action: Action,
    /// True for source code that only the compiler reads. If nothing else changed and the build makes the same bytes,
    /// the run is left alone; a changed template or `dev.yaml` restarts it all the same.
    pub compiled: bool,
}

/// Why a trip begins: everything that was merged into it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Trigger {
    /// The most deliberate of the origins that were merged.
    pub origin: Origin,
    /// The first few changed paths, in the order of their arrival.
    pub files: Vec<Arc<Path>>,
    /// How many paths changed in all.
    pub count: usize,
    /// When the first of it arrived.
    pub at: Moment,
    /// The most that any part of it asks for.
    pub action: Action,
    /// True while every change in it is `Change::compiled`, and none asks for a restart.
    pub compiled: bool,
}

impl Trigger {
    /// How many paths are kept by name.
    pub const FILES: usize = 10;

    /// A trigger without files: a request, the start, a new configuration.
    pub fn without_files(origin: Origin, action: Action, at: Moment) -> Self {
        Self { origin, files: Vec::new(), count: 0, at, action, compiled: false }
    }

    /// The trigger of a single change.
    pub fn from_change(change: &Change, at: Moment) -> Self {
        Self {
            origin: change.origin,
            files: vec![change.path.clone()],
            count: 1,
            at,
            action: change.action,
            compiled: change.compiled && change.action != Action::Restart,
        }
    }

    /// Takes in a later trigger: one trip for both.
    pub fn merge(&mut self, later: &Self) {
        self.origin = self.origin.max(later.origin);
        self.action = self.action.max(later.action);
        self.compiled &= later.compiled;
        self.at = self.at.min(later.at);
        for file in &later.files {
            if self.files.contains(file) {
                self.count = self.count.saturating_sub(1);
            } else if self.files.len() < Self::FILES {
                self.files.push(file.clone());
            }
        }
        self.count += later.count;
    }
}
