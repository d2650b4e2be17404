//! Runs a toolchain to hear what it knows: at low priority, with a limit of time and size. Called by the files of toolchains.
//! Does not know: what is asked.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::calls::Call;
use crate::process::{self, CommandLine, Exit, Leftovers, Stream};

/// A toolchain that has not answered by then is ended.
const LIMIT: Duration = Duration::from_secs(60);
/// Nobody reads more than this.
const SIZE: usize = 256 * 1024 * 1024;
/// Nor more than this of its complaints.
const COMPLAINT: usize = 4096;

/// What a toolchain printed.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) text: String,
    /// What stood on standard error, its first part.
    pub(super) complaint: String,
    pub(super) is_success: bool,
}

/// Runs these words where and with what variables `call` ran. Dropping the future ends what was started.
pub(super) async fn said(call: &Call, words: Vec<String>) -> Result<Said, String> {
    let mut argv: Vec<String> = ["nice", "-n", "19"].map(str::to_owned).to_vec();
    let name = words.join(" ");
    argv.extend(words);
    let variable = |(name, value): &(String, String)| -> (OsString, Option<OsString>) {
        (name.into(), Some(value.into()))
    };
    let command = process::Command {
        line: CommandLine::Argv(argv),
        dir: call.dir.clone(),
        env: call.env.iter().map(variable).collect(),
        sockets: Vec::new(),
        leftovers: Leftovers::Kill,
    };
    tracing::debug!("asking `{name}` in {}", call.dir.display());
    let answer = tokio::time::timeout(LIMIT, run(command)).await;
    answer
        .map_err(|_| format!("`{name}` did not answer within {LIMIT:?}"))?
        .map_err(|error| format!("`{name}`: {error}"))
}

/// The same, where only success is an answer.
pub(super) async fn answer(call: &Call, words: Vec<String>) -> Result<String, String> {
    let name = words.join(" ");
    let said = said(call, words).await?;
    if said.is_success { Ok(said.text) } else { Err(format!("`{name}` failed: {}", said.complaint.trim())) }
}

async fn run(command: process::Command) -> Result<Said, String> {
    let child = process::spawn(command).await.map_err(|error| error.to_string())?;
    let mut reader = child.output();
    let mut bytes = Vec::new();
    let mut complaint = Vec::new();
    let mut exit: Option<Exit> = None;
    loop {
        tokio::select! {
            biased;
            ended = child.exited(), if exit.is_none() => {
                exit = Some(ended);
                reader.finish();
            }
            chunk = reader.next() => match chunk {
                Some((Stream::Stdout, chunk)) if bytes.len() + chunk.len() > SIZE => {
                    return Err("it said too much".to_owned());
                }
                Some((Stream::Stdout, chunk)) => bytes.extend_from_slice(chunk),
                Some((Stream::Stderr, chunk)) => {
                    let left = COMPLAINT - complaint.len();
                    complaint.extend_from_slice(&chunk[..chunk.len().min(left)]);
                }
                None => break,
            },
        }
    }
    let exit = match exit {
        Some(exit) => exit,
        None => child.exited().await,
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Said { text: text(&bytes), complaint: text(&complaint), is_success: exit.code == Some(0) })
}

/// Reads a text file that a toolchain reads, if it is there.
pub(super) fn read(path: &Path) -> Option<String> {
    std::fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
