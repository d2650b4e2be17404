//! Sessions that only note what they are told, and show what a test paints.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use reload_lsp::engine::{
    BuildStage, BuildStatus, Generation, Moment, SaveReason, ServiceStatus, State, Status,
};
use reload_lsp::lsp::{ExitKind, Host, serve};
use reload_lsp::output::Output;
use reload_lsp::session::{Handle, Input, Picture, Setup};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::support::client::{Client, LIMIT};

/// What was saved, and why.
pub(super) type Save = (PathBuf, SaveReason);

/// One faked session.
pub(super) struct Session {
    pub(super) setup: Setup,
    pub(super) inputs: mpsc::UnboundedReceiver<Input>,
    pub(super) saves: mpsc::UnboundedReceiver<Save>,
    pub(super) picture: Arc<watch::Sender<Arc<Picture>>>,
    pub(super) output: Arc<Output>,
}

/// A server over a duplex stream, with the sessions it makes.
pub(super) struct Server {
    pub(super) exit: JoinHandle<ExitKind>,
    pub(super) sessions: mpsc::UnboundedReceiver<Session>,
}

/// A client and its server.
pub(super) fn serve_client() -> (Client, Server) {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (reader, writer) = tokio::io::split(near);
    (Client::over(reader, writer), serve_stream(far))
}

/// A server at the end of a stream.
pub(super) fn serve_stream(stream: tokio::io::DuplexStream) -> Server {
    let (reader, writer) = tokio::io::split(stream);
    let (started, sessions) = mpsc::unbounded_channel();
    let start = move |setup: Setup| {
        let (session, handle) = session(setup);
        let _ = started.send(session);
        handle
    };
    let host = Host::new(start, PathBuf::from("/nowhere"));
    let exit = tokio::spawn(serve(reader, writer, host, std::future::pending()));
    Server { exit, sessions }
}

impl Server {
    /// The next session that was started.
    pub(super) async fn session(&mut self) -> Session {
        let session = tokio::time::timeout(LIMIT, self.sessions.recv()).await;
        session.expect("a session is started").expect("the server lives")
    }

    /// How the server ended.
    pub(super) async fn exit(self) -> ExitKind {
        tokio::time::timeout(LIMIT, self.exit).await.expect("the server ends").expect("without a panic")
    }
}

impl Session {
    /// The next thing the session was told.
    pub(super) async fn input(&mut self) -> Input {
        let input = tokio::time::timeout(LIMIT, self.inputs.recv()).await;
        input.expect("the session is told something").expect("the server lives")
    }

    /// The next save that the session was told of.
    pub(super) async fn save(&mut self) -> Save {
        let save = tokio::time::timeout(LIMIT, self.saves.recv()).await;
        save.expect("the session is told of a save").expect("the server lives")
    }

    /// Paints a new picture.
    pub(super) fn paint(&self, change: impl FnOnce(&mut Picture)) {
        self.picture.send_modify(|picture| {
            let mut next = Picture::clone(picture);
            next.seq += 1;
            change(&mut next);
            *picture = Arc::new(next);
        });
    }

    /// Paints one service in a state.
    pub(super) fn paint_service(&self, state: State, build: Option<(u32, BuildStage)>) {
        self.paint(|picture| {
            picture.status = Arc::new(Status { services: vec![service("api", state, build)] });
        });
    }
}

/// The status of a service.
pub(super) fn service(name: &str, state: State, build: Option<(u32, BuildStage)>) -> ServiceStatus {
    ServiceStatus {
        name: name.into(),
        state,
        message: format!("{state:?}"),
        build: build.map(|(generation, stage)| BuildStatus {
            stage,
            ..BuildStatus::begun(Generation(generation), Moment::default())
        }),
        ..ServiceStatus::default()
    }
}

/// A session that ends as soon as it is told to, and passes on what it is told.
fn session(setup: Setup) -> (Session, Handle) {
    let (to_session, mut told) = mpsc::unbounded_channel();
    let (noted, inputs) = mpsc::unbounded_channel();
    let picture = Arc::new(watch::Sender::new(Arc::new(picture(&setup.root))));
    let output = Output::new();
    let (note, saves) = mpsc::unbounded_channel();
    let note_save = move |path, reason| drop(note.send((path, reason)));
    let handle = Handle::new(note_save, to_session, picture.subscribe(), output.clone());
    let ending = picture.clone();
    tokio::spawn(async move {
        while let Some(input) = told.recv().await {
            if matches!(input, Input::Shutdown(_)) {
                ending.send_modify(|picture| Arc::make_mut(picture).ended = true);
            }
            let _ = noted.send(input);
        }
    });
    (Session { setup, inputs, saves, picture, output }, handle)
}

fn picture(root: &Path) -> Picture {
    Picture { seq: 1, ..Picture::blank(root) }
}

/// What the server logs while this lives, of this thread.
pub(super) struct Logged {
    text: Arc<Mutex<Vec<u8>>>,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Logged {
    /// Begins to collect.
    pub(super) fn begin() -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let sink = text.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::WARN)
            .with_ansi(false)
            .with_writer(move || Sink(sink.clone()))
            .finish();
        Self { text, _guard: tracing::subscriber::set_default(subscriber) }
    }

    /// The lines so far.
    pub(super) fn lines(&self) -> Vec<String> {
        let text = self.text.lock().expect("no test panics in there");
        String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
    }
}

struct Sink(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no test panics in there").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
