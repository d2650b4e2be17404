//! What one service wants to know of the disk: its globs and rules, relative to the root. Called by `resolve`.

use std::path::{Path, PathBuf};

use super::Project;
use super::globs::{self, RootGlob};
use super::tasks::to_action;
use crate::config::Task;
use crate::config::guess::kind::Defaults;
use crate::config::options::{At, ServiceOptions};
use crate::config::read::Problems;
use crate::engine::{Action, ServiceName};
use crate::watch;

/// The interest of a service. `env_files` are absolute; `tasks` has an entry for each rule.
pub(super) fn interest(
    name: &At<String>,
    options: &ServiceOptions,
    env_files: &[PathBuf],
    defaults: &Defaults,
    tasks: &[Option<Task>],
    project: &Project,
    problems: &mut Problems,
) -> watch::Interest {
    let action = if options.build.is_absent() { Action::Restart } else { Action::Rebuild };
    let mut literal = Vec::new();
    let folder = defaults.folder.strip_prefix(&project.root).unwrap_or(Path::new(""));
    let by_kind = |globs: &[&str]| -> Vec<String> {
        globs.iter().flat_map(|glob| globs::below(folder, glob).globs).collect()
    };
    let mut translate = |key: &str, entries: &[At<String>], literal: Option<&mut Vec<PathBuf>>| {
        let found: Vec<RootGlob> =
            entries.iter().filter_map(|glob| translated(key, name, glob, project, problems)).collect();
        if let Some(literal) = literal {
            literal.extend(
                found.iter().filter_map(|glob| glob.literal.as_ref()).map(|path| project.root.join(path)),
            );
        }
        found.into_iter().flat_map(|glob| glob.globs).collect::<Vec<_>>()
    };
    let places = places(options, project);

    let mut ignore = match options.ignore.value() {
        Some(entries) => translate("ignore", entries, None),
        None => Vec::new(),
    };
    let mut sources = None;
    let (watch, origin) = if let Some(at) = options.watch.given() {
        (translate("watch", &at.value, Some(&mut literal)), at.from.to_string())
    } else {
        // The toolchain may say what a build reads; nobody can say it of a run.
        sources = options.build.given().map(|_| {
            let (kept, ignore) = (by_kind(defaults.kind.served()), ignore.clone());
            watch::Sources { kept, ignore, inputs: None }
        });
        ignore.extend(by_kind(defaults.kind.ignore()));
        (by_kind(defaults.kind.watch()), format!("default for {}", defaults.kind.name()))
    };
    let mut rules = Vec::new();
    for (rule, task) in options.rules.value().into_iter().flatten().zip(tasks) {
        let Some(paths) = rule.value.paths.value() else { continue };
        let action = rule.value.action.value().and_then(|action| to_action(*action));
        rules.push(watch::Rule {
            paths: translate("rules", paths, None),
            action: task.as_ref().map(|task| Action::Task(task.id)).or(action),
            origin: rule.from.to_string(),
        });
    }
    rules.extend(env_rule(options, env_files, project));
    literal.extend(env_files.iter().cloned());
    literal.dedup();
    let service = ServiceName::from(name.value.as_str());
    watch::Interest { service, rules, watch, ignore, action, literal, origin, sources, places }
}

/// The place of every glob that somebody has written.
fn places(options: &ServiceOptions, project: &Project) -> watch::Places {
    let base = project.base.strip_prefix(&project.root).unwrap_or(Path::new(""));
    let mut places = watch::Places::default();
    for (key, written) in [(watch::Key::Watch, &options.watch), (watch::Key::Ignore, &options.ignore)] {
        for glob in written.value().into_iter().flatten() {
            // What can't be translated is reported elsewhere.
            let found = globs::to_root(&glob.value, base, &project.root).map(|found| found.globs);
            places.extend(
                found.unwrap_or_default().into_iter().map(|text| ((key, text), glob.from.to_string())),
            );
        }
    }
    places
}

/// A change of an env file restarts the service. A rule of the user for the same path comes before it.
fn env_rule(options: &ServiceOptions, env_files: &[PathBuf], project: &Project) -> Option<watch::Rule> {
    let paths: Vec<String> = env_files
        .iter()
        .filter_map(|path| path.strip_prefix(&project.root).ok())
        .map(globs::escape)
        .collect();
    let from = &options.env_files.given()?.from;
    let is_useful = !paths.is_empty() && !options.run.is_absent();
    is_useful.then(|| watch::Rule { paths, action: Some(Action::Restart), origin: from.to_string() })
}

fn translated(
    key: &str,
    name: &At<String>,
    glob: &At<String>,
    project: &Project,
    problems: &mut Problems,
) -> Option<RootGlob> {
    let base = project.base.strip_prefix(&project.root).unwrap_or(Path::new(""));
    match globs::to_root(&glob.value, base, &project.root) {
        Ok(found) => Some(found),
        Err(bad) => {
            let message = format!("`{}` in `services.{}.{key}` {}", glob.value, name.value, bad.what);
            problems.push(glob.from.problem(message, bad.help));
            None
        }
    }
}
