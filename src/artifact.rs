//! Where the result of a generation lies: `.reload/<service>/<generation>/<name>`. Used by `build`, which fills it,
//! `service`, which runs it, and `session`, which sees to it that nobody else does.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::engine::{Generation, ServiceName};
use crate::process::CommandLine;

/// The folder of the project that belongs to us.
pub const FOLDER: &str = ".reload";

/// Tells git to ignore everything of ours. Our folder must be there. An error comes with the file that it is about.
pub fn ignore(root: &Path) -> Result<(), (PathBuf, io::Error)> {
    let path = root.join(FOLDER).join(".gitignore");
    // An empty one is what a full disk left of an earlier attempt.
    if fs::metadata(&path).map_or(0, |found| found.len()) > 0 {
        return Ok(());
    }
    fs::write(&path, "*\n").map_err(|error| (path, error))
}

/// The folder of one generation of one service.
pub fn folder(root: &Path, service: &ServiceName, generation: Generation) -> PathBuf {
    root.join(FOLDER).join(service.as_str()).join(generation.to_string())
}

/// The path that `{out}` stands for.
pub fn out(root: &Path, service: &ServiceName, generation: Generation) -> PathBuf {
    folder(root, service, generation).join(service.as_str())
}

/// The path that `{exe}` stands for: the program that cargo said it made.
pub fn exe(root: &Path, service: &ServiceName, generation: Generation) -> PathBuf {
    folder(root, service, generation).join("exe").join(service.as_str())
}

/// The command with `{out}` and `{exe}` replaced; quoted where a shell reads it.
#[must_use]
pub fn expand(
    command: &CommandLine,
    root: &Path,
    service: &ServiceName,
    generation: Generation,
) -> CommandLine {
    let out = out(root, service, generation).display().to_string();
    let exe = exe(root, service, generation).display().to_string();
    match command {
        CommandLine::Shell(text) => {
            CommandLine::Shell(text.replace("{out}", &quote(&out)).replace("{exe}", &quote(&exe)))
        }
        CommandLine::Argv(words) => CommandLine::Argv(
            words.iter().map(|word| word.replace("{out}", &out).replace("{exe}", &exe)).collect(),
        ),
    }
}

/// Whether a command names `{out}` or `{exe}`.
pub fn is_named(command: &CommandLine, placeholder: &str) -> bool {
    match command {
        CommandLine::Shell(text) => text.contains(placeholder),
        CommandLine::Argv(words) => words.iter().any(|word| word.contains(placeholder)),
    }
}

/// `text` as one word of `sh`, unchanged where it needs no quotes.
fn quote(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || "/._-+:@%=,".contains(c));
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_blanks_stays_one_word_of_the_shell() {
        let command = CommandLine::Shell("go build -o {out} .".into());
        let expanded = expand(&command, Path::new("/my shop"), &"api".into(), Generation(3));
        assert_eq!(expanded, CommandLine::Shell("go build -o '/my shop/.reload/api/3/api' .".into()));
    }
}
