//! A client that speaks LSP over any streams, for every test that wants to see what an editor sees.
//!
//! ```ignore
//! let mut client = Client::spawn(env!("CARGO_BIN_EXE_reload-lsp"), &["--stdio"], root);
//! client.initialize(json!({ "rootUri": client::uri(root) })).await;     // opted in to reload/*, all diagnostics
//! client.save(&root.join("main.go"));
//! client.wait("reload/status", |status| status["state"] == "ready").await;
//! let answer = client.request("reload/build", json!({})).await.unwrap();
//! assert_eq!(client.shutdown().await, Some(0));
//! ```
//!
//! - `wait` takes the first message that fits out of the inbox and leaves the others; it looks at old messages first, so
//!   nothing is missed. Every wait has one limit of 60 s, which only a bug reaches; then it prints the conversation.
//! - Requests of the server are answered by themselves, as an editor would; `answer` changes how. They are in the inbox
//!   too, for tests that want to see them.
//! - When dropped, it insists that `shutdown` or `abandon` was called, and that nothing unexpected was left: an answer
//!   that nobody took, an error, a pop-up, an unknown method. What comes by itself (`EXPECTED`) may be left.
//! - With `RELOAD_LSP_RECORD=<directory>` every message is recorded as a line `{"dir": "c2s" | "s2c", "msg": …}`.

mod record;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use reload_lsp::lsp::transport::encode;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use record::Record;
use wire::Answers;

/// Only a bug waits for so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// What a server sends by itself: may be left when the client is dropped.
const EXPECTED: [&str; 9] = [
    "reload/status",
    "reload/log",
    "$/progress",
    "textDocument/publishDiagnostics",
    "window/logMessage",
    "window/workDoneProgress/create",
    "window/showDocument",
    "workspace/codeLens/refresh",
    "client/registerCapability",
];

/// One client.
pub(crate) struct Client {
    outgoing: Option<UnboundedSender<Vec<u8>>>,
    incoming: UnboundedReceiver<Value>,
    inbox: VecDeque<Value>,
    answers: Answers,
    record: Arc<Record>,
    diagnostics: BTreeMap<String, Value>,
    next_id: u64,
    child: Option<Child>,
    is_done: bool,
}

impl Client {
    /// A client over a pair of streams: what it reads, and what it writes.
    pub(crate) fn over(
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        let (outgoing, to_write) = mpsc::unbounded_channel();
        let (to_read, incoming) = mpsc::unbounded_channel();
        let answers = Answers::default();
        let record = Arc::new(Record::open());
        tokio::spawn(wire::write(to_write, writer));
        tokio::spawn(wire::read(
            reader,
            to_read,
            outgoing.clone().downgrade(),
            answers.clone(),
            record.clone(),
        ));
        Self {
            outgoing: Some(outgoing),
            incoming,
            inbox: VecDeque::new(),
            answers,
            record,
            diagnostics: BTreeMap::new(),
            next_id: 1,
            child: None,
            is_done: false,
        }
    }

