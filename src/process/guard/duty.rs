//! One guard: executes one command, ends it when it is told to or when reload-lsp is gone, and reports. Called by the nursery
//! in a process of its own. Does not know: other commands, why this one is started.

use std::io::{PipeReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::WaitStatus;
use nix::unistd::{Pid, getpid, setpgid, setsid};

use super::exec::{self, Outputs};
use super::kill::{everything_below, reap};
use super::os::{self, ChildSignals};
use super::raw;
use crate::process::tree;
use crate::process::wire::{FRAME, Report, Request, Step, Stop};

/// Guards one command until nothing of it is left. In the command's own process it returns only when it cannot be executed.
pub(super) fn guard(
    control: UnixStream,
    signals: &ChildSignals,
    request: Request,
    outputs: Outputs,
) -> ExitCode {
    let _ = setsid();
    os::adopt_orphans();
    let keep = request.keep;
    let started = std::io::pipe().map_err(|cause| Errno::from_raw(cause.raw_os_error().unwrap_or(0)));
    let forked = started.and_then(|pipe| Ok((pipe, raw::fork()?)));
    let ((executing, report), main) = match forked {
        Ok((pipe, Some(main))) => (pipe, main),
        Ok(((_, report), None)) => return exec::exec(request, outputs, report),
        Err(cause) => {
            super::refuse(&control, cause);
            return ExitCode::FAILURE;
        }
    };
    // Both do it, so that the group is there whoever comes first.
    let _ = setpgid(main, main);
    drop((outputs, report));
    let phase = Phase::Executing(executing);
    Guard { control, signals, main, keep, phase, ended: None, stopping: None }.run();
    ExitCode::SUCCESS
}

/// How far the command has come.
#[derive(Debug)]
enum Phase {
    /// Its process is there; the pipe is closed when it executes the program, and says why when it can't.
    Executing(PipeReader),
    /// It runs.
    Running,
    /// Its exit was reported and its leftovers live on.
    Kept,
}

/// What a stop asked for.
#[derive(Debug, Clone, Copy)]
struct Stopping {
    signal: Signal,
    deadline: Instant,
}

#[derive(Debug)]
struct Guard<'a> {
    control: UnixStream,
    signals: &'a ChildSignals,
    main: Pid,
    keep: bool,
    phase: Phase,
    /// How the command ended, once it has.
    ended: Option<WaitStatus>,
    stopping: Option<Stopping>,
}

impl Guard<'_> {
    fn run(mut self) {
        loop {
            let executing = match &self.phase {
                Phase::Executing(pipe) => Some(pipe.as_fd()),
                Phase::Running | Phase::Kept => None,
            };
            let grace = self.stopping.map(|it| it.deadline.saturating_duration_since(now()));
            let [told, executed] = self.signals.wait([Some(self.control.as_fd()), executing], grace);
            if told && !self.listen() {
                everything_below(self.signals, &[].into(), &mut |_| {});
                return;
            }
            if executed && !self.confirm() {
                return;
            }
            let childless = self.reap();
            if self.is_over(childless) {
                return;
            }
        }
    }

    /// Reads what we are told. `false` when reload-lsp is gone, or has dropped the command.
    fn listen(&mut self) -> bool {
        let mut frame = [0; FRAME];
        if self.control.read_exact(&mut frame).is_err() {
            return false;
        }
        let Stop { signal, grace } = Stop::from_frame(frame);
        let signal = Signal::try_from(signal).unwrap_or(Signal::SIGTERM);
        let grace = if signal == Signal::SIGKILL { Duration::ZERO } else { grace };
        let previous = self.stopping;
        let deadline = previous.map_or(now() + grace, |it| it.deadline.min(now() + grace));
        self.stopping = Some(Stopping { signal, deadline });
        // The same signal twice means "at once" to many programs, and a shorter grace does not mean that.
        if signal != Signal::SIGKILL && previous.is_none_or(|it| it.signal != signal) {
            self.ask(signal);
        }
        true
    }

    /// Sends `signal` to the group and wakes what is stopped, so that it can take it.
    fn ask(&self, signal: Signal) {
        if self.ended.is_none() {
            let _ = killpg(self.main, signal);
            let _ = killpg(self.main, Signal::SIGCONT);
            return;
        }
        // The number of the group may belong to somebody else once its first process was reaped.
        for pid in tree::below(getpid()) {
            let _ = kill(pid, signal);
            let _ = kill(pid, Signal::SIGCONT);
        }
    }

    /// Reports whether the program is executed. `false` when it could not be.
    fn confirm(&mut self) -> bool {
        let Phase::Executing(pipe) = &mut self.phase else { return true };
        let mut words = [0; 8];
        if pipe.read_exact(&mut words).is_ok() {
            let number = |at: usize| words[at..at + 4].try_into().map_or(0, i32::from_ne_bytes);
            let (step, cause) = (Step::from_number(number(0)), Errno::from_raw(number(4)));
            self.report(Report::Failed { step, cause });
            return false;
        }
        self.phase = Phase::Running;
        self.report(Report::Started { pid: self.main.as_raw(), guard: getpid().as_raw() });
        true
    }

    /// Reaps whatever has ended. Returns whether nothing is left.
    fn reap(&mut self) -> bool {
        let (main, ended) = (self.main, &mut self.ended);
        reap(&mut |status| note(main, ended, status))
    }

    /// Reports the exit when it is time, after having killed what has to go first. `true` when there is no more to do.
    fn is_over(&mut self, childless: bool) -> bool {
        let deadline_reached = self.stopping.is_some_and(|it| it.deadline <= now());
        match self.phase {
            Phase::Executing(_) => false,
            Phase::Running if deadline_reached => self.finish(),
            Phase::Running if self.ended.is_none() => false,
            // What is left of the group may use the rest of the grace; what left the group was never asked to end.
            Phase::Running if self.stopping.is_some() => {
                let waits = !childless && killpg(self.main, None).is_ok();
                !waits && self.finish()
            }
            Phase::Running if self.keep && !childless => {
                let left = tree::below(getpid()).into_iter().filter(|pid| tree::lives(*pid)).count();
                self.report(self.exit(u32::try_from(left).unwrap_or(u32::MAX)));
                self.phase = Phase::Kept;
                false
            }
            Phase::Running => self.finish(),
            Phase::Kept if deadline_reached && !childless => {
                everything_below(self.signals, &[].into(), &mut |_| {});
                true
            }
            Phase::Kept => childless,
        }
    }

    /// Kills what is left, then reports the exit.
    fn finish(&mut self) -> bool {
        let (main, ended) = (self.main, &mut self.ended);
        let killed = everything_below(self.signals, &[].into(), &mut |status| note(main, ended, status));
        self.report(self.exit(killed));
        true
    }

    fn exit(&self, killed: u32) -> Report {
        let (code, signal) = match self.ended {
            Some(WaitStatus::Exited(_, code)) => (Some(code), None),
            Some(WaitStatus::Signaled(_, signal, _)) => (None, Some(signal as i32)),
            Some(_) | None => (None, None),
        };
        Report::Exited { code, signal, killed }
    }

    /// If nobody listens any more, the next wait notices.
    fn report(&self, report: Report) {
        let _ = (&self.control).write_all(&report.to_frame());
    }
}

fn note(main: Pid, ended: &mut Option<WaitStatus>, status: WaitStatus) {
    if status.pid() == Some(main) {
        *ended = Some(status);
    }
}

#[expect(clippy::disallowed_methods, reason = "a guard has no tokio; all it measures is the grace")]
fn now() -> Instant {
    Instant::now()
}
