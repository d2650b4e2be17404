//! What it costs to have the program and do nothing, and how soon it answers in a large tree. Called by `main`.

use std::io;
use std::time::Duration;

use crate::client::Client;
use crate::figures::{Row, Times, mebibytes, milliseconds};
use crate::procfs::{self, Sample};
use crate::project::Project;

/// How often the start is measured.
const STARTS: usize = 10;
/// KiB.
const MEMORY: u64 = 20 * 1024;

/// Nothing happens for `time`, with `files` files watched and a service that is ready.
pub(crate) fn idle(files: usize, time: Duration) -> io::Result<Vec<Row>> {
    let project = Project::new(files)?;
    let (mut client, _) = Client::open(&project)?;
    client.ready()?;
    // What the walk and the first run leave to do is not idle time.
    client.idle(Duration::from_secs(2))?;
    let before = procfs::sample(client.pid())?;
    let messages = client.idle(time)?;
    let after = procfs::sample(client.pid())?;
    client.close()?;

    let seconds = time.as_secs_f64();
    let (wakeups, cpu) = after.since(&before);
    let wakeups = f64::from(u32::try_from(wakeups).unwrap_or(u32::MAX)) / seconds;
    let share = cpu.as_secs_f64() / seconds * 100.0;
    let idle = format!("idle for {} s, {files} files watched", time.as_secs());
    let mut rows = resident(&idle, &after, Some(MEMORY));
    rows.extend([
        Row::judged(format!("{idle}: wake-ups"), format!("{wakeups:.2} /s"), "< 1 /s", wakeups < 1.0),
        Row::judged(
            format!("{idle}: CPU"),
            format!("{share:.4} % ({})", milliseconds(cpu)),
            "< 0.1 %",
            share < 0.1,
        ),
        Row::judged(format!("{idle}: messages to the client"), messages.to_string(), "0", messages == 0),
    ]);
    Ok(rows)
}

/// What the program holds in memory: every page once, which a budget in KiB is for, and what shows in a list of processes.
pub(crate) fn resident(what: &str, sample: &Sample, budget: Option<u64>) -> Vec<Row> {
    let name = format!("{what}: resident, {} processes, shared pages once", sample.processes);
    let once = mebibytes(sample.pss);
    vec![
        match budget {
            Some(budget) => Row::judged(name, once, format!("≤ {}", mebibytes(budget)), sample.pss <= budget),
            None => Row::told(name, once),
        },
        Row::told(format!("{what}: resident, the language server alone"), mebibytes(sample.own)),
        Row::told(format!("{what}: resident, sum of all processes"), mebibytes(sample.rss)),
    ]
}

/// The answer to `initialize`, measured from before the program is started.
pub(crate) fn initialize(files: usize) -> io::Result<Vec<Row>> {
    let project = Project::new(files)?;
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let (mut client, answered) = Client::open(&project)?;
        times.push(answered.duration_since(client.started).unwrap_or_default());
        client.ready()?;
        client.close()?;
    }
    let times = Times::new(times);
    Ok(vec![
        Row::time(
            format!("`initialize` answered, {files} files, start included, most of {STARTS}"),
            times.percentile(100),
            Duration::from_millis(50),
        ),
        Row::told(format!("`initialize` answered, {files} files"), times.summary()),
    ])
}