    /// A client of a program in `directory`. What the program says on stderr goes to the test's output.
    #[expect(clippy::disallowed_methods, reason = "the test stands for the editor, which starts the server")]
    pub(crate) fn spawn(program: &str, arguments: &[&str], directory: &Path) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(directory);
        Self::start(command)
    }

    /// A client of the program that this command starts.
    pub(crate) fn start(mut command: Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the program can be started");
        let stdout = child.stdout.take().expect("stdout is a pipe");
        let stdin = child.stdin.take().expect("stdin is a pipe");
        let mut client = Self::over(stdout, stdin);
        client.child = Some(child);
        client
    }

    /// The process of the program, if there is one.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Changes how a request of the server is answered.
    pub(crate) fn answer(
        &self,
        method: &str,
        answer: impl Fn(&Value) -> Option<Value> + Send + Sync + 'static,
    ) {
        self.answer_or_fail(method, move |params| answer(params).map(Ok));
    }

    /// Has a request of the server refused, as by an editor that does not know it.
    pub(crate) fn refuse(&self, method: &str) {
        self.answer_or_fail(method, |_| Some(Err("not known")));
    }

    fn answer_or_fail(
        &self,
        method: &str,
        answer: impl Fn(&Value) -> Option<Result<Value, &'static str>> + Send + Sync + 'static,
    ) {
        self.answers.lock().expect("no test panics in there").insert(method.to_owned(), Arc::new(answer));
    }

    /// `initialize` and `initialized`. `params` are merged over those of a client that can do everything, has opted in to
    /// `reload/*`, vouches for the folder, and wants all diagnostics. Gives the result.
    pub(crate) async fn initialize(&mut self, params: Value) -> Value {
        let mut all = everything();
        merge(&mut all, params);
        let result = self.request("initialize", all).await.expect("`initialize` succeeds");
        self.notify("initialized", json!({}));
        result
    }

    /// Sends a notification.
    pub(crate) fn notify(&self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Saves a file as an editor does, by hand.
    pub(crate) fn save(&self, path: &Path) {
        self.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri(path) } }));
    }

    /// Sends a request and gives its id, for `answer_to`.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Waits for the answer to a request: its result, or its error.
    pub(crate) async fn answer_to(&mut self, id: u64) -> Result<Value, Value> {
        let mut answer =
            self.next(&format!("the answer to request {id}"), |message| is_answer_to(message, id)).await;
        match answer.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(answer["result"].take()),
        }
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer_to(id).await
    }

    /// Waits for a notification or request of the server whose parameters fit, and gives them.
    pub(crate) async fn wait(&mut self, method: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut message =
            self.next(method, |message| message["method"] == method && fits(&message["params"])).await;
        message["params"].take()
    }

    /// Waits for an error without a request that can be told: to what the server could not read.
    pub(crate) async fn wait_error(&mut self, code: i64) -> Value {
        self.next(&format!("error {code}"), |message| message["error"]["code"] == code).await
    }

    /// Waits until the diagnostics of a file fit, and gives them. Fits at once if they already do.
    pub(crate) async fn wait_diagnostics(
        &mut self,
        path: &Path,
        fits: impl Fn(&[Value]) -> bool,
    ) -> Vec<Value> {
        let uri = uri(path);
        loop {
            let shown = self.diagnostics.get(&uri).and_then(Value::as_array).cloned().unwrap_or_default();
            if fits(&shown) {
                return shown;
            }
            let of_file = |params: &Value| params["uri"] == uri.as_str();
            let params = self.wait("textDocument/publishDiagnostics", of_file).await;
            self.diagnostics.insert(uri.clone(), params["diagnostics"].clone());
        }
    }

    /// The notifications with this method that have come so far, in their order; takes them out of the inbox.
    pub(crate) fn taken(&mut self, method: &str) -> Vec<Value> {
        while let Ok(message) = self.incoming.try_recv() {
            self.inbox.push_back(message);
        }
        let (taken, left) = self.inbox.drain(..).partition(|message| message["method"] == method);
        self.inbox = left;
        let taken: VecDeque<Value> = taken;
        taken.into_iter().map(|mut message| message["params"].take()).collect()
    }

    /// Sends bytes as they are: for tests of what no client should send.
    pub(crate) fn send_bytes(&self, bytes: &[u8]) {
        // The server may be gone: tests see that by other means.
        let _ = self.outgoing.as_ref().map(|outgoing| outgoing.send(bytes.to_vec()));
    }

    /// Sends a message as it is.
    pub(crate) fn send(&self, message: &Value) {
        self.record.add("c2s", message);
        self.send_bytes(&encode(message.to_string().as_bytes()));
    }

    /// Closes the stream to the server, as an editor does that leaves without a word.
    pub(crate) fn hang_up(&mut self) {
        self.outgoing = None;
    }

    /// `shutdown` and `exit`, then the end of the server: its exit code if it is a process of ours.
    pub(crate) async fn shutdown(&mut self) -> Option<i32> {
        let result = self.request("shutdown", Value::Null).await;
        assert_eq!(result, Ok(Value::Null), "`shutdown` succeeds\n{}", self.record.tail());
        self.notify("exit", Value::Null);
        self.ended().await
    }

    /// Waits until the server has ended, however that was brought about. Its exit code if it is a process of ours.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        self.is_done = true;
        let end = async {
            while let Some(message) = self.incoming.recv().await {
                self.inbox.push_back(message);
            }
            match &mut self.child {
                Some(child) => child.wait().await.expect("a child can be waited for").code(),
                None => None,
            }
        };
        tokio::time::timeout(LIMIT, end).await.expect("the server ends")
    }

    /// Gives up: nothing is checked when dropped. For tests of what happens to clients that vanish.
    pub(crate) fn abandon(mut self) {
        self.is_done = true;
        self.inbox.clear();
        self.incoming.close();
        while self.incoming.try_recv().is_ok() {}
    }

    async fn next(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.inbox.iter().position(&fits) {
            return self.inbox.remove(at).expect("the position was just found");
        }
        let search = async {
            while let Some(message) = self.incoming.recv().await {
                if fits(&message) {
                    return Some(message);
                }
                self.inbox.push_back(message);
            }
            None
        };
        match tokio::time::timeout(LIMIT, search).await {
            Ok(Some(message)) => message,
            Ok(None) => panic!("the server ended; {what} never came\n{}", self.record.tail()),
            Err(_) => panic!("{what} did not come in time\n{}", self.record.tail()),
        }
    }

    /// What is left that nobody expected.
    fn unexpected(&mut self) -> Vec<Value> {
        while let Ok(message) = self.incoming.try_recv() {
            self.inbox.push_back(message);
        }
        let is_expected = |message: &Value| EXPECTED.iter().any(|method| message["method"] == *method);
        self.inbox.drain(..).filter(|message| !is_expected(message)).collect()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        assert!(self.is_done, "a client must end with `shutdown`, `ended` or `abandon`");
        let unexpected = self.unexpected();
        assert!(unexpected.is_empty(), "nobody looked at these messages: {unexpected:#?}");
    }
}

