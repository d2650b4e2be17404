//! One guard: executes one command, ends it when it is told to or when reload-lsp is gone, and reports. Called by the nursery
//! in a process of its own. Does not know: other commands, why this one is started.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::socket::{MsgFlags, recv};
use nix::sys::wait::WaitStatus;
use nix::unistd::{Pid, getpid, setsid};

use super::exec::{self, Outputs};
use super::kill::{everything_below, reap};
use super::os::{self, ChildSignals};
use crate::process::tree;
use crate::process::wire::{FRAME, Report, Request, Step, Stop};

/// As much as the arguments and the environment of most commands take, in bytes.
const ROOM: usize = 16 * 1024;

/// Waits for a request, says so on `take`, and guards that command until nothing of it is left.
pub(super) fn guard(requests: UnixStream, mut take: UnixStream, signals: &ChildSignals) -> io::Result<()> {
    let _ = setsid();
    os::adopt_orphans();
    rehearse()?;
    let Some((request, descriptors)) = Request::receive(&requests)? else { return Ok(()) };
    // If the nursery is gone, this is its last guard.
    let _ = take.write_all(&[1]);
    drop((requests, take));
    // If some did not arrive, closing the control socket is the answer.
    let Some((mut control, outputs)) = sort(descriptors) else { return Ok(()) };
    if is_closed(&control) {
        return Ok(());
    }
    let keep = request.keep;
    match exec::start(request, &outputs) {
        Ok(main) => {
            // Only the command may hold them, or its output would never end and its port never be free.
            drop(outputs);
            let mut guard =
                Guard { control, signals, main, keep, is_kept: false, ended: None, stopping: None };
            guard.report(Report::Started { pid: main.as_raw(), guard: getpid().as_raw() });
            guard.run();
        }
        Err((step, cause)) => control.write_all(&Report::Failed { step, cause }.to_frame())?,
    }
    Ok(())
}

/// Goes through the motions once. The first use of a page of code, and the first write to one that is shared with the nursery
/// since the fork, cost a tenth of a millisecond together, and now nobody waits.
fn rehearse() -> io::Result<()> {
    let (send, receive) = UnixStream::pair()?;
    let root = || b"/".to_vec();
    let request =
        Request { program: root(), dir: root(), argv: vec![vec![b'x'; ROOM]], ..Request::default() };
    request.send(&send, &[send.as_raw_fd(); 3])?;
    if let Some((request, descriptors)) = Request::receive(&receive)?
        && let Some((_, outputs)) = sort(descriptors)
    {
        // A directory cannot be executed.
        let _ = exec::start(request, &outputs);
    }
    Ok(())
}

/// Answers the next request, when there is no process to be had for a guard. `false` if none comes any more.
pub(super) fn refuse(requests: &UnixStream, cause: Errno) -> io::Result<bool> {
    let Some((_, descriptors)) = Request::receive(requests)? else { return Ok(false) };
    if let Some((mut control, _)) = sort(descriptors) {
        // If that fails, nobody waits for the answer any more.
        let _ = control.write_all(&Report::Failed { step: Step::Process, cause }.to_frame());
    }
    Ok(true)
}

/// Whether nobody waits for this command any more.
fn is_closed(control: &UnixStream) -> bool {
    recv(control.as_raw_fd(), &mut [0], MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT) == Ok(0)
}

/// Which descriptor is what.
fn sort(descriptors: Vec<OwnedFd>) -> Option<(UnixStream, Outputs)> {
    let mut descriptors = descriptors.into_iter();
    let control = descriptors.next()?.into();
    let (stdout, stderr) = (descriptors.next()?, descriptors.next()?);
    Some((control, Outputs { stdout, stderr, sockets: descriptors.collect() }))
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
    /// Whether leftovers live on.
    keep: bool,
    /// Whether the exit was reported and leftovers do live on.
    is_kept: bool,
    /// How the command ended, once it has.
    ended: Option<WaitStatus>,
    stopping: Option<Stopping>,
}

impl Guard<'_> {
    fn run(&mut self) {
        loop {
            let childless = self.reap();
            if self.is_over(childless) {
                return;
            }
            let grace = self.stopping.map(|it| it.deadline.saturating_duration_since(now()));
            let [told] = self.signals.wait([Some(self.control.as_fd())], grace);
            if told && !self.listen() {
                self.kill();
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

    /// Reaps whatever has ended. Returns whether nothing is left.
    fn reap(&mut self) -> bool {
        let (main, ended) = (self.main, &mut self.ended);
        reap(&mut |status| note(main, ended, status))
    }

    /// Reports the exit when it is time, after having killed what has to go first. `true` when there is no more to do.
    fn is_over(&mut self, childless: bool) -> bool {
        let is_late = self.stopping.is_some_and(|it| it.deadline <= now());
        if self.is_kept {
            if is_late {
                self.kill();
            }
            return is_late || childless;
        }
        if self.ended.is_none() && !is_late {
            return false;
        }
        // What is left of the group may use the rest of the grace; what left the group was never asked to end.
        if self.stopping.is_some() && !is_late && !childless && killpg(self.main, None).is_ok() {
            return false;
        }
        if self.stopping.is_none() && self.keep && !childless {
            let left = tree::below(getpid()).into_iter().filter(|pid| tree::lives(*pid)).count();
            self.report(self.exit(u32::try_from(left).unwrap_or(u32::MAX)));
            self.is_kept = true;
            return false;
        }
        let killed = self.kill();
        self.report(self.exit(killed));
        true
    }

    /// Kills what is left. Returns how much that was.
    fn kill(&mut self) -> u32 {
        if !tree::is_known() {
            let _ = killpg(self.main, Signal::SIGKILL);
        }
        let (main, ended) = (self.main, &mut self.ended);
        everything_below(self.signals, &mut |status| note(main, ended, status))
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
