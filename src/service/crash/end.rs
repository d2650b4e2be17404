//! A crash that left no trace in the output → a problem without a place. Called by `run`.

use nix::sys::signal::Signal;

use crate::engine::{Exit, Problem, Severity};

/// What is to be said of an exit that nobody asked for; nothing of code 0.
pub(in crate::service) fn problem(exit: Exit) -> Option<Problem> {
    let text = match exit {
        Exit::Code(0) => return None,
        Exit::Code(126) => "exited with code 126: the shell may not execute the command".to_owned(),
        Exit::Code(127) => "exited with code 127: the shell did not find the command".to_owned(),
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
    Some(Problem::new(Severity::Error, "reload", text))
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
            assert_eq!(problem(exit).map(|problem| problem.message), expected.map(str::to_owned));
        }
    }
}
