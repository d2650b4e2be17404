//! One test binary: workers against the real operating system, and the real program over pipes.
#![expect(clippy::unwrap_used, clippy::match_wild_err_arm, reason = "a test fails by it")]
#![expect(clippy::disallowed_methods, reason = "tests start programs and tasks")]
#![expect(clippy::needless_pass_by_value, reason = "what a test makes for a call it gives away")]

mod bad_input;
mod build;
mod cli;
mod config;
mod control;
mod demo;
mod inputs;
mod lifecycle;
mod orphans;
mod process;
mod reload;
mod service;
mod support;
mod tidy;
mod transport;
mod trust;
mod untrusted;
mod watch;
