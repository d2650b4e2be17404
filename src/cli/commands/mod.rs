//! The subcommands that do one thing and end, one file each. Called by `cli`.

mod check;
mod completions;
mod explain;

pub(super) use check::check;
pub(super) use completions::completions;
pub(super) use explain::explain;
