//! How single values are read: words, durations, signals, addresses, URLs, globs, commands. Called by `read`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use nix::sys::signal::Signal;

use super::document::{Node, Value};
use super::table::{Problems, enumerate, mismatch, suggestion};
use crate::config::options::{Address, SignalName, Time, Variable};
use crate::config::schema::Words;
use crate::process::CommandLine;

/// Any string.
pub(super) fn text(node: &Node, name: &str, problems: &mut Problems) -> Option<String> {
    if let Some(text) = node.text() {
        return Some(text.to_owned());
    }
    let plain = match &node.value {
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(value) => Some(value.to_string()),
        Value::Text(_) | Value::List(_) | Value::Table(_) | Value::Other(_) => None,
    };
    let help =
        plain.map_or("write one string in quotes".into(), |text| format!("write it in quotes: \"{text}\""));
    problems.push(mismatch(node, name, "a string", &help));
    None
}

/// A string with something in it.
pub(super) fn filled(node: &Node, name: &str, problems: &mut Problems) -> Option<String> {
    let text = text(node, name, problems)?;
    if !text.trim().is_empty() && !text.contains('\0') {
        return Some(text);
    }
    problems.push(node.from.problem(format!("`{name}` is empty"), "fill it in or remove it"));
    None
}

/// True or false.
pub(super) fn boolean(node: &Node, name: &str, problems: &mut Problems) -> Option<bool> {
    if let Value::Boolean(value) = &node.value {
        return Some(*value);
    }
    problems.push(mismatch(node, name, "true or false", "write `true` or `false` without quotes"));
    None
}

/// One of a few words.
pub(super) fn word<T: Words>(node: &Node, name: &str, problems: &mut Problems) -> Option<T> {
    let known = || T::WORDS.iter().map(|(word, _)| *word);
    let Value::Text(text) = &node.value else {
        problems.push(mismatch(node, name, "a word", &format!("the words are {}", enumerate(known()))));
        return None;
    };
    if let Some((_, value)) = T::WORDS.iter().find(|(word, _)| word == text) {
        return Some(*value);
    }
    let help = match suggestion(text, known()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("the words are {}", enumerate(known())),
    };
    problems.push(node.from.problem(format!("`{name}` does not know `{text}`"), help));
    None
}

/// A span of time.
pub(super) fn time(node: &Node, name: &str, problems: &mut Problems) -> Option<Time> {
    let key = name.rsplit('.').next().unwrap_or(name);
    let Some(text) = node.text() else {
        let number = node.integer().unwrap_or(5);
        problems.push(mismatch(node, name, "a duration", &format!("write `{key} = \"{number}s\"`")));
        return None;
    };
    if let Ok(duration) = humantime::parse_duration(text) {
        return Some(Time(duration));
    }
    let help = format!("write a number and a unit, such as `{key} = \"5s\"` or \"300ms\"");
    problems.push(node.from.problem(format!("`{name}` is no duration: `{text}`"), help));
    None
}

/// A span of time that is not zero.
pub(super) fn positive_time(node: &Node, name: &str, problems: &mut Problems) -> Option<Time> {
    let time = time(node, name, problems)?;
    if time.0.is_zero() {
        problems.push(node.from.problem(format!("`{name}` is zero"), "write at least \"1ms\""));
        return None;
    }
    Some(time)
}

/// A signal by name or number. Those that do not ask a program to end are refused.
pub(super) fn signal(node: &Node, name: &str, problems: &mut Problems) -> Option<SignalName> {
    let number = node.integer().map(|number| number.to_string());
    let Some(written) = number.as_deref().or_else(|| node.text()) else {
        let help = "write a name or a number, such as \"SIGTERM\", \"INT\" or 15";
        problems.push(mismatch(node, name, "a signal", help));
        return None;
    };
    let Some(signal) = number_to_signal(written).or_else(|| name_to_signal(written)) else {
        let message = format!("`{name}` is no signal: `{written}`");
        problems.push(node.from.problem(message, signal_help(written)));
        return None;
    };
    if STOPPING.contains(&signal) {
        let message = format!("`{name}` is {signal}, which does not ask a program to end");
        problems.push(node.from.problem(message, "SIGTERM, SIGINT and SIGQUIT are usual"));
        return None;
    }
    Some(SignalName(signal))
}

fn signal_help(written: &str) -> String {
    let name = written.to_uppercase();
    let name = if name.starts_with("SIG") { name } else { format!("SIG{name}") };
    match suggestion(&name, Signal::iterator().map(Signal::as_str).collect::<Vec<_>>().into_iter()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1 and SIGUSR2 are usual".to_owned(),
    }
}

/// Signals that halt or continue a program.
const STOPPING: &[Signal] =
    &[Signal::SIGSTOP, Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU, Signal::SIGCONT];

fn number_to_signal(text: &str) -> Option<Signal> {
    text.parse::<i32>().ok().and_then(|number| Signal::try_from(number).ok())
}

