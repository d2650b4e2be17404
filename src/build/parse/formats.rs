//! Every output format there is, and the programs that print it. Called by `choice`.
//! Does not know: which of them a build needs.

use std::collections::BTreeSet;

use super::linters::Linter;
use super::{
    Format, biome, boxes, cargo, checkstyle, cmake, commands, dialects, document, dotnet, elixir, esbuild,
    eslint, gcc, gcc_json, ghc, gitlab, go, gotest, gradle, javac, js_test, json, kotlin, ld, libtest, lsp,
    make, marked, maven, mypy, php, pyright, pytest, python, python_lint, rdjson, rollup, ruby, ruff, rustc,
    sarif, svelte, tsc, webpack,
};

/// One output format.
#[derive(Debug)]
pub(super) struct Row {
    /// As written in `problems = [..]`.
    pub(super) name: &'static str,
    /// The programs that print it.
    pub(super) commands: &'static [&'static str],
    pub(super) make: fn() -> Box<dyn Format>,
}

/// Every format, the ones that are easily told apart first.
pub(super) static FORMATS: &[Row] = &[
    Row { name: "sarif", commands: &[], make: || document(sarif::SHAPE) },
    Row { name: "gcc-json", commands: &[], make: || document(gcc_json::SHAPE) },
    Row { name: "rdjson", commands: &["rdjsonl"], make: || document(rdjson::SHAPE) },
    Row { name: "lsp", commands: &[], make: || document(lsp::SHAPE) },
    Row { name: "gitlab", commands: &["codeclimate"], make: || document(gitlab::SHAPE) },
    Row { name: "checkstyle", commands: &[], make: || Box::<checkstyle::Checkstyle>::default() },
    Row { name: "github", commands: &["azure", "teamcity"], make: || Box::<commands::Commands>::default() },
    Row { name: "cargo", commands: &["cargo", "rustc"], make: || Box::<cargo::Cargo>::default() },
    Row { name: "libtest", commands: &["cargo"], make: || Box::<libtest::Libtest>::default() },
    Row { name: "tsc", commands: &["tsc", "vue-tsc", "webpack"], make: || Box::<tsc::Tsc>::default() },
    Row { name: "gotest", commands: &["go"], make: || Box::<gotest::GoTest>::default() },
    Row { name: "go", commands: &["go"], make: || Box::<go::Go>::default() },
    Row { name: "json", commands: JSON, make: || Box::<json::Json>::default() },
    Row { name: "eslint", commands: ESLINT, make: || Box::<eslint::Eslint>::default() },
    Row { name: "biome", commands: &["biome"], make: || Box::<biome::Biome>::default() },
    Row { name: "svelte-check", commands: SVELTE, make: || Box::<svelte::Svelte>::default() },
    Row { name: "js-test", commands: JS_TEST, make: || Box::<js_test::JsTest>::default() },
    Row { name: "esbuild", commands: ESBUILD, make: || Box::<esbuild::Esbuild>::default() },
    Row { name: "rollup", commands: &["rollup", "vite"], make: || Box::<rollup::Rollup>::default() },
    Row { name: "webpack", commands: &["webpack", "rspack"], make: || Box::<webpack::Webpack>::default() },
    Row { name: "boxes", commands: BOXES, make: || Box::<boxes::Boxes>::default() },
    Row {
        name: "pyright",
        commands: &["pyright", "basedpyright"],
        make: || Box::<pyright::Pyright>::default(),
    },
    Row { name: "pytest", commands: PYTEST, make: || Box::<pytest::Pytest>::default() },
    Row { name: "mypy", commands: &["mypy", "dmypy"], make: || Box::<mypy::Mypy>::default() },
    Row { name: "pylint", commands: &["pylint"], make: || Box::new(Linter::new(&python_lint::PYLINT)) },
    Row { name: "ruff", commands: &["ruff"], make: || Box::<ruff::Ruff>::default() },
    Row { name: "flake8", commands: FLAKE8, make: || Box::new(Linter::new(&python_lint::FLAKE8)) },
    Row { name: "maven", commands: MAVEN, make: || Box::<maven::Maven>::default() },
    Row { name: "gradle", commands: GRADLE, make: || Box::<gradle::Gradle>::default() },
    Row { name: "kotlin", commands: GRADLE, make: || Box::<kotlin::Kotlin>::default() },
    Row { name: "javac", commands: JAVA, make: || Box::<javac::Javac>::default() },
    Row { name: "kotlinc", commands: KOTLIN, make: || Box::new(marked::Marked::new(&marked::KOTLIN)) },
    Row { name: "zig", commands: &["zig"], make: || Box::new(marked::Marked::new(&marked::ZIG)) },
    Row { name: "swiftc", commands: SWIFT, make: || Box::new(marked::Marked::new(&marked::SWIFT)) },
    Row { name: "dotnet", commands: DOTNET, make: || Box::<dotnet::Dotnet>::default() },
    Row { name: "php", commands: &["php"], make: || Box::<php::Php>::default() },
    Row { name: "ruby", commands: &["ruby"], make: || Box::<ruby::Ruby>::default() },
    Row { name: "elixir", commands: ELIXIR, make: || Box::<elixir::Elixir>::default() },
    Row { name: "ghc", commands: HASKELL, make: || Box::<ghc::Ghc>::default() },
    Row { name: "cmake", commands: &[], make: || Box::<cmake::Cmake>::default() },
    Row {
        name: "protoc",
        commands: &["protoc", "buf"],
        make: || Box::new(dialects::Line::new(&dialects::PROTOC)),
    },
    Row { name: "sqlc", commands: &["sqlc"], make: || Box::new(dialects::Line::new(&dialects::SQLC)) },
    Row { name: "templ", commands: &["templ"], make: || Box::new(dialects::Line::new(&dialects::TEMPL)) },
    Row {
        name: "swift-build",
        commands: &["swift"],
        make: || Box::new(dialects::Line::new(&dialects::SWIFT_BUILD)),
    },
    Row { name: "bazel", commands: &[], make: || Box::new(dialects::Line::new(&dialects::BAZEL)) },
    Row { name: "rustc", commands: &["rustc", "cargo"], make: || Box::<rustc::Rustc>::default() },
    Row { name: "python", commands: PYTHON, make: || Box::<python::Python>::default() },
    Row { name: "gcc", commands: CC, make: || Box::<gcc::Gcc>::default() },
    Row { name: "ld", commands: CC, make: || Box::<ld::Ld>::default() },
    Row { name: "make", commands: &["make", "gmake"], make: || Box::<make::Make>::default() },
];

