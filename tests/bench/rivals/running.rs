//! A tool at work: started, waited for, ended, and what it left behind. Called by `rivals`.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::procfs;
use crate::project::{Project, Start};

/// Marks everything that a tool starts.
const MARK: &str = "RELOAD_BENCH_MARK";
/// How long a change at the start is waited for: longer than every settle, because another change may put it off.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How many changes the start may take.
const ATTEMPTS: usize = 10;

/// A tool in a process group of its own, as in a terminal. Dropping it ends whatever is left.
#[derive(Debug)]
pub(super) struct Running {
    tool: Child,
    mark: String,
    errors: PathBuf,
}

impl Running {
    /// Starts the tool, and waits until it is watching: a second change is seen. The first may be in the content that its
    /// command finds at its start.
    pub(super) fn start(mut command: Command, project: &Project) -> io::Result<Self> {
        let mark = format!("{MARK}={}", project.state().display());
        let errors = project.state().join("errors");
        command.stderr(File::create(&errors)?);
        let tool = command.env(MARK, project.state()).process_group(0).spawn()?;
        let running = Self { tool, mark, errors };
        let mut seen = 0;
        for attempt in 0..ATTEMPTS {
            let content = format!("attempt-{attempt}-{}", running.pid());
            project.replace(&content)?;
            seen += usize::from(started(project, &content, PATIENCE).is_ok());
            if seen == 2 {
                pause(Duration::from_millis(500));
                return Ok(running);
            }
        }
        Err(io::Error::other(format!("never started its command; {}", running.last_word())))
    }

    /// Why it did not do its job, as far as can be seen from outside; `None` if it did.
    pub(super) fn fault(&mut self, is_done: bool, watches: usize) -> io::Result<Option<String>> {
        if is_done {
            return Ok(None);
        }
        if self.tool.try_wait()?.is_some() {
            return Ok(Some(format!("it ended ({})", self.last_word())));
        }
        let before = procfs::sample(self.pid())?;
        pause(Duration::from_secs(1));
        let after = procfs::sample(self.pid())?;
        // One at work may yet come to it; one at rest does not.
        if after.since(&before).1 > Duration::from_millis(100) {
            return Ok(Some("still at work".to_owned()));
        }
        if after.watches * 2 < watches {
            return Ok(Some(format!("it keeps {} of {watches} watches", after.watches)));
        }
        Ok(Some("it is at rest".to_owned()))
    }

    /// The last line that it, or its command, wrote to its error output.
    fn last_word(&self) -> String {
        let text = fs::read_to_string(&self.errors).unwrap_or_default();
        text.lines().last().unwrap_or("it says nothing").to_owned()
    }

    /// The tool's own process.
    pub(super) fn pid(&self) -> u32 {
        self.tool.id()
    }

    /// Ends the tool, by the signal of Ctrl-C to its process group or by SIGKILL to itself, and counts what it left.
    pub(super) fn end(mut self, signal: Signal) -> io::Result<usize> {
        let pid = Pid::from_raw(i32::try_from(self.pid()).map_err(io::Error::other)?);
        if signal == Signal::SIGKILL { kill(pid, signal) } else { killpg(pid, signal) }?;
        let end = Instant::now() + Duration::from_secs(10);
        while self.tool.try_wait()?.is_none() && Instant::now() < end {
            pause(Duration::from_millis(5));
        }
        // Whoever is about to end may do so.
        pause(Duration::from_secs(1));
        Ok(self.bearers().len())
    }

    /// Living processes that bear the mark.
    fn bearers(&self) -> Vec<Pid> {
        let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_string_lossy().parse::<i32>().ok());
        let is_marked = |pid: &i32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == self.mark.as_bytes())
        };
        pids.filter(is_marked).map(Pid::from_raw).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Once more: what was being started meanwhile.
        while let bearers @ [_, ..] = &self.bearers()[..] {
            for bearer in bearers {
                // It may have ended by now.
                let _ = kill(*bearer, Signal::SIGKILL);
            }
            let _ = self.tool.try_wait();
            pause(Duration::from_millis(5));
        }
        let _ = self.tool.wait();
    }
}

/// Waits until the command was started with this content.
pub(super) fn started(project: &Project, content: &str, limit: Duration) -> io::Result<Start> {
    let end = Instant::now() + limit;
    loop {
        let starts = project.starts().unwrap_or_default();
        if let Some(start) = starts.into_iter().find(|start| start.content == content) {
            return Ok(start);
        }
        if Instant::now() > end {
            return Err(io::Error::other(format!("{content} was never started")));
        }
        pause(Duration::from_millis(2));
    }
}

/// Lets time pass.
pub(super) fn pause(time: Duration) {
    let end = SystemTime::now() + time;
    while let Ok(left) = end.duration_since(SystemTime::now()) {
        std::thread::park_timeout(left);
    }
}
