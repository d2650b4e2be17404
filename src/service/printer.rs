//! What a run prints → `Output`, and the last of it kept for the crash. Called by `run`.
//! Does not know: processes, what the text means.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Request;
use super::lines::Lines;
use super::tail::Tail;
use crate::output::{From, Output, Source, Stream};

/// How long a line without an end is waited for before it is shown as it is.
const SILENCE: Duration = Duration::from_millis(100);

/// One stream of the run.
#[derive(Debug)]
struct Channel {
    source: Source,
    lines: Lines,
    tail: Tail,
    /// When its unfinished line is shown, if there is one.
    flush_at: Option<Instant>,
}

/// Both streams of one run, and our own words about it.
#[derive(Debug)]
pub(super) struct Printer {
    output: Arc<Output>,
    stdout: Channel,
    stderr: Channel,
    own: Source,
}

impl Printer {
    /// A printer for this run.
    pub(super) fn new(request: &Request, output: Arc<Output>) -> Self {
        let source = |from, stream| Source {
            service: request.service.clone(),
            from,
            stream,
            generation: request.generation,
        };
        let channel = |stream| Channel {
            source: source(From::Run, stream),
            lines: Lines::default(),
            tail: Tail::default(),
            flush_at: None,
        };
        Self {
            output,
            stdout: channel(Stream::Stdout),
            stderr: channel(Stream::Stderr),
            own: source(From::Reload, Stream::Stderr),
        }
    }

    /// Shows a line of our own.
    pub(super) fn say(&self, text: &str) {
        self.output.push(&self.own, format!("{text}\n"));
    }

    /// Takes in what the run printed. `seen` is called for every piece of text that is shown.
    pub(super) fn print(&mut self, stream: Stream, bytes: &[u8], mut seen: impl FnMut(&str)) {
        let output = self.output.clone();
        let channel = self.channel(stream);
        channel.tail.push(bytes);
        channel.lines.push(bytes, |text| {
            seen(&text);
            output.push(&channel.source, text);
        });
        channel.flush_at = channel.lines.is_pending().then(|| Instant::now() + SILENCE);
    }

    /// Waits until an unfinished line is due. Dropping the future is safe.
    pub(super) async fn silence(&self) {
        match [self.stdout.flush_at, self.stderr.flush_at].into_iter().flatten().min() {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Shows the unfinished lines that are due.
    pub(super) fn flush(&mut self, mut seen: impl FnMut(&str)) {
        let now = Instant::now();
        for channel in [&mut self.stdout, &mut self.stderr] {
            if channel.flush_at.is_some_and(|at| at <= now) {
                channel.flush_at = None;
                if let Some(text) = channel.lines.flush() {
                    seen(&text);
                    self.output.push(&channel.source, text);
                }
            }
        }
    }

    /// Shows everything that is left: nothing more will come.
    pub(super) fn finish(&mut self) {
        for channel in [&mut self.stdout, &mut self.stderr] {
            channel.flush_at = None;
            if let Some(text) = channel.lines.finish() {
                self.output.push(&channel.source, text);
            }
        }
    }

    /// The last text of both streams, without colors. Standard error first, where traces are printed.
    pub(super) fn tails(&self) -> [String; 2] {
        [self.stderr.tail.text(), self.stdout.tail.text()]
    }

    fn channel(&mut self, stream: Stream) -> &mut Channel {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }
}
