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

/// What a path held at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// Nobody has looked, or what it held was read since by somebody whom nobody can ask: it equals nothing.
    Unknown,
    /// There was no such file.
    Nothing,
    /// A content; two that are equal have equal numbers.
    Content(u64),
}

/// Whether the content of a path differs from what was last seen of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// It differs, or the path appeared, vanished or was never seen.
    New,
    /// A save of what was already known, or a path that may concern the service but is not read by its build: to the build
    /// all is as it was. Counts only when there is nothing good to keep (product.md 2.2).
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
    /// What it held when it was last looked at.
    pub before: Identity,
    /// What it holds now; never `Unknown`.
    pub after: Identity,
    /// What the first matching rule, or the service's default, asks for.
    pub action: Action,
    /// True for source code that only the compiler reads. If nothing else changed and the build makes the same bytes,
    /// the run is left alone; a changed template or `dev.yaml` restarts it all the same.
    pub compiled: bool,
}

impl Change {
    /// Whether it holds something new.
    pub fn content(&self) -> Content {
        let is_new = self.before == Identity::Unknown || self.before != self.after;
        if is_new { Content::New } else { Content::Same }
    }

    /// Whether somebody saved it in the editor.
    pub fn is_save(&self) -> bool {
        matches!(self.origin, Origin::Editor(_))
    }
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

    /// Takes in what else asks for the same trip.
    pub(super) fn merge(&mut self, other: &Self) {
        self.origin = self.origin.max(other.origin);
        self.action = self.action.max(other.action);
        self.compiled &= other.compiled;
        self.at = self.at.min(other.at);
        self.count += other.count;
        Self::name(&mut self.files, &other.files);
    }

    /// Adds the paths that are not named already, as far as there is room.
    pub(super) fn name(files: &mut Vec<Arc<Path>>, others: &[Arc<Path>]) {
        for other in others {
            if files.len() < Self::FILES && !files.contains(other) {
                files.push(other.clone());
            }
        }
    }
}
