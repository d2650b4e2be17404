//! The subcommands that speak to a session that runs already, in an editor or a terminal, over its control socket. One file
//! each. Called by `cli`. Does not know: sockets, what is decided.

mod ask;
mod hold;
mod logs;
mod status;
mod wait;

pub(super) use ask::ask;
pub(super) use hold::{hold, release};
pub(super) use logs::logs;
pub(super) use status::status;
pub(super) use wait::wait;

use std::path::PathBuf;

use super::args::Session;
use super::exit::Error;
use crate::control::Client;

/// The session that is meant.
async fn connect(root: PathBuf) -> Result<Client, Error> {
    Ok(Client::connect(&root).await?)
}

/// Does something with the session that is meant.
fn with_session<T>(session: &Session, act: impl AsyncFnOnce(Client) -> Result<T, Error>) -> Result<T, Error> {
    let root = session.root()?;
    super::block_on(async { act(connect(root).await?).await })?
}
