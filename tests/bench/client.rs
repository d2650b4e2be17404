//! A client as small as can be: starts the program, speaks LSP over its pipes, waits for what it says.
//! Used by every measurement. Does not know: what is measured.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::project::Project;

/// Only a fault reaches this.
const LIMIT: Duration = Duration::from_secs(60);

/// A message of the program, and when it came.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// When its last byte was read.
    pub(crate) at: SystemTime,
    /// The message.
    pub(crate) message: Value,
}

/// The whole tree is watched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Covered {
    /// When the client was told. Of many at once a few come without delay; in a flood one in 160 ms.
    pub(crate) at: SystemTime,
    /// How many directories have a watch.
    pub(crate) directories: u64,
    /// What runs.
    pub(crate) generation: u64,
}

/// The program and the two pipes to it. Dropping it closes them, which ends the program.
#[derive(Debug)]
pub(crate) struct Client {
    program: Child,
    input: Option<ChildStdin>,
    arrivals: Receiver<Arrival>,
    /// Just before the program was started.
    pub(crate) started: SystemTime,
}

impl Client {
    /// Starts the program and sends `initialize`; gives the client and when the answer came.
    pub(crate) fn open(project: &Project) -> io::Result<(Self, SystemTime)> {
        let started = SystemTime::now();
        let mut program = Command::new(env!("CARGO_BIN_EXE_reload-lsp"))
            .arg("--stdio")
            .env("XDG_STATE_HOME", project.state())
            .env("XDG_RUNTIME_DIR", project.state())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let input = program.stdin.take();
        let output = program.stdout.take().ok_or_else(|| io::Error::other("no pipe from the program"))?;
        let (sender, arrivals) = mpsc::channel();
        std::thread::spawn(move || read_all(output, &sender));
        let mut client = Self { program, input, arrivals, started };
        client.send(&json!({ "id": 1, "method": "initialize", "params": {
            "processId": std::process::id(),
            "rootUri": uri(&project.root()),
            "capabilities": {},
            "initializationOptions": { "reload": { "protocol": 1, "status": true, "trust": { "granted": true } } },
        }}))?;
        let answer = client.wait("the answer to initialize", |message| message["id"] == 1)?;
        client.send(&json!({ "method": "initialized", "params": {} }))?;
        Ok((client, answer.at))
    }

    /// The program's process.
    pub(crate) fn pid(&self) -> u32 {
        self.program.id()
    }

    /// Says that a file was saved; gives the time just before the first byte was written.
    pub(crate) fn saved(&mut self, path: &Path) -> io::Result<SystemTime> {
        let uri = uri(path);
        let message =
            json!({ "method": "textDocument/didSave", "params": { "textDocument": { "uri": uri } } });
        let bytes = frame(&message);
        let before = SystemTime::now();
        self.write(&bytes)?;
        Ok(before)
    }

    /// Waits until the only service is ready after a reload younger than `generation`; gives that status.
    pub(crate) fn reloaded(&mut self, generation: u64) -> io::Result<Arrival> {
        let what = format!("a ready service after generation {generation}");
        self.wait(&what, |message| {
            let service = &message["params"]["services"][0];
            message["method"] == "reload/status"
                && service["state"] == "ready"
                && service["lastReload"]["generation"].as_u64() > Some(generation)
                && service["lastReload"]["generation"] == service["run"]["generation"]
        })
    }

    /// Waits until the only service is ready for the first time; gives its generation.
    pub(crate) fn ready(&mut self) -> io::Result<u64> {
        let arrival = self.wait("a ready service", |message| {
            message["method"] == "reload/status" && message["params"]["services"][0]["state"] == "ready"
        })?;
        Ok(generation(&arrival))
    }

    /// Waits until every directory has been walked and the only service is ready; gives when the first of them was told.
    pub(crate) fn covered(&mut self) -> io::Result<Covered> {
        let is_complete = |message: &Value| message["params"]["watch"]["complete"] == true;
        let arrival = self.wait("the whole tree to be watched", is_complete)?;
        let watch = &arrival.message["params"]["watch"];
        let directories = watch["directories"].as_u64().unwrap_or(0);
        let generation = match arrival.message["params"]["services"][0]["state"].as_str() {
            Some("ready") => generation(&arrival),
            _ => self.ready()?,
        };
        Ok(Covered { at: arrival.at, directories, generation })
    }

    /// Lets this much time pass without a word; gives how many messages came all the same.
    pub(crate) fn idle(&self, time: Duration) -> io::Result<usize> {
        let end = SystemTime::now() + time;
        let mut count = 0;
        while let Ok(rest) = end.duration_since(SystemTime::now()) {
            match self.arrivals.recv_timeout(rest) {
                Ok(_) => count += 1,
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("the program ended")),
            }
        }
        Ok(count)
    }

    /// `shutdown`, `exit`, and the end of the program.
    pub(crate) fn close(mut self) -> io::Result<ExitStatus> {
        self.send(&json!({ "id": 2, "method": "shutdown" }))?;
        self.wait("the answer to shutdown", |message| message["id"] == 2)?;
        self.send(&json!({ "method": "exit" }))?;
        self.program.wait()
    }

    fn send(&mut self, message: &Value) -> io::Result<()> {
        self.write(&frame(message))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let input = self.input.as_mut().ok_or_else(|| io::Error::other("the pipe is closed"))?;
        input.write_all(bytes)?;
        input.flush()
    }

    /// Waits for a message.
    pub(crate) fn wait(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> io::Result<Arrival> {
        let end = SystemTime::now() + LIMIT;
        let mut last = Value::Null;
        while let Ok(rest) = end.duration_since(SystemTime::now()) {
            match self.arrivals.recv_timeout(rest) {
                Ok(arrival) if is_it(&arrival.message) => return Ok(arrival),
                Ok(arrival) => last = arrival.message,
                Err(_) => break,
            }
        }
        Err(io::Error::other(format!("waited in vain for {what}; last message: {last}")))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.input = None;
        // It ends by itself at the end of its input; who looks at the result has called `close`.
        let _ = self.program.wait();
    }
}

/// The generation that runs, according to a status.
pub(crate) fn generation(status: &Arrival) -> u64 {
    status.message["params"]["services"][0]["run"]["generation"].as_u64().unwrap_or(0)
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn frame(message: &Value) -> Vec<u8> {
    let mut message = message.clone();
    message["jsonrpc"] = json!("2.0");
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn read_all(output: ChildStdout, sender: &Sender<Arrival>) {
    let mut output = BufReader::new(output);
    while let Ok(message) = read_one(&mut output) {
        if sender.send(Arrival { at: SystemTime::now(), message }).is_err() {
            return;
        }
    }
}

fn read_one(output: &mut impl BufRead) -> io::Result<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().map_err(io::Error::other)?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body)?;
    serde_json::from_slice(&body).map_err(io::Error::other)
}
