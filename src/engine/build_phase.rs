//! The first of the two small machines of a service: when to build. Driven by `machine`.
//! Does not know: runs, problems, other services.

use super::pending::{Asks, Before, Due, Pending, Urgency};
use super::{Change, Generation, Moment};

/// Where the building of one service stands. (g = generation)
///
/// | phase | editor, person | disk | build exited | due |
/// |---|---|---|---|---|
/// | Quiet | manual save: Running(g+1); else Settling | Settling | – | – |
/// | Settling | manual save: Running(g+1), unless a build was just stopped; else later, bounded | later, bounded | – | Running(g+1) |
/// | Running(g) | Stopping(g), and again | remembered | Quiet, or Settling if remembered; passed: bring g up | – |
/// | Stopping(g) | remembered | remembered | Settling if remembered, else Quiet | – |
///
/// While changes are collected (pause), nothing is due and nothing is stopped. What is remembered, settling or next is
/// forgotten as soon as nothing asks for it any more.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Build {
    pub(super) generation: Generation,
    pub(super) asks: Asks,
    /// What held when it began; a task is never stopped for another.
    pub(super) before: Option<Before>,
    /// When it waits for somebody else's lock: since when.
    pub(super) blocked: Option<Moment>,
    pub(super) started: Moment,
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

    fn pending_mut(&mut self) -> Option<&mut Pending> {
        match self {
            Self::Quiet => None,
            Self::Settling(pending) => Some(pending),
            Self::Running { remembered, .. } => remembered.as_mut(),
            Self::Stopping { next, .. } => next.as_mut(),
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
    pub(super) fn remember(&mut self, asks: Asks, urgency: Urgency, now: Moment) {
        let slot = match self {
            Self::Quiet => {
                *self = Self::Settling(Pending::new(asks, urgency, now));
                return;
            }
            Self::Settling(pending) => {
                pending.add(asks, urgency, now);
                return;
            }
            Self::Running { remembered, .. } => remembered,
            Self::Stopping { next, .. } => next,
        };
        match slot {
            Some(pending) => pending.add(asks, urgency, now),
            None => *slot = Some(Pending::new(asks, urgency, now)),
        }
    }

    /// Forgets a wanted trip that nothing asks for any more, and returns it.
    pub(super) fn forget_what_is_back(&mut self) -> Option<Pending> {
        let forgotten = self.pending()?.asks.are_none().then(|| self.pending().cloned())?;
        match self {
            Self::Quiet | Self::Settling(_) => *self = Self::Quiet,
            Self::Running { remembered, .. } => *remembered = None,
            Self::Stopping { next, .. } => *next = None,
        }
        forgotten
    }

    /// A save whose content the disk has told before. True if it belongs to what is pending, and is now part of it.
    pub(super) fn claim(&mut self, change: &Change, urgency: Urgency, now: Moment) -> bool {
        self.pending_mut().is_some_and(|pending| pending.claim(change, urgency, now))
    }

    /// A run has begun: it may have read what is not for the compiler alone, or `everything`.
    pub(super) fn has_been_read(&mut self, everything: bool) {
        if let Self::Running { build, .. } | Self::Stopping { build, .. } = self {
            build.asks.have_been_read(everything);
        }
        if let Some(pending) = self.pending_mut() {
            pending.asks.have_been_read(everything);
        }
    }

    /// Stops a running build, to be followed by what it was for and what came since. Returns the generation to stop.
    pub(super) fn stop_again(&mut self, due: Due) -> Option<Generation> {
        let Self::Running { build, remembered } = self else { return None };
        let (build, remembered) = (build.clone(), remembered.take());
        let generation = build.generation;
        let (mut asks, before) = (build.asks.clone(), build.before.clone());
        if let Some(remembered) = remembered {
            asks.merge(remembered.asks);
        }
        *self = Self::Stopping { build, next: Some(Pending { asks, due, before }) };
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
