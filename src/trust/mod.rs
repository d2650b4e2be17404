//! Nothing that the repository chose is executed before somebody trusted it. Called by `session`, `cli` and `lsp`.
//! Does not know: workers.

use std::path::PathBuf;

use crate::config::Config;

/// What would be executed, and its hash. The same commands and configuration bytes give the same hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The root it is for.
    pub root: PathBuf,
    /// Lower-case hexadecimal sha256 of its canonical JSON.
    pub hash: String,
    /// The exact commands, for people: one line each.
    pub commands: Vec<String>,
}

/// Who vouches for a session's plan (lsp.md section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Voucher {
    /// Nobody: the store decides, else somebody is asked.
    #[default]
    Nobody,
    /// The client said that the folder is trusted, or a person typed `reload-lsp run`: every plan of this root.
    Session,
}

/// What somebody decided about a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Allowed, now and later.
    Allow,
    /// Allowed for this session.
    OnlyNow,
    /// Denied, now and later.
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

/// The plan of a configuration.
pub fn plan(config: &Config) -> Plan {
    Plan { root: config.root.clone(), hash: String::new(), commands: Vec::new() }
}

/// What holds for a plan, by everybody who may vouch for it.
pub fn judge(_plan: &Plan, _config: &Config, voucher: Voucher, _allow: Option<&str>) -> Verdict {
    match voucher {
        Voucher::Session => Verdict::Allowed,
        Voucher::Nobody => Verdict::Unknown { before: None },
    }
}

/// Writes down what somebody decided.
pub fn record(_plan: &Plan, _decision: Decision) -> Result<(), std::io::Error> {
    Ok(())
}
