//! TypeScript and JavaScript: compilers, bundlers, linters, test runners. Read by `Parser`.

mod biome;
mod boxes;
mod esbuild;
mod eslint;
mod js_test;
pub(super) mod json;
mod rollup;
mod svelte;
mod tsc;
mod webpack;

use super::formats::Row;

pub(super) const ROWS: &[Row] = &[
    Row { name: "tsc", commands: &["tsc", "vue-tsc", "webpack"], make: || Box::<tsc::Tsc>::default() },
    Row { name: "eslint", commands: ESLINT, make: || Box::<eslint::Eslint>::default() },
    Row { name: "biome", commands: &["biome"], make: || Box::<biome::Biome>::default() },
    Row { name: "svelte-check", commands: &["svelte-check"], make: || Box::<svelte::Svelte>::default() },
    Row { name: "js-test", commands: JS_TEST, make: || Box::<js_test::JsTest>::default() },
    Row { name: "esbuild", commands: ESBUILD, make: || Box::<esbuild::Esbuild>::default() },
    Row { name: "rollup", commands: &["rollup", "vite"], make: || Box::<rollup::Rollup>::default() },
    Row { name: "webpack", commands: &["webpack", "rspack"], make: || Box::<webpack::Webpack>::default() },
    Row { name: "boxes", commands: BOXES, make: || Box::<boxes::Boxes>::default() },
];

const BOXES: &[&str] = &["oxlint", "rolldown", "swc", "vite"];
const ESBUILD: &[&str] = &["esbuild", "tsup", "vite"];
const ESLINT: &[&str] = &["babel", "eslint", "oxlint", "prettier", "stylelint", "webpack"];
const JS_TEST: &[&str] = &["jest", "mocha", "vitest"];
