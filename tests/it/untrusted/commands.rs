//! The ways in through the command line: what only tells or writes something down executes nothing.

use super::canary::Canary;
use crate::support::client::LIMIT;

/// Every subcommand but `run` and `demo`, which are there to run something.
const COMMANDS: [&[&str]; 28] = [
    &["check"],
    &["config"],
    &["config", "--json"],
    &["explain", "main.txt"],
    &["explain", "src/main.rs"],
    &["trust"],
    &["trust", "--list"],
    &["schema"],
    &["completions", "bash"],
    &["completions", "zsh"],
    &["init", "--print"],
    &["init"],
    &["deny"],
    &["revoke"],
    &["allow"],
    // No session runs here.
    &["status"],
    &["wait"],
    &["build"],
    &["restart"],
    &["stop"],
    &["start"],
    &["pause"],
    &["resume"],
    &["logs", "-f"],
    &["hold"],
    &["release"],
    &["problems", "--format", "json"],
    &["--help"],
];

#[tokio::test]
async fn no_command_that_tells_something_executes_anything() {
    for canary in [Canary::new(), Canary::guessed()] {
        for arguments in COMMANDS {
            let output =
                tokio::time::timeout(LIMIT, canary.command(arguments).output()).await.unwrap().unwrap();
            assert!(!output.stdout.is_empty() || !output.stderr.is_empty(), "{arguments:?}");
            canary.assert_silent();
        }
    }
}

#[tokio::test]
async fn every_command_is_tried_here() {
    let canary = Canary::new();
    let help = canary.command(&["--help"]).output().await.unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let listed = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    for name in listed.lines().filter_map(|line| line.split_whitespace().next()) {
        let is_tried = COMMANDS.iter().any(|arguments| arguments[0] == name);
        assert!(is_tried || ["run", "demo"].contains(&name), "`{name}` is not tried here");
    }
}
