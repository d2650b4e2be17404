//! What can only be seen by looking at several keys at once. Called by `resolve`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Project, at_top};
use crate::artifact;
use crate::build::parse;
use crate::config::ConfigProblem;
use crate::config::Provenance;
use crate::config::options::{At, Options, RuleAction, ServiceOptions};
use crate::config::read::{Problems, enumerate, suggestion};
use crate::engine::{Action, Swap};
use crate::process::CommandLine;

/// Mistakes between services and at the top level.
pub(super) fn whole(options: &Options, project: &Project, problems: &mut Problems) {
    if options.services.0.is_empty() && problems.is_empty() {
        let help = "write `[services.app]` with `run = \"...\"`";
        problems.push(at_top(project, "there is no service in the configuration", help));
    }
    formats(options, problems);
    dependencies(options, problems);
    cycles(options, problems);
    addresses(options, problems);
    let service = options.proxy.value().and_then(|proxy| proxy.service.given());
    if let Some(service) = service {
        known_service("proxy.service", service, options, problems);
    }
}

/// What is odd and does no harm.
pub(super) fn warnings(options: &Options, project: &Project) -> Vec<ConfigProblem> {
    let mut warnings = Vec::new();
    if let Some(proxy) = options.proxy.given() {
        let help = "let the service listen by itself, or give it `listen`";
        warnings.push(proxy.from.problem("`proxy` is not served by this version", help));
    }
    if let Some(written) = options.watch.poll_interval.given() {
        let used = super::watching::interval(options);
        if used != written.value.0 {
            let [used, written_as] = [used, written.value.0].map(humantime::format_duration);
            let message = format!("`watch.poll_interval` is {written_as}, and {used} is used");
            warnings.push(written.from.problem(message, "write a time from \"500ms\" to \"2s\""));
        }
    }
    warnings.extend(super::watching::warning(options, project));
    for (name, service) in &options.services.0 {
        let mut useless = |key: &str, from: &Provenance, without: &str| {
            let message = format!("`services.{}.{key}` has no effect without `{without}`", name.value);
            warnings.push(from.problem(message, format!("remove it, or add `{without}`")));
        };
        if service.run.is_absent() {
            for (key, from) in run_keys(service) {
                useless(key, from, "run");
            }
        }
        if let Some(at) = service.on_build_failure.given().filter(|_| service.build.is_absent()) {
            useless("on_build_failure", &at.from, "build");
        }
        if let Some(at) = service.problems.given().filter(|_| service.build.is_absent()) {
            useless("problems", &at.from, "build");
        }
        if let Some(at) = service.cascade.given().filter(|at| at.value && service.depends_on.is_absent()) {
            useless("cascade", &at.from, "depends_on");
        }
    }
    warnings
}

/// The keys that are only about the run, where they were written.
fn run_keys(service: &ServiceOptions) -> Vec<(&'static str, &Provenance)> {
    let keys = [
        ("env_files", service.env_files.given().map(|at| &at.from)),
        ("stop_signal", service.stop_signal.given().map(|at| &at.from)),
        ("grace", service.grace.given().map(|at| &at.from)),
        ("swap", service.swap.given().map(|at| &at.from)),
        ("listen", service.listen.given().map(|at| &at.from)),
        ("ready", service.ready.given().map(|at| &at.from)),
        ("on_crash", service.on_crash.given().map(|at| &at.from)),
    ];
    keys.into_iter().filter_map(|(key, from)| Some((key, from?))).collect()
}

/// Mistakes within one service.
pub(super) fn service(name: &At<String>, options: &ServiceOptions, problems: &mut Problems) {
    let key = format!("services.{}", name.value);
    if options.build.is_absent() && options.run.is_absent() {
        let help = "write `run = \"...\"` for a program that runs on, `build = \"...\"` for one that ends";
        problems.push(name.from.problem(format!("`{key}` has neither `build` nor `run`"), help));
    }
    placeholders(&key, options, problems);
    if let Some(swap) = options.swap.given()
        && swap.value == Swap::StartFirst
        && (options.listen.is_absent() || options.listen.value().is_some_and(Vec::is_empty))
    {
        let message =
            format!("`{key}.swap` = `start-first` needs `listen`: two runs can't open the same port");
        problems.push(
            swap.from.problem(
                message,
                "write `listen = [\"127.0.0.1:8080\"]` and take the socket from LISTEN_FDS",
            ),
        );
    }
    for rule in options.rules.value().into_iter().flatten() {
        let Some(action) = rule.value.action.given() else { continue };
        let lacking = match action.value {
            RuleAction::Do(Action::Rebuild) if options.build.is_absent() => "build",
            RuleAction::Do(Action::Restart) if options.run.is_absent() => "run",
            RuleAction::Do(_) | RuleAction::Ignore => continue,
        };
        let message = format!("a rule of `{key}` asks for what needs `{lacking}`, which is not there");
        problems.push(action.from.problem(message, format!("add `{lacking}`, or choose another action")));
    }
}

