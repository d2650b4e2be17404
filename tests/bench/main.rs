//! The benchmark: drives the release binary over its pipes, and sets what it measures beside the budgets.
//! Run by `cargo bench`; `cargo bench -- --help` for less of it. Does not know: anything inside the program.
#![expect(
    clippy::disallowed_methods,
    reason = "the benchmark stands outside: it starts programs and reads the clock"
)]
#![expect(clippy::print_stdout, reason = "its output is for people")]

mod client;
mod execs;
mod figures;
mod floods;
mod idle;
mod output;
mod procfs;
mod project;
mod rivals;
mod saves;
mod trees;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use figures::{Row, Verdict};

/// Measures reload-lsp on this machine and holds the figures against the budgets.
///
/// The times to a process end with the first act of that process: its exec and its start are included, but for the rows of
/// the spawn after a save, which end when the system opens the program to execute it.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --")]
struct Arguments {
    /// Measure only these parts.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Compare only with these tools.
    #[arg(long, value_delimiter = ',')]
    tools: Vec<rivals::Tool>,
    /// Saves measured one after the other.
    #[arg(long, default_value_t = 200)]
    saves: usize,
    /// Seconds of doing nothing.
    #[arg(long, default_value_t = 60)]
    idle: u64,
    /// Files in the large tree.
    #[arg(long, default_value_t = 100_000)]
    files: usize,
    /// Exit with 1 if a budget does not hold.
    #[arg(long)]
    strict: bool,
    /// Cargo says that this is a benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Saves in the editor, one after the other.
    Saves,
    /// Replacements on disk, one after the other.
    Disk,
    /// A burst of saves.
    Burst,
    /// A branch switch.
    Branch,
    /// `initialize` in the large tree.
    Start,
    /// Doing nothing.
    Idle,
    /// Trees of growing size, and ignored files beside the largest.
    Trees,
    /// Ignored files that are created meanwhile.
    Ignored,
    /// What builds print.
    Output,
    /// Other tools at the same job.
    Rivals,
}

/// One measurement, and its name for people.
type Step = (Part, String, Box<dyn FnOnce() -> io::Result<Vec<Row>>>);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    println!("machine: {}", procfs::machine());
    let is_wanted = |part: Part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut rows = Vec::new();
    for (_, what, measure) in steps(&arguments).into_iter().filter(|(part, ..)| is_wanted(*part)) {
        println!("measuring {what}");
        // What cannot be measured does not hold, and is no reason to leave out the rest.
        let measured =
            measure().unwrap_or_else(|error| vec![Row::judged(what, error.to_string(), "", false)]);
        println!("{}", figures::table(&measured));
        rows.extend(measured);
    }
    if is_wanted(Part::Rivals) {
        println!("{}", figures::grid(&rivals::compare(&arguments.tools)));
    }
    println!("\nload at the end: {}", procfs::load());
    conclude(&rows, arguments.strict)
}

fn steps(arguments: &Arguments) -> Vec<Step> {
    let Arguments { saves, files, .. } = *arguments;
    let idle = Duration::from_secs(arguments.idle);
    let on_disk = saves.min(50);
    let sizes = [files / 100, files / 10, files];
    vec![
        (
            Part::Saves,
            format!("{saves} saves in the editor"),
            Box::new(move || saves::through_the_editor(saves)),
        ),
        (
            Part::Disk,
            format!("{on_disk} replacements on disk"),
            Box::new(move || saves::through_the_disk(on_disk)),
        ),
        (Part::Burst, "a burst of 1,000 saves".into(), Box::new(|| floods::burst(1_000))),
        (Part::Branch, "a branch switch of 5,000 files".into(), Box::new(|| floods::branch_switch(5_000))),
        (
            Part::Start,
            format!("the start in a tree of {files} files"),
            Box::new(move || idle::initialize(files)),
        ),
        (Part::Idle, format!("{} s idle", idle.as_secs()), Box::new(move || idle::idle(10_000, idle))),
        (Part::Trees, format!("trees of up to {files} files"), Box::new(move || trees::growth(&sizes))),
        (
            Part::Ignored,
            format!("50,000 files created beside {}", files / 10),
            Box::new(move || trees::install(files / 10)),
        ),
        (Part::Output, "10 builds that fail slowly".into(), Box::new(|| output::first_error(10))),
        (Part::Output, "a build that prints 100 MiB".into(), Box::new(output::flood)),
    ]
}

/// Says once more, where nobody can miss it, what does not hold.
fn conclude(rows: &[Row], strict: bool) -> ExitCode {
    let failed: Vec<&Row> = rows.iter().filter(|row| row.verdict == Verdict::Fails).collect();
    for row in &failed {
        println!("DOES NOT HOLD: {}: {}, budget {}", row.what, row.figure, row.budget);
    }
    if failed.is_empty() {
        println!("every budget holds");
    }
    if strict && !failed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
