//! A trip that is wanted: which paths ask for it, what else does, and when it begins. Driven by `build_phase`.
//! A path that comes to hold again what the last trip saw of it asks for nothing any more: a branch switch there and
//! back is no trip (product.md 2.2). Does not know: builds, runs.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::Arc;

use super::{
    AUTO_SAVE_SETTLE, Action, BuildStatus, Change, Content, DISK_SETTLE, Generation, Identity, Moment,
    OnSave, Origin, SAVE_SETTLE, SaveReason, Settle, Trigger,
};

/// So many paths are kept apart. What comes on top makes the trip, whatever it holds in the end.
const PATHS: usize = 50_000;

/// A trip that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    pub(super) asks: Asks,
    pub(super) due: Due,
    /// If a build was stopped for it: what held before that build, and holds again if nothing asks any more.
    pub(super) before: Option<Before>,
}

/// What held when a build began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Before {
    pub(super) current: Generation,
    pub(super) inputs: u32,
    pub(super) last_build: Option<BuildStatus>,
}

/// Everything that asks for one trip.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Asks {
    /// Each holds something other than what the last trip saw of it.
    paths: BTreeMap<Arc<Path>, Part>,
    /// Whatever no path can take back: a request, the start, a new configuration, more paths than are kept.
    by_itself: Option<Trigger>,
    /// How many paths have arrived.
    arrived: u32,
}

/// What one path has to do with a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Part {
    /// What it held when the last trip that saw it began.
    pub(super) was: Identity,
    pub(super) is: Identity,
    origin: Origin,
    action: Action,
    compiled: bool,
    urgency: Urgency,
    /// Told of by nobody but the disk, in our own time.
    is_own: bool,
    at: Moment,
    /// Its place among those that have arrived.
    order: u32,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

    /// When the same path is told of once more: a save that counts has been told for good.
    fn and(self, later: Self) -> Self {
        if matches!(self, Self::AtOnce | Self::AfterAutoSave) { self } else { later }
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
    pub(super) fn new(asks: Asks, urgency: Urgency, now: Moment) -> Self {
        Self { asks, due: urgency.due(now), before: None }
    }

    /// Takes in what else asks.
    pub(super) fn add(&mut self, later: Asks, urgency: Urgency, now: Moment) {
        self.asks.merge(later);
        self.due = if self.asks.are_held() { Due::Held } else { self.due.and(urgency, now) };
    }

    /// A save of what the disk has already told: it was this save that the disk told of. True if it belonged here.
    pub(super) fn claim(&mut self, change: &Change, urgency: Urgency, now: Moment) -> bool {
        let Some(part) = self.asks.paths.get_mut(&change.path) else { return false };
        part.origin = part.origin.max(change.origin);
        part.urgency = part.urgency.and(urgency);
        part.is_own = false;
        self.due = if self.asks.are_held() { Due::Held } else { self.due.and(urgency, now) };
        true
    }
}

impl Asks {
    /// A change asks; `is_own` if a build or the service may have made it.
    pub(super) fn from_change(change: &Change, urgency: Urgency, is_own: bool, at: Moment) -> Self {
        let mut asks = Self::default();
        // What is saved unchanged means "try again".
        let was = match change.content() {
            Content::New => change.before,
            Content::Same => Identity::Unknown,
        };
        let part = Part {
            was,
            is: change.after,
            origin: change.origin,
            action: change.action,
            compiled: change.compiled,
            urgency,
            is_own,
            at,
            order: 0,
        };
        asks.add(change.path.clone(), part);
        asks
    }

    /// Something asks that no path can take back.
    pub(super) fn by_itself(trigger: Trigger) -> Self {
        Self { by_itself: Some(trigger), ..Self::default() }
    }

