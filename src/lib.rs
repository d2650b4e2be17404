#![doc = include_str!("README.md")]

pub mod artifact;
pub mod build;
pub mod cli;
pub mod config;
pub mod control;
pub mod engine;
pub mod inputs;
pub mod log;
pub mod lsp;
pub mod output;
pub mod process;
pub mod service;
pub mod session;
pub mod snapshot;
pub mod trust;
pub mod watch;
