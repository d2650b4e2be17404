//! The text of one build or task on its way to people. Called by `worker`.
//! Does not know: what the lines say.

use std::collections::VecDeque;
use std::sync::Arc;

use super::parse;
use crate::engine::{Generation, ServiceName};
use crate::output::{From, Output, Source, Stream};

/// How many lines are quoted when nothing else tells why a build failed.
const TAIL: usize = 3;

/// Writes to the output of the session.
#[derive(Debug)]
pub(super) struct Log {
    output: Arc<Output>,
    from: From,
    service: ServiceName,
    generation: Generation,
    /// The last lines that are not empty, without colors.
    tail: VecDeque<String>,
}

impl Log {
    /// The log of a command that `from` is.
    pub(super) fn new(output: Arc<Output>, from: From, service: ServiceName, generation: Generation) -> Self {
        Self { output, from, service, generation, tail: VecDeque::new() }
    }

    /// A line that the command printed, or the part of one. It is cut where it is too long for one line of the output.
    pub(super) fn line(&mut self, stream: Stream, text: &str) {
        self.remember(text);
        let source = self.source(self.from.clone(), stream);
        let mut rest = text;
        while !rest.is_empty() {
            let longest = rest.len().min(Output::LINE);
            let end = (1..=longest).rev().find(|&end| rest.is_char_boundary(end)).unwrap_or(rest.len());
            let (piece, after) = rest.split_at(end);
            self.output.push(&source, piece.to_owned());
            rest = after;
        }
    }

    /// Something that we say ourselves.
    pub(super) fn say(&self, text: &str) {
        self.output.push(&self.source(From::Reload, Stream::Stderr), format!("{text}\n"));
    }

    /// The last lines, for when they are all there is.
    pub(super) fn tail(&self) -> String {
        self.tail.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    fn remember(&mut self, text: &str) {
        let plain = parse::plain(text);
        let plain = plain.trim();
        if !plain.is_empty() {
            self.tail.push_back(plain.chars().take(500).collect());
            if self.tail.len() > TAIL {
                self.tail.pop_front();
            }
        }
    }

    fn source(&self, from: From, stream: Stream) -> Source {
        Source { service: self.service.clone(), from, stream, generation: self.generation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_cut_between_characters() {
        let output = Output::new();
        let mut log = Log::new(output.clone(), From::Build, "api".into(), Generation(1));
        let text = format!("{}\n", "ä".repeat(Output::LINE));
        log.line(Stream::Stdout, &text);
        let pieces: Vec<_> = output.read(0, 100).lines.iter().map(|line| line.text.clone()).collect();
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.len() <= Output::LINE));
        assert_eq!(pieces.concat(), text);
    }

    #[test]
    fn the_last_lines_are_known_without_their_colors() {
        let mut log = Log::new(Output::new(), From::Build, "api".into(), Generation(1));
        for line in ["one\n", "two\n", "\x1b[31mthree\x1b[0m\n", "\n", "four"] {
            log.line(Stream::Stderr, line);
        }
        assert_eq!(log.tail(), "two\nthree\nfour");
    }
}
