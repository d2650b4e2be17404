//! Tests of the engine, without a clock, a process or tokio.

mod book;
mod invariants;
mod outside;
mod random;
mod scenarios;
mod tasks;
mod walk;
mod world;
