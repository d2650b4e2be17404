//! One test binary: workers against the real operating system, and the real program over pipes.

mod bad_input;
mod build;
mod cli;
mod config;
mod demo;
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
