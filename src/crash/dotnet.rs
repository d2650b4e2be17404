//! .NET and Mono: exceptions that nobody caught. The innermost exception comes first in the frames.

use std::sync::LazyLock;

use super::Trace;
use super::stack::{self, Style, pattern};

static STYLE: LazyLock<Style> = LazyLock::new(|| Style {
    head: pattern(
        r"^(?:Unhandled [Ee]xception[.:] |\[ERROR\] FATAL UNHANDLED EXCEPTION: )?(?<message>(?:\w+\.)+\w*(?:Exception|Error)(?:: .*)?)$",
    ),
    frame: pattern(
        r"^\s+\S+ (?<label>[^()]+\(.*\)) (?:\[0x[0-9a-f]+\] )?\S+ (?<file>[^<].*):(?:\S+ )?(?<line>[0-9]+)\s*$",
    ),
    more: pattern(r"^ ?---> (?<message>.*)$"),
    between: pattern(r"^\s+(?:at |--- )"),
    is_wordy: true,
});

/// Every exception in `lines`.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    stack::read(&STYLE, lines)
}
