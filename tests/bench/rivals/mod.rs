//! The same job for reload-lsp and for other tools, in one run on one machine. Called by `main`.
//! What is not installed is left out; `tests/bench/README.md` tells how to get it.

mod running;
mod tool;

use std::ffi::OsString;
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
const CHANGES: usize = 10;
/// How long the slowest of them may take.
const LIMIT: Duration = Duration::from_secs(15);
/// After this long without a change every tool is at rest.
const REST: Duration = Duration::from_secs(2);

/// One measurement of one tool, what it is called, and how many cells it gives.
type Measure = (&'static str, usize, fn(Tool) -> io::Result<Vec<String>>);

const MEASURES: [Measure; 4] = [
    ("latency and size", 5, latency_and_size),
    ("branch switch", 1, branch_switch),
    ("burst", 1, burst),
    ("survivors", 2, survivors),
];

/// The names of what `MEASURES` give, in their order.
const ROWS: [&str; 9] = [
    "atomic change → command started, p50",
    "the same in place",
    "atomic change → command started, p50, shortest settle it can be set to",
    "resident, 10,000 files watched",
    "watches, 10,000 files watched",
    "starts for a branch switch of 5,000 files",
    "1,000 saves in a burst: starts, and whether the last content runs",
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
            column.extend(measure(tool).unwrap_or_else(|error| vec![error.to_string(); cells]));
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
    let missing = || "–".to_owned();
    let mut cells = vec![missing(); 5];
    for settle in [Settle::Default, Settle::Shortest] {
        let Some(command) = tool.command(&project, &look, settle)? else { continue };
        let running = Running::start(command, &project)?;
        if settle == Settle::Shortest {
            cells[2] = latency(&project, Project::replace)?;
            continue;
        }
        let sample = procfs::sample(running.pid())?;
        cells[3] = mebibytes(sample.rss);
        cells[4] = sample.watches.to_string();
        cells[0] = latency(&project, Project::replace)?;
        cells[1] = latency(&project, Project::write)?;
    }
    Ok(cells)
}

fn latency(project: &Project, write: fn(&Project, &str) -> io::Result<()>) -> io::Result<String> {
    let mut times = Vec::new();
    let first = project.starts()?.len();
    for number in 0..CHANGES {
        let content = format!("change-{first}-{number}");
        let before = SystemTime::now();
        write(project, &content)?;
        match started(project, &content, LIMIT) {
            Ok(start) => times.push(since(start.began, before)),
            Err(_) => return Ok(format!("lost after {number}")),
        }
        // Beyond every settle, so that none waits for the change before.
        pause(REST / 4);
    }
    Ok(format!("{} ms", Times::new(times).percentile(50).as_millis()))
}

fn branch_switch(tool: Tool) -> io::Result<Vec<String>> {
    let project = floods::repository(SWITCHED)?;
    let running = serve(tool, &project)?;
    // As it was committed, or git does not switch.
    project.write("other")?;
    started(&project, "other", LIMIT)?;
    pause(REST);
    let before = project.starts()?.len();
    floods::switch(&project)?;
    pause(REST);
    project.replace("end")?;
    let is_seen = started(&project, "end", LIMIT).is_ok();
    let starts = project.starts()?.split_off(before);
    let count = starts.iter().filter(|start| start.content != "end").count();
    drop(running);
    Ok(vec![if is_seen { count.to_string() } else { format!("{count}, then it saw no change") }])
}

fn burst(tool: Tool) -> io::Result<Vec<String>> {
    let project = Project::new(0)?;
    let running = serve(tool, &project)?;
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
    drop(running);
    Ok(vec![format!("{}, {}", starts.len(), if is_last { "yes" } else { "NO" })])
}

fn survivors(tool: Tool) -> io::Result<Vec<String>> {
    let mut counts = Vec::new();
    for signal in [Signal::SIGINT, Signal::SIGKILL] {
        let project = Project::new(0)?;
        counts.push(serve(tool, &project)?.end(signal)?.to_string());
    }
    Ok(counts)
}

/// The tool with a server that has a child in a session of its own.
fn serve(tool: Tool, project: &Project) -> io::Result<Running> {
    let script = project.state().join("serve.sh");
    let serve =
        words(project, "serve")?.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>();
    std::fs::write(&script, format!("setsid sleep 1000 &\nexec {}\n", serve.join(" ")))?;
    let job = Job::Server(vec!["sh".into(), script.into()]);
    let command = tool.command(project, &job, Settle::Default)?;
    Running::start(command.ok_or_else(|| io::Error::other("it has no default"))?, project)
}

/// `stamp` with the project's source.
fn words(project: &Project, what: &str) -> io::Result<Vec<OsString>> {
    Ok(vec![stamp()?.into(), what.into(), project.log().into(), project.source().into()])
}
