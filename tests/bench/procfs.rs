//! What the kernel says about the program's processes: memory, wake-ups, processor time. Linux only.
//! Used by `idle`, `trees` and `rivals`. Does not know: LSP.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

/// The state of all processes of the program at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    /// How many processes: the program itself and its guards.
    pub(crate) processes: usize,
    /// Resident memory of all, pages that they share counted each time, in KiB.
    pub(crate) rss: u64,
    /// The same, shared pages divided among those who share them: all of ours together count each once.
    pub(crate) pss: u64,
    /// Resident memory of the first process, the program that was started, in KiB.
    pub(crate) own: u64,
    /// Watches that inotify holds for them.
    pub(crate) watches: usize,
    /// By thread: how often it went to sleep by itself, and so woke up again, and its processor time.
    threads: BTreeMap<OsString, (u64, Duration)>,
}

impl Sample {
    /// What has happened since: wake-ups and processor time. A thread that has ended in between woke up once to do so.
    pub(crate) fn since(&self, before: &Self) -> (u64, Duration) {
        let mut wakeups =
            before.threads.keys().filter(|thread| !self.threads.contains_key(*thread)).count() as u64;
        let mut cpu = Duration::ZERO;
        for (thread, now) in &self.threads {
            let then = before.threads.get(thread).copied().unwrap_or_default();
            wakeups += now.0.saturating_sub(then.0);
            cpu += now.1.saturating_sub(then.1);
        }
        (wakeups, cpu)
    }

    fn add(&mut self, process: &Path) -> io::Result<()> {
        let memory = fs::read_to_string(process.join("smaps_rollup"))?;
        self.processes += 1;
        let rss = field(&memory, "Rss:");
        if self.processes == 1 {
            self.own = rss;
        }
        self.rss += rss;
        self.pss += field(&memory, "Pss:");
        for descriptor in fs::read_dir(process.join("fdinfo"))? {
            // It may be closed by now.
            let text = fs::read_to_string(descriptor?.path()).unwrap_or_default();
            self.watches += text.lines().filter(|line| line.starts_with("inotify ")).count();
        }
        for thread in fs::read_dir(process.join("task"))? {
            let thread = thread?;
            let status = fs::read_to_string(thread.path().join("status"))?;
            let times = fs::read_to_string(thread.path().join("schedstat"))?;
            // The first number: nanoseconds on a processor.
            let cpu = Duration::from_nanos(number(times.split_whitespace().next()));
            self.threads.insert(thread.file_name(), (field(&status, "voluntary_ctxt_switches:"), cpu));
        }
        Ok(())
    }
}

/// Looks at `pid` and at those of its descendants that run the same executable.
pub(crate) fn sample(pid: u32) -> io::Result<Sample> {
    let program = fs::read_link(format!("/proc/{pid}/exe"))?;
    let mut sample = Sample::default();
    for pid in with_descendants(pid)? {
        let process = Path::new("/proc").join(pid.to_string());
        if fs::read_link(process.join("exe")).is_ok_and(|exe| exe == program) {
            sample.add(&process)?;
        }
    }
    Ok(sample)
}

/// `pid`, its children, theirs, and so on.
fn with_descendants(pid: u32) -> io::Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(child) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        // It may have ended in between.
        let Ok(stat) = fs::read_to_string(format!("/proc/{child}/stat")) else { continue };
        // The name may hold anything but is in brackets: the state and the parent follow the last one.
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        parents.push((child, number(parent)));
    }
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(&parent) = family.get(next) {
        family.extend(parents.iter().filter(|(_, of)| *of == u64::from(parent)).map(|(child, _)| *child));
        next += 1;
    }
    Ok(family)
}

fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    number(line.and_then(|rest| rest.split_whitespace().next()))
}

fn number(word: Option<&str>) -> u64 {
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// How many programs wanted a processor, on average over the last minute. More than cores: the figures are too high.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}

/// One line that names the machine: processor, cores, kernel, load.
pub(crate) fn machine() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model =
        cpu.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{}, {cores} cores, {} {}, load {}",
        model.unwrap_or("unknown processor"),
        std::env::consts::OS,
        read("/proc/sys/kernel/osrelease").trim(),
        load(),
    )
}
