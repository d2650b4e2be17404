//! Saves and disk events as one stream in which one save is one change. Called by `session`.
//! Does not know: builds, services' phases, LSP.

mod aliases;
mod anchors;
mod compiled;
mod filter;
mod fingerprint;
mod ground;
mod inputs;
mod queue;
mod tree;
mod vcs;
mod walk;
mod worker;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use crate::engine::{Action, Change, SaveReason, ServiceName};
use fingerprint::FileTime;
pub use inputs::Inputs;
use queue::{Hint, News, Queue, Wish};

/// The configuration file whose coming matters while there is none.
const CONFIGURATION: &str = "reload.toml";

/// The pause between two looks at what is polled, unless somebody wants another.
pub const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// How the disk is to be watched. Whatever the system refuses a watch is polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Natively, but for what lies on file systems that tell nothing: that is polled.
    #[default]
    Auto,
    /// Natively, on any file system.
    Native,
    /// By looking again and again.
    Poll,
    /// By whoever calls `Handle::told`; natively only what lies outside of the root.
    Client,
    /// By a Watchman server; nothing is walked, so that the size of the tree costs nothing.
    Watchman,
    /// Not at all: only saves count.
    Off,
}

/// How the disk is watched by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum How {
    /// Every directory natively.
    #[default]
    Native,
    /// Every directory is polled.
    Poll,
    /// Some of each.
    Mixed,
    /// The editor tells.
    Client,
    /// Watchman tells.
    Watchman,
    /// Not at all.
    Off,
}

/// What one `rules` entry, or the service itself, does with the paths it matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Globs relative to the root.
    pub paths: Vec<String>,
    /// What a match asks for; `None` is `ignore`.
    pub action: Option<Action>,
    /// Where it stands, for `explain`: `reload.toml:12`.
    pub origin: String,
}

/// Which list of the configuration a glob stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// `watch`
    Watch,
    /// `ignore`
    Ignore,
}

/// Where each glob was written, for `explain`: `reload.toml:7`. What is a default is not among them.
pub type Places = BTreeMap<(Key, String), String>;

/// What one service wants to know of the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// Whose.
    pub service: ServiceName,
    /// Tried in order before `watch`.
    pub rules: Vec<Rule>,
    /// Globs relative to the root; what matches asks for `action`.
    pub watch: Vec<String>,
    /// Globs relative to the root; what matches does not count, except for `rules`.
    pub ignore: Vec<String>,
    /// The default action.
    pub action: Action,
    /// Paths that count although an ignore file excludes them: `env_files`, literal entries of `watch`.
    pub literal: Vec<PathBuf>,
    /// Where `watch` was decided, for `explain`: `reload.toml:7`, or `default for Go`.
    pub origin: String,
    /// For a service with a build whose `watch` nobody wrote: what holds in the place of the globs once it is known.
    pub sources: Option<Sources>,
    /// Where each glob of `watch` and `ignore` was written.
    pub places: Places,
}

/// What the build of a service reads, where the toolchain can tell (product.md 2.2). `watch` and `ignore` of the interest are
/// then a guess that holds as far as the list does not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources {
    /// Those globs of `watch` that hold all the same: what the run reads.
    pub kept: Vec<String>,
    /// Those globs of `ignore` that a person wrote: they win over the list.
    pub ignore: Vec<String>,
    /// What the toolchain has said, once it has.
    pub inputs: Option<Arc<Inputs>>,
}

/// Everything there is to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Absolute, symlinks resolved.
    pub root: PathBuf,
    /// How.
    pub mode: Mode,
    /// The pause between two looks at what is polled.
    pub poll_interval: Duration,
    /// Whether `.gitignore` and `.ignore` count.
    pub gitignore: bool,
    /// Whose interests.
    pub interests: Vec<Interest>,
    /// Configuration files, absolute: a change of one is reported by itself. They need not exist yet. When there is
    /// none, `reload.toml` in the root is waited for.
    pub configuration: Vec<PathBuf>,
}

impl Plan {
    /// Nothing but these configuration files, absolute.
    pub fn configuration_only(root: &Path, configuration: Vec<PathBuf>) -> Self {
        let root = root.to_owned();
        Self {
            root,
            mode: Mode::default(),
            poll_interval: POLL_INTERVAL,
            gitignore: true,
            interests: Vec::new(),
            configuration,
        }
    }
}

/// What is reported to the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A path of a service was modified.
    Changed(ServiceName, Change),
    /// A configuration file was modified, created or removed.
    Configuration,
    /// The root is gone, or is there again.
    Root { exists: bool },
    /// Git is at work, and what it changes is held until then at most; `None`: it was told.
    Held { until: Option<Instant> },
    /// How the disk is watched now.
    Status(Status),
    /// Everything that came before `Handle::catch_up` with this number has been reported.
    CaughtUp(u64),
}

/// How the disk is watched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// How, all in all.
    pub how: How,
    /// Directories that are watched.
    pub directories: usize,
    /// Those of them that are polled.
    pub polled: usize,
    /// True once every directory has been walked.
    pub complete: bool,
    /// Why some changes are seen late or not at all, with the remedy.
    pub degraded: Option<String>,
}

/// Whether a save of a path would do something, and what decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The service; `None` when the same holds for all.
    pub service: Option<ServiceName>,
    /// What it would ask for; `None`: nothing.
    pub action: Option<Action>,
    /// The rule, glob or ignore file with its line that decided.
    pub because: String,
}

/// The configuration files as they were at some moment.
#[derive(Debug, Clone)]
pub struct Glance {
    files: Vec<(PathBuf, Option<fingerprint::Seen>)>,
}

