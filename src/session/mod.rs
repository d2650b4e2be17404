//! One project root served by one reload-lsp. Called by `lsp` and `cli`.
//! Decides nothing: what happened goes into the engine, and what it decides is done.

mod claims;
mod configuring;
mod handle;
mod hold;
mod performing;
mod picture;
mod reading;
mod turn;

use std::path::PathBuf;

use crate::config::Overrides;
use crate::trust::Voucher;

pub use handle::{Handle, Input, Refusal};
pub use hold::{BadHold, Token};
pub use picture::{Configuration, Picture, ServiceProblems, Trust};

/// What a session is made for.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The project, absolute.
    pub root: PathBuf,
    /// What flags and the editor add to the file.
    pub overrides: Overrides,
    /// Who vouches for the plan.
    pub voucher: Voucher,
    /// The hash of a plan that is allowed beforehand (`--allow`, `RELOAD_LSP_ALLOW`).
    pub allow: Option<String>,
    /// Only these services and what they depend on; empty: all.
    pub only: Vec<String>,
}

/// Begins a session: reads the configuration, asks the trust store, watches, builds, runs. Must be called within tokio.
pub fn start(setup: Setup) -> Handle {
    turn::spawn(setup)
}