/// The URI of a path.
pub(crate) fn uri(path: &Path) -> String {
    reload_lsp::lsp::uri::text_from_path(path)
}

fn is_answer_to(message: &Value, id: u64) -> bool {
    message["id"] == id && message.get("method").is_none()
}

/// The `initialize` of a client that can do everything.
fn everything() -> Value {
    json!({
        "processId": null,
        "clientInfo": { "name": "test" },
        "rootUri": null,
        "capabilities": {
            "general": { "positionEncodings": ["utf-8", "utf-16"] },
            "window": { "workDoneProgress": true, "showDocument": { "support": true } },
            "workspace": { "workspaceFolders": true, "codeLens": { "refreshSupport": true } },
            "textDocument": {
                "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": ["quickfix"] } } },
                "publishDiagnostics": {
                    "relatedInformation": true, "codeDescriptionSupport": true, "dataSupport": true,
                    "tagSupport": { "valueSet": [1, 2] },
                },
            },
        },
        "initializationOptions": { "reload": {
            "protocol": 1, "status": true, "log": true,
            "trust": { "granted": true },
            "diagnostics": { "overlap": "all" },
        } },
    })
}

/// Puts `patch` over `value`, member by member.
fn merge(value: &mut Value, patch: Value) {
    match (value, patch) {
        (Value::Object(members), Value::Object(patch)) => {
            for (name, patch) in patch {
                merge(members.entry(name).or_insert(Value::Null), patch);
            }
        }
        (value, patch) => *value = patch,
    }
}
