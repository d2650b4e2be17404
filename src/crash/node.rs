//! Node, and what prints stacks as V8 does: errors with a stack, errors of syntax, which only have a head, and whatever
//! else was thrown.

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

/// What is said below a thrown value that is no error and no object.
const TRACELESS: &str = "(Use `node --trace-uncaught ...` to show where the exception was thrown)";
/// A module that another one asks for. Nobody says in which line.
static IMPORTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^Error \[ERR_MODULE_NOT_FOUND\]: .* imported from ((?:file://)?/.+)$")
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
        if lines[at] == TRACELESS || lines[at].starts_with("Node.js v") {
            traces.extend(thrown_value(lines, from, at));
            from = at + 1;
        }
        if !FRAME.is_match(lines[at]) {
            at += 1;
            continue;
        }
        let (frames, end) = stack(lines, at);
        traces.extend(message_start(lines, from, at).and_then(|start| {
            let text = lines[start..at].iter().take_while(|line| !line.starts_with("    at "));
            let message = text.copied().collect::<Vec<_>>().join("\n");
            // `console.trace` is no error.
            let is_asked = message == "Trace" || message.starts_with("Trace: ");
            (!is_asked).then(|| trace(message, frames, head(lines, from, start), end))
        }));
        from = end;
        at = end;
    }
    traces
}

/// An error of syntax was found where the head says, and the stack is that of who wanted the file.
fn trace(message: String, mut frames: Vec<Frame>, head: Option<Frame>, end: usize) -> Trace {
    let at = if message.starts_with("SyntaxError") { 0 } else { frames.len() };
    frames.splice(at..at, head);
    if let Some(imported) = IMPORTED.captures(&message) {
        let label = "imported here".to_owned();
        frames.push(Frame { path: imported[1].to_owned(), line: 1, column: None, label });
    }
    Trace { message, frames, end }
}

/// `throw "text"`: the head, the source and the caret; then the value.
fn thrown_value(lines: &[&str], from: usize, at: usize) -> Option<Trace> {
    let first = from.max(at.saturating_sub(MESSAGE));
    let start = (first..at).rev().find(|start| HEAD.is_match(lines[*start]))?;
    let message = lines.get(start + 3..at)?.join("\n").trim_end().to_owned();
    let head = head(lines, start, start + 1).filter(|head| head.column.is_some() && !message.is_empty())?;
    Some(Trace { message, frames: vec![head], end: at + 1 })
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

/// The line that node prints above the source, if there is one: the only place of an error of syntax. The source below
/// is as it is in the file, and so are the tabs before the caret.
fn head(lines: &[&str], from: usize, start: usize) -> Option<Frame> {
    let first = from.max(start.saturating_sub(MESSAGE));
    let (at, head) = (first..start).rev().find_map(|at| Some((at, HEAD.captures(lines[at])?)))?;
    let line = head[2].parse().ok()?;
    let caret = lines.get(at + 2).and_then(|below| below.find('^').map(|caret| &below[..caret]));
    let is_caret = caret.is_some_and(|before| before.trim().is_empty());
    let column = caret.filter(|_| is_caret).and_then(|before| u32::try_from(before.len() + 1).ok());
    Some(Frame { path: head[1].to_owned(), line, column, label: "thrown here".to_owned() })
}
