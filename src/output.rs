//! What builds and runs print: one numbered ring of lines, bounded in bytes, with any number of readers.
//! Written by `build` and `service`; read by `lsp` and `cli`. A slow reader loses the oldest lines and is told how many;
//! nothing ever holds up a writer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use tokio::sync::watch;

use crate::engine::{Generation, ServiceName};

/// Who printed a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum From {
    /// A build.
    Build,
    /// The task of a rule, by its command.
    Task(Arc<str>),
    /// A run.
    Run,
    /// We ourselves: what happens around builds and runs.
    Reload,
}

/// On which stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line, or a piece of a line that is longer than `Output::LINE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1, without gaps over the whole session.
    pub n: u64,
    /// When it was read.
    pub at: SystemTime,
    /// Whose.
    pub service: ServiceName,
    /// Who printed it.
    pub from: From,
    /// On which stream.
    pub stream: Stream,
    /// Which generation; of a task, which of its runs.
    pub generation: Generation,
    /// The text with its line end and its colors; invalid UTF-8 replaced.
    pub text: String,
}

/// Where a line comes from: all of it but the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Whose.
    pub service: ServiceName,
    /// Who prints.
    pub from: From,
    /// On which stream.
    pub stream: Stream,
    /// Which generation.
    pub generation: Generation,
}

/// The lines that a reader has not seen yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// The lines, oldest first.
    pub lines: Vec<Arc<Line>>,
    /// How many were dropped before the first of them.
    pub dropped: u64,
    /// What to ask for next.
    pub next: u64,
}

#[derive(Debug)]
struct Ring {
    lines: VecDeque<Arc<Line>>,
    bytes: usize,
    next: u64,
}

/// The ring.
#[derive(Debug)]
pub struct Output {
    // Held for a push or a copy of pointers, never over an await.
    ring: Mutex<Ring>,
    written: watch::Sender<u64>,
}

impl Output {
    /// How many bytes of text are kept.
    pub const BYTES: usize = 4 * 1024 * 1024;
    /// A longer line is cut into pieces of this many bytes.
    pub const LINE: usize = 16 * 1024;

    /// An empty ring.
    pub fn new() -> Arc<Self> {
        let ring = Ring { lines: VecDeque::new(), bytes: 0, next: 1 };
        Arc::new(Self { ring: Mutex::new(ring), written: watch::Sender::new(0) })
    }

    /// Adds a line. Never waits for a reader.
    pub fn push(&self, source: &Source, text: String) {
        let n = {
            let mut ring = self.lock();
            let n = ring.next;
            ring.next += 1;
            ring.bytes += text.len();
            ring.lines.push_back(Arc::new(Line {
                n,
                at: SystemTime::now(),
                service: source.service.clone(),
                from: source.from.clone(),
                stream: source.stream,
                generation: source.generation,
                text,
            }));
            while ring.bytes > Self::BYTES {
                let Some(oldest) = ring.lines.pop_front() else { break };
                ring.bytes -= oldest.text.len();
            }
            n
        };
        self.written.send_replace(n);
    }

    /// Up to `max` lines with numbers above `after`.
    pub fn read(&self, after: u64, max: usize) -> Batch {
        let ring = self.lock();
        let first = ring.lines.front().map_or(ring.next, |line| line.n);
        let skip = usize::try_from((after + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        let lines: Vec<_> = ring.lines.iter().skip(skip).take(max).cloned().collect();
        let next = lines.last().map_or((ring.next - 1).max(after), |line| line.n);
        Batch { dropped: first.saturating_sub(after + 1), lines, next }
    }

    /// Tells when something was written, with the number of the last line.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    // A writer that panicked has left the ring whole: each push is complete or not begun.
    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        Source { service: "api".into(), from: From::Run, stream: Stream::Stdout, generation: Generation(1) }
    }

    #[test]
    fn a_reader_gets_every_line_once() {
        let output = Output::new();
        output.push(&source(), "a\n".into());
        output.push(&source(), "b\n".into());
        let first = output.read(0, 1);
        assert_eq!((first.lines[0].text.as_str(), first.next, first.dropped), ("a\n", 1, 0));
        let second = output.read(first.next, 10);
        assert_eq!((second.lines.len(), second.lines[0].text.as_str()), (1, "b\n"));
        assert_eq!(output.read(second.next, 10), Batch { lines: vec![], dropped: 0, next: 2 });
    }

    #[test]
    fn a_slow_reader_loses_the_oldest_and_is_told_how_many() {
        let output = Output::new();
        let line = "x".repeat(Output::LINE);
        let kept = Output::BYTES / Output::LINE;
        for _ in 0..kept + 7 {
            output.push(&source(), line.clone());
        }
        let batch = output.read(0, usize::MAX);
        assert_eq!((batch.dropped, batch.lines.len()), (7, kept));
    }
}
