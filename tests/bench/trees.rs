//! What a tree costs, and how that grows with it: the time until all of it is watched, memory, watches, the time from a
//! change on disk to the build, and the processor time of events that concern nobody. Called by `main`.

use std::fs::{self, File};
use std::io;
use std::time::{Duration, SystemTime};

use crate::client::{Client, generation};
use crate::figures::{Row, Times, mebibytes, milliseconds};
use crate::idle;
use crate::procfs::{self, Sample};
use crate::project::Project;
use crate::saves::{OWN_TIME, SETTLE, since};

/// How often a start is measured. The middle one counts.
const STARTS: usize = 5;
/// How many changes on disk are measured.
const CHANGES: usize = 20;
/// Events that concern nobody, in each of `ROUNDS`: no more at a time than the kernel's queue holds.
const EVENTS: usize = 1_000;
const ROUNDS: usize = 5;
/// Files that a package manager creates.
const INSTALLED: usize = 50_000;

/// What starting in a tree costs.
struct Start {
    answered: Duration,
    covered: Duration,
    directories: u64,
    sample: Sample,
}

/// A tree of each size, the growth from the first to the last, and the last with as many ignored files beside it.
pub(crate) fn growth(sizes: &[usize]) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut starts: Vec<(usize, Start)> = Vec::new();
    for &files in sizes {
        let project = Project::new(files)?;
        let start = start(&project)?;
        rows.extend(start.rows(files));
        rows.extend(changes(&project, files)?);
        if files == sizes[sizes.len() - 1] {
            if let Some((few, small)) = starts.first() {
                let what = format!("{few} → {files} files (× {})", files / few);
                let row =
                    |name: &str, ratio: f64| Row::told(format!("{what}: {name}"), format!("× {ratio:.1}"));
                rows.push(row("until everything is watched", start.time_beside(small)));
                rows.push(row("resident", start.memory_beside(small)));
            }
            project.install(files)?;
            rows.extend(ignored(files, &start, &self::start(&project)?));
        }
        starts.push((files, start));
    }
    Ok(rows)
}

/// As many ignored files beside the sources: less than 10 % over none.
fn ignored(files: usize, without: &Start, with: &Start) -> Vec<Row> {
    let row = |what: &str, figures: String, ratio: f64| {
        let what = format!("{files} ignored files beside {files}: {what}");
        Row::judged(what, format!("{figures}, × {ratio:.2}"), "≤ × 1.10", ratio <= 1.1)
    };
    let figures = |of: fn(&Start) -> String| format!("{} after {}", of(with), of(without));
    vec![
        row(
            "until everything is watched",
            figures(|start| milliseconds(start.covered)),
            with.time_beside(without),
        ),
        row("resident", figures(|start| mebibytes(start.sample.pss)), with.memory_beside(without)),
        Row::judged(
            format!("{files} ignored files beside {files}: watches"),
            figures(|start| start.sample.watches.to_string()),
            "no more",
            with.sample.watches <= without.sample.watches,
        ),
    ]
}

/// A package manager at work in a project that is watched: no build, no watch, next to no processor time.
pub(crate) fn install(files: usize) -> io::Result<Vec<Row>> {
    let project = Project::new(files)?;
    let (mut client, _) = Client::open(&project)?;
    let covered = client.covered()?;
    let starts = project.starts()?.len();
    let before = procfs::sample(client.pid())?;
    project.install(INSTALLED)?;
    cookie(&project, &mut client, covered.generation, "installed")?;
    let after = procfs::sample(client.pid())?;
    let builds = project.starts()?[starts..].iter().filter(|start| start.is_build).count() - 1;
    let watches = after.watches.saturating_sub(before.watches);
    let cpu = after.since(&before).1;
    client.close()?;
    let what = format!("{INSTALLED} ignored files created beside {files}");
    Ok(vec![
        Row::judged(format!("{what}: builds"), builds.to_string(), "0", builds == 0),
        Row::judged(format!("{what}: new watches"), watches.to_string(), "0", watches == 0),
        Row::time(format!("{what}: CPU, one reload included"), cpu, Duration::from_millis(50)),
    ])
}

impl Start {
    fn time_beside(&self, other: &Self) -> f64 {
        self.covered.as_secs_f64() / other.covered.as_secs_f64()
    }

    #[expect(clippy::cast_precision_loss, reason = "for a ratio")]
    fn memory_beside(&self, other: &Self) -> f64 {
        self.sample.pss as f64 / other.sample.pss as f64
    }

