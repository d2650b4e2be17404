//! Projects with a service that says which version it is, and what a client and a browser see of it.
//! Called by tests of reloading.
//!
//! ```ignore
//! let project = Project::page();                          // `main.rs` answers HTTP with "one"
//! let mut client = project.open().await;
//! let web = ready(&mut client, "web", 1).await;           // the service as `reload/status` tells it
//! assert_eq!(ask(&web).await, "one");
//! project.save(&client, "main.rs", &page("two"));
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::{Client, LIMIT, uri};
use super::project::Project;

/// A service that answers HTTP, built with plain `rustc`.
const PAGE: &str = r#"use std::io::{Read, Write};
use std::net::TcpListener;

const ANSWER: &str = "one";

fn main() {
    println!("says {ANSWER}");
    assert!(ANSWER != "crash", "it was made to crash");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for mut stream in listener.incoming().flatten() {
        let _ = stream.read(&mut [0; 1024]);
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{ANSWER}");
    }
}
"#;

/// How it is built and run. Without debug information the place of a comment is not in the program.
const PAGE_TOML: &str = r#"[services.web]
build = "rustc -C debuginfo=0 -o {out} main.rs"
run = "{out}"
watch = ["*.rs"]
"#;

/// A service that is a text: it is built by copying, and says it when it runs. `builds` gets a line for every build.
const NOTE_TOML: &str = r#"[services.note]
build = "echo built >> builds; cp note.txt {out}"
run = "cat {out}; echo ready; exec tail -f /dev/null"
watch = ["*.txt"]
ready = { log = "^ready" }
"#;

impl Project {
    /// A project of these files: path and content.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let project = Self::empty();
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// The service `web`, which answers `one`.
    pub(crate) fn page() -> Self {
        Self::of(&[("main.rs", PAGE), ("reload.toml", PAGE_TOML)])
    }

    /// The service `note`, which says `one`: no compiler and no port, so it is soon built. `more` is more configuration.
    pub(crate) fn note(more: &str) -> Self {
        Self::of(&[("note.txt", "one\n"), ("reload.toml", &(NOTE_TOML.to_owned() + more))])
    }

    /// Writes a file and says that it was saved, as an editor does.
    pub(crate) fn save(&self, client: &Client, path: &str, text: &str) {
        client.save(&self.write(path, text));
    }

    /// What a file says.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Waits until a file has a whole line in it. There is no event for that, so this looks again.
    pub(crate) async fn written(&self, path: &str) -> String {
        let mut again = tokio::time::interval(Duration::from_millis(5));
        let written = async {
            loop {
                again.tick().await;
                let text = fs::read_to_string(self.path(path)).unwrap_or_default();
                if text.ends_with('\n') {
                    return text;
                }
            }
        };
        tokio::time::timeout(LIMIT, written).await.unwrap_or_else(|_| panic!("{path} was never written"))
    }

    /// An editor that vouches for this project, with more in its `initialize`.
    pub(crate) async fn open_as(&self, mut params: Value) -> Client {
        let mut client = self.editor();
        params["rootUri"] = json!(uri(&self.root()));
        client.initialize(params).await;
        client
    }
}

/// `main.rs` of `Project::page` with another answer.
pub(crate) fn page(answer: &str) -> String {
    PAGE.replacen("\"one\"", &format!("{answer:?}"), 1)
}

/// Waits for a status in which the service with this name fits, and gives the service.
pub(crate) async fn service(client: &mut Client, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let of = |status: &Value| -> Value {
        let services = status["services"].as_array().unwrap();
        services.iter().find(|service| service["name"] == name).cloned().unwrap_or_default()
    };
    let status = client.wait("reload/status", |status| fits(&of(status))).await;
    of(&status)
}

/// Waits until a generation of a service is ready, and gives the service.
pub(crate) async fn ready(client: &mut Client, name: &str, generation: u64) -> Value {
    service(client, name, |service| service["state"] == "ready" && service["run"]["generation"] == generation)
        .await
}

/// Waits until a run has printed this line, and gives its generation.
pub(crate) async fn printed(client: &mut Client, line: &str) -> u64 {
    let wanted =
        |entry: &&Value| entry["from"] == "run" && entry["text"].as_str().unwrap().trim_end() == line;
    let find = |log: &Value| log["entries"].as_array().unwrap().iter().find(wanted).cloned();
    let log = client.wait("reload/log", |log| find(log).is_some()).await;
    find(&log).unwrap()["generation"].as_u64().unwrap()
}

/// What a ready service answers over HTTP.
pub(crate) async fn ask(service: &Value) -> String {
    let url = service["run"]["urls"][0].as_str().unwrap_or_else(|| panic!("no URL in {service}"));
    let address = url.strip_prefix("http://").unwrap().trim_end_matches('/');
    let answer = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(LIMIT, answer).await.expect("an answer in time").unwrap();
    answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP: {answer}")).1.to_owned()
}
