//! Tools that are no more than data: what the first line of a problem looks like, and what may follow it.
//! Read by `Parser`. Does not know: how the data are read; `reader` does.

mod hardware;
pub(super) mod json;
mod keys;
mod languages;
mod linters;
mod more;
mod perl;
mod reader;
mod styles;
mod systems;
mod tests;
mod told;

use super::formats::Row;
pub(super) use linters::is_of_staticcheck;
use reader::Reader;

pub(super) const ROWS: &[Row] = &[
    Row { name: "actionlint", commands: &["actionlint"], make: || Reader::boxed(&linters::ACTIONLINT) },
    Row { name: "codespell", commands: &["codespell"], make: || Reader::boxed(&linters::CODESPELL) },
    Row { name: "cpplint", commands: &["cpplint"], make: || Reader::boxed(&linters::CPPLINT) },
    Row { name: "hadolint", commands: &["hadolint"], make: || Reader::boxed(&linters::HADOLINT) },
    Row { name: "jshint", commands: &["jshint"], make: || Reader::boxed(&linters::JSHINT) },
    Row { name: "luacheck", commands: &["luacheck"], make: || Reader::boxed(&linters::LUACHECK) },
    Row { name: "markdownlint", commands: MARKDOWNLINT, make: || Reader::boxed(&linters::MARKDOWNLINT) },
    Row { name: "prettier", commands: &["prettier"], make: || Reader::boxed(&linters::PRETTIER) },
    Row { name: "rubocop", commands: &["rubocop", "standardrb"], make: || Reader::boxed(&linters::RUBOCOP) },
    Row { name: "shellcheck", commands: &["shellcheck"], make: || Reader::boxed(&linters::SHELLCHECK) },
    Row { name: "staticcheck", commands: GO_LINTERS, make: || Reader::boxed(&linters::STATICCHECK) },
    Row { name: "xmllint", commands: &["xmllint", "xsltproc"], make: || Reader::boxed(&linters::XMLLINT) },
    Row { name: "yamllint", commands: &["yamllint"], make: || Reader::boxed(&linters::YAMLLINT) },
    Row { name: "perl", commands: &["perl", "prove"], make: || Reader::boxed(&perl::PERL) },
    Row { name: "ocaml", commands: &[], make: || Reader::boxed(&languages::OCAML) },
    Row { name: "erlc", commands: &["erlc"], make: || Reader::boxed(&languages::ERLC) },
    Row { name: "lua", commands: LUA, make: || Reader::boxed(&languages::LUA) },
    Row { name: "nim", commands: &[], make: || Reader::boxed(&languages::NIM) },
    Row { name: "fpc", commands: &[], make: || Reader::boxed(&languages::FPC) },
    Row { name: "dmd", commands: &[], make: || Reader::boxed(&systems::DMD) },
    Row { name: "valac", commands: &[], make: || Reader::boxed(&systems::VALAC) },
    Row { name: "flex", commands: &["flex", "lex"], make: || Reader::boxed(&systems::FLEX) },
    Row { name: "verilator", commands: &["verilator"], make: || Reader::boxed(&hardware::VERILATOR) },
    Row { name: "iverilog", commands: &["iverilog"], make: || Reader::boxed(&hardware::IVERILOG) },
    Row { name: "ghdl", commands: &["ghdl"], make: || Reader::boxed(&hardware::GHDL) },
    Row { name: "sass", commands: &["sass", "sassc", "vite"], make: || Reader::boxed(&styles::SASS) },
    Row { name: "lessc", commands: &["lessc"], make: || Reader::boxed(&styles::LESSC) },
    Row { name: "ansible-lint", commands: &["ansible-lint"], make: || Reader::boxed(&more::ANSIBLE_LINT) },
    Row { name: "asc", commands: &["asc"], make: || Reader::boxed(&more::ASSEMBLYSCRIPT) },
    Row { name: "cfn-lint", commands: &["cfn-lint"], make: || Reader::boxed(&more::CFN_LINT) },
    Row {
        name: "checkstyle-text",
        commands: &["checkstyle", "mvn", "gradle", "gradlew"],
        make: || Reader::boxed(&more::CHECKSTYLE),
    },
    Row { name: "chktex", commands: &["chktex"], make: || Reader::boxed(&more::CHKTEX) },
    Row { name: "crystal", commands: &[], make: || Reader::boxed(&more::CRYSTAL) },
    Row { name: "cspell", commands: &["cspell"], make: || Reader::boxed(&more::CSPELL) },
    Row { name: "cython", commands: &["cython", "cythonize"], make: || Reader::boxed(&more::CYTHON) },
    Row { name: "djlint", commands: &["djlint"], make: || Reader::boxed(&more::DJLINT) },
    Row { name: "gdlint", commands: &["gdlint"], make: || Reader::boxed(&more::GDLINT) },
    Row { name: "haxe", commands: &[], make: || Reader::boxed(&more::HAXE) },
    Row { name: "meson", commands: &[], make: || Reader::boxed(&more::MESON) },
    Row { name: "octave", commands: &["octave"], make: || Reader::boxed(&more::OCTAVE) },
    Row { name: "puppet-lint", commands: &["puppet-lint"], make: || Reader::boxed(&more::PUPPET_LINT) },
    Row { name: "R", commands: &["R", "Rscript"], make: || Reader::boxed(&more::R) },
    Row { name: "racket", commands: &["racket", "raco"], make: || Reader::boxed(&more::RACKET) },
    Row { name: "rescript", commands: &["bsc"], make: || Reader::boxed(&more::RESCRIPT) },
    Row {
        name: "scala3",
        commands: &["scalac", "scala", "scala-cli", "sbt", "mill"],
        make: || Reader::boxed(&more::SCALA),
    },
    Row { name: "solc", commands: &["solc", "solcjs"], make: || Reader::boxed(&more::SOLC) },
    Row { name: "spectral", commands: &["spectral"], make: || Reader::boxed(&more::SPECTRAL) },
    Row { name: "sqlfluff", commands: &["sqlfluff"], make: || Reader::boxed(&more::SQLFLUFF) },
    Row { name: "standard", commands: &["standard"], make: || Reader::boxed(&more::STANDARD) },
    Row { name: "terraform", commands: &["terraform", "tofu"], make: || Reader::boxed(&more::TERRAFORM) },
    Row { name: "typos", commands: &["typos"], make: || Reader::boxed(&more::TYPOS) },
    Row { name: "remark", commands: &["remark", "alex", "textlint"], make: || Reader::boxed(&more::VFILE) },
    Row { name: "vyper", commands: &["vyper"], make: || Reader::boxed(&more::VYPER) },
    Row { name: "exunit", commands: &["mix"], make: || Reader::boxed(&tests::EXUNIT) },
    Row { name: "minitest", commands: &["ruby"], make: || Reader::boxed(&tests::MINITEST) },
    Row { name: "phpunit", commands: &[], make: || Reader::boxed(&tests::PHPUNIT) },
    Row { name: "rspec", commands: &[], make: || Reader::boxed(&tests::RSPEC) },
    Row { name: "codespan", commands: &[], make: || Reader::boxed(&told::CODESPAN) },
    Row { name: "credo", commands: &["mix"], make: || Reader::boxed(&told::CREDO) },
    Row { name: "dart", commands: &["dart"], make: || Reader::boxed(&told::DART) },
    Row { name: "docker", commands: &[], make: || Reader::boxed(&told::DOCKER) },
    Row { name: "edg", commands: &["armcc", "sdcc", "xlc"], make: || Reader::boxed(&told::EDG) },
    Row { name: "elm", commands: &["elm"], make: || Reader::boxed(&told::ELM) },
    Row {
        name: "glslang",
        commands: &["glslang", "glslangValidator", "glslc"],
        make: || Reader::boxed(&told::GLSLANG),
    },
    Row { name: "gn", commands: &[], make: || Reader::boxed(&told::GN) },
    Row { name: "hlint", commands: &["hlint"], make: || Reader::boxed(&told::HLINT) },
    Row { name: "jsonnet", commands: &["jsonnet"], make: || Reader::boxed(&told::JSONNET) },
    Row {
        name: "ktlint",
        commands: &["ktlint", "detekt", "gradle", "gradlew"],
        make: || Reader::boxed(&told::KTLINT),
    },
    Row { name: "latex", commands: LATEX, make: || Reader::boxed(&told::LATEX) },
    Row { name: "nix", commands: &[], make: || Reader::boxed(&told::NIX) },
    Row { name: "nginx", commands: &["nginx"], make: || Reader::boxed(&told::NGINX) },
    Row { name: "odin", commands: &[], make: || Reader::boxed(&told::ODIN) },
    Row { name: "phpcs", commands: &["phpcs"], make: || Reader::boxed(&told::PHPCS) },
    Row { name: "phpstan", commands: &["phpstan"], make: || Reader::boxed(&told::PHPSTAN) },
    Row { name: "psalm", commands: &["psalm"], make: || Reader::boxed(&told::PSALM) },
    Row {
        name: "purescript",
        commands: &["purs", "spago", "pulp"],
        make: || Reader::boxed(&told::PURESCRIPT),
    },
    Row {
        name: "simulators",
        commands: &["vlog", "vcom", "vsim", "vivado", "yosys"],
        make: || Reader::boxed(&told::SIMULATORS),
    },
    Row {
        name: "sphinx",
        commands: &["sphinx-build", "docutils", "rst2html"],
        make: || Reader::boxed(&told::SPHINX),
    },
];

const LATEX: &[&str] = &["latex", "pdflatex", "xelatex", "lualatex", "latexmk"];
const GO_LINTERS: &[&str] = &["staticcheck", "golangci-lint"];
const LUA: &[&str] = &["lua", "luac", "luajit", "lua5.1", "lua5.3", "lua5.4", "luac5.4", "busted"];
const MARKDOWNLINT: &[&str] = &["markdownlint", "markdownlint-cli2"];
