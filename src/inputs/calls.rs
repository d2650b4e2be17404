//! The commands that a build command consists of, each with its directory and variables: past `cd`, `env`, assignments and
//! the scripts of package.json. Pure. Called by `course` and `make`. Does not know: what the commands do.

use std::path::{Path, PathBuf};

use crate::build::shell;
use crate::process::CommandLine;

/// Commands that read nothing that makes another program.
const SILENT: [&str; 25] = [
    ":", "[", "chmod", "cp", "date", "echo", "exit", "export", "false", "git", "install", "ln", "mkdir",
    "mv", "printf", "pwd", "rm", "rmdir", "set", "sleep", "strip", "test", "touch", "true", "unset",
];

/// One command.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// Where it runs.
    pub(super) dir: PathBuf,
    /// Variables in addition to our own.
    pub(super) env: Vec<(String, String)>,
    /// At least one.
    pub(super) words: Vec<String>,
}

// The values of variables may be secrets.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("dir", &self.dir).field("words", &self.words).finish_non_exhaustive()
    }
}

/// The commands of a line, in their order. What cannot be told apart is one command that nobody knows.
pub(super) fn of(line: &CommandLine, dir: &Path, env: &[(String, String)]) -> Vec<Call> {
    let commands = match line {
        CommandLine::Argv(words) => vec![words.clone()],
        CommandLine::Shell(text) => shell::words(&CommandLine::Shell(without_substitutions(text))),
    };
    let is_shell = matches!(line, CommandLine::Shell(_));
    let mut place = Call { dir: dir.to_owned(), env: env.to_vec(), words: Vec::new() };
    let mut calls = Vec::new();
    for words in commands {
        let expanded = |word: &String| if is_shell { expand(word, &place.env) } else { word.clone() };
        let words: Vec<String> = words.iter().map(expanded).collect();
        let call = plain(Call { words, ..place.clone() });
        match call.words.first().map(String::as_str) {
            Some("cd") if call.words.len() == 2 => place.dir = join(&place.dir, &call.words[1]),
            Some("export") => place.env.extend(call.words[1..].iter().filter_map(|word| assignment(word))),
            Some(_) => calls.push(call),
            // Nothing but assignments: they hold for what follows.
            None => place.env = call.env,
        }
    }
    if calls.is_empty() {
        calls.push(Call { words: vec!["sh".to_owned()], ..place });
    }
    calls
}

/// The command without what only prepares it: assignments, `env`, `nice`, `time`, `exec`, `command`.
fn plain(mut call: Call) -> Call {
    loop {
        let Some(first) = call.words.first().cloned() else { return call };
        let skipped = match name(&first) {
            "env" => &["-u"][..],
            "nice" => &["-n"],
            "time" => &["-f", "-o"],
            "exec" | "command" | "nohup" => &[],
            _ => match assignment(&first) {
                Some(assigned) => {
                    call.env.push(assigned);
                    call.words.remove(0);
                    continue;
                }
                None => return call,
            },
        };
        call.words.remove(0);
        while let Some(option) = call.words.first().filter(|word| word.starts_with('-')).cloned() {
            let count = if skipped.contains(&option.as_str()) { 2 } else { 1 };
            call.words.drain(..count.min(call.words.len()));
        }
    }
}

fn assignment(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| (name.to_owned(), value.to_owned()))
}

/// The last part of a program's path.
pub(super) fn name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// True for a command that reads nothing that matters.
pub(super) fn is_silent(name: &str) -> bool {
    SILENT.binary_search(&name).is_ok()
}

/// A path as seen from a directory, without `.` and `..` at its beginning.
pub(super) fn join(dir: &Path, path: &str) -> PathBuf {
    let (mut dir, mut rest) = (dir.to_owned(), path);
    loop {
        if let Some(below) = rest.strip_prefix("./") {
            rest = below;
        } else if let Some(above) = rest.strip_prefix("../") {
            dir.pop();
            rest = above;
        } else {
            break;
        }
    }
    match rest {
        "" | "." => dir,
        ".." => dir.parent().map(Path::to_owned).unwrap_or_default(),
        _ => dir.join(rest),
    }
}

