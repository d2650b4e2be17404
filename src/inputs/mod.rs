//! What a build reads, asked of its toolchain once it has passed (product.md 2.2): one file for each toolchain, its parsers
//! pure. Called by `session`. Does not know: what is watched, when to build.

mod ask;
mod calls;
mod cargo;
mod course;
mod database;
mod found;
mod go;
mod make;
mod ninja;
mod tsc;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

use crate::engine::{Generation, ServiceName};
use crate::process::CommandLine;
use crate::watch::Inputs;

/// A build that has passed.
#[derive(Clone)]
pub struct Request {
    /// Whose build.
    pub service: ServiceName,
    /// Which generation.
    pub generation: Generation,
    /// The root of the project.
    pub root: PathBuf,
    /// Where the command ran.
    pub dir: PathBuf,
    /// The command as configured.
    pub command: CommandLine,
    /// Variables for the command, in addition to our own.
    pub env: Vec<(String, String)>,
}

// The values of variables may be secrets.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("service", &self.service)
            .field("generation", &self.generation)
            .field("command", &self.command)
            .finish_non_exhaustive()
    }
}

/// What came of asking, exactly once for each request that was not given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whose build.
    pub service: ServiceName,
    /// Which generation.
    pub generation: Generation,
    /// What it reads.
    pub reads: Reads,
}

/// What toolchains say of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reads {
    /// This.
    Known(Arc<Inputs>),
    /// Nothing: none of them could tell, now or later.
    Unknown,
    /// One that could tell did not: what it said last time may lack something by now.
    Unanswered,
}

/// What the session holds of the asking. Dropping it gives it up, with all that was started for it.
#[derive(Debug)]
pub struct Handle {
    task: AbortHandle,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A toolchain that fails may have read what was just being written: it is asked again after each of these.
const PAUSES: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3)];

/// Asks, at low priority. The answer goes to `inbox`.
pub fn spawn(request: Request, inbox: UnboundedSender<Answer>) -> Handle {
    #[expect(clippy::disallowed_methods, reason = "the one task of this worker; its handle ends it")]
    let task = tokio::spawn(async move {
        let mut reads = course::reads(&request).await;
        for pause in PAUSES {
            if reads != Reads::Unanswered {
                break;
            }
            tokio::time::sleep(pause).await;
            reads = course::reads(&request).await;
        }
        let Request { service, generation, .. } = request;
        // A session that is gone needs no answer.
        let _ = inbox.send(Answer { service, generation, reads });
    });
    Handle { task: task.abort_handle() }
}
