//! Which paths count, for whom, and why (product.md 2.2 and 2.3). Called by `worker`, `walk` and `watch::explain`.
//! Pure but for ignore files, which are read when a path below them is first asked about.
//! Does not know: contents, watches, who asks.

mod globs;
mod ignore_files;
mod listed;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::inputs::{Inputs, Read};
use super::{Interest, Key, Places, Plan};
use crate::engine::{Action, ServiceName};
use globs::Globs;
use ignore_files::IgnoreFiles;
use listed::Listed;

/// Directories of tools that nobody edits by hand.
const NEVER: [&str; 5] = [".git", ".hg", ".jj", ".svn", ".reload"];

/// What decides for one plan. Cheap to ask; made anew when the plan or an ignore file is modified.
#[derive(Debug)]
pub(super) struct Filter {
    root: PathBuf,
    ignore_files: Option<IgnoreFiles>,
    interests: Vec<Compiled>,
    configuration: BTreeSet<PathBuf>,
}

/// The files of a directory that would say what is ignored.
pub(super) fn ignore_files_of(directory: &Path) -> impl Iterator<Item = PathBuf> {
    ignore_files::NAMES.iter().map(|name| directory.join(name))
}

/// An `Interest` whose globs are compiled.
#[derive(Debug)]
struct Compiled {
    service: ServiceName,
    rules: Vec<(Globs, Option<Action>, String)>,
    watch: Globs,
    ignore: Globs,
    action: Action,
    literal: Vec<PathBuf>,
    origin: String,
    listed: Option<Listed>,
    places: Places,
}

/// What one path means.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Concern {
    /// The services that it counts for, and what it asks of each.
    pub(super) services: Vec<(ServiceName, Action)>,
    /// The services whose builds are believed not to read it, as far as nobody wrote so: it counts when they fail.
    pub(super) unread: Vec<(ServiceName, Action)>,
    /// True for a configuration file.
    pub(super) is_configuration: bool,
    /// True for a file that says what is ignored.
    pub(super) is_ignore_file: bool,
}

impl Concern {
    /// True when nobody wants to know.
    pub(super) fn is_none(&self) -> bool {
        self.services.is_empty() && self.unread.is_empty() && !self.is_configuration && !self.is_ignore_file
    }
}

