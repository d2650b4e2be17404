//! `reload-lsp hold` and `release`: changes are collected meanwhile, and one trip is made for all of them at the end.

use std::process::ExitCode;
use std::time::Duration;

use super::with_session;
use crate::cli::args::{Hold, Release};
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print;
use crate::cli::signals::Signals;
use crate::control::Client;
use crate::control::protocol::{self, Accepted, Held};
use crate::process::Foreground;

/// Begins a hold and prints its token; or holds while a command runs, and ends as the command does.
pub(in crate::cli) fn hold(hold: &Hold) -> Result<ExitCode, Error> {
    with_session(&hold.session, async |mut client| {
        let token = ask(&mut client, hold.ttl, None).await?;
        if hold.command.is_empty() {
            print::out(&format!("{token}\n"));
            return Ok(ExitStatus::Success.into());
        }
        let code = run(&mut client, hold, &token).await;
        // If the session has ended, there is nothing to release.
        if let Err(error) = client.call::<Accepted>(protocol::RELEASE, &release_of(Some(token))).await {
            tracing::warn!("{error}");
        }
        code
    })
}

async fn ask(client: &mut Client, ttl: Duration, token: Option<String>) -> Result<String, Error> {
    let ttl_ms = Some(u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
    let held: Held = client.call(protocol::HOLD, &protocol::Hold { ttl_ms, token }).await?;
    Ok(held.token)
}

/// Runs the command in our place, and holds again before each hold would end: whoever kills us leaves none for long.
async fn run(client: &mut Client, hold: &Hold, token: &str) -> Result<ExitCode, Error> {
    // From here on Ctrl-C is for the command.
    let mut signals = Signals::listen().map_err(Error::Runtime)?;
    let mut command = Foreground::start(&hold.command)?;
    let mut again = tokio::time::interval(hold.ttl / 3);
    again.tick().await;
    loop {
        tokio::select! {
            code = command.ended() => return Ok(ExitCode::from(code)),
            number = signals.next() => command.pass_on(number),
            _ = again.tick() => {
                if let Err(error) = ask(client, hold.ttl, Some(token.to_owned())).await {
                    tracing::warn!("{error}");
                }
            }
        }
    }
}

/// Ends a hold, or all.
pub(in crate::cli) fn release(release: &Release) -> Result<ExitStatus, Error> {
    let params = release_of(release.token.clone());
    with_session(&release.session, async |mut client| {
        let Accepted { .. } = client.call(protocol::RELEASE, &params).await?;
        Ok(ExitStatus::Success)
    })
}

fn release_of(token: Option<String>) -> protocol::Release {
    protocol::Release { token }
}
