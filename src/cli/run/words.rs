//! The words of the view: times, counts, reasons and places as people read them (pure). Used by `view` and the demo.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::engine::{Exit, Origin, Place, Problem, Reload, RunExit, SaveReason, Trigger};

/// A time as people say it: `12 ms`, `1.2 s`, `3 min`.
pub(crate) fn duration(time: Duration) -> String {
    match time.as_millis() {
        millis @ ..1_000 => format!("{millis} ms"),
        1_000..10_000 => format!("{:.1} s", time.as_secs_f64()),
        10_000..120_000 => format!("{} s", time.as_secs()),
        _ => format!("{} min", time.as_secs() / 60),
    }
}

/// The whole of a reload and its stages: `760 ms (build 702, stop 12, ready 41)`. Beyond ten seconds every time has its
/// own unit.
pub(crate) fn reload(reload: &Reload) -> String {
    let is_short = reload.total < Duration::from_secs(10);
    let say = |time: Duration| if is_short { time.as_millis().to_string() } else { duration(time) };
    let stages = [
        ("settle", reload.settle),
        ("build", reload.build),
        ("stop", reload.stop),
        ("start", reload.start),
        ("ready", reload.ready),
    ];
    let stages = stages.into_iter().filter(|(_, time)| time.as_millis() > 0);
    let stages: Vec<_> = stages.map(|(name, time)| format!("{name} {}", say(time))).collect();
    let unit = if is_short { " ms" } else { "" };
    let stages = if stages.is_empty() { String::new() } else { format!(" ({})", stages.join(", ")) };
    format!("{}{unit}{stages}", say(reload.total))
}

/// `1 error`, `3 errors`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// `3 errors, 1 warning`, without what is zero.
pub(crate) fn verdict(errors: usize, warnings: usize) -> String {
    let counts = [(errors, "error"), (warnings, "warning")];
    let counts: Vec<_> = counts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, thing)| count(number, thing))
        .collect();
    counts.join(", ")
}

/// Why a trip began: `main.go saved`, `go.mod and 3 more changed on disk`. `None` at the start, which needs no reason.
pub(crate) fn trigger(trigger: &Trigger, root: &Path) -> Option<String> {
    let files = match trigger.files.as_slice() {
        [] => None,
        [first, ..] if trigger.count > 1 => {
            Some(format!("{} and {} more", relative(first, root), trigger.count - 1))
        }
        [first, ..] => Some(relative(first, root)),
    };
    let happened = match trigger.origin {
        Origin::StartUp => return None,
        Origin::Configuration => return Some("the configuration changed".to_owned()),
        Origin::Person => return Some("you asked for it".to_owned()),
        Origin::Disk => "changed on disk",
        Origin::Editor(SaveReason::Manual) => "saved",
        Origin::Editor(SaveReason::AfterDelay | SaveReason::FocusOut) => "saved by itself",
    };
    Some(files.map_or_else(|| happened.to_owned(), |files| format!("{files} {happened}")))
}

/// `exit code 1`, `SIGSEGV`, or why it could not be started.
pub(crate) fn exit(exit: &RunExit) -> String {
    match exit {
        RunExit::Exited(Exit::Code(code)) => format!("exit code {code}"),
        RunExit::Exited(Exit::Signal(number)) => {
            Signal::try_from(*number).map_or_else(|_| format!("signal {number}"), |signal| signal.to_string())
        }
        RunExit::NotStarted(reason) => reason.clone(),
    }
}

/// A problem on one line: `src/main.rs:13:2: undefined: foo`.
pub(crate) fn problem(problem: &Problem, root: &Path) -> String {
    let message = problem.message.lines().next().unwrap_or_default();
    match &problem.place {
        Some(at) => format!("{}: {message}", place(at, root)),
        None => message.to_owned(),
    }
}

fn place(place: &Place, root: &Path) -> String {
    let path = relative(&place.path, root);
    match place.start.column {
        Some(column) => format!("{path}:{}:{column}", place.start.line),
        None => format!("{path}:{}", place.start.line),
    }
}

/// A path as seen from the root.
pub(crate) fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Action, Moment};

    #[test]
    fn times_are_short_and_have_a_unit() {
        let said: Vec<_> = [0, 999, 1_000, 9_940, 12_345, 180_000]
            .map(|millis| duration(Duration::from_millis(millis)))
            .into_iter()
            .collect();
        assert_eq!(said, ["0 ms", "999 ms", "1.0 s", "9.9 s", "12 s", "3 min"]);
    }

    #[test]
    fn a_long_reload_is_not_told_in_thousands_of_milliseconds() {
        let long = Reload {
            generation: crate::engine::Generation(1),
            settle: Duration::ZERO,
            build: Duration::from_millis(44_300),
            stop: Duration::ZERO,
            start: Duration::from_millis(3),
            ready: Duration::from_millis(900),
            total: Duration::from_millis(45_203),
        };
        assert_eq!(reload(&long), "45 s (build 44 s, start 3 ms, ready 900 ms)");
    }

    #[test]
    fn a_trigger_names_the_file_and_how_many_more() {
        let mut saved = Trigger::without_files(Origin::Disk, Action::Rebuild, Moment::default());
        saved.files = vec![Path::new("/w/shop/cmd/main.go").into(), Path::new("/w/shop/go.mod").into()];
        saved.count = 14;
        let said = trigger(&saved, Path::new("/w/shop"));
        assert_eq!(said.as_deref(), Some("cmd/main.go and 13 more changed on disk"));
    }

    #[test]
    fn a_signal_has_a_name() {
        assert_eq!(exit(&RunExit::Exited(Exit::Signal(11))), "SIGSEGV");
        assert_eq!(exit(&RunExit::Exited(Exit::Code(3))), "exit code 3");
    }
}