fn name_to_signal(text: &str) -> Option<Signal> {
    let name = text.to_uppercase();
    Signal::from_str(&name).or_else(|_| Signal::from_str(&format!("SIG{name}"))).ok()
}

/// A TCP address to listen on.
pub(super) fn address(node: &Node, name: &str, problems: &mut Problems) -> Option<Address> {
    let Some(text) = node.text() else {
        let port = node.integer().unwrap_or(8080);
        let help = format!("write host and port: \"127.0.0.1:{port}\"");
        problems.push(mismatch(node, name, "an address", &help));
        return None;
    };
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    let local = local.map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    if let Some(address) = text.parse().ok().or(local) {
        return Some(Address(address));
    }
    let port = text.rsplit(':').next().filter(|port| port.parse::<u16>().is_ok()).unwrap_or("8080");
    let message = format!("`{name}` is no address: `{text}`");
    problems
        .push(node.from.problem(message, format!("write an IP address and a port: \"127.0.0.1:{port}\"")));
    None
}

/// A `host:port` to connect to.
pub(super) fn host_and_port(node: &Node, name: &str, problems: &mut Problems) -> Option<String> {
    let text = filled(node, name, problems)?;
    let parts = text.rsplit_once(':').filter(|(host, port)| {
        let is_host =
            !host.is_empty() && (!host.contains(':') || host.starts_with('[')) && !host.contains('/');
        is_host && port.parse::<u16>().is_ok_and(|port| port != 0)
    });
    if parts.is_some() {
        return Some(text);
    }
    let message = format!("`{name}` is no address: `{text}`");
    problems.push(node.from.problem(message, "write host and port, such as \"127.0.0.1:8080\""));
    None
}

/// An `http:` URL.
pub(super) fn url(node: &Node, name: &str, problems: &mut Problems) -> Option<String> {
    let text = filled(node, name, problems)?;
    let uri = hyper::Uri::from_str(&text).ok();
    let (scheme, host) = match &uri {
        Some(uri) => (uri.scheme_str(), uri.host().filter(|host| !host.is_empty())),
        None => (None, None),
    };
    if scheme == Some("http") && host.is_some() {
        return Some(text);
    }
    let problem = if scheme == Some("https") {
        node.from.problem(
            format!("`{name}` can only ask `http:` URLs: `{text}`"),
            "write the port that speaks plain HTTP, or use `tcp`",
        )
    } else {
        node.from.problem(
            format!("`{name}` is no URL: `{text}`"),
            "write all of it, such as \"http://127.0.0.1:8080/health\"",
        )
    };
    problems.push(problem);
    None
}

/// A regular expression.
pub(super) fn pattern(node: &Node, name: &str, problems: &mut Problems) -> Option<String> {
    let text = filled(node, name, problems)?;
    match regex::Regex::new(&text) {
        Ok(_) => Some(text),
        Err(error) => {
            let error = error.to_string();
            let last = error.lines().last().unwrap_or_default().trim();
            let reason = last.strip_prefix("error: ").unwrap_or(last);
            let message = format!("`{name}` is no regular expression: {reason}");
            problems.push(node.from.problem(message, "put `\\` before a character that means itself"));
            None
        }
    }
}

/// A command: a string for the shell, or a list of words.
pub(super) fn command(node: &Node, name: &str, problems: &mut Problems) -> Option<CommandLine> {
    let is_empty = |text: &str| text.trim().is_empty();
    let command = match &node.value {
        Value::Text(text) => CommandLine::Shell(text.clone()),
        Value::List(items) => {
            let words: Vec<Option<String>> = items.iter().map(|item| text(item, name, problems)).collect();
            CommandLine::Argv(words.into_iter().collect::<Option<_>>()?)
        }
        Value::Integer(_) | Value::Boolean(_) | Value::Table(_) | Value::Other(_) => {
            let help = "write \"a string\" for the shell, or [\"a\", \"list\"] of words";
            problems.push(mismatch(node, name, "a command", help));
            return None;
        }
    };
    let (has_nothing, has_nul) = match &command {
        CommandLine::Shell(text) => (is_empty(text), text.contains('\0')),
        CommandLine::Argv(words) => {
            (words.first().is_none_or(|word| is_empty(word)), words.iter().any(|word| word.contains('\0')))
        }
    };
    if has_nothing || has_nul {
        let what = if has_nothing { "is empty" } else { "has a NUL character in it" };
        problems.push(node.from.problem(format!("`{name}` {what}"), "write the command, or remove the key"));
        return None;
    }
    Some(command)
}

/// The value of a variable.
pub(super) fn variable(node: &Node, name: &str, problems: &mut Problems) -> Option<Variable> {
    if let Some(number) = node.integer() {
        return Some(Variable(number.to_string()));
    }
    let text = text(node, name, problems)?;
    if !text.contains('\0') {
        return Some(Variable(text));
    }
    problems.push(node.from.problem(format!("`{name}` has a NUL character in it"), "remove the character"));
    None
}
