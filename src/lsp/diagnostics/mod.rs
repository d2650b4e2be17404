//! Problems of builds, runs and the configuration as diagnostics, file by file. Pure but for reading the files that are
//! named. Called by `publish`. Does not know: the client's connection, sessions' handles.

mod collect;
mod columns;
mod convert;
mod spots;

pub(super) use collect::{Files, collect};
pub(super) use columns::Encoding;
pub use columns::columns;
pub(super) use convert::{Attached, Repair, Texts};
