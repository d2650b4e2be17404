//! Asks known tools for machine-readable output where the command is plainly theirs. Called by `build`.
//! Does not know: how that output is read.

use super::shell::{self, Simple};
use crate::process::CommandLine;

/// What cargo is asked for: JSON, with the colored text inside for people.
const CARGO: &str = "--message-format=json-diagnostic-rendered-ansi";

/// The command, with what makes its output readable for machines; `None` where there is nothing to add or to be sure of.
pub fn structured(command: &CommandLine) -> Option<CommandLine> {
    match command {
        CommandLine::Argv(words) => {
            let texts: Vec<&str> = words.iter().map(String::as_str).collect();
            let at = cargo_subcommand(&texts)?;
            let mut words = words.clone();
            words.insert(at + 1, CARGO.to_owned());
            Some(CommandLine::Argv(words))
        }
        CommandLine::Shell(text) => {
            let mut changed = text.clone();
            for simple in shell::split(text)?.iter().rev() {
                if let Some(at) = insertion(simple) {
                    changed.insert_str(at, &format!(" {CARGO}"));
                }
            }
            (changed != *text).then_some(CommandLine::Shell(changed))
        }
    }
}

// Where in the text the option belongs. Output that goes elsewhere is left as it is: somebody else reads it.
fn insertion(simple: &Simple) -> Option<usize> {
    if simple.is_redirected {
        return None;
    }
    let texts: Vec<&str> = simple.words.iter().map(|word| word.text.as_str()).collect();
    cargo_subcommand(&texts).map(|at| simple.words[at].span.end)
}

// Which word is the subcommand of cargo, if the command is one that builds and has not chosen a format itself.
fn cargo_subcommand(words: &[&str]) -> Option<usize> {
    const BUILDING: [&str; 8] = ["build", "check", "clippy", "test", "run", "b", "c", "r"];
    let cargo = program(words)?;
    if words[cargo] != "cargo" && !words[cargo].ends_with("/cargo") {
        return None;
    }
    let own = words.iter().take_while(|word| **word != "--");
    if own.skip(cargo).any(|word| word.starts_with("--message-format")) {
        return None;
    }
    let mut at = cargo + 1;
    while let Some(word) = words.get(at) {
        match *word {
            "--color" | "--config" | "-Z" | "-C" => at += 2,
            _ if word.starts_with(['-', '+']) => at += 1,
            _ => return BUILDING.contains(word).then_some(at),
        }
    }
    None
}

/// The name that `cargo … --bin NAME` asks for.
pub(super) fn wanted_bin(commands: &[Vec<String>]) -> Option<&str> {
    let words = commands.iter().flatten();
    let mut names =
        words.clone().zip(words.skip(1)).filter_map(|(word, next)| match word.strip_prefix("--bin") {
            Some("") => Some(next.as_str()),
            Some(name) => name.strip_prefix('='),
            None => None,
        });
    let first = names.next()?;
    names.next().is_none().then_some(first)
}

// Which word is the program, past assignments, `env`, `nice` and `time`.
fn program(words: &[&str]) -> Option<usize> {
    let mut at = 0;
    loop {
        at = skip_assignments(words, at);
        let with_value: &[&str] = match *words.get(at)? {
            "env" => &["-u"],
            "nice" => &["-n"],
            "time" => &["-f", "-o"],
            _ => return Some(at),
        };
        at += 1;
        while words.get(at).is_some_and(|word| word.starts_with('-')) {
            at += if with_value.contains(&words[at]) { 2 } else { 1 };
        }
    }
}

fn skip_assignments(words: &[&str], mut at: usize) -> usize {
    let is_assignment = |word: &&&str| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
    };
    while words.get(at).as_ref().is_some_and(is_assignment) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<String> {
        match structured(&CommandLine::Shell(text.into()))? {
            CommandLine::Shell(text) => Some(text.replace(CARGO, "JSON")),
            CommandLine::Argv(_) => None,
        }
    }

    #[test]
    fn cargo_is_asked_for_json() {
        let cases = [
            ("cargo build", "cargo build JSON"),
            ("cargo b -p api", "cargo b JSON -p api"),
            ("cargo run -- --message-format=x", "cargo run JSON -- --message-format=x"),
            ("A=1 cargo check", "A=1 cargo check JSON"),
            (
                "env -u B A=1 nice -n 5 time cargo +nightly -q --color always clippy",
                "env -u B A=1 nice -n 5 time cargo +nightly -q --color always clippy JSON",
            ),
            ("cd 'my app' && /bin/cargo build && cp a b", "cd 'my app' && /bin/cargo build JSON && cp a b"),
            ("cargo build -p a; cargo build -p b", "cargo build JSON -p a; cargo build JSON -p b"),
        ];
        for (text, expected) in cases {
            assert_eq!(asked(text).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_not_plainly_cargo_is_left_alone() {
        for text in [
            "make",
            "cargo build --message-format short",
            "cargo fmt",
            "cargo build | tee log",
            "cargo build > log 2>&1",
            "echo cargo build",
            "if cargo build; then x; fi",
            "x=$(cargo build)",
            "cargo",
            "env",
            "sh -c 'cargo build'",
        ] {
            assert_eq!(asked(text), None, "{text}");
        }
    }

    #[test]
    fn a_list_of_arguments_gets_one_more() {
        let argv = |words: &[&str]| CommandLine::Argv(words.iter().map(|&word| word.to_owned()).collect());
        let asked = structured(&argv(&["cargo", "run", "--", "x y"]));
        assert_eq!(asked, Some(argv(&["cargo", "run", CARGO, "--", "x y"])));
    }

    #[test]
    fn the_binary_that_is_asked_for_is_known() {
        let bin = |text: &str| {
            let commands = shell::words(&CommandLine::Shell(text.into()));
            wanted_bin(&commands).map(str::to_owned)
        };
        assert_eq!(bin("cargo build --bin api").as_deref(), Some("api"));
        assert_eq!(bin("cargo build --bin=api -q").as_deref(), Some("api"));
        assert_eq!(bin("cargo build --bins"), None);
        assert_eq!(bin("cargo build --bin a --bin b"), None);
    }
}
