//! C and C++: the sanitizers of GCC and Clang, and assertions.

use std::sync::LazyLock;

use super::Trace;
use super::stack::{self, Style, nothing, pattern};

static SANITIZER: LazyLock<Style> = LazyLock::new(|| Style {
    head: pattern(
        r"^(?:==[0-9]+==\s?ERROR|WARNING): (?<message>(?:Address|Leak|Memory|Thread|HWAddress|UndefinedBehavior)Sanitizer: .*?)(?: on (?:unknown )?address 0x.*| \(pid=[0-9]+\))?$",
    ),
    frame: pattern(
        r"^\s+#[0-9]+ (?:0x[0-9a-f]+ )?(?:in )?(?<label>.+?) (?<file>[^\s(].*?):(?<line>[0-9]+)(?::(?<column>[0-9]+))?(?: \(.*\))?$",
    ),
    more: nothing(),
    between: pattern(r"^\s|^$|^[A-Z]|^0x|^(?:allocated|freed|previously) "),
    is_wordy: false,
});
/// Undefined behavior and assertions name their place at once; frames are optional.
static PLACED: LazyLock<Style> = LazyLock::new(|| Style {
    head: pattern(r"^(?:(?<file>[^\s:]+):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>runtime error: .*))$"),
    frame: pattern(
        r"^\s+#[0-9]+ 0x[0-9a-f]+ in (?<label>.+?) (?<file>[^\s(].*?):(?<line>[0-9]+)(?::(?<column>[0-9]+))?$",
    ),
    more: nothing(),
    between: nothing(),
    is_wordy: false,
});
static ASSERTION: LazyLock<Style> = LazyLock::new(|| Style {
    head: pattern(
        r"^[^\s:]+: (?<file>[^\s:]+):(?<line>[0-9]+): (?<label>[^`']+): (?<message>Assertion [`'].*' failed\.)$",
    ),
    frame: nothing(),
    more: nothing(),
    between: nothing(),
    is_wordy: false,
});

/// Every report in `lines`.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    let styles = [&SANITIZER, &PLACED, &ASSERTION];
    let mut traces: Vec<_> = styles.iter().flat_map(|style| stack::read(style, lines)).collect();
    traces.sort_by_key(|trace| trace.end);
    traces
}