fn placeholders(key: &str, options: &ServiceOptions, problems: &mut Problems) {
    let names = |command: &CommandLine, placeholder| artifact::is_named(command, placeholder);
    if let Some(run) = options.run.given() {
        let is_built = |placeholder| options.build.value().is_none_or(|build| names(build, placeholder));
        if names(&run.value, "{out}") && (options.build.is_absent() || !is_built("{out}")) {
            let message = format!("`{key}.run` names {{out}}, which `build` never writes");
            let help = "let the build write there, such as `build = \"go build -o {out} .\"`";
            problems.push(run.from.problem(message, help));
        }
        let has_cargo = options.build.value().is_none_or(|build| names(build, "cargo"));
        if names(&run.value, "{exe}") && (options.build.is_absent() || !has_cargo) {
            let message = format!("`{key}.run` names {{exe}}, which only a build by cargo knows");
            problems.push(run.from.problem(message, "let the build write to {out}, and run that"));
        }
    }
    let rules = options.rules.value().into_iter().flatten();
    for task in rules.filter_map(|rule| rule.value.run.given()) {
        for placeholder in ["{out}", "{exe}"].into_iter().filter(|name| names(&task.value, name)) {
            let message = format!("a task of `{key}` names {placeholder}, which only builds and runs have");
            problems.push(task.from.problem(message, "write the path of a file of the project"));
        }
    }
    if let Some(build) = options.build.given().filter(|build| names(&build.value, "{exe}")) {
        let message = format!("`{key}.build` names {{exe}}, which is only known after it");
        problems.push(build.from.problem(message, "write {out} for the path of the program"));
    }
}

/// There are too many to list them.
const FORMATS_HELP: &str = "name a program whose output it is, such as `gcc` or `tsc`, a `[[matcher]]`, or one of VS Code \
    such as `$tsc`";

// What `problems` names is a format, a matcher of the file, or one of VS Code.
fn formats(options: &Options, problems: &mut Problems) {
    let mut known: Vec<&str> = Vec::new();
    for matcher in options.matcher.value().into_iter().flatten() {
        known.extend(matcher.value.name.value().map(String::as_str));
    }
    for name in parse::names().into_iter().chain(parse::matcher::names()) {
        known.push(name);
    }
    for (service, written) in &options.services.0 {
        let named = written.problems.value().into_iter().flatten();
        for format in named.filter(|format| !known.contains(&format.value.as_str())) {
            let help = match suggestion(&format.value, known.iter().copied()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => FORMATS_HELP.to_owned(),
            };
            let name = &service.value;
            let message = format!("`services.{name}.problems` does not know the format `{}`", format.value);
            problems.push(format.from.problem(message, help));
        }
    }
}

fn dependencies(options: &Options, problems: &mut Problems) {
    for (name, service) in &options.services.0 {
        let key = format!("services.{}.depends_on", name.value);
        for dependency in service.depends_on.value().into_iter().flatten() {
            if dependency.value == name.value {
                let message = format!("`{key}` names the service itself");
                problems.push(dependency.from.problem(message, "remove it"));
            } else {
                known_service(&key, dependency, options, problems);
            }
        }
    }
}

fn known_service(key: &str, name: &At<String>, options: &Options, problems: &mut Problems) {
    let known = || options.services.0.iter().map(|(known, _)| known.value.as_str());
    if known().any(|known| known == name.value) {
        return;
    }
    let help = match suggestion(&name.value, known()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => format!("the services are {}", enumerate(known())),
    };
    problems.push(name.from.problem(format!("`{key}` does not know the service `{}`", name.value), help));
}

/// Each cycle is reported once, at the entry that leads back to where the search began.
fn cycles(options: &Options, problems: &mut Problems) {
    let edges: BTreeMap<&str, &[At<String>]> = options
        .services
        .0
        .iter()
        .map(|(name, service)| {
            (name.value.as_str(), service.depends_on.value().map(Vec::as_slice).unwrap_or_default())
        })
        .collect();
    let mut done = BTreeSet::new();
    for (name, _) in &options.services.0 {
        let mut path = Vec::new();
        follow(&name.value, &edges, &mut path, &mut done, problems);
    }
}

fn follow<'a>(
    name: &'a str,
    edges: &BTreeMap<&'a str, &'a [At<String>]>,
    path: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
    problems: &mut Problems,
) {
    if done.contains(name) {
        return;
    }
    path.push(name);
    for next in edges.get(name).copied().unwrap_or_default() {
        match path.iter().position(|before| *before == next.value) {
            Some(_) if next.value == name => {}
            Some(start) => {
                let circle: Vec<&str> = path[start..].iter().copied().chain([next.value.as_str()]).collect();
                let message = format!("services wait for each other: {}", circle.join(" → "));
                problems.push(next.from.problem(message, "remove one of these from `depends_on`"));
            }
            None => follow(&next.value, edges, path, done, problems),
        }
    }
    path.pop();
    done.insert(name);
}

fn addresses(options: &Options, problems: &mut Problems) {
    let mut seen = BTreeMap::new();
    for (name, service) in &options.services.0 {
        for address in service.listen.value().into_iter().flatten() {
            let socket = address.value.0;
            if socket.port() == 0 {
                continue;
            }
            if let Some(other) = seen.insert(socket, &name.value) {
                let message =
                    format!("`services.{}.listen`: {socket} belongs to `{other}` already", name.value);
                problems.push(address.from.problem(message, "give every service a port of its own"));
            }
        }
    }
}