    /// Everything together.
    pub(super) fn trigger(&self) -> Trigger {
        let mut first: Vec<_> = self.paths.iter().map(|(path, part)| (part.order, path)).collect();
        first.sort_unstable();
        let mut files = self.by_itself.as_ref().map_or_else(Vec::new, |trigger| trigger.files.clone());
        let of_paths: Vec<_> = first.into_iter().map(|(_, path)| path.clone()).take(Trigger::FILES).collect();
        Trigger::name(&mut files, &of_paths);
        let parts = self.paths.values().map(Part::trigger);
        let all = self.by_itself.clone().into_iter().chain(parts).reduce(|mut all, part| {
            all.merge(&part);
            all
        });
        let nothing = || Trigger::without_files(Origin::StartUp, Action::Refresh, Moment::default());
        Trigger { files, ..all.unwrap_or_else(nothing) }
    }

    /// How many paths ask.
    pub(super) fn count(&self) -> usize {
        self.paths.len() + self.by_itself.as_ref().map_or(0, |trigger| trigger.count)
    }

    /// When the first of it arrived.
    pub(super) fn at(&self) -> Moment {
        let by_itself = self.by_itself.as_ref().map(|trigger| trigger.at);
        self.paths.values().map(|part| part.at).chain(by_itself).min().unwrap_or_default()
    }

    /// Whether a person asks for it in so many words.
    pub(super) fn are_a_persons(&self) -> bool {
        self.by_itself.as_ref().is_some_and(|trigger| trigger.origin == Origin::Person)
    }

    /// Whether every path holds again what the last trip saw, and nothing else asks.
    pub(super) fn are_none(&self) -> bool {
        self.paths.is_empty() && self.by_itself.is_none()
    }

    /// Takes in what came later.
    pub(super) fn merge(&mut self, later: Self) {
        for (path, part) in later.paths {
            self.add(path, part);
        }
        if let Some(trigger) = later.by_itself {
            self.ask(&trigger);
        }
    }

    /// A run has begun: it may have read what is not for the compiler alone, or `everything`.
    pub(super) fn have_been_read(&mut self, everything: bool) {
        for part in self.paths.values_mut() {
            if everything || !part.compiled || part.action == Action::Restart {
                part.was = Identity::Unknown;
            }
        }
    }

    /// Whether a build or the service may have asked for all of it.
    pub(super) fn are_own(&self) -> bool {
        self.by_itself.is_none() && self.paths.values().all(|part| part.is_own)
    }

    /// The paths that ask.
    pub(super) fn parts(&self) -> &BTreeMap<Arc<Path>, Part> {
        &self.paths
    }

    /// Whether it is all only collected.
    pub(super) fn are_held(&self) -> bool {
        self.by_itself.is_none() && self.paths.values().all(|part| part.urgency == Urgency::Held)
    }

    fn ask(&mut self, trigger: &Trigger) {
        match &mut self.by_itself {
            Some(before) => before.merge(trigger),
            None => self.by_itself = Some(trigger.clone()),
        }
    }

    fn add(&mut self, path: Arc<Path>, later: Part) {
        let is_full = self.paths.len() >= PATHS;
        match self.paths.entry(path) {
            Entry::Vacant(_) if is_full => self.ask(&later.trigger()),
            Entry::Vacant(free) => {
                self.arrived += 1;
                free.insert(Part { order: self.arrived, ..later });
            }
            Entry::Occupied(mut known) => {
                let part = known.get_mut();
                let was = if later.was == Identity::Unknown { Identity::Unknown } else { part.was };
                *part = Part {
                    was,
                    is: later.is,
                    origin: part.origin.max(later.origin),
                    action: part.action.max(later.action),
                    compiled: part.compiled && later.compiled,
                    urgency: part.urgency.and(later.urgency),
                    is_own: part.is_own && later.is_own,
                    at: part.at.min(later.at),
                    order: part.order,
                };
                if part.was == part.is {
                    known.remove();
                }
            }
        }
    }
}

impl Part {
    fn trigger(&self) -> Trigger {
        let compiled = self.compiled && self.action != Action::Restart;
        Trigger {
            origin: self.origin,
            files: Vec::new(),
            count: 1,
            at: self.at,
            action: self.action,
            compiled,
        }
    }
}
