//! One stream of lines, or the part of it that carries a prefix of its own, and the formats that read it.
//! Called by `Parser`. Does not know: what the formats look for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::LazyLock;

use super::context::Context;
use super::pattern::{Pattern, pattern};
use super::{Chosen, Format};

/// More prefixes than any build has are no prefixes.
const LANES: usize = 64;
/// A message that comes before its place is not longer.
const RECENT: usize = 48;
/// Of a longer line the rest is not remembered.
const LONGEST: usize = 1_000;

/// The formats of one lane. What they keep from line to line is never mixed with another lane's.
pub(super) struct Lane {
    formats: Vec<Box<dyn Format>>,
    /// Which of them took the last line that one took.
    current: usize,
    /// The lines before this one, oldest first.
    recent: VecDeque<String>,
}

impl Lane {
    fn new(chosen: &[Chosen]) -> Self {
        Self { formats: chosen.iter().map(Chosen::make).collect(), current: 0, recent: VecDeque::new() }
    }

    // Says which of `chosen` took the line.
    fn line(&mut self, line: &str, context: &mut Context) -> Option<usize> {
        std::mem::swap(&mut self.recent, &mut context.recent);
        let taken = self.ask(line, context);
        std::mem::swap(&mut self.recent, &mut context.recent);
        // The room of the oldest is used again: there are very many lines.
        let oldest = if self.recent.len() == RECENT { self.recent.pop_front() } else { None };
        let mut newest = oldest.unwrap_or_default();
        newest.clear();
        let end = (0..=LONGEST.min(line.len())).rev().find(|&end| line.is_char_boundary(end)).unwrap_or(0);
        newest.push_str(&line[..end]);
        self.recent.push_back(newest);
        taken
    }

    // The format that took the last line is asked first: the line may belong to the same problem.
    fn ask(&mut self, line: &str, context: &mut Context) -> Option<usize> {
        let current = self.formats.get_mut(self.current)?;
        if current.line(line, context) {
            return Some(self.current);
        }
        for at in (0..self.formats.len()).filter(|&at| at != self.current) {
            // Its problems come out behind the one that is kept, so that one is completed first.
            let before = context.found.len();
            if self.formats[at].line(line, context) {
                let later = context.found.split_off(before);
                self.formats[self.current].flush(context);
                context.found.extend(later);
                self.current = at;
                return Some(at);
            }
        }
        None
    }

    pub(super) fn flush(&mut self, context: &mut Context) {
        for format in &mut self.formats {
            format.flush(context);
        }
    }
}

/// Lets the lane of a line read it. A line that says nothing as it stands is read again without its prefix, as
/// `concurrently`, docker, turbo and build scripts of cargo put one before it; what is surely a prefix goes first. Returns
/// which of `chosen` took it.
pub(super) fn read(
    lanes: &mut BTreeMap<(u8, String), Lane>,
    chosen: &[Chosen],
    stream: u8,
    line: &str,
    context: &mut Context,
) -> Option<usize> {
    static PREFIX: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"^(?:\[[\w@./:-]{1,40}\] |[\w./-]{1,40} *\| ?|#[0-9]+ [0-9]+\.[0-9]+ |[\w@./-]{1,40}:[\w-]{1,30}: |warning: [\w-]+@[\w.+-]+: )",
        )
    });
    // `5 | ` is the gutter of an excerpt.
    let is_gutter = |prefix: &str| prefix.contains('|') && !prefix.contains(char::is_alphabetic);
    let prefix = PREFIX.find(line).map(|prefix| prefix.as_str()).filter(|prefix| !is_gutter(prefix));
    let prefix = prefix.unwrap_or_default();
    // A build script's compiler speaks behind cargo's `warning: `, which is no warning of its own then. What is surely a
    // prefix would be taken for the beginning of a path.
    let is_first = prefix.starts_with("warning: ") || (is_sure(prefix) && prefix.len() < line.len());
    if is_first && context.observe(&line[prefix.len()..]) {
        return None;
    }
    let mut read = |prefix: &str, rest: &str| {
        // docker: the step is the lane, the seconds behind it are not.
        let name = if prefix.starts_with('#') { prefix.split(' ').next().unwrap_or(prefix) } else { prefix };
        let key = (stream, name.to_owned());
        if !lanes.contains_key(&key) && lanes.len() >= LANES {
            return None;
        }
        lanes.entry(key).or_insert_with(|| Lane::new(chosen)).line(rest, context)
    };
    let before = if is_first { read(prefix, &line[prefix.len()..]) } else { None };
    let taken = before.or_else(|| read("", line));
    taken.or_else(|| if prefix.is_empty() || is_first { None } else { read(prefix, &line[prefix.len()..]) })
}

// Not `app:build: `, which may be a file and a line, nor `[ERROR] ` and `[vite:css] `, which the tool itself prints.
fn is_sure(prefix: &str) -> bool {
    const LEVELS: [&str; 8] = ["error", "fatal", "warning", "warn", "info", "debug", "tsl", "javac"];
    let inner = prefix.strip_prefix('[').map(|rest| rest.trim_end_matches("] ").to_ascii_lowercase());
    match inner {
        Some(inner) => !LEVELS.contains(&inner.as_str()) && !inner.starts_with("vite:"),
        None => prefix.starts_with('#') || prefix.contains('|'),
    }
}
