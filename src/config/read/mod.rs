//! The tree of a document → `Options`, with every mistake that can be seen in one value alone. Called by `load`.
//! Does not know: the disk, what keys mean together.

mod document;
mod matcher;
mod table;
mod value;

use super::options::{
    At, Named, Options, ProxyOptions, ReadyOptions, RuleOptions, ServiceOptions, TrustOptions, Variable,
    WatchOptions, Written,
};
use table::{Table, list};

pub(super) use document::{Entry, Node, Value, from_json, from_toml};
pub(super) use table::{Problems, enumerate, suggestion};

/// Reads a whole document.
pub(super) fn options(tree: &Node, problems: &mut Problems) -> Options {
    if !matches!(tree.value, Value::Table(_)) {
        let message = format!("the configuration must be a table, not {}", tree.value.describe());
        problems.push(tree.from.problem(message, "give it the shape of reload.toml"));
        return Options::default();
    }
    let Some(mut table) = Table::open(tree, "", problems) else { return Options::default() };
    let services = table.read("services", problems, services);
    let matcher = table.read("matcher", problems, matcher::matchers);
    let options = Options {
        services: match services {
            Written::Given(at) => at.value,
            Written::Absent | Written::Wrong => Named::default(),
        },
        gitignore: table.read("gitignore", problems, value::boolean),
        trust: nested(table.read("trust", problems, trust)),
        watch: nested(table.read("watch", problems, watch)),
        matcher,
        proxy: table.read("proxy", problems, proxy),
    };
    table.finish(problems);
    options
}

fn nested<T: Default>(written: Written<T>) -> T {
    match written {
        Written::Given(at) => at.value,
        Written::Absent | Written::Wrong => T::default(),
    }
}

fn services(node: &Node, name: &str, problems: &mut Problems) -> Option<Named<ServiceOptions>> {
    Table::open(node, name, problems)?;
    let mut services = Vec::new();
    for entry in node.entries() {
        check_name(entry, node.entries(), problems);
        if let Some(options) = service(&entry.node, &format!("{name}.{}", entry.key), problems) {
            services.push((At { value: entry.key.clone(), from: entry.from.clone() }, options));
        }
    }
    Some(Named(services))
}

/// The name becomes a folder below `.reload`, next to our own files there, on file systems that may ignore case.
fn check_name(entry: &Entry, all: &[Entry], problems: &mut Problems) {
    const HELP: &str =
        "name it with letters, digits, `-`, `_` and `.`, at most 100, beginning with a letter or digit";
    let name = &entry.key;
    let is_plain = name.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    let begins_well = name.starts_with(char::is_alphanumeric);
    if !is_plain || !begins_well || name.len() > 100 || NAMES_OF_OURS.contains(&name.as_str()) {
        let message = format!("`{}` can't be the name of a service", name.escape_debug());
        problems.push(entry.from.problem(message, HELP));
    }
    let is_same = |other: &&Entry| other.key != *name && other.key.to_lowercase() == name.to_lowercase();
    let before = all.iter().take_while(|other| other.key != *name).find(is_same);
    if let Some(other) = before {
        let message = format!("the services `{}` and `{name}` differ only in case", other.key);
        problems.push(entry.from.problem(message, "give one of them another name"));
    }
}

/// What lies in our folder besides the results of services.
const NAMES_OF_OURS: &[&str] = &["history.jsonl"];

fn service(node: &Node, name: &str, problems: &mut Problems) -> Option<ServiceOptions> {
    let mut table = Table::open(node, name, problems)?;
    let globs = || list("globs", value::filled);
    let options = ServiceOptions {
        dir: table.read("dir", problems, value::filled),
        build: table.read("build", problems, value::command),
        run: table.read("run", problems, value::command),
        watch: table.read("watch", problems, globs()),
        ignore: table.read("ignore", problems, globs()),
        env: table.read("env", problems, variables),
        env_files: table.read("env_files", problems, list("paths", value::filled)),
        stop_signal: table.read("stop_signal", problems, value::signal),
        grace: table.read("grace", problems, value::time),
        swap: table.read("swap", problems, value::word),
        listen: table.read("listen", problems, list("addresses", value::address)),
        ready: table.read("ready", problems, ready),
        on_build_failure: table.read("on_build_failure", problems, value::word),
        on_crash: table.read("on_crash", problems, value::word),
        on_save: table.read("on_save", problems, value::word),
        depends_on: table.read("depends_on", problems, list("names of services", value::filled)),
        cascade: table.read("cascade", problems, value::boolean),
        problems: table.read("problems", problems, list("output formats", value::filled)),
        rules: table.read("rules", problems, list("tables", rule)),
    };
    table.finish(problems);
    Some(options)
}

