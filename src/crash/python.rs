//! Python: tracebacks, chained and in groups, and errors of syntax, which have no traceback of their own.

use std::sync::LazyLock;

use regex::Regex;

use super::{Frame, Trace};

static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^\s+File "(.+)", line (\d+)(?:, in (.+))?$"#).expect("the pattern is fixed and valid")
});
/// The bars in front of what belongs to an exception group.
static GROUP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s+(?:\| ?|\+-\+?-+ \d+ -+$|\+-+$|\+ (?:Exception Group ))")
        .expect("the pattern is fixed and valid")
});
static ERROR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z_][\w.]*(?:: .*)?$").expect("the pattern is fixed and valid"));

/// How many lines of a message are taken, at most.
const MESSAGE: usize = 10;

const CHAINED: [&str; 2] = [
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
];

/// Every exception in `lines`. Exceptions that led to another are part of that one: the last is what was raised.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    let lines: Vec<&str> = lines.iter().map(|line| ungrouped(line)).collect();
    let mut traces: Vec<Trace> = Vec::new();
    let mut is_chained = false;
    let mut at = 0;
    while at < lines.len() {
        let begins = lines[at].ends_with("Traceback (most recent call last):") || FRAME.is_match(lines[at]);
        if !begins {
            is_chained = is_chained && lines[at].is_empty() || CHAINED.contains(&lines[at]);
            at += 1;
            continue;
        }
        let Some(mut trace) = exception(&lines, at) else {
            at += 1;
            continue;
        };
        at = trace.end;
        if is_chained && let Some(cause) = traces.pop() {
            trace.frames.extend(cause.frames);
        }
        is_chained = false;
        traces.push(trace);
    }
    traces
}

fn ungrouped(line: &str) -> &str {
    match GROUP.find(line) {
        Some(bars) if bars.as_str().trim_end().ends_with('|') => &line[bars.end()..],
        Some(bars) if bars.as_str().ends_with("Group ") => &line[bars.end()..],
        // A rule between the exceptions of a group ends one of them, as an empty line does.
        Some(_) => "",
        None => line,
    }
}

/// The exception whose first line is `at`.
fn exception(lines: &[&str], at: usize) -> Option<Trace> {
    let mut frames = Vec::new();
    let mut end = at + usize::from(!FRAME.is_match(lines[at]));
    while let Some(line) = lines.get(end).filter(|line| line.starts_with([' ', '\t'])) {
        if let Some(frame) = FRAME.captures(line) {
            let label = frame.get(3).map_or("here".to_owned(), |name| format!("in {}", name.as_str()));
            let line = frame[2].parse().unwrap_or(1);
            frames.push(Frame { path: frame[1].to_owned(), line, column: None, label });
        }
        end += 1;
    }
    if frames.is_empty() || !ERROR.is_match(lines.get(end)?) {
        return None;
    }
    let start = end;
    while end < lines.len() && end < start + MESSAGE && !lines[end].trim().is_empty() {
        end += 1;
    }
    frames.reverse();
    Some(Trace { message: lines[start..end].join("\n"), frames, end })
}
