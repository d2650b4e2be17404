//! `Options` → `Config`: defaults are filled in, paths become absolute, globs relative to the root. Called by `load`.
//! Does not know: how the options were found.

mod check;
mod globs;
mod interest;
mod tasks;
mod watching;

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use nix::sys::signal::Signal;

use super::guess::{self, kind};
use super::options::{At, Options, ReadyOptions, ServiceOptions};
use super::read::Problems;
use super::{Config, ConfigProblem, ConfigSource, FILE, Service, Spot};
use crate::build::parse::matcher::Matcher;
use crate::engine::{Policy, ServiceName};
use crate::service::Ready;

/// Where the project is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Project {
    /// Absolute, symlinks resolved.
    pub(super) root: PathBuf,
    /// The folder that paths are relative to: that of the file. The root, or below it.
    pub(super) base: PathBuf,
    /// The file that was read, if there is one.
    pub(super) file: Option<PathBuf>,
    /// Everything that was read.
    pub(super) sources: Vec<ConfigSource>,
    /// Whether the editor can watch files for us.
    pub(super) client_watches: bool,
}

/// Makes the configuration. What is wrong goes to `problems`; the configuration holds only if there is nothing.
pub(super) fn config(options: &Options, project: Project, problems: &mut Problems) -> Config {
    check::whole(options, &project, problems);
    let warnings = check::warnings(options, &project);
    let mut services = Vec::new();
    for (name, written) in &options.services.0 {
        services.extend(service(name, written, options, &project, problems));
    }
    Config {
        services,
        watch_mode: watching::mode(options, &project),
        poll_interval: watching::interval(options),
        gitignore: options.gitignore.value().copied().unwrap_or(true),
        pin: options.trust.pin.value().copied().unwrap_or_default(),
        warnings,
        root: project.root,
        file: project.file,
        sources: project.sources,
    }
}

fn service(
    name: &At<String>,
    options: &ServiceOptions,
    all: &Options,
    project: &Project,
    problems: &mut Problems,
) -> Option<Service> {
    check::service(name, options, problems);
    let dir = dir(name, options, project, problems)?;
    let (build, run) = (options.build.value().cloned(), options.run.value().cloned());
    let env_files: Vec<PathBuf> = options
        .env_files
        .value()
        .into_iter()
        .flatten()
        .map(|path| normal(&project.base.join(&path.value)))
        .collect();
    let defaults = kind::defaults(build.as_ref(), run.as_ref(), &dir, &project.root);
    let spot = |command: Option<&Spot>| {
        command.or_else(|| name.from.spot()).cloned().unwrap_or_else(|| Spot::top(&manifest(project)))
    };
    let env = options.env.value().map(|env| env.0.as_slice()).unwrap_or_default();
    let tasks = tasks::tasks(options, &dir, &spot(None));
    Some(Service {
        name: ServiceName::from(name.value.as_str()),
        env: env.iter().map(|(key, value)| (key.value.clone(), value.0.clone())).collect(),
        stop_signal: options.stop_signal.value().map_or(Signal::SIGTERM, |signal| signal.0),
        listen: options.listen.value().into_iter().flatten().map(|address| address.value.0).collect(),
        ready: options.ready.value().map_or(Ready::Auto, ready),
        problems: options.problems.value().into_iter().flatten().map(|format| format.value.clone()).collect(),
        matchers: matchers(options, all),
        policy: policy(options),
        interest: interest::interest(name, options, &env_files, &defaults, &tasks, project, problems),
        tasks: tasks.into_iter().flatten().collect(),
        build_spot: spot(options.build.given().and_then(|at| at.from.spot())),
        run_spot: spot(options.run.given().and_then(|at| at.from.spot())),
        dir,
        build,
        run,
        env_files,
    })
}

fn dir(
    name: &At<String>,
    options: &ServiceOptions,
    project: &Project,
    problems: &mut Problems,
) -> Option<PathBuf> {
    let Some(at) = options.dir.given() else { return Some(project.base.clone()) };
    let path = normal(&project.base.join(&at.value));
    let key = format!("services.{}.dir", name.value);
    match std::fs::canonicalize(&path) {
        Ok(dir) if dir.is_dir() && dir.starts_with(&project.root) => Some(dir),
        Ok(dir) if dir.is_dir() => {
            let message = format!("`{key}` lies outside of the project {}", project.root.display());
            problems.push(at.from.problem(message, "move the configuration file to a folder above both"));
            None
        }
        Ok(_) | Err(_) => {
            let message = format!("`{key}` is no folder: {}", path.display());
            problems
                .push(at.from.problem(message, "paths are relative to the folder of the configuration file"));
            None
        }
    }
}

fn ready(written: &ReadyOptions) -> Ready {
    let probe = written.http.value().cloned().map(Ready::Http);
    let probe = probe.or_else(|| written.tcp.value().cloned().map(Ready::Tcp));
    let probe = probe.or_else(|| written.log.value().cloned().map(Ready::Log));
    let notify = || written.notify.value().is_some_and(|notify| *notify).then_some(Ready::Notify);
    probe.or_else(notify).unwrap_or(Ready::Auto)
}

fn matchers(options: &ServiceOptions, all: &Options) -> Vec<Arc<Matcher>> {
    let named = options.problems.value();
    let is_wanted = |name: &str| named.is_none_or(|named| named.iter().any(|format| format.value == name));
    let own = all.matcher.value().into_iter().flatten().filter_map(|at| at.value.compiled.as_ref());
    own.filter(|matcher| is_wanted(&matcher.name)).cloned().collect()
}

fn policy(options: &ServiceOptions) -> Policy {
    let usual = Policy::default();
    let timeout = options.ready.value().and_then(|ready| ready.timeout.value());
    let names = options.depends_on.value().into_iter().flatten();
    Policy {
        on_save: options.on_save.value().copied().unwrap_or(usual.on_save),
        swap: options.swap.value().copied().unwrap_or(usual.swap),
        grace: options.grace.value().map_or(usual.grace, |grace| grace.0),
        ready_timeout: timeout.map_or(usual.ready_timeout, |timeout| timeout.0),
        on_build_failure: options.on_build_failure.value().copied().unwrap_or(usual.on_build_failure),
        on_crash: options.on_crash.value().copied().unwrap_or(usual.on_crash),
        depends_on: names.map(|name| ServiceName::from(name.value.as_str())).collect(),
        cascade: options.cascade.value().copied().unwrap_or(usual.cascade),
    }
}

/// Where problems are shown that have no place in a configuration file.
fn manifest(project: &Project) -> PathBuf {
    let found = project.file.clone().or_else(|| guess::manifest(&project.root));
    found.unwrap_or_else(|| project.root.join(FILE))
}

/// The path without `.` and `..`, by its text alone: what it names need not exist.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => normal.push(part),
        }
    }
    normal
}

/// The problems of a document as a whole, when there is no better place.
pub(super) fn at_top(project: &Project, message: &str, help: &str) -> ConfigProblem {
    let spot = project.file.as_deref().map(Spot::top);
    ConfigProblem { spot, message: message.to_owned(), help: Some(help.to_owned()) }
}
