//! The first of the two small machines of a service: when to build. Driven by `machine`.
//! Does not know: runs, problems, other services.

use std::path::Path;
use std::sync::Arc;

use super::{
    AUTO_SAVE_SETTLE, Change, Content, DISK_SETTLE, Generation, Moment, OnSave, Origin, SAVE_SETTLE,
    SaveReason, Settle, Trigger,
};

/// Where the building of one service stands. (g = generation)
///
/// | phase | editor, person | disk | build exited | due |
/// |---|---|---|---|---|
/// | Quiet | manual save: Running(g+1); else Settling | Settling | – | – |
/// | Settling | manual save: Running(g+1), unless a build was just stopped; else later, bounded | later, bounded | – | Running(g+1) |
/// | Running(g) | Stopping(g), and again | remembered | Quiet, or Settling if remembered; passed: bring g up | – |
/// | Stopping(g) | remembered | remembered | Settling if remembered, else Quiet | – |
///
/// While changes are collected (pause), nothing is due and nothing is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum BuildPhase {
    /// Nothing to do.
    Quiet,
    /// A trip is wanted as soon as it is due.
    Settling(Pending),
    /// A build is going on.
    Running { build: Build, remembered: Option<Pending> },
    /// It was told to stop.
    Stopping { build: Build, next: Option<Pending> },
}

/// A build that lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Build {
    pub(super) generation: Generation,
    pub(super) trigger: Trigger,
    /// When it waits for somebody else's lock: since when.
    pub(super) blocked: Option<Moment>,
    pub(super) started: Moment,
}

/// A trip that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    pub(super) trigger: Trigger,
    pub(super) due: Due,
    /// While nobody but the disk asks for it: the files whose saves are only collected.
    pub(super) collected: Option<Vec<Arc<Path>>>,
}

/// When a pending trip begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Due {
    /// When there has been quiet for long enough.
    Quiet { settle: Settle, first: Moment, last: Moment },
    /// At once.
    Now,
    /// When somebody saves by hand or asks (`on_save`).
    Held,
}

/// What a change means for the time of the trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// A manual save.
    AtOnce,
    /// An automatic save.
    AfterAutoSave,
    /// The disk.
    AfterDisk,
    /// Only collected.
    Held,
}

impl Urgency {
    /// product.md 2.4.
    pub(super) fn of(origin: Origin, on_save: OnSave) -> Self {
        match (origin, on_save) {
            (Origin::Editor(_), OnSave::Never)
            | (Origin::Editor(SaveReason::AfterDelay | SaveReason::FocusOut), OnSave::Manual) => Self::Held,
            (Origin::Editor(SaveReason::AfterDelay | SaveReason::FocusOut), OnSave::Always) => {
                Self::AfterAutoSave
            }
            (Origin::Editor(SaveReason::Manual), OnSave::Always | OnSave::Manual)
            | (Origin::StartUp | Origin::Configuration | Origin::Person, _) => Self::AtOnce,
            (Origin::Disk, _) => Self::AfterDisk,
        }
    }

    /// The due time of a trip that nothing else has asked for yet.
    pub(super) fn due(self, now: Moment) -> Due {
        match self {
            Self::AtOnce => Due::Now,
            Self::AfterAutoSave => Due::settle(AUTO_SAVE_SETTLE, now),
            Self::AfterDisk => Due::settle(DISK_SETTLE, now),
            Self::Held => Due::Held,
        }
    }
}

impl Due {
    pub(super) fn settle(settle: Settle, now: Moment) -> Self {
        Self::Quiet { settle, first: now, last: now }
    }

    /// The moment, if it comes by itself.
    pub(super) fn moment(self) -> Option<Moment> {
        match self {
            Self::Now => Some(Moment::default()),
            Self::Quiet { settle, first, last } => {
                Some(last.after(settle.quiet).min(first.after(settle.limit)))
            }
            Self::Held => None,
        }
    }

    /// When one more change arrives while the trip is pending.
    fn and(self, urgency: Urgency, now: Moment) -> Self {
        match (self, urgency) {
            // The burst that stopped a build goes on: it settles as a whole.
            (Self::Quiet { settle: SAVE_SETTLE, first, .. }, Urgency::AtOnce | Urgency::AfterDisk) => {
                Self::Quiet { settle: SAVE_SETTLE, first, last: now }
            }
            (Self::Now, _) | (_, Urgency::AtOnce) => Self::Now,
            (Self::Quiet { .. }, Urgency::Held) => self,
            (Self::Quiet { first, .. }, Urgency::AfterAutoSave) => {
                Self::Quiet { settle: AUTO_SAVE_SETTLE, first, last: now }
            }
            (Self::Quiet { settle, first, .. }, Urgency::AfterDisk) => {
                Self::Quiet { settle, first, last: now }
            }
            (Self::Held, urgency) => urgency.due(now),
        }
    }
}

