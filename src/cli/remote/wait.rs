//! `reload-lsp wait`: until what was saved last is ready, or can't be.

use super::with_session;
use crate::cli::args::Wait;
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print;
use crate::control::protocol::{self, Waited};

/// Waits, says in one line how it stands, and tells it in the exit code.
pub(in crate::cli) fn wait(wait: &Wait) -> Result<ExitStatus, Error> {
    let params = protocol::Wait {
        service: wait.service.clone(),
        timeout_ms: Some(u64::try_from(wait.timeout.as_millis()).unwrap_or(u64::MAX)),
    };
    let waited: Waited =
        with_session(&wait.session, async |mut client| Ok(client.call(protocol::WAIT, &params).await?))?;
    print::out(&format!("{}\n", waited.message));
    Ok(match waited.verdict.as_str() {
        "ready" => ExitStatus::Success,
        "timedOut" => ExitStatus::TimedOut,
        _ => ExitStatus::NotReady,
    })
}
