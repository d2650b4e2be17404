//! Nothing that the repository chose is executed before somebody trusted it. Called by `session`, `cli` and `lsp`.
//! Does not know: workers.

mod difference;
mod judge;
mod plan;
mod store;

use std::path::PathBuf;

pub use difference::difference;
pub use judge::judge;
pub use plan::plan;
pub use store::{Store, StoreError, Stored};

/// What would be executed, and its hash. The same commands and configuration bytes give the same hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The root it is for.
    pub root: PathBuf,
    /// Lower-case hexadecimal sha256 of its canonical JSON.
    pub hash: String,
    /// The exact commands, for people: one line each. Nothing in them moves a cursor or hides text.
    pub commands: Vec<String>,
}

/// Who vouches for a session's plan (lsp.md section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Voucher {
    /// Nobody: the store decides, else somebody is asked.
    #[default]
    Nobody,
    /// The client said that its folder is trusted: every plan whose root lies in it, unless the configuration pins.
    Client,
    /// A person typed `reload-lsp run`: every plan that is found from there.
    Person,
}

/// What somebody decided about a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Allowed, now and later.
    Allow,
    /// Allowed for this session.
    OnlyNow,
    /// Denied, now and later, whatever the plan of the root becomes, until it is allowed or revoked.
    Never,
}

/// What holds for a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may run.
    Allowed,
    /// Somebody said no.
    Denied,
    /// Nobody was asked. `before`: the commands of the plan that was allowed earlier, if there was one.
    Unknown { before: Option<Vec<String>> },
}
