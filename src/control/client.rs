//! The other end of the socket, for subcommands. Called by `cli`.
//! Does not know: what is asked.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use super::place;
use super::protocol::{Answer, Call, Failure, Outcome};
use crate::config;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens.
    #[error(
        "no session runs for {folder} (help: open the project in your editor, or run `reload-lsp run` in it)"
    )]
    NoSession {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The session ended, or is of another version.
    #[error("the session did not answer: {0} (help: has it ended? is it of another version?)")]
    Lost(String),
    /// The session says no.
    #[error(transparent)]
    Refused(#[from] Failure),
}

/// A connection to a session.
#[derive(Debug)]
pub struct Client {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    calls: u64,
}

impl Client {
    /// The session of the project that `folder` lies in: absolute, symlinks resolved. Must be called within tokio.
    pub async fn connect(folder: &Path) -> Result<Self, ClientError> {
        for root in folder.ancestors() {
            for socket in place::candidates(root) {
                if let Ok(stream) = UnixStream::connect(&socket).await
                    && stream.peer_cred().is_ok_and(|peer| peer.uid() == nix::unistd::geteuid().as_raw())
                {
                    let (reader, writer) = stream.into_split();
                    return Ok(Self { reader: BufReader::new(reader), writer, calls: 0 });
                }
            }
            // Here a project begins; what lies above it is another.
            if root.join(config::FILE).exists() {
                break;
            }
        }
        Err(ClientError::NoSession { folder: folder.to_owned() })
    }

    /// Asks, and waits for the answer for as long as the session takes. Dropping the future leaves the connection unusable.
    pub async fn call<T: DeserializeOwned>(
        &mut self,
        method: &str,
        params: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.calls += 1;
        let params = serde_json::to_value(params).map_err(|error| ClientError::Lost(error.to_string()))?;
        let call = Call { id: self.calls, method: method.to_owned(), params };
        let mut line = serde_json::to_vec(&call).map_err(|error| ClientError::Lost(error.to_string()))?;
        line.push(b'\n');
        self.writer.write_all(&line).await.map_err(|error| ClientError::Lost(error.to_string()))?;
        let mut line = String::new();
        let read = self.reader.read_line(&mut line).await;
        match read {
            Err(error) => return Err(ClientError::Lost(error.to_string())),
            Ok(0) => return Err(ClientError::Lost("it has closed the connection".to_owned())),
            Ok(_) => {}
        }
        let answer: Answer =
            serde_json::from_str(&line).map_err(|error| ClientError::Lost(error.to_string()))?;
        match answer.outcome {
            Outcome::Error(failure) => Err(failure.into()),
            Outcome::Result(value) => {
                serde_json::from_value(value).map_err(|error| ClientError::Lost(error.to_string()))
            }
        }
    }
}
