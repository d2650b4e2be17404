//! The benchmark: drives the release binary over its pipes, and sets what it measures beside the budgets.
//! Run by `cargo bench`; `cargo bench -- --help` for less of it. Does not know: anything inside the program.
#![expect(
    clippy::disallowed_methods,
    reason = "the benchmark stands outside: it starts programs and reads the clock"
)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is for people")]

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

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    println!("machine: {}", procfs::machine());
    match measure(&arguments) {
        Ok(rows) => {
            println!("\n{}\n", figures::table(&rows));
            conclude(&rows, arguments.strict)
        }
        Err(error) => {
            eprintln!("could not measure: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> io::Result<Vec<Row>> {
    let saves = arguments.saves;
    let on_disk = saves.min(50);
    let mut rows = Vec::new();
    let mut step = |what: String, measured: io::Result<Vec<Row>>| -> io::Result<()> {
        println!("measured: {what}");
        rows.extend(measured?);
        Ok(())
    };
    step(format!("{saves} saves in the editor"), saves::through_the_editor(saves))?;
    step(format!("{on_disk} replacements on disk"), saves::through_the_disk(on_disk))?;
    step("a burst of 1,000 saves".into(), floods::burst(1_000))?;
    step("a branch switch of 5,000 files".into(), floods::branch_switch(5_000))?;
    step(format!("{} files at the start", arguments.files), idle::initialize(arguments.files))?;
    step(format!("{} s idle", arguments.idle), idle::idle(10_000, Duration::from_secs(arguments.idle)))?;
    Ok(rows)
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
