//! The one thread that looks at files and reports: saves first, then what the disk says. Called by `watch` only.
//! Everything that modifies what is known happens here, one after the other; a walk only adds what was never seen.
//! Does not know: what a report leads to.

mod disk;
mod held;
mod inputs;
mod pending;
mod saved;
mod watchman;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use super::aliases::Aliases;
use super::anchors::Anchors;
use super::filter::{Concern, Filter};
use super::fingerprint::{self, FileTime, Fingerprints};
use super::ground::Ground;
use super::queue::{News, Next, Queue, Wish};
use super::tree::{RemoteAt, State, Tree};
use super::walk::{self, Walk};
use super::{Glance, Mode, Plan, Report, Status, canonical, compiled, is_plain};
use crate::engine::{Change, Identity, Origin};
use held::Held;
use pending::Pending;
use watchman::Watchman;

pub(super) use watchman::Word;

/// What the thread works with.
struct Worker {
    plan: Plan,
    inbox: UnboundedSender<Report>,
    ground: Ground,
    remote_at: RemoteAt,
    anchors: Anchors,
    /// Files to be looked at a little later.
    pending: Pending,
    held: Held,
    /// Directories that came into being, to be watched and listed.
    to_list: Vec<PathBuf>,
    /// Directories that are gone or are others by now, and since when: what was seen in them is to be looked at.
    lost: BTreeSet<PathBuf>,
    lost_at: Option<Instant>,
    walk: Option<Walk>,
    watchman: Option<Watchman>,
    /// Why Watchman does not watch although it should.
    without_watchman: Option<String>,
    /// How many walks and conversations with Watchman there have been.
    walks: u64,
    /// Another walk is to follow; what is modified from this moment on is a change.
    next_walk: Option<FileTime>,
    began: FileTime,
    /// True once everything has been walked, so that what is unknown was not there.
    is_covered: bool,
    root_exists: bool,
    reported: Option<Status>,
    /// Who waits until nothing is left to be looked at.
    catching_up: Vec<u64>,
    buffer: Vec<u8>,
}

/// Starts the thread. It ends when `queue` is closed.
pub(super) fn spawn(plan: Plan, inbox: UnboundedSender<Report>, queue: Arc<Queue>, remote_at: RemoteAt) {
    let began = FileTime::next();
    let filter = Arc::new(Filter::new(&plan));
    let fingerprints = Arc::new(Fingerprints::default());
    let ground = Ground {
        root: plan.root.clone(),
        filter,
        fingerprints: fingerprints.clone(),
        aliases: Arc::new(Aliases::default()),
        tree: Tree::new(&plan, fingerprints, queue.clone(), remote_at),
        queue,
    };
    let mut worker = Worker {
        plan,
        inbox,
        ground,
        remote_at,
        anchors: Anchors::default(),
        pending: Pending::default(),
        held: Held::default(),
        to_list: Vec::new(),
        lost: BTreeSet::new(),
        lost_at: None,
        walk: None,
        watchman: None,
        without_watchman: None,
        walks: 0,
        next_walk: None,
        began,
        is_covered: false,
        root_exists: true,
        reported: None,
        catching_up: Vec::new(),
        buffer: Vec::new(),
    };
    let spawned = std::thread::Builder::new().name("reload-watch".to_owned()).spawn(move || {
        worker.begin(began);
        worker.run();
    });
    if let Err(error) = spawned {
        tracing::error!("could not start the thread that watches: {error}");
    }
}

impl Worker {
    fn run(&mut self) {
        loop {
            let next = if self.to_list.is_empty() {
                self.ground.queue.next()
            } else {
                self.ground.queue.next_wish()
            };
            let next = match next {
                Next::Nothing => self.go_on(),
                Next::Wish(_) | Next::News(_) | Next::Closed => next,
            };
            match next {
                Next::Wish(Wish::Saved(path, reason)) => self.on_saved(&path, reason),
                Next::Wish(Wish::Read(glance)) => self.on_read(glance),
                Next::Wish(Wish::CatchUp(number)) => {
                    self.ground.tree.catch_up();
                    self.catching_up.push(number);
                }
                Next::Wish(Wish::Plan(plan, at)) => self.on_plan(*plan, at),
                // It comes from what was watched before.
                Next::News(_) if self.plan.mode == Mode::Off => {}
                Next::News(News::Disk(hint, path)) => self.on_disk(hint, path),
                Next::News(News::Dropped) => {
                    self.walk_again(self.is_known_since());
                    // However short the walk is: that something may be missing is said.
                    self.report_status();
                }
                Next::News(News::Suspect(path)) => self.pending.add(path, Instant::now()),
                Next::News(News::Walked(number)) => self.on_walked(number),
                Next::News(News::Watchman(number, word)) => self.on_watchman(number, word),
                // The status says so, as soon as there is time for it.
                Next::News(News::Recovered) | Next::Nothing => {}
                Next::Closed => return,
            }
        }
    }

