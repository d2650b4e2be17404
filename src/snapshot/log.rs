//! What builds, tasks and runs print, as JSON. Called by `lsp` and `control`.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{picture, uri};
use crate::output::{From, Line, Output, Stream};

/// How many bytes of text a batch or an answer has, about.
const BYTES: usize = 256 * 1024;

/// Lines that were printed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    /// Whose lines.
    pub root: String,
    /// The lines, oldest first.
    pub entries: Vec<Entry>,
    /// How many lines before the first of them were lost.
    pub dropped: u64,
}

/// The answer to `reload/getLog`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lines {
    /// The lines.
    #[serde(flatten)]
    pub log: Log,
    /// The `after` of the next request.
    pub next: u64,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its number, rising without gaps for each root.
    pub n: u64,
    /// When it was read, RFC 3339 in UTC.
    pub at: String,
    /// Whose.
    pub service: String,
    /// Who printed it: `run`, `build`, `task` or `reload`.
    pub from: String,
    /// The command of the task that printed it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// `stdout` or `stderr`.
    pub stream: String,
    /// Which generation; of a task, which of its runs.
    pub generation: u32,
    /// The text with its line end and its colors. Untrusted: escape it before it is shown as HTML or Markdown.
    pub text: String,
}

/// Up to `max` lines with numbers above `after`, and not too many bytes.
pub fn lines(output: &Output, root: &Path, after: u64, max: usize) -> Lines {
    let root = uri::text_from_path(root);
    let batch = output.read(after, max);
    let mut bytes = 0;
    let fitting = batch.lines.iter().take_while(|line| {
        let fits = bytes < BYTES;
        bytes += line.text.len();
        fits
    });
    let entries: Vec<_> = fitting.map(|line| entry(line)).collect();
    let next = entries.last().map_or(batch.next, |entry| entry.n);
    Lines { log: Log { root, entries, dropped: batch.dropped }, next }
}

fn entry(line: &Line) -> Entry {
    let (from, task) = match &line.from {
        From::Build => ("build", None),
        From::Task(command) => ("task", Some(command.to_string())),
        From::Run => ("run", None),
        From::Reload => ("reload", None),
    };
    let stream = match line.stream {
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
    };
    Entry {
        n: line.n,
        at: picture::time(line.at),
        service: line.service.as_str().to_owned(),
        from: from.to_owned(),
        task,
        stream: stream.to_owned(),
        generation: line.generation.0,
        text: line.text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Generation;
    use crate::output::Source;

    #[test]
    fn a_batch_is_bounded_in_bytes_and_the_next_goes_on_where_it_ended() {
        let output = Output::new();
        let source = Source {
            service: "api".into(),
            from: From::Run,
            stream: Stream::Stdout,
            generation: Generation(1),
        };
        for _ in 0..40 {
            output.push(&source, "x".repeat(Output::LINE));
        }
        let mut after = 0;
        let mut seen = Vec::new();
        while after < 40 {
            let lines = lines(&output, Path::new("/w"), after, 1000);
            assert!(lines.log.entries.len() <= BYTES / Output::LINE);
            seen.extend(lines.log.entries.iter().map(|entry| entry.n));
            after = lines.next;
        }
        assert!(seen.into_iter().eq(1..=40));
    }
}