impl Pending {
    fn new(trigger: &Trigger, urgency: Urgency, now: Moment) -> Self {
        let mut pending =
            Self { trigger: trigger.clone(), due: urgency.due(now), collected: Some(Vec::new()) };
        pending.collect(&trigger.files, urgency);
        pending
    }

    /// Takes in one more change.
    fn add(&mut self, trigger: &Trigger, urgency: Urgency, now: Moment) {
        self.trigger.merge(trigger);
        self.due = self.due.and(urgency, now);
        self.collect(&trigger.files, urgency);
    }

    fn collect(&mut self, files: &[Arc<Path>], urgency: Urgency) {
        let Some(collected) = &mut self.collected else { return };
        collected.retain(|file| !files.contains(file));
        match urgency {
            Urgency::AtOnce | Urgency::AfterAutoSave => self.collected = None,
            Urgency::AfterDisk => {}
            Urgency::Held => collected.extend_from_slice(files),
        }
    }

    /// A save of what the disk has already told: it was this save that the disk told of. True if it belonged here.
    fn claim(&mut self, change: &Change, urgency: Urgency, now: Moment) -> bool {
        if !self.trigger.files.contains(&change.path) {
            return false;
        }
        self.trigger.origin = self.trigger.origin.max(change.origin);
        self.collect(std::slice::from_ref(&change.path), urgency);
        let is_all_collected = self.collected.as_ref().is_some_and(|files| files.len() == self.trigger.count);
        self.due = if is_all_collected { Due::Held } else { self.due.and(urgency, now) };
        true
    }
}

impl BuildPhase {
    /// The trip that is wanted besides the one under way.
    pub(super) fn pending(&self) -> Option<&Pending> {
        match self {
            Self::Quiet => None,
            Self::Settling(pending) => Some(pending),
            Self::Running { remembered, .. } => remembered.as_ref(),
            Self::Stopping { next, .. } => next.as_ref(),
        }
    }

    /// Whether a trip is under way, or comes by itself.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self, Self::Running { .. }) || self.pending().is_some_and(|pending| pending.due != Due::Held)
    }

    /// The build that lives.
    pub(super) fn build(&self) -> Option<&Build> {
        match self {
            Self::Quiet | Self::Settling(_) => None,
            Self::Running { build, .. } | Self::Stopping { build, .. } => Some(build),
        }
    }

    /// Adds a wanted trip without stopping anything.
    pub(super) fn remember(&mut self, trigger: &Trigger, urgency: Urgency, now: Moment) {
        let slot = match self {
            Self::Quiet => {
                *self = Self::Settling(Pending::new(trigger, urgency, now));
                return;
            }
            Self::Settling(pending) => {
                pending.add(trigger, urgency, now);
                return;
            }
            Self::Running { remembered, .. } => remembered,
            Self::Stopping { next, .. } => next,
        };
        match slot {
            Some(pending) => pending.add(trigger, urgency, now),
            None => *slot = Some(Pending::new(trigger, urgency, now)),
        }
    }

    /// A save whose content the disk has told before. True if it belongs to what is pending, and is now part of it.
    pub(super) fn claim(&mut self, change: &Change, urgency: Urgency, now: Moment) -> bool {
        debug_assert_eq!(change.content, Content::Same);
        match self {
            Self::Quiet => false,
            Self::Settling(pending) => pending.claim(change, urgency, now),
            Self::Running { remembered, .. } => {
                remembered.as_mut().is_some_and(|pending| pending.claim(change, urgency, now))
            }
            Self::Stopping { next, .. } => {
                next.as_mut().is_some_and(|pending| pending.claim(change, urgency, now))
            }
        }
    }

    /// Stops a running build, to be followed by what it was for and what came since. Returns the generation to stop.
    pub(super) fn stop_again(&mut self, due: Due) -> Option<Generation> {
        let Self::Running { build, remembered } = self else { return None };
        let (build, remembered) = (build.clone(), remembered.take());
        let generation = build.generation;
        let mut trigger = build.trigger.clone();
        if let Some(remembered) = remembered {
            trigger.merge(&remembered.trigger);
        }
        *self = Self::Stopping { build, next: Some(Pending { trigger, due, collected: None }) };
        Some(generation)
    }

    /// Stops a running build and forgets what was wanted. Returns the generation to stop.
    pub(super) fn stop_for_good(&mut self) -> Option<Generation> {
        match self {
            Self::Quiet => None,
            Self::Settling(_) => {
                *self = Self::Quiet;
                None
            }
            Self::Stopping { next, .. } => {
                *next = None;
                None
            }
            Self::Running { build, .. } => {
                let build = build.clone();
                let generation = build.generation;
                *self = Self::Stopping { build, next: None };
                Some(generation)
            }
        }
    }
}
