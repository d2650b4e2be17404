//! Everything that people, disks and editors get wrong: it is named with its remedy where it is seen, and reload-lsp goes on
//! as soon as it is mended, without being started again.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod commands;
mod configuration;
mod disk;
mod garbage;
mod twice;
mod waiting;
