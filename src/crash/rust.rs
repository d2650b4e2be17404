//! Rust: panics as they are printed before 1.73, since, and with the thread's id since 1.91.

use std::sync::LazyLock;

use regex::Regex;

use super::{Frame, Trace};

static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^thread '(.*)' (?:\(\d+\) )?panicked at (.*)$").expect("the pattern is fixed and valid")
});
static OVERFLOW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^thread '.*' (?:\(\d+\) )?has overflowed its stack$")
        .expect("the pattern is fixed and valid")
});
static PLACE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(.+):(\d+):(\d+):?$").expect("the pattern is fixed and valid"));
static OLD_END: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)^'(.*)', (.+:\d+:\d+)$").expect("the pattern is fixed and valid"));
static FUNCTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ +\d+: (?:0x[0-9a-f]+ - )?(.*)$").expect("the pattern is fixed and valid")
});

/// Every panic in `lines`, but for those that only pass on the panic of a thread that was joined.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    let mut traces: Vec<Trace> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if OVERFLOW.is_match(lines[at]) {
            at += 1;
            traces.push(Trace { message: lines[at - 1].to_owned(), frames: Vec::new(), end: at });
        } else if let Some(head) = HEAD.captures(lines[at]) {
            let trace = panic(lines, at, head.get(2).map_or("", |rest| rest.as_str()));
            at = trace.end;
            match traces.last_mut() {
                Some(cause) if trace.message.ends_with("Any { .. }") => cause.end = trace.end,
                _ => traces.push(trace),
            }
        } else {
            at += 1;
        }
    }
    traces
}

fn panic(lines: &[&str], at: usize, rest: &str) -> Trace {
    let is_old = rest.starts_with('\'');
    let (message, place, mut end) = if is_old { old(lines, at, rest) } else { new(lines, at, rest) };
    let mut frames: Vec<Frame> = place.and_then(|place| frame(&place, "panicked here")).into_iter().collect();
    while end < lines.len() && (lines[end].starts_with("note: ") || lines[end].is_empty()) {
        end += 1;
    }
    if lines.get(end) == Some(&"stack backtrace:") {
        end += 1;
        let mut function = "";
        while let Some(line) = lines.get(end).filter(|line| line.starts_with(' ')) {
            if let Some(place) = line.trim_start().strip_prefix("at ") {
                frames.extend(frame(place, &format!("in {function}")));
            } else if let Some(named) = FUNCTION.captures(line) {
                function = named.get(1).map_or("", |name| name.as_str());
            }
            end += 1;
        }
    }
    Trace { message: format!("panicked: {message}"), frames, end }
}

/// `src/main.rs:4:18:`, and the message below.
fn new(lines: &[&str], at: usize, rest: &str) -> (String, Option<String>, usize) {
    let mut end = at + 1;
    while end < lines.len() && !ends_message(lines[end]) {
        end += 1;
    }
    (lines[at + 1..end].join("\n"), Some(rest.to_owned()), end)
}

/// `'message', src/main.rs:4:18`; the message may have quotes and several lines, so it is read from its end.
fn old(lines: &[&str], at: usize, rest: &str) -> (String, Option<String>, usize) {
    let mut text = rest.to_owned();
    let mut end = at + 1;
    loop {
        if let Some(found) = OLD_END.captures(&text) {
            return (found[1].to_owned(), Some(found[2].to_owned()), end);
        }
        match lines.get(end) {
            Some(line) if !ends_message(line) => text = format!("{text}\n{line}"),
            Some(_) | None => return (text, None, end),
        }
        end += 1;
    }
}

fn ends_message(line: &str) -> bool {
    line.is_empty() || line == "stack backtrace:" || line.starts_with("note: run with") || HEAD.is_match(line)
}

fn frame(place: &str, label: &str) -> Option<Frame> {
    let place = PLACE.captures(place)?;
    Some(Frame {
        path: place[1].to_owned(),
        line: place[2].parse().ok()?,
        column: place[3].parse().ok(),
        label: label.to_owned(),
    })
}
