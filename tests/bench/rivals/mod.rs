//! The same job for reload-lsp and for other tools, in one run on one machine. Called by `main`.
//! What is not installed is left out; `tests/bench/README.md` tells how to get it.

mod running;
mod tool;

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::time::{Duration, SystemTime};

use nix::sys::signal::Signal;

use crate::figures::{Times, mebibytes};
use crate::floods;
use crate::procfs;
use crate::project::{Project, stamp};
use crate::saves::since;
use running::{Running, pause, started};
pub(crate) use tool::Tool;
use tool::{Job, Settle};

/// Sources in the tree.
const FILES: usize = 10_000;
/// Files that a branch switch modifies.
const SWITCHED: usize = 5_000;
/// Saves in a burst.
const BURST: usize = 1_000;
/// Changes on disk, each way.
const CHANGES: usize = 9;
/// Between two of them: beyond every settle, so that none waits for the change before.
const BETWEEN: Duration = Duration::from_millis(250);
/// How long the slowest of them may take.
const LIMIT: Duration = Duration::from_secs(8);
/// After this long without a change every tool is at rest.
const REST: Duration = Duration::from_secs(1);

/// One measurement of one tool, what it is called, and how many cells it gives.
type Measure = (&'static str, usize, fn(Tool) -> io::Result<Vec<String>>);

const MEASURES: [Measure; 4] = [
    ("latency and size", 5, latency_and_size),
    ("branch switch", 1, |tool| flood(tool, branch_switch)),
    ("burst", 1, |tool| flood(tool, burst)),
    ("survivors", 2, survivors),
];

/// The names of what `MEASURES` give, in their order.
const ROWS: [&str; 9] = [
    "atomic change → command started, p50",
    "the same in place",
    "atomic change → command started, p50, shortest settle it can be set to",
    "resident, 10,000 files watched",
    "watches, 10,000 files watched",
    "starts for a branch switch of 5,000 files; NO if the next change was not seen",
    "starts for 1,000 saves in a burst; NO if the last content does not run",
    "left behind after Ctrl-C by a server with a child of its own session",
    "the same after kill -9 of the tool",
];

/// A column for each tool, all of them unless `wanted` names some.
pub(crate) fn compare(wanted: &[Tool]) -> Vec<Vec<String>> {
    let mut lines: Vec<Vec<String>> = vec![vec![String::new()]];
    lines.extend(ROWS.iter().map(|row| vec![(*row).to_owned()]));
    for tool in Tool::ALL.into_iter().filter(|tool| wanted.is_empty() || wanted.contains(tool)) {
        let Some(version) = tool.version() else {
            println!("left out, because it is not installed: {tool:?} (see tests/bench/README.md)");
            continue;
        };
        let mut column = vec![version.clone()];
        for (what, cells, measure) in MEASURES {
            println!("measuring {version}: {what}");
            let measured = measure(tool).unwrap_or_else(|error| vec![error.to_string(); cells]);
            // At once, so that a run that is ended has not been in vain.
            println!("{}", measured.join(" | "));
            column.extend(measured);
        }
        for (line, cell) in lines.iter_mut().zip(column) {
            line.push(cell);
        }
    }
    lines
}

fn latency_and_size(tool: Tool) -> io::Result<Vec<String>> {
    let project = Project::new(FILES)?;
    let look = Job::Once(words(&project, "look")?);
    let running = Running::start(tool.command(&project, &look, Settle::Default)?, &project)?;
    let sample = procfs::sample(running.pid())?;
    let atomic = latency(&project, Project::replace)?;
    let in_place = latency(&project, Project::write)?;
    drop(running);
    let shortest = if let Some(why) = tool.refusal(Settle::Shortest) {
        why.to_owned()
    } else {
        let command = tool.command(&project, &look, Settle::Shortest)?;
        match Running::start(command, &project) {
            Ok(_running) => latency(&project, Project::replace)?,
            Err(error) => error.to_string(),
        }
    };
    Ok(vec![atomic, in_place, shortest, mebibytes(sample.rss), sample.watches.to_string()])
}

fn latency(project: &Project, write: fn(&Project, &str) -> io::Result<()>) -> io::Result<String> {
    let mut times = Vec::new();
    let first = project.starts()?.len();
    for number in 1..=CHANGES {
        let content = format!("change-{first}-{number}");
        let before = SystemTime::now();
        write(project, &content)?;
        match started(project, &content, LIMIT) {
            Ok(start) => times.push(since(start.began, before)),
            Err(_) => return Ok(format!("change {number} of {CHANGES} not seen in {} s", LIMIT.as_secs())),
        }
        pause(BETWEEN);
    }
    Ok(format!("{} ms", Times::new(times).percentile(50).as_millis()))
}

/// What a tool did with many changes at once: how many starts, and what went wrong.
struct Flood {
    starts: usize,
    fault: Option<String>,
}

/// As it comes; and where that fails, as it can be set for many changes at once.
fn flood(tool: Tool, measure: fn(Tool, Settle) -> io::Result<Flood>) -> io::Result<Vec<String>> {
    let flood = measure(tool, Settle::Default)?;
    let cell = flood.to_string();
    if flood.fault.is_none() || tool.refusal(Settle::Long).is_some() {
        return Ok(vec![cell]);
    }
    Ok(vec![format!("{cell}; with {}: {}", Settle::LONG, measure(tool, Settle::Long)?)])
}

impl fmt::Display for Flood {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            None => write!(to, "{}", self.starts),
            Some(fault) => write!(to, "{}, then NO: {fault}", self.starts),
        }
    }
}