impl Glance {
    /// The configuration files of a plan as they are now. To be taken just before they are read.
    pub fn at(plan: &Plan) -> Self {
        let mut buffer = Vec::new();
        let files = plan.configuration_files().into_iter();
        Self { files: files.map(|file| (file.clone(), fingerprint::read(&file, &mut buffer))).collect() }
    }
}

/// What somebody else who watches says of a path. It is not believed: it only says where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It was created.
    Created,
    /// It was written to.
    Modified,
    /// It was removed.
    Removed,
}

/// What the session holds of the watching. Dropping it ends it, without waiting; nothing is reported for what comes
/// after.
#[derive(Debug)]
pub struct Handle {
    queue: Arc<Queue>,
}

/// Where the saves of the editor go. Outlives the watching, and is then without effect.
#[derive(Debug, Clone)]
pub struct Saves {
    queue: Arc<Queue>,
}

impl Saves {
    /// The editor saved a path. Returns at once; order is kept. Reported for every service that it concerns, as
    /// `Content::Same` when the content is known already: also when the disk was first to tell.
    pub fn saved(&self, path: PathBuf, reason: SaveReason) {
        self.queue.wish(Wish::Saved(path, reason));
    }
}

impl Handle {
    /// Where the saves of the editor go.
    pub fn saves(&self) -> Saves {
        Saves { queue: self.queue.clone() }
    }

    /// The configuration was read when it was like this. Whatever it is now, if it differs from that it is reported: also
    /// when it is what was seen last, because what was read in between was never seen here.
    pub fn has_read(&self, glance: Glance) {
        self.queue.wish(Wish::Read(glance));
    }

    /// `Report::CaughtUp` with this number follows everything that the disk and the editor have told before this call.
    pub fn catch_up(&self, number: u64) {
        self.queue.wish(Wish::CatchUp(number));
    }

    /// The editor, which watches for us, says what happened to a path.
    pub fn told(&self, path: PathBuf, told: Told) {
        let hint = match told {
            Told::Created => Hint::Appeared,
            Told::Modified => Hint::Written,
            Told::Removed => Hint::Vanished,
        };
        self.queue.tell(News::Disk(hint, path));
    }

    /// Whatever was modified so far was told by nobody: everything is compared with what was seen.
    pub fn compare(&self) {
        self.queue.tell(News::Dropped);
    }

    /// From now on this is to be watched. What is already watched stays so, and what was seen is not forgotten.
    pub fn replan(&self, plan: Plan) {
        self.queue.wish(Wish::Plan(Box::new(plan), FileTime::now()));
    }

    /// The same; what counts only from now on is a change if it was modified after `since`.
    pub fn replan_since(&self, plan: Plan, since: SystemTime) {
        self.queue.wish(Wish::Plan(Box::new(plan), since.into()));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// Starts watching on a thread of its own. Reports go to `inbox`. Files that are modified before this call are not
/// reported, those that are modified after it are; to tell them apart it takes two ticks of the file system's clock at
/// most (of 4 ms on most kernels).
pub fn spawn(plan: Plan, inbox: UnboundedSender<Report>) -> Handle {
    let queue = Arc::new(Queue::default());
    worker::spawn(plan, inbox, queue.clone(), tree::remote_at);
    Handle { queue }
}

/// Answers for one path, without a running session: one verdict for each service, at least one.
pub fn explain(plan: &Plan, path: &Path) -> Vec<Verdict> {
    let named = plan.root.join(path);
    let path = canonical(&named);
    let mut verdicts = Vec::new();
    if plan.configuration_files().contains(&path) {
        let because = "it is the configuration: what differs is applied when it is saved".to_owned();
        verdicts.push(Verdict { service: None, action: None, because });
    }
    let filter = filter::Filter::new(plan);
    let mut found = filter.explain(&path, path.is_dir());
    if named != path && is_plain(&named) && found.iter().all(|(_, action, _)| action.is_none()) {
        // What a symlink leads to counts under the name of the symlink, too.
        let through_link = filter.explain(&named, path.is_dir());
        if through_link.iter().any(|(_, action, _)| action.is_some()) {
            found = through_link;
        }
    }
    verdicts.extend(found.into_iter().map(|(service, action, because)| Verdict { service, action, because }));
    verdicts
}

impl Plan {
    /// Configuration files under every name that events may give them.
    fn configuration_files(&self) -> BTreeSet<PathBuf> {
        if self.configuration.is_empty() {
            return BTreeSet::from([self.root.join(CONFIGURATION)]);
        }
        let named = self.configuration.iter().cloned();
        named.chain(self.configuration.iter().map(|file| canonical(file))).collect()
    }

    /// What toolchains have said that builds read.
    fn inputs(&self) -> impl Iterator<Item = &Inputs> {
        let sources = self.interests.iter().filter_map(|interest| interest.sources.as_ref());
        sources.filter_map(|sources| sources.inputs.as_deref())
    }

    /// The same without that.
    fn without_inputs(&self) -> Self {
        let mut plan = self.clone();
        for sources in plan.interests.iter_mut().filter_map(|interest| interest.sources.as_mut()) {
            sources.inputs = None;
        }
        plan
    }
}

/// The path with its symlinks resolved, as far as it exists.
fn canonical(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), path.strip_prefix(ancestor)) {
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    path.to_owned()
}

/// True for a path without `..`, which globs would take for a name.
fn is_plain(path: &Path) -> bool {
    path.components().all(|part| part != Component::ParentDir)
}
