//! PHP: errors and exceptions that end a script. They are often printed twice, to the log and to the page.

use std::sync::LazyLock;

use regex::Regex;

use super::stack::pattern;
use super::{Frame, Trace};

static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:.*\] )?(?:PHP )?(?:Fatal|Parse|Recoverable fatal) error: +(?<message>.*)$")
});
/// Where an exception was thrown; its message may have several lines.
static THROWN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?<message>.*) in (?<file>\S.*?)(?::| on line )(?<line>[0-9]+)$"));
static CALL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^#[0-9]+ (?<file>[^\[{].*)\((?<line>[0-9]+)\): (?<label>.+)$"));
static NEXT: LazyLock<Regex> = LazyLock::new(|| pattern(r"^Next (?<message>.+)$"));

/// How many lines of a message are looked through for its end.
const MESSAGE: usize = 20;

/// Every error in `lines`. Of exceptions that follow from each other the last is what was thrown.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    let mut traces = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let head = HEAD.captures(lines[at]);
        match head.and_then(|head| error(lines, at, head.name("message").map_or("", |text| text.as_str()))) {
            Some(trace) => {
                at = trace.end;
                traces.push(trace);
            }
            None => at += 1,
        }
    }
    traces
}

fn error(lines: &[&str], at: usize, first: &str) -> Option<Trace> {
    let (mut trace, mut end) = thrown(lines, at, first.trim_start_matches("Uncaught "))?;
    let mut causes = Vec::new();
    while let Some(line) = lines.get(end) {
        if let Some(call) = CALL.captures(line) {
            trace.frames.extend(frame(&call, &format!("in {}", &call["label"])));
        } else if let Some(next) = NEXT.captures(line) {
            let text = next.name("message").map_or("", |text| text.as_str());
            let Some((later, after)) = thrown(lines, end, text) else { break };
            causes.append(&mut std::mem::replace(&mut trace, later).frames);
            end = after;
            continue;
        } else if line.starts_with("  thrown in ") {
            end += 1;
            break;
        } else if !line.is_empty() && !line.starts_with('#') && *line != "Stack trace:" {
            break;
        }
        end += 1;
    }
    trace.frames.append(&mut causes);
    trace.end = end;
    Some(trace)
}

/// The message from `first` on, up to the place that it ends with.
fn thrown(lines: &[&str], at: usize, first: &str) -> Option<(Trace, usize)> {
    let mut message = first.to_owned();
    for end in at + 1..=(at + MESSAGE).min(lines.len()) {
        let last = message.lines().next_back().unwrap_or_default();
        if let Some(place) = THROWN.captures(last) {
            let kept = message.len() - last.len() + place["message"].len();
            let frames = frame(&place, "thrown here").into_iter().collect();
            message.truncate(kept);
            return Some((Trace { message, frames, end }, end));
        }
        message.push('\n');
        message.push_str(lines.get(end)?);
    }
    None
}

fn frame(groups: &regex::Captures<'_>, label: &str) -> Option<Frame> {
    let line = groups["line"].parse().ok()?;
    Some(Frame { path: groups["file"].to_owned(), line, column: None, label: label.to_owned() })
}
