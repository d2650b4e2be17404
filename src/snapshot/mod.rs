//! What is shown of a session, as JSON: picture, lines of output, explanations. Shared by the borders that speak to machines,
//! `lsp` and `control`. Does not know: how it is sent.

mod explain;
mod json;
mod log;
mod picture;
pub mod uri;

pub use explain::{Explanation, Verdict, explanation};
pub use json::*;
pub use log::{Entry, Lines, Log, lines};
pub use picture::{message, snapshot, state, time, word};

/// The version of both protocols that show it. Rises only when a change is not additive.
pub const PROTOCOL: u32 = 1;
