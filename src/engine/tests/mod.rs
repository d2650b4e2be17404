//! Tests of the engine, without a clock, a process or tokio.

mod random;
mod scenarios;
mod walk;
mod world;
