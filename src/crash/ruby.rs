//! Ruby: exceptions that nobody rescued, as 2.x to 3.4 print them.

use std::sync::LazyLock;

use super::Trace;
use super::stack::{self, Style, nothing, pattern};

static STYLE: LazyLock<Style> = LazyLock::new(|| Style {
    head: pattern(r"^(?<file>[^\s:<][^:]*):(?<line>[0-9]+):in [`'](?<label>.+)': (?<message>.*)$"),
    frame: pattern(r"^\s+(?:[0-9]+: )?from (?<file>[^:<]+):(?<line>[0-9]+):in [`'](?<label>.+)'$"),
    more: nothing(),
    between: pattern(r"^\s+(?:[0-9]+: )?from |^\s+ \.\.\. [0-9]+ levels\.\.\.$"),
    is_wordy: true,
});

/// Every exception in `lines`; what it follows from is printed behind it, and is one of its own.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    let mut traces: Vec<Trace> = Vec::new();
    for trace in stack::read(&STYLE, lines) {
        match traces.last_mut() {
            // Nothing stands between an exception and its cause.
            Some(raised) if is_next(raised, &trace, lines) => {
                raised.frames.extend(trace.frames);
                raised.end = trace.end;
            }
            _ => traces.push(trace),
        }
    }
    traces
}

fn is_next(raised: &Trace, trace: &Trace, lines: &[&str]) -> bool {
    let first = trace.message.lines().next().unwrap_or_default();
    lines.get(raised.end).is_some_and(|line| !first.is_empty() && line.ends_with(first))
}
