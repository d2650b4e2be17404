//! A crash that left no trace in the output → a problem without a place. Called by `run`.

use nix::sys::signal::Signal;

use crate::engine::{Exit, Problem, Severity};

/// How many lines of the output are quoted.
const QUOTED: usize = 3;

/// What is to be said of an exit that nobody asked for, with the last that was printed: the streams in `tails`, the most
/// telling first. Nothing of code 0.
pub(super) fn problem(exit: Exit, tails: &[String]) -> Option<Problem> {
    let text = match exit {
        Exit::Code(0) => return None,
        Exit::Code(126) => {
            "exited with code 126: the shell may not execute a command (help: run `chmod +x` on it)".to_owned()
        }
        Exit::Code(127) => {
            "exited with code 127: the shell did not find a command (help: install it, or name it by its path)"
                .to_owned()
        }
        // How a shell passes on that its command was killed.
        Exit::Code(code) => match name(code - 128) {
            Some(signal) => format!("exited with code {code} ({signal})"),
            None => format!("exited with code {code}"),
        },
        Exit::Signal(signal) => match name(signal) {
            Some("SIGKILL") => "killed by SIGKILL, not by us (help: perhaps the memory was full)".to_owned(),
            Some(name) => format!("killed by {name}"),
            None => format!("killed by signal {signal}"),
        },
    };
    let quoted = tails.iter().map(|tail| last_lines(tail)).find(|lines| !lines.is_empty());
    let lines: Vec<_> = std::iter::once(text.as_str()).chain(quoted.into_iter().flatten()).collect();
    Some(Problem::new(Severity::Error, "reload", lines.join("\n")))
}

fn last_lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().rev().filter(|line| !line.trim().is_empty()).take(QUOTED).collect();
    lines.reverse();
    lines
}

fn name(signal: i32) -> Option<&'static str> {
    Signal::try_from(signal).ok().map(Signal::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_end_has_words() {
        let cases = [
            (Exit::Code(0), None),
            (Exit::Code(3), Some("exited with code 3")),
            (Exit::Code(139), Some("exited with code 139 (SIGSEGV)")),
            (Exit::Code(255), Some("exited with code 255")),
            (Exit::Signal(11), Some("killed by SIGSEGV")),
            (Exit::Signal(99), Some("killed by signal 99")),
        ];
        for (exit, expected) in cases {
            assert_eq!(problem(exit, &[]).map(|problem| problem.message), expected.map(str::to_owned));
        }
    }

    #[test]
    fn the_last_words_are_quoted_of_the_stream_that_has_any() {
        let tails = ["\n".to_owned(), "one\ntwo\n\nthree\nfour\n".to_owned()];
        let found = problem(Exit::Code(3), &tails).map(|problem| problem.message);
        assert_eq!(found.as_deref(), Some("exited with code 3\ntwo\nthree\nfour"));
    }
}
