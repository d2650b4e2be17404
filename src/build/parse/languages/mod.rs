//! Languages with a file each, and tools that are no more than a row of data. Read by `Parser`.

mod dialects;
mod dotnet;
mod elixir;
mod ghc;
mod marked;
mod php;
mod ruby;

use super::formats::Row;
use dialects::Line;
use marked::Marked;

pub(super) const ROWS: &[Row] = &[
    Row { name: "kotlinc", commands: KOTLIN, make: || Box::new(Marked::new(&marked::KOTLIN)) },
    Row { name: "zig", commands: &["zig"], make: || Box::new(Marked::new(&marked::ZIG)) },
    Row { name: "swiftc", commands: SWIFT, make: || Box::new(Marked::new(&marked::SWIFT)) },
    Row { name: "dotnet", commands: DOTNET, make: || Box::<dotnet::Dotnet>::default() },
    Row { name: "php", commands: &["php"], make: || Box::<php::Php>::default() },
    Row { name: "ruby", commands: &["ruby"], make: || Box::<ruby::Ruby>::default() },
    Row { name: "elixir", commands: ELIXIR, make: || Box::<elixir::Elixir>::default() },
    Row { name: "ghc", commands: HASKELL, make: || Box::<ghc::Ghc>::default() },
    Row { name: "buf", commands: &["buf"], make: || Box::new(Line::new(&dialects::BUF)) },
    Row { name: "protoc", commands: &["protoc", "buf"], make: || Box::new(Line::new(&dialects::PROTOC)) },
    Row { name: "sqlc", commands: &["sqlc"], make: || Box::new(Line::new(&dialects::SQLC)) },
    Row { name: "templ", commands: &["templ"], make: || Box::new(Line::new(&dialects::TEMPL)) },
    Row { name: "swift-build", commands: &["swift"], make: || Box::new(Line::new(&dialects::SWIFT_BUILD)) },
    Row { name: "bazel", commands: &[], make: || Box::new(Line::new(&dialects::BAZEL)) },
];

const DOTNET: &[&str] = &["dotnet", "msbuild", "xbuild", "csc", "mcs", "fsc", "cl"];
const ELIXIR: &[&str] = &["elixir", "elixirc", "mix"];
const HASKELL: &[&str] = &["ghc", "cabal", "stack", "runghc", "runhaskell"];
const KOTLIN: &[&str] = &["kotlinc", "kotlin", "gradle", "gradlew", "mvn", "mvnw", "mvnd"];
const SWIFT: &[&str] = &["swiftc", "swift", "xcodebuild"];