/// What one service makes of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision<'a> {
    Rule(usize, Option<Action>, &'a str),
    /// By this glob; whether the path would count without it.
    Ignored(&'a str, bool),
    Literal(Action),
    Watched(Action, &'a str),
    Read(Action, Read<'a>),
    Unread,
    Unmatched,
}

impl Decision<'_> {
    const fn action(self) -> Option<Action> {
        match self {
            Self::Rule(_, action, _) => action,
            Self::Literal(action) | Self::Watched(action, _) | Self::Read(action, _) => Some(action),
            Self::Ignored(..) | Self::Unread | Self::Unmatched => None,
        }
    }
}

impl Filter {
    /// The filter of a plan. Ignore files are not read yet.
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            root: plan.root.clone(),
            ignore_files: plan.gitignore.then(|| IgnoreFiles::new(&plan.root)),
            interests: plan.interests.iter().map(|interest| Compiled::new(interest, &plan.root)).collect(),
            configuration: plan.configuration_files(),
        }
    }

    /// Who wants to know about the file `path`. `path` is canonical but for its last part.
    pub(super) fn concern(&self, path: &Path) -> Concern {
        let mut concern =
            Concern { is_configuration: self.configuration.contains(path), ..Concern::default() };
        concern.is_ignore_file = self.ignore_files.is_some() && ignore_files::is_ignore_file(path);
        if self.barrier(path).is_some() {
            return concern;
        }
        let mut wanting = Vec::new();
        for interest in &self.interests {
            let decision = interest.decide(&self.root, path);
            if let Some(action) = decision.action() {
                wanting.push((interest, action, true));
            } else if interest.is_guess(decision) {
                wanting.push((interest, interest.action, false));
            }
        }
        // Ignore files come last here, although they are asked first: most paths need no answer from them.
        let is_excluded = !wanting.is_empty() && self.excluding(path, false).is_some();
        for (interest, action, is_read) in wanting {
            if !is_excluded || interest.is_literal(path) {
                let list = if is_read { &mut concern.services } else { &mut concern.unread };
                list.push((interest.service.clone(), action));
            }
        }
        concern
    }

    /// True when the directory can hold something that counts, and therefore is to be watched and listed.
    pub(super) fn enters(&self, directory: &Path) -> bool {
        if directory == self.root {
            return true;
        }
        let Ok(relative) = directory.strip_prefix(&self.root) else { return self.is_held(directory) };
        if is_inside_never(relative) {
            return false;
        }
        if self.interests.iter().any(|interest| interest.reaches_literally(directory)) {
            return true;
        }
        self.interests.iter().any(|interest| interest.reaches(relative, directory))
            && self.excluding(directory, true).is_none()
    }

    /// The directories above the root whose ignore files count.
    pub(super) fn directories_above(&self) -> Vec<PathBuf> {
        let repository = self.ignore_files.as_ref().map_or(&*self.root, IgnoreFiles::top);
        let above = self.root.ancestors().skip(1);
        above.take_while(|directory| directory.starts_with(repository)).map(Path::to_owned).collect()
    }

    /// Reads the ignore files of `directory` and below anew when they are next asked for.
    pub(super) fn forget(&self, directory: &Path) {
        if let Some(ignore_files) = &self.ignore_files {
            ignore_files.forget(directory);
        }
    }

    /// What each service makes of `path`, and what decided: action and reason, `None` for the service when it is the
    /// same for all.
    pub(super) fn explain(
        &self,
        path: &Path,
        is_dir: bool,
    ) -> Vec<(Option<ServiceName>, Option<Action>, String)> {
        if let Some(barrier) = self.barrier(path) {
            return vec![(None, None, barrier)];
        }
        let excluded = self.excluding(path, is_dir);
        let verdicts = self.interests.iter().map(|interest| {
            let service = Some(interest.service.clone());
            match &excluded {
                Some(excluded) if !interest.is_literal(path) => {
                    let is_read = interest.inputs().is_some_and(|inputs| inputs.read(path).is_some());
                    let although = if is_read { ", although the build reads it" } else { "" };
                    (service, None, format!("{excluded}{although}"))
                }
                Some(_) | None => {
                    let decision = interest.decide(&self.root, path);
                    (service, decision.action(), interest.reason(decision))
                }
            }
        });
        let verdicts: Vec<_> = verdicts.collect();
        if verdicts.is_empty() {
            return vec![(None, None, "there is no service".to_owned())];
        }
        verdicts
    }

    /// Why a path counts for nobody, before anything that can be configured.
    fn barrier(&self, path: &Path) -> Option<String> {
        let is_outside = !path.starts_with(&self.root);
        if is_outside && !path.parent().is_some_and(|parent| self.is_held(parent)) {
            return Some(format!("outside of the root `{}`", self.root.display()));
        }
        if let Some(pattern) = path.file_name().and_then(noise) {
            return Some(format!("editor noise `{pattern}`"));
        }
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let part = relative.components().find_map(|part| NEVER.iter().find(|never| is_part(part, never)));
        part.map(|part| format!("inside `{part}`"))
    }

    /// True for a directory, wherever it lies, of which a toolchain said that a build reads files in it.
    fn is_held(&self, directory: &Path) -> bool {
        self.interests.iter().filter_map(Compiled::inputs).any(|inputs| inputs.hold(directory))
    }

    fn excluding(&self, path: &Path, is_dir: bool) -> Option<Arc<str>> {
        if !path.starts_with(&self.root) {
            return None;
        }
        self.ignore_files.as_ref()?.excluding(path, is_dir)
    }
}

impl Compiled {
    fn new(interest: &Interest, root: &Path) -> Self {
        let rules = interest.rules.iter();
        Self {
            service: interest.service.clone(),
            rules: rules.map(|rule| (Globs::new(&rule.paths), rule.action, rule.origin.clone())).collect(),
            watch: Globs::new(&interest.watch),
            ignore: Globs::new(&interest.ignore),
            action: interest.action,
            literal: interest.literal.iter().map(|path| root.join(path)).collect(),
            origin: interest.origin.clone(),
            listed: Listed::new(interest),
            places: interest.places.clone(),
        }
    }

    fn inputs(&self) -> Option<&Inputs> {
        self.listed.as_ref().map(|listed| &*listed.inputs)
    }