fn variables(node: &Node, name: &str, problems: &mut Problems) -> Option<Named<Variable>> {
    Table::open(node, name, problems)?;
    let mut variables = Vec::new();
    let mut is_right = true;
    for entry in node.entries() {
        if entry.key.is_empty() || entry.key.contains(['=', '\0']) {
            let message = format!("`{}` can't be the name of a variable", entry.key.escape_debug());
            problems.push(entry.from.problem(message, "write the name without `=`"));
        }
        match value::variable(&entry.node, &format!("{name}.{}", entry.key), problems) {
            Some(value) => variables.push((At { value: entry.key.clone(), from: entry.from.clone() }, value)),
            None => is_right = false,
        }
    }
    is_right.then_some(Named(variables))
}

fn ready(node: &Node, name: &str, problems: &mut Problems) -> Option<ReadyOptions> {
    const HELP: &str = "write \"auto\", or one of { http = \"http://...\" }, { tcp = \"host:port\" }, \
        { log = \"regex\" } and { notify = true }";
    let wrong = match &node.value {
        Value::Text(word) if word == "auto" => return Some(ReadyOptions::default()),
        Value::Text(word) => node.from.problem(format!("`{name}` does not know `{word}`"), HELP),
        Value::Table(entries) if entries.is_empty() => {
            node.from.problem(format!("`{name}` names no probe"), HELP)
        }
        Value::Table(_) => return probe(node, name, problems),
        Value::Integer(_) | Value::Boolean(_) | Value::List(_) | Value::Other(_) => {
            table::mismatch(node, name, "\"auto\" or a table", HELP)
        }
    };
    problems.push(wrong);
    None
}

fn probe(node: &Node, name: &str, problems: &mut Problems) -> Option<ReadyOptions> {
    let mut table = Table::open(node, name, problems)?;
    let ready = ReadyOptions {
        http: table.read("http", problems, value::url),
        tcp: table.read("tcp", problems, value::host_and_port),
        log: table.read("log", problems, value::pattern),
        notify: table.read("notify", problems, value::boolean),
        timeout: table.read("timeout", problems, value::positive_time),
    };
    let written = [
        ("http", ready.http.is_absent()),
        ("tcp", ready.tcp.is_absent()),
        ("log", ready.log.is_absent()),
        ("notify", ready.notify.is_absent()),
    ];
    let probes: Vec<&str> = written.iter().filter(|(_, absent)| !absent).map(|(key, _)| *key).collect();
    if probes.len() > 1 {
        let message = format!("`{name}` has more than one probe: {}", enumerate(probes.iter().copied()));
        problems.push(node.from.problem(message, "keep one of them"));
    }
    table.finish(problems);
    Some(ready)
}

fn rule(node: &Node, name: &str, problems: &mut Problems) -> Option<RuleOptions> {
    if !matches!(node.value, Value::Table(_)) {
        let help = format!("write `[[{name}]]` and its keys below, once for each rule");
        problems.push(table::mismatch(node, name, "a list of tables", &help));
        return None;
    }
    let mut table = Table::open(node, name, problems)?;
    let rule = RuleOptions {
        paths: table.read("paths", problems, list("globs", value::filled)),
        action: table.read("action", problems, value::word),
        run: table.read("run", problems, value::command),
    };
    if rule.paths.is_absent() || rule.paths.value().is_some_and(Vec::is_empty) {
        let message = format!("a rule in `{name}` has no `paths`");
        problems.push(node.from.problem(message, "write `paths = [\"templates/**\"]`"));
    }
    if rule.action.is_absent() && rule.run.is_absent() {
        let message = format!("a rule in `{name}` has neither `action` nor `run`");
        let help = "write `action = \"restart\"` or another one, or `run = \"...\"` for a command";
        problems.push(node.from.problem(message, help));
    }
    table.finish(problems);
    Some(rule)
}

fn trust(node: &Node, name: &str, problems: &mut Problems) -> Option<TrustOptions> {
    let mut table = Table::open(node, name, problems)?;
    let trust = TrustOptions { pin: table.read("pin", problems, value::word) };
    table.finish(problems);
    Some(trust)
}

fn watch(node: &Node, name: &str, problems: &mut Problems) -> Option<WatchOptions> {
    let mut table = Table::open(node, name, problems)?;
    let watch = WatchOptions {
        mode: table.read("mode", problems, value::word),
        poll_interval: table.read("poll_interval", problems, value::positive_time),
    };
    table.finish(problems);
    Some(watch)
}

fn proxy(node: &Node, name: &str, problems: &mut Problems) -> Option<ProxyOptions> {
    let mut table = Table::open(node, name, problems)?;
    let proxy = ProxyOptions {
        listen: table.read("listen", problems, value::address),
        service: table.read("service", problems, value::filled),
    };
    table.finish(problems);
    Some(proxy)
}
