//! `reload-lsp logs`: what builds, tasks and runs print, each line with whose it is and which generation.

use super::with_session;
use crate::cli::args::Logs;
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print::{self, Paint};
use crate::cli::run::strip;
use crate::control::protocol;
use crate::control::{Client, ClientError};
use crate::snapshot::{Entry, Lines};

/// For so long one question waits for news while we follow.
const PATIENCE: u64 = 30_000;

/// Prints what is kept; with `--follow` also what comes, until the session ends.
pub(in crate::cli) fn logs(logs: &Logs) -> Result<ExitStatus, Error> {
    with_session(&logs.session, async |mut client| {
        let paint = Paint::for_stdout();
        let mut after = 0;
        loop {
            let lines = match next(&mut client, logs, after).await {
                // The session has ended, and with it what there was to follow.
                Err(ClientError::Lost(_)) if logs.follow && after > 0 => return Ok(ExitStatus::Success),
                lines => lines?,
            };
            if lines.log.dropped > 0 && after > 0 {
                print::err(&format!("{} lines were lost\n", lines.log.dropped));
            }
            print::out(&lines.log.entries.iter().map(|entry| line(entry, paint)).collect::<String>());
            if lines.next == after && !logs.follow {
                return Ok(ExitStatus::Success);
            }
            after = lines.next;
        }
    })
}

async fn next(client: &mut Client, logs: &Logs, after: u64) -> Result<Lines, ClientError> {
    let params = protocol::Logs {
        service: logs.service.clone(),
        after,
        max: None,
        wait_ms: logs.follow.then_some(PATIENCE),
    };
    client.call(protocol::LOGS, &params).await
}

fn line(entry: &Entry, paint: Paint) -> String {
    let bar = match entry.from.as_str() {
        "build" | "task" => '┆',
        "run" => '│',
        _ => '·',
    };
    let text = match paint {
        Paint::Colors => entry.text.clone(),
        Paint::Plain => strip(&entry.text),
    };
    let end = if paint == Paint::Colors { "\x1b[0m\n" } else { "\n" };
    let prefix = paint.dim(&format!("{} {} {bar}", entry.service, entry.generation));
    format!("{prefix} {}{end}", text.trim_end_matches(['\n', '\r']))
}
