//! The only place that knows LSP: serves one client over a pair of streams.
//! Called by `cli`. Does not know: processes, files, the engine's inner logic.

pub mod protocol;
pub mod transport;
mod types;
pub mod uri;
