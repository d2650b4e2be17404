//! The shape that most traces have: a line that says what went wrong, more of the message, then frames. Called by the
//! languages that print it so; each brings its own words.

use regex::{Captures, Regex};

use super::{Frame, Trace};

/// How many lines of a message are taken, at most.
const MESSAGE: usize = 10;

/// How a language prints its traces.
pub(super) struct Style {
    /// The first line. Group `message`; with `file` and `line` it is the innermost frame, too, named by `label`.
    pub(super) head: Regex,
    /// A frame: groups `file`, `line`, perhaps `column`, `label`, and `package`, whose dots are folders above the file.
    pub(super) frame: Regex,
    /// A line below the head that says more of what went wrong: group `message`.
    pub(super) more: Regex,
    /// What may stand between frames and says nothing.
    pub(super) between: Regex,
    /// Whether lines that are nothing else belong to the message, as long as no frame has come.
    pub(super) is_wordy: bool,
}

/// Every trace in `lines` that has a frame.
pub(super) fn read(style: &Style, lines: &[&str]) -> Vec<Trace> {
    let mut traces = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let trace = style.head.captures(lines[at]).map(|head| trace(style, &head, lines, at));
        match trace.filter(|trace| !trace.frames.is_empty()) {
            Some(trace) => {
                at = trace.end;
                traces.push(trace);
            }
            None => at += 1,
        }
    }
    traces
}

fn trace(style: &Style, head: &Captures<'_>, lines: &[&str], at: usize) -> Trace {
    let mut trace = Trace { message: head["message"].to_owned(), frames: Vec::new(), end: at + 1 };
    trace.frames.extend(frame(head));
    let mut has_frames = false;
    for (passed, line) in lines[at + 1..].iter().enumerate() {
        if let Some(groups) = style.frame.captures(line) {
            trace.frames.extend(frame(&groups));
            has_frames = true;
        } else if let Some(more) = style.more.captures(line) {
            trace.message.push('\n');
            trace.message.push_str(&more["message"]);
        } else if style.between.is_match(line) {
            // It says nothing.
        } else if style.is_wordy && !has_frames && passed < MESSAGE {
            if !line.trim().is_empty() {
                trace.message.push('\n');
                trace.message.push_str(line);
            }
        } else {
            break;
        }
        if has_frames {
            trace.end = at + 2 + passed;
        }
    }
    trace
}

fn frame(groups: &Captures<'_>) -> Option<Frame> {
    let text = |name: &str| groups.name(name).map(|group| group.as_str());
    let folders = text("package").unwrap_or_default().replace('.', "/");
    Some(Frame {
        path: format!("{folders}{}", text("file")?),
        line: text("line")?.parse().ok()?,
        column: text("column").and_then(|column| column.parse().ok()),
        label: text("label").map_or("here".to_owned(), |label| format!("in {label}")),
    })
}

/// # Panics
/// If the pattern is not valid, which the first test that uses it shows.
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is fixed and valid")
}

/// What no line is.
pub(super) fn nothing() -> Regex {
    pattern(r"^\b\B")
}
