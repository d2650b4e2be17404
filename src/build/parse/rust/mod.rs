//! cargo and rustc. Read by `Parser`.

mod cargo;
mod libtest;
mod rustc;

use super::formats::Row;

pub(super) const ROWS: &[Row] = &[
    Row { name: "cargo", commands: &["cargo", "rustc"], make: || Box::<cargo::Cargo>::default() },
    Row { name: "libtest", commands: &["cargo"], make: || Box::<libtest::Libtest>::default() },
    Row { name: "rustc", commands: &["rustc", "cargo"], make: || Box::<rustc::Rustc>::default() },
];
