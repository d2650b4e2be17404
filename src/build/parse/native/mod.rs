//! C and what speaks like its compilers, linkers, and what starts them. Read by `Parser`.

mod cmake;
mod gcc;
mod gfortran;
mod ld;
mod make;
mod speakers;

use super::formats::Row;
pub(super) use gcc::Gcc;

pub(super) const ROWS: &[Row] = &[
    Row { name: "cmake", commands: &[], make: || Box::<cmake::Cmake>::default() },
    Row { name: "gfortran", commands: FORTRAN, make: || Box::<gfortran::Gfortran>::default() },
    Row { name: "gcc", commands: CC, make: || Box::<gcc::Gcc>::default() },
    Row { name: "ld", commands: CC, make: || Box::<ld::Ld>::default() },
    Row { name: "make", commands: &["make", "gmake"], make: || Box::<make::Make>::default() },
];

const CC: &[&str] = &[
    "as",
    "bison",
    "c++",
    "cabal",
    "cargo",
    "cc",
    "clang",
    "clang++",
    "clang-tidy",
    "cppcheck",
    "flang",
    "g++",
    "gcc",
    "gfortran",
    "ghc",
    "gnatmake",
    "go",
    "gprbuild",
    "nasm",
    "stack",
    "swift",
    "yasm",
    "zig",
];
const FORTRAN: &[&str] = &["gfortran", "gcc", "fpm"];