fn branch_switch(tool: Tool, settle: Settle) -> io::Result<Flood> {
    let project = floods::repository(SWITCHED)?;
    let mut running = serve(tool, &project, settle)?;
    // As it was committed, or git does not switch.
    project.write("other")?;
    started(&project, "other", LIMIT)?;
    pause(REST);
    let watches = procfs::sample(running.pid())?.watches;
    let before = project.starts()?.len();
    floods::switch(&project)?;
    pause(REST);
    project.replace("end")?;
    let fault = running.fault(started(&project, "end", LIMIT).is_ok(), watches)?;
    let starts = project.starts()?.split_off(before);
    Ok(Flood { starts: starts.iter().filter(|start| start.content != "end").count(), fault })
}

fn burst(tool: Tool, settle: Settle) -> io::Result<Flood> {
    let project = Project::new(0)?;
    let mut running = serve(tool, &project, settle)?;
    let watches = procfs::sample(running.pid())?.watches;
    let before = project.starts()?.len();
    for number in 1..=BURST {
        let content = format!("save-{number}");
        if number % 2 == 0 { project.write(&content)? } else { project.replace(&content)? }
    }
    let last = format!("save-{BURST}");
    let is_last = started(&project, &last, LIMIT).is_ok();
    pause(REST);
    let starts = project.starts()?.split_off(before);
    let is_last = is_last && starts.last().is_some_and(|start| start.content == last);
    Ok(Flood { starts: starts.len(), fault: running.fault(is_last, watches)? })
}

fn survivors(tool: Tool) -> io::Result<Vec<String>> {
    let mut counts = Vec::new();
    for signal in [Signal::SIGINT, Signal::SIGKILL] {
        let project = Project::new(0)?;
        counts.push(serve(tool, &project, Settle::Default)?.end(signal)?.to_string());
    }
    Ok(counts)
}

/// The tool with a server that has a child in a session of its own.
fn serve(tool: Tool, project: &Project, settle: Settle) -> io::Result<Running> {
    let script = project.state().join("serve.sh");
    let serve =
        words(project, "serve")?.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>();
    std::fs::write(&script, format!("setsid sleep 1000 &\nexec {}\n", serve.join(" ")))?;
    let job = Job::Server(vec!["sh".into(), script.into()]);
    Running::start(tool.command(project, &job, settle)?, project)
}

/// `stamp` with the project's source.
fn words(project: &Project, what: &str) -> io::Result<Vec<OsString>> {
    Ok(vec![stamp()?.into(), what.into(), project.log().into(), project.source().into()])
}
