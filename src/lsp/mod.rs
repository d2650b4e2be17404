//! The only place that knows LSP: serves one client over a pair of streams.
//! Called by `cli`. Does not know: processes, the engine's inner logic.

mod actions;
mod capabilities;
mod commands;
mod diagnostics;
mod ending;
mod handlers;
mod lens;
mod prepare;
pub mod protocol;
mod publish;
mod roots;
pub mod transport;
mod types;
pub mod uri;

use std::fmt;
use std::future::{Future, ready};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::config::Overrides;
use crate::session::{Handle, Setup};
use ending::Cause;
use handlers::{Handlers, Server};
use types::LspService;

pub use crate::snapshot as status;
pub use diagnostics::columns;

/// How long services may take to end when the client goes (product.md 2.10).
const STOP_GRACE: Duration = Duration::from_millis(1500);

/// Makes a session. Must return at once: a client waits.
pub type Start = Arc<dyn Fn(Setup) -> Handle + Send + Sync>;

/// What `cli` knows and a client does not say.
#[derive(Clone)]
pub struct Host {
    /// Makes the session of each root: `session::start`.
    pub start: Start,
    /// Where we were started: the folder of a client that names none.
    pub cwd: PathBuf,
    /// What flags add to the configuration.
    pub overrides: Overrides,
    /// The hash of a plan that is allowed beforehand (`--allow`, `RELOAD_LSP_ALLOW`).
    pub allow: Option<String>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("cwd", &self.cwd).finish_non_exhaustive()
    }
}

impl Host {
    /// A host that starts sessions with `start` and knows nothing else.
    pub fn new(start: impl Fn(Setup) -> Handle + Send + Sync + 'static, cwd: PathBuf) -> Self {
        Self { start: Arc::new(start), cwd, overrides: Overrides::default(), allow: None }
    }
}

/// How the process is to exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    /// The client said goodbye, or is gone.
    Orderly,
    /// The client sent `exit` without `shutdown`.
    WithoutShutdown,
    /// What came in was no LSP.
    FramingLost,
    /// This signal ended us.
    Signal(i32),
}

impl ExitKind {
    /// The exit code: 0, 1, 2, or 128 and the signal.
    pub fn code(self) -> u8 {
        match self {
            Self::Orderly => 0,
            Self::WithoutShutdown => 1,
            Self::FramingLost => 2,
            Self::Signal(signal) => u8::try_from(signal).unwrap_or_default().saturating_add(128),
        }
    }
}

/// Serves the client at the other end of stdin and stdout, until it or a signal ends that. Afterwards end the runtime
/// with `shutdown_background`: a thread that still reads stdin would hold up the process.
pub async fn serve_stdio(host: Host) -> ExitKind {
    let signals = ending::signals();
    let serving = serve(transport::stdin(), tokio::io::stdout(), host, signals);
    #[expect(
        clippy::disallowed_methods,
        reason = "the thread that waits for input then is the one that handles it"
    )]
    let served = tokio::spawn(serving).await;
    served.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Serves one client over a pair of streams, until it or `signal` ends that. When this returns, nothing lives any more
/// and everything is written that the client took. Dropping the future drops the sessions' handles, nothing more.
pub async fn serve<R, W>(reader: R, writer: W, host: Host, signal: impl Future<Output = i32>) -> ExitKind
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (outbox, output) = transport::outbox();
    #[expect(
        clippy::disallowed_methods,
        reason = "the one writer, a task of its own so that nothing waits for it"
    )]
    let mut writing = tokio::spawn(output.run(writer));
    let client = transport::Client::new(outbox.clone());
    let server = Server::new(client.clone(), host);
    let cause = tokio::select! {
        ended = transport::converse(reader, service(&server), &client, &outbox, prepare::prepare) => {
            Cause::Conversation(ended)
        }
        _ = &mut writing => Cause::Deaf,
        () = ending::death(server.client_process()) => Cause::Dead,
        signal = signal => Cause::Signal(signal),
    };
    tracing::info!("ending: {cause:?}");
    ending::end(&server, &outbox).await;
    writing.abort();
    cause.exit_kind()
}

/// The handlers as the framework calls them.
fn service(server: &Arc<Server>) -> LspService<Handlers> {
    let mut service = LspService::build(|_| Handlers(server.clone())).custom_method(
        "window/workDoneProgress/cancel",
        |handlers: &Handlers, params| {
            handlers.cancel_progress(params);
            ready(())
        },
    );
    for method in protocol::REQUESTS {
        service = service.custom_method(method, move |handlers: &Handlers, params: Value| {
            ready(handlers.0.call(method, &params))
        });
    }
    service.finish().0
}