/// Formats that no tool prints by itself and many print on demand: they are looked for whatever the command is.
pub(super) const ON_DEMAND: &[&str] =
    &["sarif", "gcc-json", "rdjson", "lsp", "gitlab", "checkstyle", "github"];

fn document(shape: document::Shape) -> Box<dyn Format> {
    Box::new(document::Documents::of(shape))
}

const CC: &[&str] =
    &["gcc", "g++", "cc", "c++", "clang", "clang++", "cargo", "go", "zig", "swift", "ghc", "cabal", "stack"];
const DOTNET: &[&str] = &["dotnet", "msbuild", "xbuild", "csc", "mcs", "fsc", "cl"];
const ELIXIR: &[&str] = &["elixir", "elixirc", "mix"];
const GRADLE: &[&str] = &["gradle", "gradlew"];
const JAVA: &[&str] =
    &["javac", "javadoc", "scalac", "ant", "mvn", "mvnw", "mvnd", "gradle", "gradlew", "kotlinc", "sbt"];
const KOTLIN: &[&str] = &["kotlinc", "kotlin", "gradle", "gradlew", "mvn", "mvnw", "mvnd"];
const HASKELL: &[&str] = &["ghc", "cabal", "stack", "runghc", "runhaskell"];
const MAVEN: &[&str] = &["mvn", "mvnw", "mvnd"];
const SWIFT: &[&str] = &["swiftc", "swift", "xcodebuild"];
/// They print JSON when they are told to.
const JSON: &[&str] =
    &["basedpyright", "biome", "eslint", "mypy", "oxlint", "pylint", "pyright", "ruff", "stylelint"];
const ESLINT: &[&str] = &["babel", "eslint", "oxlint", "prettier", "stylelint", "webpack"];
const SVELTE: &[&str] = &["svelte-check"];
const JS_TEST: &[&str] = &["jest", "mocha", "vitest"];
const ESBUILD: &[&str] = &["esbuild", "tsup", "vite"];
const BOXES: &[&str] = &["oxlint", "rolldown", "swc", "vite"];
const FLAKE8: &[&str] = &["flake8", "pycodestyle"];
const PYTEST: &[&str] = &["py.test", "pytest"];
pub(super) const PYTHON: &[&str] = &["pytest", "python", "python3"];

/// What `problems = [..]` may name: the formats, and the programs that print them. Sorted.
pub fn names() -> Vec<&'static str> {
    let all = FORMATS.iter().flat_map(|row| row.commands.iter().copied().chain([row.name]));
    all.collect::<BTreeSet<_>>().into_iter().collect()
}
