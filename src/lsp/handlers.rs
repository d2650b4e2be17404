//! The methods of LSP: translate, send, return. Nothing is awaited before what has to keep its order is sent.
//! Called by `transport` through the framework. Does not know: the client's stream, what sessions do.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::capabilities::{self, Abilities, Options};
use super::publish::{self, Published, Tokens};
use super::roots::{self, Root, Roots};
use super::transport::Client;
use super::types::{
    CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, DidChangeConfigurationParams,
    DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, DidSaveTextDocumentParams,
    ExecuteCommandParams, FileChangeType, InitializeParams, InitializeResult, InitializedParams, LSPAny,
    LanguageServer, NumberOrString, Result, ServerInfo, TextDocumentSaveReason, WillSaveTextDocumentParams,
    WorkDoneProgressCancelParams,
};
use super::{Host, STOP_GRACE, actions, lens, uri};
use crate::config;
use crate::engine::{Request, SaveReason};
use crate::session::{Handle, Setup};
use crate::trust::Voucher;
use crate::watch::Told;

/// For so long the reason of a `willSave` belongs to the next `didSave` of its path.
const REASON_HOLDS: Duration = Duration::from_secs(2);

/// What one client was told and told us at the beginning.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// What it can do.
    pub abilities: Abilities,
    /// What it wants.
    pub options: Options,
    /// Its folders at the beginning.
    folders: Vec<PathBuf>,
}

/// Everything that belongs to one client.
pub(super) struct Server {
    /// The client.
    pub client: Client,
    /// The diagnostics that the client shows.
    pub published: Arc<Published>,
    /// The progress that the client shows.
    pub tokens: Arc<Tokens>,
    host: Host,
    terms: OnceLock<Arc<Terms>>,
    client_process: OnceLock<u32>,
    process_known: Notify,
    // Both held for a look or an update, never over an await.
    roots: Mutex<Roots>,
    reasons: Mutex<HashMap<PathBuf, (SaveReason, Instant)>>,
}

/// What the framework calls.
pub(super) struct Handlers(pub Arc<Server>);

impl Server {
    /// The server of one client, before `initialize`.
    pub(super) fn new(client: Client, host: Host) -> Arc<Self> {
        Arc::new(Self {
            client,
            published: Arc::default(),
            tokens: Arc::default(),
            host,
            terms: OnceLock::new(),
            client_process: OnceLock::new(),
            process_known: Notify::new(),
            roots: Mutex::default(),
            reasons: Mutex::default(),
        })
    }

    /// What was agreed with the client; the default before `initialize`.
    pub(super) fn terms(&self) -> Arc<Terms> {
        self.terms.get().cloned().unwrap_or_default()
    }

    /// All roots.
    pub(super) fn roots(&self) -> MutexGuard<'_, Roots> {
        // Whoever panicked has at most not finished a push.
        self.roots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process of the client, as soon as it is known.
    pub(super) async fn client_process(&self) -> u32 {
        loop {
            let known = self.process_known.notified();
            if let Some(process) = self.client_process.get() {
                return *process;
            }
            known.await;
        }
    }

    fn open(self: &Arc<Self>, folder: PathBuf) {
        let path = config::root(&uri::canonical(&folder));
        let mut roots = self.roots();
        if roots.is_over {
            return;
        }
        if let Some(root) = roots.at(&path) {
            root.folders.push(folder);
            return;
        }
        if let Some(leaving) = roots.leaving(&path) {
            roots.wait_to_return(folder.clone());
            self.clone().open_after(leaving, folder);
            return;
        }
        let terms = self.terms();
        let session = (self.host.start)(self.setup(&path, &folder, &terms));
        let ask_again = Arc::new(Notify::new());
        let worker = publish::spawn(publish::Worker {
            client: self.client.clone(),
            terms,
            session: session.clone(),
            published: self.published.clone(),
            tokens: self.tokens.clone(),
            ask_again: ask_again.clone(),
        });
        roots.open.push(Root { path, folders: vec![folder], session, ask_again, worker });
    }

    /// Never two sessions of one root: the new one begins when nothing of the old one lives.
    fn open_after(self: Arc<Self>, leaving: Handle, folder: PathBuf) {
        #[expect(clippy::disallowed_methods, reason = "a handler must not wait")]
        tokio::spawn(async move {
            leaving.ended().await;
            let returns = self.roots().returns(&folder);
            if returns {
                self.open(folder);
            }
        });
    }

    fn setup(&self, root: &Path, folder: &Path, terms: &Terms) -> Setup {
        // The client vouches for its own folders, not for what lies above them.
        let mut folders = terms.folders.iter().map(PathBuf::as_path).chain([folder]);
        let is_theirs = folders.any(|folder| root.starts_with(uri::canonical(folder)));
        Setup {
            root: root.to_owned(),
            overrides: terms.options.overrides_of(root, &self.host.overrides),
            voucher: if terms.options.trusted && is_theirs { Voucher::Client } else { Voucher::Nobody },
            allow: self.host.allow.clone(),
            only: Vec::new(),
        }
    }

