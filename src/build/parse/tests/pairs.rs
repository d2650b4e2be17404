//! What a tool says for people against what it says for machines: `tests/fixtures/output/pairs/<tool>.txtar`.
//! Nobody writes an expectation here: both have to give the same places and texts.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{ROOT, below_root, lower, read_with};
use crate::build::parse::{Dirs, Hints, Parser};
use crate::build::shell;
use crate::engine::{ColumnUnit, Problem};
use crate::lsp::columns;
use crate::process::CommandLine;

/// What the lines before the first file of an archive say.
#[derive(Debug, Default)]
struct Comment {
    human: String,
    machine: String,
    /// What can't agree, and in which programs; in all if none is named.
    differs: Vec<(String, Vec<String>)>,
}

/// One program of an archive.
#[derive(Debug, Default)]
struct Program {
    name: String,
    /// Below the root.
    sources: Vec<(PathBuf, String)>,
    human: String,
    machine: String,
    colored: Option<String>,
}

/// What is compared of a problem. Columns are code points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    file: Option<PathBuf>,
    line: Option<u32>,
    column: Option<u32>,
    end: Option<(u32, u32)>,
    severity: String,
    code: Option<String>,
    message: String,
}

// The comment, and every file with its text.
fn archive(text: &str) -> (String, Vec<(String, String)>) {
    let (mut comment, mut files) = (String::new(), Vec::<(String, String)>::new());
    for line in text.split_inclusive('\n') {
        let name = line.trim_end().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        match (name, files.last_mut()) {
            (Some(name), _) => files.push((name.trim().to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(line),
            (None, None) => comment.push_str(line),
        }
    }
    (comment, files)
}

fn comment(text: &str) -> Comment {
    let mut comment = Comment::default();
    for line in text.lines() {
        match line.split_once(": ") {
            _ if line.starts_with('#') || line.is_empty() => {}
            Some(("human", command)) => command.clone_into(&mut comment.human),
            Some(("machine", command)) => command.clone_into(&mut comment.machine),
            Some(("differs", rest)) => {
                let mut words = rest.split([' ', ',']);
                let word = words.next().unwrap().to_owned();
                assert!(
                    ["column", "end", "code", "severity", "message", "count"].contains(&word.as_str()),
                    "{line}"
                );
                let is_number =
                    |word: &&str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_digit());
                comment.differs.push((word, words.take_while(is_number).map(str::to_owned).collect()));
            }
            _ => panic!("what is `{line}`?"),
        }
    }
    assert!(!comment.human.is_empty() && !comment.machine.is_empty(), "both commands have to be named");
    comment
}

fn programs(files: Vec<(String, String)>) -> Vec<Program> {
    let mut programs = Vec::<Program>::new();
    for (path, text) in files {
        let (name, rest) = path.split_once('/').unwrap_or_else(|| panic!("{path} is of no program"));
        if programs.last().is_none_or(|last| last.name != name) {
            programs.push(Program { name: name.to_owned(), ..Program::default() });
        }
        let program = programs.last_mut().unwrap();
        match rest {
            "human" => program.human = text,
            "machine" => program.machine = text,
            "colored" => program.colored = Some(text),
            _ => {
                let source = rest.strip_prefix("src/").unwrap_or_else(|| panic!("what is {path}?"));
                program.sources.push((source.into(), text));
            }
        }
    }
    programs
}

impl Program {
    fn read(&self, command: Option<&str>, text: &str) -> Vec<Problem> {
        read_with(self.parser(command), text.as_bytes(), usize::MAX).problems
    }

    fn parser(&self, command: Option<&str>) -> Parser {
        let command = command.map(|command| CommandLine::Shell(command.to_owned()));
        let commands = command.as_ref().map(shell::words).unwrap_or_default();
        let files: BTreeSet<PathBuf> =
            self.sources.iter().map(|(path, _)| Path::new(ROOT).join(path)).collect();
        let dirs = Dirs { root: ROOT.into(), dir: ROOT.into() };
        let hints = Hints { commands, ..Hints::default() };
        Parser::new(&hints, dirs, move |path| files.contains(path))
    }

    fn told(&self, command: Option<&str>, text: &str) -> Vec<Told> {
        let mut told: Vec<_> = self.read(command, text).iter().map(|problem| self.of_one(problem)).collect();
        told.sort();
        told
    }

    fn of_one(&self, problem: &Problem) -> Told {
        let place = problem.place.as_ref();
        let file = place.map(|place| below_root(&place.path));
        let text = self.sources.iter().find(|(path, _)| Some(path) == file.as_ref()).map(|(_, text)| &**text);
        let bytes = place.and_then(|place| columns(place, text, ColumnUnit::Byte));
        let points = |line: u32, byte: u32| {
            let line = text.and_then(|text| text.lines().nth(line as usize - 1)).unwrap_or_default();
            let before = line.char_indices().take_while(|(at, _)| at + 1 < byte as usize).count();
            u32::try_from(before + 1).unwrap()
        };
        let end = place.and_then(|place| place.end).map(|end| end.line).zip(bytes.and_then(|(_, end)| end));
        Told {
            line: place.map(|place| place.start.line),
            column: place.zip(bytes).map(|(place, (start, _))| points(place.start.line, start)),
            end: end.map(|(line, column)| (line, points(line, column))),
            severity: lower(problem.severity),
            code: problem.code.clone(),
            message: problem.message.lines().next().unwrap_or_default().to_owned(),
            file,
        }
    }

    // Every difference as a line.
    fn compare(&self, comment: &Comment, is_told: bool) -> String {
        let hint = |command| Some(command).filter(|_| is_told);
        let human = self.told(hint(comment.human.as_str()), &self.human);
        let mut machine = self.told(hint(comment.machine.as_str()), &self.machine);
        let of_this = |(_, names): &&(String, Vec<String>)| names.is_empty() || names.contains(&self.name);
        let differs: Vec<&str> =
            comment.differs.iter().filter(of_this).map(|(word, _)| word.as_str()).collect();
        let is_fewer = human.len() < machine.len();
        let mut differences = String::new();
        for told in human {
            match machine.iter().position(|other| is_same(&told, other, &differs)) {
                Some(at) => drop(machine.remove(at)),
                None if differs.contains(&"count") && !is_fewer => {}
                None => writeln!(differences, "      only human: {told:?}").unwrap(),
            }
        }
        if !differs.contains(&"count") || !is_fewer {
            for told in machine {
                writeln!(differences, "    only machine: {told:?}").unwrap();
            }
        }
        differences
    }
}

// A code or an end that only one of them gives is none that is wrong.
fn is_same(human: &Told, machine: &Told, differs: &[&str]) -> bool {
    let may = |word: &str| differs.contains(&word);
    let is_same_end = || human.end.is_none() || machine.end.is_none() || human.end == machine.end;
    (&human.file, human.line) == (&machine.file, machine.line)
        && (may("column") || human.column == machine.column)
        && (may("end") || may("column") || is_same_end())
        && (may("severity") || human.severity == machine.severity)
        && (human.code == machine.code || may("code") && (human.code.is_none() || machine.code.is_none()))
        && (may("message") || human.message == machine.message)
}

fn each_program(mut check: impl FnMut(&Comment, &Program) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/output/pairs");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let (mut all, mut bad, mut report) = (0, 0, String::new());
    for path in paths {
        let (text, files) = archive(&std::fs::read_to_string(&path).unwrap());
        let comment = comment(&text);
        for program in programs(files) {
            let differences = check(&comment, &program);
            all += 1;
            if !differences.is_empty() {
                bad += 1;
                let tool = path.file_stem().unwrap().display();
                write!(report, "  {tool} {}\n{differences}", program.name).unwrap();
            }
        }
    }
    assert!(all > 0 && bad == 0, "{bad} of {all} programs differ:\n{report}");
}

#[test]
fn people_and_machines_are_told_the_same() {
    each_program(|comment, program| program.compare(comment, true));
}

#[test]
fn people_and_machines_are_told_the_same_by_an_unknown_command() {
    each_program(|comment, program| program.compare(comment, false));
}

#[test]
fn colors_change_nothing() {
    each_program(|comment, program| {
        let mut differences = String::new();
        for command in [Some(comment.human.as_str()), None] {
            let plain = program.read(command, &program.human);
            let colored = program.colored.as_ref().map(|text| program.read(command, text));
            if let Some(colored) = colored.filter(|colored| *colored != plain) {
                writeln!(differences, "    plain {plain:#?}\n    colored {colored:#?}").unwrap();
            }
        }
        differences
    });
}

// What is around a tool's lines when something else has started it.
#[test]
fn who_starts_a_tool_adds_nothing() {
    let lines = |text: &str, prefix: &str| {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        format!("{prefix}{}", lines.join(prefix))
    };
    each_program(|comment, program| {
        let text = &program.human;
        let make = format!("{}\n{text}make: *** [Makefile:2: all] Error 1\n", comment.human);
        let npm = format!("\n> app@1.0.0 build\n> {}\n\n{text}npm ERR! code 1\n", comment.human);
        let wrapped = [
            ("make", make),
            ("npm", npm),
            ("concurrently", lines(text, "[web] ")),
            ("docker compose", lines(text, "web-1  | ")),
            ("docker build", lines(text, "#12 3.456 ")),
        ];
        let mut plain = program.told(None, text);
        plain.sort();
        let mut differences = String::new();
        for (what, text) in wrapped {
            let told = program.told(None, &text);
            if told != plain {
                let only = |some: &[Told], others: &[Told]| -> Vec<Told> {
                    some.iter().filter(|told| !others.contains(told)).cloned().collect()
                };
                writeln!(
                    differences,
                    "    {what}: lost {:#?}, added {:#?}",
                    only(&plain, &told),
                    only(&told, &plain)
                )
                .unwrap();
            }
        }
        differences
    });
}

#[test]
fn without_the_sources_the_places_are_the_same() {
    each_program(|comment, program| {
        let place = |problem: &Problem| {
            let start = problem.place.as_ref().map(|place| (below_root(&place.path), place.start));
            (start, problem.severity, problem.code.clone(), problem.message.lines().next().map(str::to_owned))
        };
        let absent = Program { sources: vec![], ..Program::default() };
        let mut differences = String::new();
        for text in [&program.human, &program.machine] {
            let present = program.read(Some(&comment.human), text);
            let parser = absent.parser(Some(&comment.human)).accepting_absent_files();
            let found = read_with(parser, text.as_bytes(), usize::MAX).problems;
            let found: Vec<_> = found.iter().map(place).collect();
            for wanted in
                present.iter().map(place).filter(|wanted| wanted.0.is_some() && !found.contains(wanted))
            {
                writeln!(differences, "    {wanted:?} not among {found:?}").unwrap();
            }
        }
        differences
    });
}
