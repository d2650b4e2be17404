//! `reload-lsp build`, `restart`, `stop`, `start`, `pause` and `resume`. They return when the session has taken it; `wait`
//! waits for what becomes of it.

use super::with_session;
use crate::cli::args::Ask;
use crate::cli::exit::{Error, ExitStatus};
use crate::control::protocol::{Accepted, Target};

/// Asks for what `method` means.
pub(in crate::cli) fn ask(ask: &Ask, method: &str) -> Result<ExitStatus, Error> {
    let target = Target { service: ask.service.clone() };
    with_session(&ask.session, async |mut client| {
        let Accepted { .. } = client.call(method, &target).await?;
        Ok(ExitStatus::Success)
    })
}
