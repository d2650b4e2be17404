//! `reload-lsp schema`: what an editor needs to complete and check `reload.toml`.

use crate::cli::exit::ExitStatus;
use crate::cli::print;
use crate::config;

/// Prints the JSON schema.
pub(in crate::cli) fn schema() -> ExitStatus {
    print::out(&format!("{:#}\n", config::schema()));
    ExitStatus::Success
}
