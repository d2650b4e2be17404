//! What the go command prints. Read by `Parser`.

mod build;
mod test;

use super::formats::Row;

pub(super) const ROWS: &[Row] = &[
    Row { name: "gotest", commands: &["go"], make: || Box::<test::GoTest>::default() },
    Row { name: "go", commands: GO, make: || Box::<build::Go>::default() },
];

// They pass on what the compiler says.
const GO: &[&str] = &["go", "golangci-lint", "staticcheck"];
