//! What a person sees between a save and a ready service: the real program over its pipes, real builds, real HTTP.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod commands;
mod configuration;
mod crashes;
mod folders;
mod git;
mod ignored;
mod languages;
mod mistakes;
mod own_writes;
mod recorded;
mod saves;
mod services;
mod tasks;
mod trials;
mod watching;
