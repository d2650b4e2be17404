//! `reload-lsp completions`: what a shell offers after Tab.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::args::Args;
use crate::cli::exit::ExitStatus;
use crate::cli::print;

/// Prints the script for a shell.
pub(in crate::cli) fn completions(shell: Shell) -> ExitStatus {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "reload-lsp", &mut script);
    print::out(&String::from_utf8_lossy(&script));
    ExitStatus::Success
}