    fn rows(&self, files: usize) -> Vec<Row> {
        let large = files >= 100_000;
        let covered = milliseconds(self.covered);
        let (memory, time) = (60 * 1_024, Duration::from_secs(2));
        let watched = format!("{files} files: until everything is watched, middle of {STARTS}");
        let tree = format!("{files} files");
        let mut rows = vec![
            Row::time(
                format!("{files} files: `initialize` answered, most of {STARTS}"),
                self.answered,
                Duration::from_millis(50),
            ),
            if large { Row::time(watched, self.covered, time) } else { Row::told(watched, covered) },
            Row::told(
                format!("{files} files: watches"),
                format!("{} directories, {} of inotify", self.directories, self.sample.watches),
            ),
        ];
        rows.extend(idle::resident(&tree, &self.sample, large.then_some(memory)));
        rows
    }
}

fn start(project: &Project) -> io::Result<Start> {
    let (mut answered, mut times, mut last) = (Duration::ZERO, Vec::new(), None);
    for _ in 0..STARTS {
        let (mut client, at) = Client::open(project)?;
        let covered = client.covered()?;
        answered = answered.max(since(at, client.started));
        times.push(since(covered.at, client.started));
        // What is freed after the walk is freed by now.
        client.idle(Duration::from_millis(500))?;
        last = Some((covered, procfs::sample(client.pid())?));
        client.close()?;
    }
    let (covered, sample) = last.ok_or_else(|| io::Error::other("nothing was started"))?;
    Ok(Start {
        answered,
        covered: Times::new(times).percentile(50),
        directories: covered.directories,
        sample,
    })
}

/// Changes on disk, and events that are none.
fn changes(project: &Project, files: usize) -> io::Result<Vec<Row>> {
    let (mut client, _) = Client::open(project)?;
    let mut last = client.covered()?.generation;
    let mut to_build = [Vec::new(), Vec::new()];
    for number in 0..CHANGES * 2 {
        let content = format!("change-{number}");
        client.idle(OWN_TIME)?;
        let before = SystemTime::now();
        if number % 2 == 0 {
            project.replace(&content)?;
        } else {
            project.write(&content)?;
        }
        last = generation(&client.reloaded(last)?);
        to_build[number % 2].push(since(project.start(&content, true)?.began, before));
    }
    let mut rows = Vec::new();
    for (how, times) in ["atomic", "in place"].into_iter().zip(to_build.map(Times::new)) {
        let budget = SETTLE + Duration::from_millis(10);
        let what = format!("{files} files: {how} change on disk → build process, most of {CHANGES}");
        rows.push(Row::time(what, times.percentile(100), budget));
    }

    let known: Vec<_> = project.files(EVENTS).filter(|path| path.exists()).collect();
    let beside: Vec<_> = known.iter().map(|path| path.with_extension("log")).collect();
    let mut cpu = |what: &str, act: &dyn Fn() -> io::Result<()>| -> io::Result<Duration> {
        let mut sum = Duration::ZERO;
        for round in 0..ROUNDS {
            let before = procfs::sample(client.pid())?;
            act()?;
            last = cookie(project, &mut client, last, &format!("{what}-{round}"))?;
            sum += procfs::sample(client.pid())?.since(&before).1;
        }
        Ok(sum / u32::try_from(ROUNDS).unwrap_or(1))
    };
    let reload = cpu("nothing", &|| Ok(()))?;
    let ignored = cpu("ignored", &|| beside.iter().try_for_each(|path| fs::write(path, "log")))?;
    let touched = cpu("touched", &|| {
        let now = SystemTime::now();
        known.iter().try_for_each(|path| File::options().append(true).open(path)?.set_modified(now))
    })?;
    client.close()?;
    for (what, cpu) in [("writes to ignored files", ignored), ("touched sources", touched)] {
        let what = format!("{files} files: CPU for {} {what}", known.len());
        rows.push(Row::told(what, milliseconds(cpu.saturating_sub(reload))));
    }
    Ok(rows)
}

/// A change that comes after all others: when it runs, they have been seen. Gives its generation.
fn cookie(project: &Project, client: &mut Client, mut last: u64, content: &str) -> io::Result<u64> {
    project.replace(content)?;
    while project.start(content, false).is_err() {
        last = generation(&client.reloaded(last)?);
    }
    Ok(last)
}
