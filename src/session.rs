//! The one loop: what happened goes into the engine, what it decides is done. Called by `lsp` and `cli`.
//! Holds the clock and the workers' handles. Decides nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::config::{self, ConfigProblem, Overrides};
use crate::engine::{Problem, Reload, Request, SaveReason, ServiceName, Status};
use crate::output::Output;
use crate::trust;

/// What a session is made for.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The project, absolute.
    pub root: PathBuf,
    /// What flags and the editor add to the file.
    pub overrides: Overrides,
    /// Who vouches for the plan.
    pub voucher: trust::Voucher,
    /// The hash of a plan that is allowed beforehand (`--allow`, `RELOAD_LSP_ALLOW`).
    pub allow: Option<String>,
    /// Only these services and what they depend on; empty: all.
    pub only: Vec<String>,
}

/// What is known of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Configuration {
    /// The file, if there is one.
    pub file: Option<PathBuf>,
    /// What is wrong with it. What holds is then the last valid one, if there was one.
    pub errors: Vec<ConfigProblem>,
    /// What is odd.
    pub warnings: Vec<ConfigProblem>,
}

/// What is known of the trust in the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// It may run.
    Allowed,
    /// It waits for somebody to decide. While an older plan runs, it goes on.
    Asking { plan: trust::Plan, before: Option<Vec<String>> },
    /// Somebody said no.
    Denied { plan: trust::Plan },
}

/// Everything people can be shown of a session, as one value. A new one replaces the old.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The project.
    pub root: Arc<Path>,
    /// Rises with every picture.
    pub seq: u64,
    /// What `Moment` counts from.
    pub began: SystemTime,
    /// The time of this picture, in the engine's time.
    pub now: crate::engine::Moment,
    /// The configuration.
    pub configuration: Arc<Configuration>,
    /// The trust.
    pub trust: Arc<Trust>,
    /// The engine's picture.
    pub status: Arc<Status>,
    /// All problems of builds and runs, by service. Those without a place have none: see `config::Service::build_spot`.
    pub problems: Arc<Vec<ServiceProblems>>,
    /// How the disk is watched.
    pub watch: crate::watch::Status,
    /// The last reload that was completed, and whose: changes when one completes.
    pub last_reload: Option<(ServiceName, Reload)>,
    /// True once nothing lives and the session has ended.
    pub ended: bool,
}

/// The problems of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceProblems {
    /// Whose.
    pub service: ServiceName,
    /// Where those without a place are shown.
    pub spot: Option<config::Spot>,
    /// All that hold now.
    pub problems: Vec<Problem>,
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
    /// The configuration has never been valid.
    #[error("the configuration is not valid: {first}")]
    Misconfigured {
        /// Its first error.
        first: String,
    },
}

/// What the borders ask of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The editor saved a path.
    Saved(PathBuf, SaveReason),
    /// Somebody asks; `None` means every service.
    Requested {
        /// Which service.
        service: Option<ServiceName>,
        /// What for.
        request: Request,
    },
    /// Somebody decided about the plan with this hash.
    Decided {
        /// Its hash.
        plan: String,
        /// What was decided.
        decision: trust::Decision,
    },
    /// End everything.
    Shutdown(Option<Duration>),
}

/// What the borders hold of a session. Cheap to clone; none of its functions waits, except `ended`.
#[derive(Debug, Clone)]
pub struct Handle {
    inbox: UnboundedSender<Input>,
    picture: watch::Receiver<Arc<Picture>>,
    output: Arc<Output>,
}

/// Begins a session: reads the configuration, asks the trust store, watches, builds, runs. Must be called within tokio.
pub fn start(_setup: Setup) -> Handle {
    unimplemented!("see the engine")
}

impl Handle {
    /// The handle of a session that reads `inbox` and paints `picture`.
    pub fn new(
        inbox: UnboundedSender<Input>,
        picture: watch::Receiver<Arc<Picture>>,
        output: Arc<Output>,
    ) -> Self {
        Self { inbox, picture, output }
    }

    /// The editor saved a path, for this reason. Order is kept.
    pub fn saved(&self, path: PathBuf, reason: SaveReason) {
        let _ = self.inbox.send(Input::Saved(path, reason));
    }

    /// Somebody asks; `None` means every service.
    pub fn request(&self, service: Option<&str>, request: Request) -> Result<(), Refusal> {
        self.refuse(service)?;
        let _ = self.inbox.send(Input::Requested { service: service.map(ServiceName::from), request });
        Ok(())
    }

    /// Somebody decided about the plan with this hash; ignored if the plan is another by now.
    pub fn decide(&self, plan: &str, decision: trust::Decision) {
        let _ = self.inbox.send(Input::Decided { plan: plan.to_owned(), decision });
    }

    /// Whether a save of `path` would do something, and what decided: one verdict for each service.
    pub fn explain(&self, _path: &Path) -> Vec<crate::watch::Verdict> {
        Vec::new()
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
        let _ = self.inbox.send(Input::Shutdown(grace));
    }

    /// Waits until nothing lives.
    pub async fn ended(&self) {
        let mut picture = self.picture.clone();
        let _ = picture.wait_for(|picture| picture.ended).await;
    }

    /// Why a request cannot be carried out now, if it cannot.
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
        match service {
            Some(name) if !services.iter().any(|service| service.name.as_str() == name) => {
                let names: Vec<_> = services.iter().map(|service| service.name.as_str()).collect();
                Err(Refusal::UnknownService {
                    name: name.to_owned(),
                    known: format!("there are: {}", names.join(", ")),
                })
            }
            Some(_) | None => Ok(()),
        }
    }
}
