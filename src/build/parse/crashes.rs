//! Programs that crash within a build: a generator, a test, a tool. Their traces are read when they are complete.
//! Called by `Parser`, which shows it every line. Does not know: languages (`crash` does).

use std::collections::VecDeque;
use std::sync::LazyLock;

use regex::RegexSet;

use super::context::Context;

/// A longer trace is read in parts.
const LINES: usize = 500;
/// What a trace begins with may stand so many lines above its first frame.
const HEAD: usize = 60;
/// So many lines without a frame end a trace. Go and Node put text between the frames.
const GAP: usize = 20;
/// A longer line belongs to no trace.
const LINE: usize = 2_000;

/// What is in every trace, and hardly anywhere else.
static FRAMES: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"panicked at ",
        r"^\s+at .+:[0-9]+",
        r"^(?:\t| {6}).+:[0-9]+ \+0x[0-9a-f]+$",
        r"^goroutine [0-9]+ ",
        r"^\S+:[0-9]+$",
        r"^\s+(?:at|in) .+:line [0-9]+$",
        r"^\s+from .+:[0-9]+:in ",
        r"^#[0-9]+ .+\([0-9]+\): ",
        r"^    \S.*\.exs?:[0-9]+: ",
        r"^\s+#[0-9]+ 0x[0-9a-f]+ in ",
        r": runtime error: |: Assertion [`'].+ failed\.$|thrown in \S+ on line [0-9]+$",
    ])
    .expect("the patterns are fixed and valid")
});

/// The lines that may be a trace.
#[derive(Debug, Default)]
pub(super) struct Crashes {
    lines: VecDeque<String>,
    /// How many lines have come since the last frame; `None` if there is none among them.
    since_frame: Option<usize>,
}

impl Crashes {
    /// Looks at a line. What is complete by it is reported.
    pub(super) fn see(&mut self, line: &str, context: &mut Context) {
        if FRAMES.is_match(line) {
            self.since_frame = Some(0);
        } else if let Some(since) = &mut self.since_frame {
            *since += 1;
        }
        // The room of the oldest is used again: there are very many lines.
        let is_full = self.since_frame.is_none() && self.lines.len() >= HEAD;
        let oldest = if is_full { self.lines.pop_front() } else { None };
        let mut newest = oldest.unwrap_or_default();
        newest.clear();
        newest.push_str(if line.len() > LINE { "" } else { line });
        self.lines.push_back(newest);
        match self.since_frame {
            Some(since) if since > GAP || self.lines.len() >= LINES => self.flush(context),
            Some(_) | None => {}
        }
    }

    /// Nothing more belongs to what was seen.
    pub(super) fn flush(&mut self, context: &mut Context) {
        if self.since_frame.take().is_none() {
            return;
        }
        let lines: Vec<&str> = self.lines.iter().map(String::as_str).collect();
        for problem in context.places.crashes(&lines) {
            context.report(problem);
        }
        self.lines.clear();
    }
}
