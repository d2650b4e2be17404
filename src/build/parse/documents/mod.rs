//! What many tools print on demand: documents and lines made for machines.
//! Read by `Parser`. Does not know: which tool prints what.

mod checkstyle;
mod commands;
mod cppcheck;
mod document;
mod fields;
mod gcc_json;
mod gitlab;
mod go_vet;
mod list;
mod lsp;
mod rdjson;
mod sarif;
pub(super) mod told;
mod xml;

use super::Format;
use super::formats::Row;

pub(super) const ROWS: &[Row] = &[
    Row { name: "sarif", commands: &[], make: || document(sarif::SHAPE) },
    Row { name: "gcc-json", commands: &[], make: || document(gcc_json::SHAPE) },
    Row { name: "rdjson", commands: &["rdjsonl"], make: || document(rdjson::SHAPE) },
    Row { name: "lsp", commands: &[], make: || document(lsp::SHAPE) },
    Row { name: "gitlab", commands: &["codeclimate"], make: || document(gitlab::SHAPE) },
    Row { name: "checkstyle", commands: &[], make: || Box::new(xml::Xml::of(checkstyle::KIND)) },
    Row { name: "cppcheck-xml", commands: &["cppcheck"], make: || Box::new(xml::Xml::of(cppcheck::KIND)) },
    Row { name: "go-vet-json", commands: &["go"], make: || document(go_vet::SHAPE) },
    Row { name: "github", commands: &["azure", "teamcity"], make: || Box::<commands::Commands>::default() },
    Row { name: "json", commands: JSON, make: || Box::<list::Json>::default() },
];

/// Formats that no tool prints by itself and many print on demand: they are looked for whatever the command is.
pub(super) const ON_DEMAND: &[&str] =
    &["sarif", "gcc-json", "rdjson", "lsp", "gitlab", "checkstyle", "cppcheck-xml", "github"];

/// They print JSON when they are told to.
const JSON: &[&str] = &[
    "actionlint",
    "bandit",
    "basedpyright",
    "biome",
    "buf",
    "dart",
    "eslint",
    "golangci-lint",
    "hadolint",
    "hlint",
    "ktlint",
    "markdownlint",
    "markdownlint-cli2",
    "mix",
    "mypy",
    "oxlint",
    "psalm",
    "pylint",
    "pyright",
    "rubocop",
    "ruff",
    "shellcheck",
    "sqlfluff",
    "staticcheck",
    "stylelint",
    "terraform",
    "tofu",
];

fn document(shape: document::Shape) -> Box<dyn Format> {
    Box::new(document::Documents::of(shape))
}