    /// No person waits: does one piece of what is left to do, or waits.
    fn go_on(&mut self) -> Next {
        if let Some(directory) = self.to_list.pop() {
            self.list(&directory);
            return Next::Nothing;
        }
        if let Some(at) = self.lost_at.take() {
            for known in self.ground.fingerprints.below(&std::mem::take(&mut self.lost)) {
                self.pending.add(known.into(), at);
            }
            return Next::Nothing;
        }
        let held = self.held.until().filter(|_| !self.pending.is_empty());
        if held.is_none()
            && let Some(path) = self.pending.next_due()
        {
            self.look(&path);
            return Next::Nothing;
        }
        self.hold(held);
        self.report_status();
        let deadline = held.or(self.pending.deadline());
        if deadline.is_none() && self.walk.is_none() {
            for number in std::mem::take(&mut self.catching_up) {
                self.send(Report::CaughtUp(number));
            }
        }
        self.ground.queue.wait(deadline)
    }

    /// What the session knows is what later contents are compared with.
    fn on_read(&mut self, glance: Glance) {
        for (file, seen) in glance.files {
            match seen {
                Some(seen) => self.ground.fingerprints.record(&file, seen),
                None => self.ground.fingerprints.remove(&file),
            };
            self.pending.add(file, Instant::now());
        }
    }

    fn on_plan(&mut self, plan: Plan, now: FileTime) {
        if plan == self.plan {
            return;
        }
        if plan.without_inputs() == self.plan.without_inputs() {
            self.on_inputs(plan, now);
            return;
        }
        let how = |plan: &Plan| (plan.root.clone(), plan.mode, plan.poll_interval);
        let is_elsewhere = how(&plan) != how(&self.plan);
        self.plan = plan;
        self.ground.root.clone_from(&self.plan.root);
        self.ground.filter = Arc::new(Filter::new(&self.plan));
        let unfinished =
            self.walk.take().map(|walk| walk.since).into_iter().chain(self.next_walk.take()).min();
        if is_elsewhere {
            // A walk that is ending still has the old one: what it watches goes with it.
            self.watchman = None;
            self.without_watchman = None;
            self.open_tree();
            self.forget_work();
        } else {
            // It may be there by now.
            if self.without_watchman.take().is_some() {
                self.open_tree();
            }
            self.ground.tree.try_again();
        }
        self.is_covered = false;
        self.begin(unfinished.map_or(now, |since| since.min(now)));
    }

    /// A tree of which nothing is watched yet.
    fn open_tree(&mut self) {
        let mode = if self.without_watchman.is_some() { Mode::Auto } else { self.plan.mode };
        let (known, queue) = (self.ground.fingerprints.clone(), self.ground.queue.clone());
        self.ground.tree = Tree::new(&Plan { mode, ..self.plan.clone() }, known, queue, self.remote_at);
    }

    /// From when on what is unknown is a change in the next walk. Once everything is known, whatever else there is has come
    /// since, however old it is: a directory that is moved here keeps the times of what is in it.
    fn is_known_since(&self) -> FileTime {
        if self.is_covered || self.walk.is_some() { FileTime::NEVER } else { self.began }
    }

    fn forget_work(&mut self) {
        self.to_list.clear();
        self.lost.clear();
        self.lost_at = None;
        self.pending.clear();
    }

    /// Watches what the plan says, from nothing or from what is watched already.
    fn begin(&mut self, since: FileTime) {
        self.held.look_after(&self.plan.root);
        self.anchors = Anchors::new(&self.plan, &self.ground.filter, self.held.git.directory());
        self.anchors.watch(&self.ground.tree);
        self.look_at_anchors(since);
        if self.plan.mode != Mode::Off {
            self.check_root(since);
        }
    }