    fn decide(&self, root: &Path, path: &Path) -> Decision<'_> {
        let relative = path.strip_prefix(root);
        let is_outside = relative.is_err();
        // Elsewhere only globs that match anywhere mean something.
        let relative = relative.unwrap_or_else(|_| path.strip_prefix("/").unwrap_or(path));
        let holds = |inputs: &Inputs| path.parent().is_some_and(|parent| inputs.hold(parent));
        if is_outside && !self.inputs().is_some_and(holds) {
            return Decision::Unmatched;
        }
        for (index, (globs, action, _)) in self.rules.iter().enumerate() {
            if let Some(glob) = globs.first_match(relative) {
                return Decision::Rule(index, *action, glob);
            }
        }
        let read = self.inputs().and_then(|inputs| inputs.read(path));
        let ignore = match (&self.listed, read) {
            (Some(listed), Some(Read::Listed)) => &listed.ignore,
            (Some(_) | None, _) => &self.ignore,
        };
        if let Some(glob) = ignore.first_match(relative) {
            return Decision::Ignored(glob, self.watch.first_match(relative).is_some());
        }
        if let Some(read) = read {
            return Decision::Read(self.action, read);
        }
        if let Some(glob) = self.watch.first_match(relative) {
            let is_kept = |listed: &Listed| {
                let is_guess_good = !listed.inputs.is_whole && !is_outside;
                is_guess_good || listed.kept.first_match(relative).is_some() || self.is_literal(path)
            };
            return if self.listed.as_ref().is_none_or(is_kept) {
                Decision::Watched(self.action, glob)
            } else {
                Decision::Unread
            };
        }
        if self.is_literal(path) { Decision::Literal(self.action) } else { Decision::Unmatched }
    }

    /// True when nobody but us says that the path does not count.
    fn is_guess(&self, decision: Decision<'_>) -> bool {
        if let Decision::Ignored(glob, is_watched) = decision {
            return is_watched && !self.places.contains_key(&(Key::Ignore, glob.to_owned()));
        }
        decision == Decision::Unread
    }

    fn reason(&self, decision: Decision<'_>) -> String {
        match decision {
            Decision::Rule(index, _, glob) => format!("{} rules[{index}] `{glob}`", self.rules[index].2),
            Decision::Ignored(glob, _) => format!("{} `ignore` `{glob}`", self.place(Key::Ignore, glob)),
            Decision::Literal(_) => format!("{} names it", self.origin),
            Decision::Watched(_, glob) => format!("{} `watch` `{glob}`", self.place(Key::Watch, glob)),
            Decision::Read(_, read) => {
                self.listed.as_ref().map_or_else(String::new, |listed| listed.reason(read))
            }
            Decision::Unread | Decision::Unmatched => match &self.listed {
                Some(listed) if listed.inputs.is_whole => listed.unread(),
                Some(_) | None => "no `watch` glob matches".to_owned(),
            },
        }
    }

    fn place(&self, key: Key, glob: &str) -> &str {
        self.places.get(&(key, glob.to_owned())).unwrap_or(&self.origin)
    }

    /// Named as it stands, or by a directory above it.
    fn is_literal(&self, path: &Path) -> bool {
        self.literal.iter().any(|literal| path.starts_with(literal))
    }

    fn reaches_literally(&self, directory: &Path) -> bool {
        self.literal.iter().any(|literal| literal.starts_with(directory) || directory.starts_with(literal))
    }

    fn reaches(&self, relative: &Path, directory: &Path) -> bool {
        if self.inputs().is_some_and(|inputs| inputs.reach(directory)) {
            return true;
        }
        let is_ruled = self.rules.iter().any(|(globs, action, _)| action.is_some() && globs.reach(relative));
        is_ruled || (self.watch.reach(relative) && !self.ignore.cover(relative))
    }
}

fn is_inside_never(relative: &Path) -> bool {
    relative.components().any(|part| NEVER.iter().any(|never| is_part(part, never)))
}

fn is_part(part: Component<'_>, name: &str) -> bool {
    part.as_os_str() == name
}

/// The pattern of files that editors write for themselves, if this is one.
fn noise(name: &OsStr) -> Option<&'static str> {
    let name = name.to_string_lossy();
    let is_swap = name.len() > 5
        && name.starts_with('.')
        && name.rsplit_once('.').is_some_and(|(_, end)| end.len() == 3 && end.starts_with("sw"));
    let is_swap_of_kate = name.starts_with('.') && name.ends_with(".kate-swp");
    let patterns = [
        (name.ends_with('~'), "*~"),
        (is_swap, ".*.sw?"),
        (name == "4913", "4913"),
        (name.starts_with(".#"), ".#*"),
        (name.len() > 1 && name.starts_with('#') && name.ends_with('#'), "#*#"),
        (name.ends_with(".tmp"), "*.tmp"),
        (name.ends_with(".bak"), "*.bak"),
        (name == ".DS_Store", ".DS_Store"),
        (name.contains("___jb_"), "*___jb_*"),
        (is_swap_of_kate, ".*.kate-swp"),
    ];
    patterns.into_iter().find_map(|(is_noise, pattern)| is_noise.then_some(pattern))
}
