//! What the borders hold of a session: what they may tell it, and what they may ask. None of it waits, except `ended`.
//! Does not know: the loop.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::hold::{self, BadHold, Token};
use super::{Picture, Trust};
use crate::engine::{HoldId, Request, SaveReason, ServiceName};
use crate::output::Output;
use crate::trust::Decision;
use crate::watch::Told;

/// Numbers the questions of `Handle::caught_up`, of all sessions of this process.
static LAST_QUESTION: AtomicU64 = AtomicU64::new(0);

/// What a border tells the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The editor, which watches for us, says what happened to this path.
    Told(PathBuf, Told),
    /// Whether the editor watches from now on, as it was asked to.
    ClientWatches(bool),
    /// Somebody asks; `None` means every service.
    Requested { service: Option<ServiceName>, request: Request },
    /// Somebody wants to know when all that is on disk has been told.
    CatchUp(u64),
    /// Somebody asks to collect changes for so long.
    Held(HoldId, Duration),
    /// Somebody ends a hold, or all.
    Released(Option<HoldId>),
    /// Somebody decided about the plan with this hash.
    Decided { plan: String, decision: Decision },
    /// End everything within this grace.
    Shutdown(Option<Duration>),
}

/// Why a request is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody has trusted the plan.
    #[error(
        "nobody has allowed the commands of {root} yet (help: run `reload-lsp allow`, or answer the question in the editor)"
    )]
    Untrusted {
        /// The project.
        root: String,
    },
    /// No such service.
    #[error("there is no service `{name}` (help: {known})")]
    UnknownService {
        /// What was asked for.
        name: String,
        /// Which there are, for people.
        known: String,
    },
    /// The configuration has never been one that can run.
    #[error("nothing can run here: {first}")]
    Misconfigured {
        /// Its first error.
        first: String,
    },
}

impl Refusal {
    /// The same as one word, for machines.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Untrusted { .. } => "untrusted",
            Self::UnknownService { .. } => "unknownService",
            Self::Misconfigured { .. } => "misconfigured",
        }
    }
}

/// Where saves go: past the loop, which would only pass them on.
type Saved = Arc<dyn Fn(PathBuf, SaveReason) + Send + Sync>;

/// What the borders hold of a session. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    saved: Saved,
    inbox: mpsc::UnboundedSender<Input>,
    picture: watch::Receiver<Arc<Picture>>,
    output: Arc<Output>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("picture", &self.picture).finish_non_exhaustive()
    }
}

impl Handle {
    /// A handle on whatever reads the other ends. `saved` must return at once.
    pub fn new(
        saved: impl Fn(PathBuf, SaveReason) + Send + Sync + 'static,
        inbox: mpsc::UnboundedSender<Input>,
        picture: watch::Receiver<Arc<Picture>>,
        output: Arc<Output>,
    ) -> Self {
        Self { saved: Arc::new(saved), inbox, picture, output }
    }

    /// The editor saved a path, for this reason. Order is kept.
    pub fn saved(&self, path: PathBuf, reason: SaveReason) {
        (self.saved)(path, reason);
    }

    /// The editor, which watches for us, says what happened to a path.
    pub fn told(&self, path: PathBuf, told: Told) {
        self.tell(Input::Told(path, told));
    }

    /// Whether the editor watches from now on, as it was asked to.
    pub fn client_watches(&self, does: bool) {
        self.tell(Input::ClientWatches(does));
    }

    /// Somebody asks; `None` means every service.
    pub fn request(&self, service: Option<&str>, request: Request) -> Result<(), Refusal> {
        self.refuse(service)?;
        self.tell(Input::Requested { service: service.map(ServiceName::from), request });
        Ok(())
    }

    /// Collects changes for so long, at most an hour and without a word a minute, unless it is released before. Also while
    /// nothing may run. The same token again makes it last longer.
    pub fn hold(&self, token: Token, ttl_ms: Option<u64>) -> Result<(), BadHold> {
        self.tell(Input::Held(token.0, hold::time(ttl_ms)?));
        Ok(())
    }

    /// Ends a hold, or all.
    pub fn release(&self, token: Option<Token>) {
        self.tell(Input::Released(token.map(|token| token.0)));
    }

    /// Somebody decided about the plan with this hash; ignored if the plan is another by now.
    pub fn decide(&self, plan: &str, decision: Decision) {
        self.tell(Input::Decided { plan: plan.to_owned(), decision });
    }

    /// The latest picture, and when it changes.
    pub fn picture(&self) -> watch::Receiver<Arc<Picture>> {
        self.picture.clone()
    }

    /// What builds and runs print.
    pub fn output(&self) -> &Arc<Output> {
        &self.output
    }

    /// Ends everything; nobody is given longer than `grace`, if there is one.
    pub fn shutdown(&self, grace: Option<Duration>) {
        self.tell(Input::Shutdown(grace));
    }

    /// Waits until nothing lives. Dropping the future is safe.
    pub async fn ended(&self) {
        let mut picture = self.picture.clone();
        // An error means that the loop is gone, and everything it held with it.
        let _ = picture.wait_for(|picture| picture.ended).await;
    }

    /// Refuses a service that there is not.
    pub fn knows(&self, service: Option<&str>) -> Result<(), Refusal> {
        self.refuse(service)
    }

    /// Waits until everything that was on disk before this call is in the picture. Dropping the future is safe.
    pub async fn caught_up(&self) {
        let number = LAST_QUESTION.fetch_add(1, Ordering::Relaxed) + 1;
        let mut picture = self.picture.clone();
        self.tell(Input::CatchUp(number));
        let _ = picture.wait_for(|picture| picture.caught_up >= number || picture.ended).await;
    }

    /// Why a request can't be carried out now, if it can't.
    fn refuse(&self, service: Option<&str>) -> Result<(), Refusal> {
        let picture = self.picture.borrow();
        let services = &picture.status.services;
        if services.is_empty() {
            if let Some(first) = picture.configuration.errors.first() {
                return Err(Refusal::Misconfigured { first: first.to_string() });
            }
            if !matches!(*picture.trust, Trust::Allowed) {
                return Err(Refusal::Untrusted { root: picture.root.display().to_string() });
            }
        }
        let mut names = services.iter().map(|service| service.name.as_str());
        match service {
            Some(name) if !names.clone().any(|known| known == name) => {
                let known = names.by_ref().collect::<Vec<_>>().join(", ");
                let known = format!("there are: {known}");
                Err(Refusal::UnknownService { name: name.to_owned(), known })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn tell(&self, input: Input) {
        if self.inbox.send(input).is_err() {
            tracing::debug!("the session has ended already");
        }
    }
}
