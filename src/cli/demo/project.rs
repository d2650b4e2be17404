//! The small web service of the demo: its files, the changes that are saved in it, and how its page is asked.
//! Called by `demo` and `script`. Does not know: the session.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::cli::exit::Error;

/// The service.
const MAIN: &str = include_str!("project/main.rs");

/// Its configuration; `{port}` is filled in.
const RELOAD_TOML: &str = include_str!("project/reload.toml");

/// What the page says at first, as it is written in `main.rs`.
pub(super) const FIRST: &str = "\"Hello from reload-lsp\"";

/// The project in its folder.
#[derive(Debug)]
pub(super) struct Project {
    /// Where it lies, symlinks resolved.
    pub(super) root: PathBuf,
    /// Where its page is.
    pub(super) address: SocketAddr,
}

impl Project {
    /// Writes the project into `dir`, or into a new folder for temporary files.
    pub(super) fn write(dir: Option<&Path>) -> Result<Self, Error> {
        let root = match dir {
            Some(dir) => empty(dir)?,
            None => temporary()?,
        };
        let address = free_address()?;
        let reload_toml = RELOAD_TOML.replace("{port}", &address.port().to_string());
        for (name, text) in [("main.rs", MAIN), ("reload.toml", &reload_toml), (".gitignore", ".reload/\n")] {
            let path = root.join(name);
            std::fs::write(&path, text).map_err(|cause| unwritable(path, cause))?;
        }
        let root = root.canonicalize().map_err(|cause| unwritable(root, cause))?;
        Ok(Self { root, address })
    }

    /// The file that people edit.
    pub(super) fn main(&self) -> PathBuf {
        self.root.join("main.rs")
    }

    /// Where a browser finds it.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// `main.rs` with another greeting: a piece of Rust, so that it can be a mistake.
    pub(super) fn greet(greeting: &str) -> String {
        MAIN.replacen(FIRST, greeting, 1)
    }

    /// What the page says: its heading. The error is for people.
    pub(super) async fn ask(&self) -> Result<String, String> {
        let page =
            get(self.address).await.map_err(|error| format!("{} did not answer: {error}", self.url()))?;
        let heading = page.split_once("<h1>").and_then(|(_, rest)| rest.split_once("</h1>"));
        heading
            .map(|(heading, _)| heading.to_owned())
            .ok_or_else(|| format!("{} answered without a heading: {page}", self.url()))
    }
}

/// One plain request: the connection is closed after the answer.
async fn get(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// `dir`, made if it does not exist. Nothing of anybody's is written over.
fn empty(dir: &Path) -> Result<PathBuf, Error> {
    std::fs::create_dir_all(dir).map_err(|cause| unwritable(dir.to_owned(), cause))?;
    let mut entries = std::fs::read_dir(dir).map_err(|cause| unwritable(dir.to_owned(), cause))?;
    if entries.next().is_some() {
        let text = format!("{} is not empty (help: name a folder that does not exist yet)", dir.display());
        return Err(Error::Refused(text));
    }
    Ok(dir.to_owned())
}

/// A folder that nobody has yet. Whoever made one of the names before us keeps it.
fn temporary() -> Result<PathBuf, Error> {
    let parent = std::env::temp_dir();
    for number in 1..1_000 {
        let dir = parent.join(format!("reload-lsp-demo-{number}"));
        match std::fs::create_dir(&dir) {
            Ok(()) => return Ok(dir),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(cause) => return Err(unwritable(dir, cause)),
        }
    }
    let text = format!("{} is full of demos (help: remove reload-lsp-demo-* there)", parent.display());
    Err(Error::Refused(text))
}

/// A port that is free now. It is written into the configuration, so that the page stays where it is over all reloads.
fn free_address() -> Result<SocketAddr, Error> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|cause| Error::Refused(format!("could not find a free port: {cause}")))
}

fn unwritable(path: PathBuf, cause: std::io::Error) -> Error {
    let help = " (help: name a folder that you may write: `reload-lsp demo DIR`)";
    Error::File { action: "write", path, cause, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_that_is_changed_is_in_the_program_once() {
        assert_eq!(MAIN.matches(FIRST).count(), 1);
        assert!(Project::greet("42").contains("const GREETING: &str = 42;"));
        assert!(RELOAD_TOML.contains("{port}"));
    }

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("thesis.tex"), "years").unwrap();
        let error = Project::write(Some(folder.path())).unwrap_err();
        assert!(error.to_string().contains("is not empty"), "{error}");
        assert!(!folder.path().join("main.rs").exists());
    }
}
