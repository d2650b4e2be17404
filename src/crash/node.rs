//! Node, and what prints stacks as V8 does: errors with a stack, and errors of syntax, which only have a head.

use std::sync::LazyLock;

use regex::Regex;

use super::{Frame, Trace};

/// Rust indents its frames further.
static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ {4,10}at (?:([^(]+) \()?(.+):(\d+):(\d+)\)?(?: \{)?$")
        .expect("the pattern is fixed and valid")
});
/// Where the error was thrown; source and caret follow.
static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^((?:file://)?/.+|node:\S+):(\d+)$").expect("the pattern is fixed and valid")
});
static ERROR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:.*Uncaught (?:\(in promise\) )?)?[\w$.]*Error(?: \[\w+\])?(?:: .*)?$")
        .expect("the pattern is fixed and valid")
});

/// How many lines of a message are looked through for its beginning.
const MESSAGE: usize = 20;

/// Every stack in `lines`.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    let mut traces = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while at < lines.len() {
        if !FRAME.is_match(lines[at]) {
            at += 1;
            continue;
        }
        let (frames, end) = stack(lines, at);
        if let Some(start) = message_start(lines, from, at) {
            let mut trace = Trace { message: lines[start..at].join("\n"), frames, end };
            trace.frames.extend(head(lines, from, start));
            traces.push(trace);
        }
        from = end;
        at = end;
    }
    traces
}

/// The frames from `at`, and those of its causes, which are indented below.
fn stack(lines: &[&str], mut at: usize) -> (Vec<Frame>, usize) {
    let mut frames = Vec::new();
    while at < lines.len() {
        if let Some(frame) = FRAME.captures(lines[at]) {
            let label = frame.get(1).map_or("here".to_owned(), |name| format!("in {}", name.as_str()));
            let (line, column) = (frame[3].parse().unwrap_or(1), frame[4].parse().ok());
            frames.push(Frame { path: frame[2].to_owned(), line, column, label });
        } else if !belongs(lines[at]) {
            break;
        }
        at += 1;
    }
    (frames, at)
}

/// Whether a line between frames is part of the same error: what it was made from, its fields, who passed it on.
fn belongs(line: &str) -> bool {
    line.starts_with("  ") || line == "}" || line.starts_with("Emitted '")
}

/// The first line of the message that ends before `at`: the nearest that begins with the type of an error, else the line
/// above, which may be of a type with another name.
fn message_start(lines: &[&str], from: usize, at: usize) -> Option<usize> {
    let first = from.max(at.saturating_sub(MESSAGE));
    let typed = (first..at).rev().find(|start| ERROR.is_match(lines[*start]));
    typed.or_else(|| (first..at).next_back().filter(|above| !lines[*above].trim().is_empty()))
}

/// The line that node prints above the source, if there is one: the only place of an error of syntax.
fn head(lines: &[&str], from: usize, start: usize) -> Option<Frame> {
    let first = from.max(start.saturating_sub(MESSAGE));
    let head = (first..start).rev().find_map(|at| HEAD.captures(lines[at]))?;
    let line = head[2].parse().ok()?;
    Some(Frame { path: head[1].to_owned(), line, column: None, label: "thrown here".to_owned() })
}
