//! `reload-lsp --stdio`: the language server. stdout is its wire, so nothing here prints.

use crate::cli::args::Project;
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::{block_on, host};
use crate::lsp;

/// Serves the editor until it says goodbye, hangs up or dies.
pub(in crate::cli) fn stdio() -> Result<ExitStatus, Error> {
    let cwd = Project::default().root()?;
    Ok(block_on(lsp::serve_stdio(host(cwd)))?.into())
}
