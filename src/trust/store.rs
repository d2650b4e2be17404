//! What was decided, kept over sessions: one file for each root, readable by us alone, replaced as a whole.
//! Called by `session` and `cli`. Does not know: who decides.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::plan::sha256;
use super::{Decision, Plan, Verdict};

/// Why the store can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no folder to keep it in.
    #[error("there is no place for what is trusted (help: set HOME or XDG_STATE_HOME)")]
    NoHome,
    /// The project could write what it is allowed to do.
    #[error(
        "what is trusted can't be kept in {folder}, which lies in the project {root} (help: set XDG_STATE_HOME to a \
         folder outside of it)"
    )]
    Inside {
        /// The folder of the store.
        folder: PathBuf,
        /// The project.
        root: PathBuf,
    },
    /// The disk said no.
    #[error("can't write {path}: {error} (help: make the folder writable, or set XDG_STATE_HOME to another)")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// What is kept for one root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The root, as text.
    pub root: String,
    /// Whether it was denied.
    pub denied: bool,
    /// The hash of the plan that was decided about.
    pub plan: String,
    /// Its commands, for people.
    pub commands: Vec<String>,
    /// The commands of the plan that was allowed last, if there was one.
    pub allowed: Option<Vec<String>>,
    /// When, as RFC 3339.
    pub at: String,
}

/// The store. Cheap to open; nothing is read before it is asked.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    has_complained: AtomicBool,
}

impl Store {
    /// The store of this user: `$XDG_STATE_HOME/reload-lsp/trust`, else `~/.local/state/reload-lsp/trust`.
    pub fn open() -> Result<Self, StoreError> {
        let state = dirs::state_dir().or_else(|| Some(dirs::home_dir()?.join(".local/state")));
        state.map(|state| Self::below(&state)).ok_or(StoreError::NoHome)
    }

    /// The store below a folder for state.
    pub fn below(state: &Path) -> Self {
        Self { folder: state.join("reload-lsp/trust"), has_complained: AtomicBool::new(false) }
    }

    /// What was decided about a plan. A record that can't be read, or that others may write, is as good as none; that is
    /// said once, in the log.
    pub fn verdict(&self, plan: &Plan) -> Verdict {
        let stored = match self.outside(&plan.root) {
            Ok(()) => self.read(&self.path(&plan.root)),
            Err(error) => {
                self.complain(&error.to_string());
                None
            }
        };
        match stored.filter(|stored| stored.root == plan.root.to_string_lossy()) {
            Some(stored) if stored.denied => Verdict::Denied,
            Some(stored) if stored.plan == plan.hash => Verdict::Allowed,
            Some(stored) => Verdict::Unknown { before: stored.allowed },
            None => Verdict::Unknown { before: None },
        }
    }

    /// Keeps a decision. `OnlyNow` is kept nowhere.
    pub fn record(&self, plan: &Plan, decision: Decision) -> Result<(), StoreError> {
        let denied = match decision {
            Decision::Allow => false,
            Decision::Never => true,
            Decision::OnlyNow => return Ok(()),
        };
        self.outside(&plan.root)?;
        let path = self.path(&plan.root);
        let before = self.read(&path).and_then(|stored| stored.allowed);
        let stored = Stored {
            root: plan.root.to_string_lossy().into_owned(),
            denied,
            plan: plan.hash.clone(),
            commands: plan.commands.clone(),
            allowed: if denied { before } else { Some(plan.commands.clone()) },
            at: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        };
        self.write(&path, &stored).map_err(|error| StoreError::Write { path, error })
    }

    /// Forgets what was decided about a root, whether it was a yes or a no. False: there was nothing.
    pub fn revoke(&self, root: &Path) -> Result<bool, StoreError> {
        let path = self.path(root);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StoreError::Write { path, error }),
        }
    }

    /// Everything that was decided, by root.
    pub fn list(&self) -> Vec<Stored> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let is_record = |path: &PathBuf| path.extension().is_none();
        let mut all: Vec<Stored> =
            entries.map(|entry| entry.path()).filter(is_record).filter_map(|path| self.read(&path)).collect();
        all.sort_by(|a, b| a.root.cmp(&b.root));
        all
    }

    /// The file in which the decision about a root is kept. It need not exist.
    pub fn path(&self, root: &Path) -> PathBuf {
        self.folder.join(sha256(root.as_os_str().as_bytes()))
    }

    /// A store within the project could be shipped with it, and would allow whatever it likes.
    fn outside(&self, root: &Path) -> Result<(), StoreError> {
        let existing = self.folder.ancestors().find_map(|folder| fs::canonicalize(folder).ok());
        let is_inside =
            self.folder.starts_with(root) || existing.is_some_and(|folder| folder.starts_with(root));
        if is_inside {
            return Err(StoreError::Inside { folder: self.folder.clone(), root: root.to_owned() });
        }
        Ok(())
    }

    fn read(&self, path: &Path) -> Option<Stored> {
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                self.complain(&format!("can't read {}: {error}", path.display()));
                return None;
            }
        };
        let is_ours = metadata.uid() == nix::unistd::geteuid().as_raw() && metadata.mode() & 0o022 == 0;
        if !metadata.is_file() || !is_ours {
            self.complain(&format!("{} is not used: others may have written it", path.display()));
            return None;
        }
        let stored = fs::read(path).map_err(|error| error.to_string());
        let stored =
            stored.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string()));
        stored.inspect_err(|error| self.complain(&format!("{} is not used: {error}", path.display()))).ok()
    }

    /// Written beside and put in its place: a reader sees the old or the new, and the last writer wins.
    fn write(&self, path: &Path, stored: &Stored) -> io::Result<()> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        fs::set_permissions(&self.folder, Permissions::from_mode(0o700))?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let beside = path.with_extension(format!("{}-{number}.new", std::process::id()));
        // What a process with our number left behind when it was killed.
        let _ = fs::remove_file(&beside);
        let mut text = serde_json::to_vec_pretty(stored)?;
        text.push(b'\n');
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        let written =
            file.write_all(&text).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn complain(&self, text: &str) {
        if !self.has_complained.swap(true, Ordering::Relaxed) {
            tracing::warn!("trust: {text} (help: allow the project again)");
        }
    }
}