/// What a script of package.json stands for: `npm run build`. `None` if the call is none.
pub(super) fn script(call: &Call, read: impl Fn(&Path) -> Option<String>) -> Option<Vec<Call>> {
    let mut words = call.words[1..].iter().map(String::as_str).filter(|word| !word.starts_with('-'));
    let wanted = match words.next()? {
        "run" | "run-script" => words.next()?,
        wanted => wanted,
    };
    let folder = call.dir.ancestors().find(|folder| folder.join("package.json").is_file())?;
    let package: serde_json::Value = serde_json::from_str(&read(&folder.join("package.json"))?).ok()?;
    package["scripts"][wanted].as_str()?;
    let mut env = call.env.clone();
    env.push(("PATH".to_owned(), path_with_modules(folder, &call.env)));
    let steps = [format!("pre{wanted}"), wanted.to_owned(), format!("post{wanted}")];
    let texts = steps.iter().filter_map(|step| package["scripts"][step].as_str());
    Some(texts.flat_map(|text| of(&CommandLine::Shell(text.to_owned()), folder, &env)).collect())
}

/// `PATH` as package managers set it for scripts.
fn path_with_modules(folder: &Path, env: &[(String, String)]) -> String {
    let folders = folder.ancestors().map(|above| above.join("node_modules/.bin").display().to_string());
    folders.chain([variable("PATH", env).unwrap_or_default()]).collect::<Vec<_>>().join(":")
}

fn variable(name: &str, env: &[(String, String)]) -> Option<String> {
    let given = env.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    given.or_else(|| std::env::var(name).ok())
}

/// A word with its variables replaced, as far as they are known.
fn expand(word: &str, env: &[(String, String)]) -> String {
    let mut text = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        let is_braced = after.starts_with('{');
        let inner = after.strip_prefix('{').unwrap_or(after);
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        let (name, behind) = inner.split_at(end);
        let behind = if is_braced { behind.split_once('}').map_or("", |(_, behind)| behind) } else { behind };
        text.push_str(&variable(name, env).unwrap_or_default());
        rest = behind;
    }
    text + rest
}

/// The text with `_` for each `$(…)`: what it prints is no name of a source.
fn without_substitutions(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$(") {
        plain.push_str(before);
        plain.push('_');
        let mut depth = 1;
        let end = after.find(|c| {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        });
        rest = end.map_or("", |end| &after[end + 1..]);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &str) -> Vec<String> {
        let calls = of(&CommandLine::Shell(text.to_owned()), Path::new("/w"), &[]);
        let shown = calls.iter().map(|call| {
            let env: Vec<_> = call.env.iter().map(|(name, value)| format!("{name}={value} ")).collect();
            format!("{}: {}{}", call.dir.display(), env.concat(), call.words.join(" "))
        });
        shown.collect()
    }

    #[test]
    fn each_command_has_its_directory_and_its_variables() {
        let cases: [(&str, &[&str]); 8] = [
            ("go build .", &["/w: go build ."]),
            ("cd api && go build; cd ../web; tsc", &["/w/api: go build", "/w/web: tsc"]),
            ("A=1 env -u X B='2 3' nice -n 5 go build", &["/w: A=1 B=2 3 go build"]),
            ("A=1; export B=2; make", &["/w: A=1 B=2 make"]),
            ("T=fast; go build -tags $T,${T}er", &["/w: T=fast go build -tags fast,faster"]),
            ("go build -ldflags \"-X a=$(date +(x))\" .", &["/w: go build -ldflags -X a=_ ."]),
            ("for x in a b; do go build; done", &["/w: sh"]),
            ("cd /x/y && make -C ../z", &["/x/y: make -C ../z"]),
        ];
        for (text, expected) in cases {
            assert_eq!(calls(text), expected, "{text}");
        }
    }

    #[test]
    fn a_script_of_the_package_is_looked_up() {
        let folder = tempfile::tempdir().unwrap();
        let package = r#"{"scripts": {"prebuild": "rm -rf dist", "build": "tsc -p . && cp a b"}}"#;
        std::fs::write(folder.path().join("package.json"), package).unwrap();
        let call = |words: &[&str]| Call {
            dir: folder.path().to_owned(),
            env: Vec::new(),
            words: words.iter().map(|&word| word.to_owned()).collect(),
        };
        let read = |path: &Path| std::fs::read_to_string(path).ok();
        let found = script(&call(&["npm", "--silent", "run", "build"]), read).unwrap();
        let words: Vec<_> = found.iter().map(|call| call.words.join(" ")).collect();
        assert_eq!(words, ["rm -rf dist", "tsc -p .", "cp a b"]);
        assert!(found[0].env[0].1.starts_with(&*folder.path().join("node_modules/.bin").to_string_lossy()));
        assert_eq!(script(&call(&["yarn", "tsc"]), read), None);
    }

    #[test]
    fn the_silent_commands_are_sorted_because_they_are_searched_so() {
        assert!(SILENT.is_sorted());
    }
}
