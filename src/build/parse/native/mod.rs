//! C and what speaks like its compilers, linkers, and what starts them. Read by `Parser`.

mod cmake;
mod gcc;
mod ld;
mod make;

use super::formats::Row;

pub(super) const ROWS: &[Row] = &[
    Row { name: "cmake", commands: &[], make: || Box::<cmake::Cmake>::default() },
    Row { name: "gcc", commands: CC, make: || Box::<gcc::Gcc>::default() },
    Row { name: "ld", commands: CC, make: || Box::<ld::Ld>::default() },
    Row { name: "make", commands: &["make", "gmake"], make: || Box::<make::Make>::default() },
];

const CC: &[&str] =
    &["gcc", "g++", "cc", "c++", "clang", "clang++", "cargo", "go", "zig", "swift", "ghc", "cabal", "stack"];
