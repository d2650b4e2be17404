//! The subcommands that do one thing and end, one file each. Called by `cli`.

mod check;
mod completions;
mod config;
mod explain;
mod init;
mod schema;
mod stdio;
mod trust;

pub(super) use check::check;
pub(super) use completions::completions;
pub(super) use config::config;
pub(super) use explain::explain;
pub(super) use init::init;
pub(super) use schema::schema;
pub(super) use stdio::stdio;
pub(super) use trust::{allow, deny, revoke, trust};