    /// Takes over the contents of files that no walk finds.
    fn look_at_anchors(&mut self, since: FileTime) {
        for file in self.anchors.files() {
            let is_simply_there = match fingerprint::read(file, &mut self.buffer) {
                Some(_) if self.ground.fingerprints.contains(file) => false,
                Some(seen) => seen.modified < since && self.ground.fingerprints.record_first(file, seen),
                None => !self.ground.fingerprints.contains(file),
            };
            if !is_simply_there {
                self.pending.add(file.to_owned(), Instant::now());
            }
        }
    }

    /// Walks when there is a root, and says so when it comes or goes.
    fn check_root(&mut self, since: FileTime) {
        let exists = self.plan.root.is_dir();
        if exists != self.root_exists {
            self.root_exists = exists;
            self.send(Report::Root { exists });
        }
        if exists {
            self.walk_again(since);
        } else {
            // What was in it is no change by itself; it is compared when the root is there again.
            self.walk = None;
            self.watchman = None;
            self.next_walk = None;
            self.forget_work();
        }
    }

    /// Walks the whole tree now, or after the walk that goes on.
    fn walk_again(&mut self, since: FileTime) {
        if !self.root_exists || self.plan.mode == Mode::Off {
            return;
        }
        if self.is_by_watchman() {
            return self.ask_watchman(since);
        }
        if let Some(walk) = &self.walk {
            let since = since.min(walk.since);
            self.next_walk = Some(self.next_walk.map_or(since, |next| next.min(since)));
            return;
        }
        self.walks += 1;
        self.walk = Some(walk::start(self.ground.clone(), self.walks, since));
    }

    fn on_walked(&mut self, number: u64) {
        if self.walk.as_ref().is_none_or(|walk| walk.number != number) {
            return;
        }
        self.walk = None;
        if let Some(since) = self.next_walk.take() {
            self.walk_again(since);
            return;
        }
        self.is_covered = true;
        let (ground, anchors) = (&self.ground, &self.anchors);
        let is_wanted = |directory: &Path| ground.enters(directory) && directory.is_dir();
        ground.tree.retain(|directory| anchors.hold(directory) || is_wanted(directory));
    }

    fn report(&mut self, path: &Path, origin: Origin, before: Identity, after: Identity, concern: &Concern) {
        let shared: Arc<Path> = path.into();
        let compiled = compiled::is_compiled(path);
        for (service, action) in &concern.services {
            let change = Change { path: shared.clone(), origin, before, after, action: *action, compiled };
            let report = Report::Changed(service.clone(), change);
            if let Some(report) = self.held.keep(report) {
                self.send(report);
            }
        }
        for (service, action) in &concern.unread {
            // To the build it is as it was.
            let change =
                Change { path: shared.clone(), origin, before: after, after, action: *action, compiled };
            self.send(Report::Changed(service.clone(), change));
        }
        if before == after {
            return;
        }
        if concern.is_configuration {
            self.send(Report::Configuration);
        }
        if concern.is_ignore_file {
            self.ground.filter = Arc::new(Filter::new(&self.plan));
            self.walk_again(FileTime::now());
        }
    }

    fn report_status(&mut self) {
        let State { how, directories, polled, degraded } = self.ground.tree.state();
        let reasons: Vec<_> = self.without_watchman.clone().into_iter().chain(degraded).collect();
        let degraded = (!reasons.is_empty()).then(|| reasons.join("; "));
        let degraded = if self.root_exists { degraded } else { Some(self.gone()) };
        let is_listening = self.watchman.as_ref().is_none_or(|watchman| watchman.is_complete);
        let complete = self.walk.is_none() && is_listening && self.root_exists;
        let status = Status { how, directories, polled, complete, degraded };
        if self.reported.as_ref() != Some(&status) {
            self.reported = Some(status.clone());
            self.send(Report::Status(status));
        }
    }

    fn gone(&self) -> String {
        let root = self.plan.root.display();
        format!("the folder {root} is gone (help: put it back; until then what runs goes on as it is)")
    }

    /// Nobody listens anymore when the session ends; then our handle is dropped, too.
    fn send(&self, report: Report) {
        if self.inbox.send(report).is_err() {
            tracing::trace!("a report came after the end");
        }
    }
}
