//! Elixir: exceptions that end a script, a task of mix or a process.

use std::sync::LazyLock;

use super::Trace;
use super::stack::{self, Style, nothing, pattern};

static STYLE: LazyLock<Style> = LazyLock::new(|| Style {
    head: pattern(r"^(?:.*\] )?\*\* \((?<message>[^)]+\) .*)$"),
    frame: pattern(
        r"^    (?:\([^)]*\) )?(?<file>[^\s:]+\.(?:exs?|eex|heex|leex)):(?<line>[0-9]+): (?<label>.+)$",
    ),
    more: nothing(),
    between: pattern(r"^    \S"),
    is_wordy: true,
});

/// Every exception in `lines`.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    let mut traces = stack::read(&STYLE, lines);
    for trace in &mut traces {
        // `(KeyError) key …`: the bracket that the pattern needs to know it by.
        trace.message = trace.message.replacen(") ", ": ", 1);
    }
    traces
}
