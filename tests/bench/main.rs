//! The benchmark: drives the release binary over its pipes, and sets what it measures beside the budgets.
//! Run by `cargo bench`; `cargo bench -- --help` for less of it. Does not know: anything inside the program.
#![expect(
    clippy::disallowed_methods,
    reason = "the benchmark stands outside: it starts programs and reads the clock"
)]
#![expect(clippy::print_stdout, reason = "its output is for people")]

mod client;
mod figures;
mod floods;
mod idle;
mod procfs;
mod project;
mod saves;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use figures::{Row, Verdict};

/// Measures reload-lsp on this machine and holds the figures against the budgets.
///
/// The times to a spawned process end with the first act of that process: its exec and its start are included.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --")]
struct Arguments {
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

/// One measurement, and its name for people.
type Step = (String, Box<dyn FnOnce() -> io::Result<Vec<Row>>>);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    println!("machine: {}", procfs::machine());
    let mut rows = Vec::new();
    for (what, measure) in steps(&arguments) {
        println!("measuring {what}");
        // What cannot be measured does not hold, and is no reason to leave out the rest.
        rows.extend(measure().unwrap_or_else(|error| vec![Row::judged(what, error.to_string(), "", false)]));
    }
    println!("\n{}\n", figures::table(&rows));
    println!("load at the end: {}", procfs::load());
    conclude(&rows, arguments.strict)
}

fn steps(arguments: &Arguments) -> Vec<Step> {
    let Arguments { saves, files, .. } = *arguments;
    let idle = Duration::from_secs(arguments.idle);
    let on_disk = saves.min(50);
    vec![
        (format!("{saves} saves in the editor"), Box::new(move || saves::through_the_editor(saves))),
        (format!("{on_disk} replacements on disk"), Box::new(move || saves::through_the_disk(on_disk))),
        ("a burst of 1,000 saves".into(), Box::new(|| floods::burst(1_000))),
        ("a branch switch of 5,000 files".into(), Box::new(|| floods::branch_switch(5_000))),
        (format!("the start in a tree of {files} files"), Box::new(move || idle::initialize(files))),
        (format!("{} s idle", idle.as_secs()), Box::new(move || idle::idle(10_000, idle))),
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
