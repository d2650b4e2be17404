//! The process: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    // This executable is also its own guard processes.
    if let Some(code) = reload_lsp::process::guard_main() {
        return code;
    }
    reload_lsp::cli::main()
}
