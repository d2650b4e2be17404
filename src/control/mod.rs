//! The control socket of a session: how scripts, agents and the other subcommands reach what runs (product.md 1).
//! Called by `cli`, which starts every session through it. Does not know: LSP, processes, what is decided.

mod answer;
mod client;
mod place;
pub mod protocol;
mod server;
mod verdict;

#[cfg(test)]
mod tests;

pub use client::{Client, ClientError};
pub use place::PlaceError;

use crate::config;
use crate::session::{self, Handle, Setup};

/// Begins a session that can be reached over its socket. Must be called within tokio.
pub fn start(setup: Setup) -> Handle {
    let root = config::root(&setup.root);
    let session = session::start(setup);
    server::spawn(root, session.clone());
    session
}