    fn close(&self, folder: &Path) {
        let Some(root) = self.roots().leave(folder) else { return };
        root.worker.abort();
        self.published.withdraw(&self.client, &root.path);
        self.tokens.end_root(&self.client, &root.path);
        root.session.shutdown(Some(STOP_GRACE));
        self.roots().see_off(root);
    }

    fn reasons(&self) -> MutexGuard<'_, HashMap<PathBuf, (SaveReason, Instant)>> {
        self.reasons.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handlers {
    /// `window/workDoneProgress/cancel`: stops the build that the progress is about.
    pub(super) fn cancel_progress(&self, params: WorkDoneProgressCancelParams) {
        let NumberOrString::String(token) = params.token else { return };
        if let Some((session, service)) = self.0.tokens.find(&token) {
            // The build may be over, and its service gone.
            let _ = session.request(Some(service.as_str()), Request::CancelBuild);
        }
    }
}

impl LanguageServer for Handlers {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let server = &self.0;
        let terms = Terms {
            abilities: Abilities::from_params(&params),
            options: Options::from_params(&params),
            folders: roots::folders(&params, &server.host.cwd),
        };
        if let Some(process) = params.process_id {
            let _ = server.client_process.set(process);
        }
        server.process_known.notify_waiters();
        let capabilities = capabilities::announce(&terms.abilities);
        // The framework lets only the first `initialize` through.
        let _ = server.terms.set(Arc::new(terms));
        Ok(InitializeResult {
            capabilities,
            server_info: Some(ServerInfo {
                name: "reload-lsp".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..InitializeResult::default()
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        for folder in self.0.terms().folders.clone() {
            self.0.open(folder);
        }
    }

    async fn will_save(&self, params: WillSaveTextDocumentParams) {
        let Some(path) = uri::to_path(params.text_document.uri.as_str()) else { return };
        let reason = match params.reason {
            TextDocumentSaveReason::AFTER_DELAY => SaveReason::AfterDelay,
            TextDocumentSaveReason::FOCUS_OUT => SaveReason::FocusOut,
            _ => SaveReason::Manual,
        };
        let now = Instant::now();
        let mut reasons = self.0.reasons();
        reasons.retain(|_, (_, at)| now.duration_since(*at) <= REASON_HOLDS);
        reasons.insert(uri::canonical(&path), (reason, now));
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        let Some(path) = uri::to_path(params.text_document.uri.as_str()) else { return };
        let path = uri::canonical(&path);
        let reason = self.0.reasons().remove(&path).filter(|(_, at)| at.elapsed() <= REASON_HOLDS);
        let reason = reason.map_or(SaveReason::Manual, |(reason, _)| reason);
        if let Some(root) = self.0.roots().containing(&path) {
            root.session.saved(path, reason);
        }
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let path = |uri: &super::types::Uri| uri::to_path(uri.as_str());
        // Opened first: a root that changes its folder keeps its session.
        for folder in params.event.added.iter().filter_map(|folder| path(&folder.uri)) {
            self.0.open(folder);
        }
        for folder in params.event.removed.iter().filter_map(|folder| path(&folder.uri)) {
            self.0.close(&folder);
        }
    }

    async fn did_change_configuration(&self, _: DidChangeConfigurationParams) {}

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let roots = self.0.roots();
        for event in params.changes {
            let Some(path) = uri::to_path(event.uri.as_str()) else { continue };
            // A symlink itself may be what came or went.
            let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { continue };
            let path = uri::canonical(folder).join(name);
            let told = match event.typ {
                FileChangeType::CREATED => Told::Created,
                FileChangeType::DELETED => Told::Removed,
                _ => Told::Modified,
            };
            if let Some(root) = roots.containing(&path) {
                root.session.told(path, told);
            }
        }
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        Ok(actions::answer(&params, &self.0.published, &self.0.terms().abilities))
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let Some(path) = uri::to_path(params.text_document.uri.as_str()) else { return Ok(None) };
        let path = uri::canonical(&path);
        let pictures: Vec<_> =
            self.0.roots().open.iter().map(|root| root.session.picture().borrow().clone()).collect();
        Ok(lens::answer(&path, &pictures))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LSPAny>> {
        self.0.execute(&params.command, &params.arguments).map(Some)
    }

    async fn shutdown(&self) -> Result<()> {
        self.0.begin_ending();
        Ok(())
    }
}

impl Server {
    /// Begins to stop everything, and takes back what the client shows while it still reads. Does not wait.
    pub(super) fn begin_ending(&self) {
        let mut roots = self.roots();
        roots.is_over = true;
        roots.open.iter().for_each(|root| root.worker.abort());
        roots.sessions().iter().for_each(|session| session.shutdown(Some(STOP_GRACE)));
        drop(roots);
        self.published.withdraw_all(&self.client);
        self.tokens.end_all(&self.client);
    }

    /// An answer as JSON.
    pub(super) fn json(answer: &impl serde::Serialize) -> Result<Value> {
        serde_json::to_value(answer).map_err(|error| {
            tracing::error!("an answer has no JSON form: {error}");
            super::types::Error::internal_error()
        })
    }
}
