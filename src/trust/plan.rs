//! Configuration → plan: everything that decides what is executed, as canonical JSON and its hash. Called by `session`
//! and `cli`.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Plan;
use crate::config::{Config, Service, Task};
use crate::engine::Action;
use crate::process::CommandLine;
use crate::service::Ready;
use crate::watch;

/// The plan of a configuration.
pub fn plan(config: &Config) -> Plan {
    let services: serde_json::Map<String, Value> =
        config.services.iter().map(|service| (service.name.to_string(), described(service))).collect();
    let sources: Vec<Value> = config
        .sources
        .iter()
        .map(|source| json!([bytes(&source.path), hexadecimal(&source.sha256)]))
        .collect();
    let whole =
        json!({ "version": 1, "root": bytes(&config.root), "services": services, "sources": sources });
    let mut canonical = String::new();
    write_canonical(&whole, &mut canonical);
    Plan {
        root: config.root.clone(),
        hash: sha256(canonical.as_bytes()),
        commands: config.services.iter().flat_map(|service| lines(service, &config.root)).collect(),
    }
}

fn described(service: &Service) -> Value {
    let env: serde_json::Map<String, Value> =
        service.env.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let rules: Vec<Value> = service
        .interest
        .rules
        .iter()
        .map(|rule| {
            let action = |action: Option<Action>| action.map(|action| format!("{action:?}"));
            match task_of(service, rule) {
                Some(task) => json!([rule.paths, action(task.then), command(Some(&task.command))]),
                None => json!([rule.paths, action(rule.action)]),
            }
        })
        .collect();
    let listen: Vec<String> = service.listen.iter().map(ToString::to_string).collect();
    let env_files: Vec<Value> = service.env_files.iter().map(|path| bytes(path)).collect();
    json!({
        "dir": bytes(&service.dir),
        "build": command(service.build.as_ref()),
        "run": command(service.run.as_ref()),
        "env": env,
        "envFiles": env_files,
        "listen": listen,
        "ready": ready(&service.ready),
        "watch": service.interest.watch,
        "ignore": service.interest.ignore,
        "rules": rules,
    })
}

fn task_of<'a>(service: &'a Service, rule: &watch::Rule) -> Option<&'a Task> {
    service.tasks.iter().find(|task| rule.action == Some(Action::Task(task.id)))
}

fn command(line: Option<&CommandLine>) -> Value {
    match line {
        Some(CommandLine::Shell(text)) => json!({ "shell": text }),
        Some(CommandLine::Argv(words)) => json!({ "argv": words }),
        None => Value::Null,
    }
}

fn ready(ready: &Ready) -> Value {
    match ready {
        Ready::Auto => json!("auto"),
        Ready::Notify => json!("notify"),
        Ready::Http(url) => json!({ "http": url }),
        Ready::Tcp(address) => json!({ "tcp": address }),
        Ready::Log(pattern) => json!({ "log": pattern }),
    }
}

/// A path as text that two different paths never share: bytes that are no UTF-8 count.
fn bytes(path: &Path) -> Value {
    match path.to_str() {
        Some(text) => json!(text),
        None => json!({ "bytes": path.as_os_str().as_bytes() }),
    }
}

/// Keys in order, no blanks: the same value always gives the same text.
fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort();
            text.push('{');
            for (index, key) in keys.into_iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                let _ = write!(text, "{comma}{}:", json!(key));
                write_canonical(&fields[key], text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_canonical(item, text);
            }
            text.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

/// Lower-case hexadecimal sha256.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What people decide about. The names of variables are shown, since some of them (`PATH`, `LD_PRELOAD`) are commands in
/// disguise; their values never are.
fn lines(service: &Service, root: &Path) -> Vec<String> {
    let folder = match service.dir.strip_prefix(root) {
        Ok(below) if below.as_os_str().is_empty() => String::new(),
        Ok(below) => format!(" (in {})", below.display()),
        Err(_) => format!(" (in {})", service.dir.display()),
    };
    let name = &service.name;
    let mut lines = Vec::new();
    for (verb, line) in [("builds with", &service.build), ("runs", &service.run)] {
        lines.extend(line.as_ref().map(|line| format!("{name} {verb}: {}{folder}", shown(line))));
    }
    for rule in &service.interest.rules {
        let Some(task) = task_of(service, rule) else { continue };
        let paths = rule.paths.join(", ");
        lines.push(format!("{name} runs when {paths} changes: {}{folder}", shown(&task.command)));
    }
    if !service.env.is_empty() {
        let names: Vec<&str> = service.env.iter().map(|(name, _)| name.as_str()).collect();
        lines.push(format!("{name} sets: {}", names.join(", ")));
    }
    for file in &service.env_files {
        let file = file.strip_prefix(root).unwrap_or(file);
        lines.push(format!("{name} sets what is in: {}", file.display()));
    }
    for address in &service.listen {
        lines.push(format!("{name} listens on: {address}"));
    }
    match &service.ready {
        Ready::Http(probe) | Ready::Tcp(probe) => lines.push(format!("{name} is asked at: {probe}")),
        Ready::Auto | Ready::Log(_) | Ready::Notify => {}
    }
    lines.iter().map(|line| harmless(line)).collect()
}

fn shown(line: &CommandLine) -> String {
    match line {
        CommandLine::Shell(text) => text.clone(),
        CommandLine::Argv(words) => {
            let is_plain = |word: &String| {
                !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "/._-+:@%=,{}".contains(c))
            };
            let quoted = |word: &String| {
                if is_plain(word) { word.clone() } else { format!("'{}'", word.replace('\'', r"'\''")) }
            };
            words.iter().map(quoted).collect::<Vec<_>>().join(" ")
        }
    }
}

/// `text` without anything that a terminal or an editor would act on or not show: whoever allows it has seen all of it.
fn harmless(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
        shown
    })
}
