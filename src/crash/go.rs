//! Go: `panic:`, `fatal error:` and signals of cgo, with the frames of the first goroutine.

use std::sync::LazyLock;

use regex::Regex;

use super::{Frame, Trace};

static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\t(.+\.\w+):(\d+)(?: \+0x[0-9a-f]+)?$").expect("the pattern is fixed and valid")
});
static GOROUTINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^goroutine \d+ .*\[.*\]:$").expect("the pattern is fixed and valid"));

/// Every trace in `lines`. The first goroutine is the one that crashed.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    let mut traces = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if !is_start(lines[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < lines.len() && !ends_message(lines[at]) {
            at += 1;
        }
        let message = message(&lines[start..at]);
        while at < lines.len() && !GOROUTINE.is_match(lines[at]) && !is_start(lines[at]) {
            at += 1;
        }
        if at == lines.len() || is_start(lines[at]) {
            // Without a goroutine it is a line of some log.
            continue;
        }
        let (frames, end) = goroutine(lines, at + 1);
        at = other_goroutines(lines, end);
        traces.push(Trace { message, frames, end: at });
    }
    traces
}

fn is_start(line: &str) -> bool {
    let is_signal =
        || line.starts_with("SIG") && line.split_once(": ").is_some_and(|(name, _)| !name.contains(' '));
    line.starts_with("panic: ") || line.starts_with("fatal error: ") || is_signal()
}

fn ends_message(line: &str) -> bool {
    let starts = ["goroutine ", "[signal ", "PC=", "runtime stack:"];
    line.is_empty() || starts.iter().any(|start| line.starts_with(start))
}

/// Of panics that were recovered and led to another, the last.
fn message(lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| line.strip_prefix('\t').unwrap_or(line)).collect();
    let text = lines.join("\n");
    let last = text.rfind("\npanic: ").map_or(0, |before| before + 1);
    text[last..].replace(" [recovered, repanicked]", "").replace(" [recovered]", "")
}

/// The frames from `at` to the empty line, and the index behind them.
fn goroutine(lines: &[&str], mut at: usize) -> (Vec<Frame>, usize) {
    let mut frames = Vec::new();
    let mut function = "";
    while at < lines.len() && !lines[at].is_empty() && !lines[at].starts_with("exit status ") {
        match FRAME.captures(lines[at]) {
            Some(frame) => {
                let line = frame[2].parse().unwrap_or(1);
                let label = label(function);
                frames.push(Frame { path: frame[1].to_owned(), line, column: None, label });
            }
            None => function = lines[at],
        }
        at += 1;
    }
    (frames, at)
}

/// The index behind the goroutines that follow: a dump of a thousand of them is still the same crash.
fn other_goroutines(lines: &[&str], mut at: usize) -> usize {
    while at + 1 < lines.len() && lines[at].is_empty() && GOROUTINE.is_match(lines[at + 1]) {
        at = goroutine(lines, at + 2).1;
    }
    at
}

/// `main.(*Shop).open` of `main.(*Shop).open(0xc000012345, {0x1, 0x2})`.
fn label(function: &str) -> String {
    if function.starts_with("created by ") {
        return function.to_owned();
    }
    let arguments = function.ends_with(')').then(|| function.rfind('(')).flatten();
    format!("in {}", arguments.map_or(function, |at| &function[..at]))
}
