//! The control socket: what scripts and agents can do with a session that runs.

mod commands;
mod garbage;
mod holds;
mod places;

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::support::client::{Client, LIMIT};
use crate::support::project::{Project, state};

/// A service that is built from the word and says it; the word `broken` can't be built.
const WORD: &str = "[services.api]\nbuild = \"! grep broken word.txt\"\nrun = \"sh serve.sh\"\nwatch = [\"word.txt\", \"more/**\"]\n\
    ready = { log = \"^serving\" }\n";

/// The project of `WORD` in an editor, ready.
async fn opened() -> (Project, Client) {
    let project = Project::new(WORD);
    let mut client = project.open().await;
    state(&mut client, "ready").await;
    (project, client)
}

/// The socket of the only session of a project, and a connection to it. It is there soon after the session has begun.
async fn connected(project: &Project) -> (PathBuf, UnixStream) {
    connected_in(&project.beside("runtime/reload-lsp")).await
}

/// The same for the only session whose socket lies in `folder`.
async fn connected_in(folder: &Path) -> (PathBuf, UnixStream) {
    let found = async {
        let mut again = tokio::time::interval(std::time::Duration::from_millis(5));
        loop {
            again.tick().await;
            for path in std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
                // What a session has left behind takes no connections.
                if let Ok(stream) = UnixStream::connect(&path).await {
                    return (path, stream);
                }
            }
        }
    };
    timeout(LIMIT, found).await.expect("a socket")
}

async fn socket(project: &Project) -> PathBuf {
    connected(project).await.0
}

/// A connection that sends and reads lines as they are.
struct Wire(BufReader<UnixStream>);

impl Wire {
    async fn open(project: &Project) -> Self {
        Self(BufReader::new(connected(project).await.1))
    }

    async fn send(&mut self, bytes: &[u8]) {
        timeout(LIMIT, self.0.write_all(bytes)).await.expect("room for the bytes").unwrap();
    }

    /// The next line; `None` when the other end has closed.
    async fn line(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = timeout(LIMIT, self.0.read_line(&mut line)).await.expect("an answer in time");
        read.ok().filter(|size| *size > 0).map(|_| serde_json::from_str(&line).unwrap())
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        let call = json!({ "id": 7, "method": method, "params": params });
        self.send(format!("{call}\n").as_bytes()).await;
        let answer = self.line().await.expect("an answer");
        assert_eq!(answer["id"], 7);
        answer
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs a subcommand, insists on its exit code, and gives what it says.
#[track_caller]
fn run(project: &Project, arguments: &[&str], code: i32) -> impl Future<Output = String> {
    let place = std::panic::Location::caller();
    let command = project.command(arguments).output();
    let arguments = arguments.join(" ");
    async move {
        let output = timeout(LIMIT, command).await.expect("the command ends").unwrap();
        assert_eq!(output.status.code(), Some(code), "{place}: `{arguments}` said: {}", text(&output));
        text(&output)
    }
}
