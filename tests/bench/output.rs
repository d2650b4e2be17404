//! What reading the output of builds costs: how soon an error is shown, and a build that prints without end. Called by `main`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::client::Client;
use crate::figures::{Row, Times, mebibytes};
use crate::procfs;
use crate::project::Project;
use crate::saves::since;

/// A build that prints an error and goes on for a while.
const SLOW: &str =
    "date +%s%N >> ../printed; echo src/source.txt:1:1: error: number $(wc -l < ../printed); sleep 1; exit 1";
/// In bytes, and in problems.
const FLOOD: (usize, usize) = (100 * 1024 * 1024, 50_000);

/// The first error of a build that goes on: printed → told to the client.
pub(crate) fn first_error(rounds: usize) -> io::Result<Vec<Row>> {
    let project = Project::new(0)?;
    project.configure(&format!("build = \"{SLOW}\"\nrun = \"true\"\n"))?;
    let (mut client, _) = Client::open(&project)?;
    let mut times = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let number = format!("number {}", round + 1);
        let at = client.wait("the first error", |message| is_error(message, &number))?.at;
        let printed = fs::read_to_string(project.state().join("printed"))?;
        let printed = printed.lines().nth(round).and_then(|line| line.parse().ok()).unwrap_or_default();
        times.push(since(at, SystemTime::UNIX_EPOCH + Duration::from_nanos(printed)));
        client.wait("the end of the build", |message| phase(message) == "failed")?;
        project.write(&round.to_string())?;
        client.saved(&project.source())?;
        client.wait("the next build", |message| phase(message) == "running")?;
    }
    client.close()?;
    let times = Times::new(times);
    let budget = Duration::from_millis(300);
    let what = "an error while the build goes on: printed → told to the editor";
    Ok(vec![
        Row::time(format!("{what}, most"), times.percentile(100), budget),
        Row::told(what, times.summary()),
    ])
}

/// Whether the first diagnostic of a file is this.
fn is_error(message: &Value, text: &str) -> bool {
    message["method"] == "textDocument/publishDiagnostics"
        && message["params"]["diagnostics"][0]["message"] == text
}

fn phase(message: &Value) -> &str {
    message["params"]["services"][0]["build"]["phase"].as_str().unwrap_or_default()
}

/// 100 MiB of output with 50,000 problems, beside the same through a pipe that nobody reads with care.
pub(crate) fn flood() -> io::Result<Vec<Row>> {
    let project = Project::new(0)?;
    let log = project.state().join("flood.log");
    write_flood(&log)?;
    let before = SystemTime::now();
    let shell = format!("cat {0} {0} | cat > /dev/null", log.display());
    Command::new("sh").args(["-c", &shell]).stdin(Stdio::null()).status()?;
    let pipe = since(SystemTime::now(), before) / 2;
    project.configure(&format!("build = \"cat {}; exit 1\"\nrun = \"true\"\n", log.display()))?;
    let (mut client, _) = Client::open(&project)?;
    let failed = client.wait("the end of the build", |message| phase(message) == "failed")?;
    let build = &failed.message["params"]["services"][0]["build"];
    let took = Duration::from_millis(build["elapsedMs"].as_u64().unwrap_or_default());
    let memory = procfs::sample(client.pid())?.own;
    client.close()?;
    let (bytes, problems) = FLOOD;
    let what = format!("{} MiB of output with {problems} problems", bytes >> 20);
    Ok(vec![
        Row::told(format!("{what}: the build"), format!("{:.2} s", took.as_secs_f64())),
        Row::told(format!("{what}: the same through a pipe"), format!("{:.2} s", pipe.as_secs_f64())),
        Row::told(format!("{what}: problems that are told of"), build["errors"].to_string()),
        Row::told(format!("{what}: resident afterwards"), mebibytes(memory)),
    ])
}

fn write_flood(path: &std::path::Path) -> io::Result<()> {
    let (bytes, problems) = FLOOD;
    let mut file = BufWriter::new(File::create(path)?);
    let noise = "cc -O2 -g -Wall -Iinclude -c -o build/objects/some/module.o src/some/module.c -MMD -MP\n";
    let lines = bytes / problems / noise.len();
    for number in 0..problems {
        writeln!(file, "src/source.txt:{}:1: error: problem {number} of many", number + 1)?;
        for _ in 0..lines {
            file.write_all(noise.as_bytes())?;
        }
    }
    file.flush()
}
