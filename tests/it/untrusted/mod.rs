//! A root that nobody has trusted: nothing of it is ever executed, read or opened, whichever way it comes in.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod canary;
mod commands;
mod decisions;
mod editor;
mod elsewhere;
