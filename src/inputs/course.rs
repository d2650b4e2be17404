//! The course of asking: from the build command to the commands in it, to their toolchains, to one list. Called by `spawn`.
//! Does not know: how a toolchain is asked.

use std::sync::Arc;

use super::calls::{self, Call};
use super::found::{self, Found};
use super::{Reads, Request, cargo, go, make, ninja, tsc};
use crate::process::CommandLine;

/// More commands than this are not followed.
const MOST: usize = 100;

/// What is known of a command that a build consists of.
enum Tool {
    Cargo,
    Go,
    Make,
    Ninja,
    Tsc,
    /// It reads nothing that matters, or the same as another of the build.
    Silent,
    /// It stands for these.
    Script(Vec<Call>),
    /// It can't tell.
    Unknown,
}

/// What the build reads.
pub(super) async fn reads(request: &Request) -> Reads {
    let mut calls = calls::of(&request.command, &request.dir, &request.env);
    let mut all = Found::default();
    let mut by: Vec<&str> = Vec::new();
    let mut is_unanswered = false;
    let mut count = 0;
    while let Some(call) = calls.pop() {
        count += 1;
        if count > MOST {
            all.is_partial = true;
            break;
        }
        let (name, asked) = match tool(&call) {
            Tool::Cargo => ("cargo", cargo::ask(&call).await),
            Tool::Go => ("go list", go::ask(&call).await),
            Tool::Make => ("make", make::ask(&call, &request.root).await),
            Tool::Ninja => ("ninja", ninja::ask(&call, &request.root).await),
            Tool::Tsc => ("tsc", tsc::ask(&call).await),
            Tool::Silent => continue,
            Tool::Script(more) => {
                calls.extend(more);
                continue;
            }
            Tool::Unknown => {
                tracing::debug!("nobody knows what `{}` reads", call.words.join(" "));
                all.is_partial = true;
                continue;
            }
        };
        match asked {
            Ok(found) => {
                if !by.contains(&name) {
                    by.push(name);
                }
                all.paths.extend(found.paths);
                calls.extend(found.calls);
                all.is_partial |= found.is_partial;
            }
            Err(error) => {
                tracing::info!(service = %request.service, "could not learn what the build reads: {error}");
                is_unanswered = true;
            }
        }
    }
    if is_unanswered {
        return Reads::Unanswered;
    }
    if by.is_empty() || all.paths.is_empty() {
        return Reads::Unknown;
    }
    by.reverse();
    let (by, root) = (by.join(", "), request.root.clone());
    let list = tokio::task::spawn_blocking(move || found::list(&by, &all, &root)).await;
    list.map_or(Reads::Unanswered, |list| Reads::Known(Arc::new(list)))
}

fn tool(call: &Call) -> Tool {
    let words: Vec<&str> = call.words.iter().map(String::as_str).collect();
    let name = calls::name(words[0]);
    match name {
        "cargo" => cargo_tool(&words),
        "go" => match words.get(1).copied().unwrap_or_default() {
            "build" | "install" => Tool::Go,
            "fmt" | "vet" | "mod" | "version" | "env" | "clean" => Tool::Silent,
            _ => Tool::Unknown,
        },
        "make" | "gmake" => Tool::Make,
        "ninja" | "samu" => Tool::Ninja,
        "npm" | "pnpm" | "yarn" | "bun" => match calls::script(call, super::ask::read) {
            Some(more) => Tool::Script(more),
            None if tsc::is_call(&words) => Tool::Tsc,
            None => Tool::Unknown,
        },
        "cmake" | "meson" => ninja::behind(call).map_or(Tool::Unknown, |call| Tool::Script(vec![call])),
        "sh" | "bash" | "dash" => match words.as_slice() {
            [_, "-c" | "-ec" | "-euc", text, ..] => {
                Tool::Script(calls::of(&CommandLine::Shell((*text).to_owned()), &call.dir, &call.env))
            }
            _ => Tool::Unknown,
        },
        _ if tsc::is_call(&words) => Tool::Tsc,
        _ if calls::is_silent(name) => Tool::Silent,
        _ => Tool::Unknown,
    }
}

fn cargo_tool(words: &[&str]) -> Tool {
    match cargo::subcommand(words).map(|at| words[at]) {
        Some("build" | "b" | "rustc") => Tool::Cargo,
        Some("check" | "c" | "clippy" | "fmt" | "clean" | "fetch") => Tool::Silent,
        _ => Tool::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toolchain_is_known_behind_whatever_starts_it() {
        let kind = |text: &str| {
            let calls = calls::of(&CommandLine::Shell(text.to_owned()), "/w".as_ref(), &[]);
            let kinds = calls.iter().map(|call| match tool(call) {
                Tool::Cargo => "cargo",
                Tool::Go => "go",
                Tool::Make => "make",
                Tool::Ninja => "ninja",
                Tool::Tsc => "tsc",
                Tool::Silent => "silent",
                Tool::Script(_) => "script",
                Tool::Unknown => "unknown",
            });
            kinds.collect::<Vec<_>>().join(" ")
        };
        for (text, expected) in [
            ("go build -o {out} .", "go"),
            ("cd api && env CGO_ENABLED=0 /usr/bin/go build ./cmd/api", "go"),
            ("go vet ./... && go build", "silent go"),
            ("go generate ./... && go build", "unknown go"),
            ("cargo +nightly -q build --release && cp target/release/api {out}", "cargo silent"),
            ("cargo test", "unknown"),
            ("npx --no-install tsc -p .", "tsc"),
            ("node node_modules/typescript/bin/tsc", "tsc"),
            ("make -j4 all", "make"),
            ("ninja -C build", "ninja"),
            ("sh -c 'go build'", "script"),
            ("esbuild src/main.ts --bundle", "unknown"),
            ("if true; then go build; fi", "unknown"),
            ("go build -ldflags \"-X main.v=$(git describe --tags)\" .", "go"),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }
}
