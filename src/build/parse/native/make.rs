//! What make and ninja say about their own files. That a command of theirs failed is no problem: the command said why.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity};

static PLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:ninja: error: )?(?<file>[^\s:]+):(?<line>[0-9]+): (?:\*\*\* )?(?<message>(?:\*\*\* )?.+?)(?:\.  Stop\.)?$",
    )
});
static OWN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?:\S*make(?:\[[0-9]+\])?: \*\*\*|ninja: (?:error|fatal):) (?<message>.+?)(?:\.  Stop\.)?$")
});
static FAILED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?:\S*make(?:\[[0-9]+\])?: \*\*\* \[.+\] |FAILED: |ninja: build stopped)"));

/// Each line is complete, so nothing is kept.
#[derive(Debug, Default)]
pub(super) struct Make {}

impl Format for Make {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if FAILED.is_match(line) {
            return true;
        }
        let reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };
        if line.contains(": *** ") || line.starts_with("ninja: error: ") {
            if let Some(placed) = PLACED.captures(line)
                && let Some(spot) = spot(&placed)
            {
                let tool = if line.starts_with("ninja") { "ninja" } else { "make" };
                let problem = context.problem(Severity::Error, tool, &placed["message"], spot, reading);
                context.report(problem);
                return true;
            }
            if let Some(own) = OWN.captures(line) {
                let tool = if line.starts_with("ninja") { "ninja" } else { "make" };
                context.report(Problem::new(Severity::Error, tool, &own["message"]));
                return true;
            }
        }
        false
    }

    fn flush(&mut self, _context: &mut Context) {}
}
