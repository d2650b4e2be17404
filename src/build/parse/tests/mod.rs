//! Real output of real tools against what is expected of it: `tests/fixtures/output/<tool>/<case>.txt` and `.json`.

mod mangled;
mod pairs;

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde::Deserialize;

use super::{Dirs, Fed, Hints, Parser};
use crate::build::shell;
use crate::engine::{ColumnUnit, Edit, Place, Problem, Related, Severity};
use crate::output::Stream;
use crate::process::CommandLine;

/// Where every fixture was made.
const ROOT: &str = "/project";

/// What a `.json` file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    /// The build command, if the parser is told.
    command: Option<String>,
    /// Where it ran, below the root.
    #[serde(default)]
    dir: String,
    /// The files that exist.
    files: Vec<PathBuf>,
    problems: Vec<Wanted>,
}

type WantedRelated = (PathBuf, u32, Option<u32>, String);
type WantedEdit = (PathBuf, u32, u32, u32, u32, String);

/// One problem. What is left out is not compared, except for `file` and `code`: these must be missing then.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    severity: String,
    tool: String,
    code: Option<String>,
    file: Option<PathBuf>,
    line: Option<u32>,
    column: Option<u32>,
    end: Option<(u32, u32)>,
    unit: Option<String>,
    /// The first line.
    message: String,
    /// Anywhere in the message.
    contains: Option<Vec<String>>,
    related: Option<Vec<WantedRelated>>,
    tags: Option<Vec<String>>,
    /// The edits of each fix: file, line, column, end line, end column, text.
    fixes: Option<Vec<Vec<WantedEdit>>>,
}

fn read(expected: &Expected, text: &[u8], chunk: usize) -> Fed {
    read_with(parser(expected), text, chunk)
}

fn parser(expected: &Expected) -> Parser {
    let command = expected.command.clone().map(CommandLine::Shell);
    let commands = command.as_ref().map(shell::words).unwrap_or_default();
    let files: BTreeSet<PathBuf> = expected.files.iter().map(|file| Path::new(ROOT).join(file)).collect();
    let dirs = Dirs { root: ROOT.into(), dir: Path::new(ROOT).join(&expected.dir) };
    let hints = Hints { commands, ..Hints::default() };
    Parser::new(&hints, dirs, move |path| files.contains(path))
}

fn read_with(mut parser: Parser, text: &[u8], chunk: usize) -> Fed {
    let mut all = Fed::default();
    let mut add = |fed: Fed| {
        all.lines.extend(fed.lines);
        all.problems.extend(fed.problems);
    };
    text.chunks(chunk).for_each(|piece| add(parser.feed(Stream::Stderr, piece)));
    add(parser.finish(Stream::Stderr));
    all
}

fn lower(value: impl Debug) -> String {
    format!("{value:?}").to_lowercase()
}

// As the fixtures write it.
fn below_root(path: &Path) -> PathBuf {
    path.strip_prefix(ROOT).unwrap_or(path).to_owned()
}

fn related(problem: &Problem) -> Vec<WantedRelated> {
    let of_one = |related: &Related| {
        let Place { path, start, .. } = &related.place;
        (below_root(path), start.line, start.column, related.message.clone())
    };
    problem.related.iter().map(of_one).collect()
}

fn fixes(problem: &Problem) -> Vec<Vec<WantedEdit>> {
    let edit = |edit: &Edit| {
        let Place { path, start, end, .. } = &edit.place;
        let (column, end) = (start.column.unwrap(), end.unwrap());
        (below_root(path), start.line, column, end.line, end.column.unwrap(), edit.text.clone())
    };
    problem.fixes.iter().map(|fix| fix.edits.iter().map(edit).collect()).collect()
}

// Every difference as a line.
fn compare(wanted: &Wanted, problem: &Problem) -> String {
    let mut differences = String::new();
    let mut check = |what: &str, expected: &dyn Debug, got: &dyn Debug| {
        let (expected, got) = (format!("{expected:?}"), format!("{got:?}"));
        if expected != got {
            writeln!(differences, "      {what}: expected {expected}, got {got}").unwrap();
        }
    };
    let place = problem.place.as_ref();
    check("message", &wanted.message, &problem.message.lines().next().unwrap_or_default());
    check("severity", &wanted.severity, &lower(problem.severity));
    check("tool", &wanted.tool, &problem.tool);
    check("code", &wanted.code, &problem.code);
    check("file", &wanted.file, &place.map(|place| below_root(&place.path)));
    check("line", &wanted.line, &place.map(|place| place.start.line));
    check("column", &wanted.column, &place.and_then(|place| place.start.column));
    if wanted.end.is_some() {
        let end = place.and_then(|place| place.end);
        check("end", &wanted.end, &end.and_then(|end| Some((end.line, end.column?))));
    }
    if wanted.unit.is_some() {
        check("unit", &wanted.unit, &place.map(|place| lower(place.unit)));
    }
    if let Some(tags) = &wanted.tags {
        check("tags", tags, &problem.tags.iter().map(lower).collect::<Vec<_>>());
    }
    if let Some(expected) = &wanted.related {
        check("related", expected, &related(problem));
    }
    if let Some(expected) = &wanted.fixes {
        check("fixes", expected, &fixes(problem));
    }
    for part in wanted.contains.iter().flatten().filter(|part| !problem.message.contains(*part)) {
        check("message", part, &problem.message);
    }
    differences
}

// The order is not compared: what is complete first comes first.
fn compare_all(expected: &mut Expected, problems: &mut [Problem]) -> String {
    expected.problems.sort_by_key(|wanted| {
        let file = wanted.file.as_ref().map(|file| Path::new(ROOT).join(file));
        (file, wanted.line, wanted.column, wanted.message.clone())
    });
    problems.sort_by_key(|problem| {
        let place = problem.place.clone();
        let (line, column) = place.as_ref().map(|at| (at.start.line, at.start.column)).unzip();
        (place.map(|at| at.path), line, column.flatten(), problem.message.clone())
    });
    let mut differences = String::new();
    for (wanted, problem) in expected.problems.iter().zip(problems.iter()) {
        let of_one = compare(wanted, problem);
        if !of_one.is_empty() {
            write!(differences, "    {}\n{of_one}", wanted.message).unwrap();
        }
    }
    for missing in expected.problems.iter().skip(problems.len()) {
        writeln!(differences, "    missing: {missing:?}").unwrap();
    }
    for extra in problems.iter().skip(expected.problems.len()) {
        writeln!(differences, "    too much: {extra:?}").unwrap();
    }
    differences
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/output");
    let entries = |path: &Path| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let tools = entries(&folder).filter(|path| path.is_dir());
    let mut cases: Vec<_> = tools
        .flat_map(|tool| entries(&tool).collect::<Vec<_>>())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn expected(case: &Path) -> Expected {
    let json = std::fs::read_to_string(case.with_extension("json")).unwrap();
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{}: {error}", case.display()))
}

#[test]
fn every_fixture_gives_the_problems_that_are_in_it() {
    let mut report = String::new();
    for case in cases() {
        let (text, mut expected) = (std::fs::read(&case).unwrap(), expected(&case));
        let mut problems = read(&expected, &text, usize::MAX).problems;
        let differences = compare_all(&mut expected, &mut problems);
        if !differences.is_empty() {
            write!(report, "  {}\n{differences}", case.display()).unwrap();
        }
    }
    assert!(report.is_empty(), "these cases differ:\n{report}");
}

#[test]
fn where_the_sources_are_absent_the_places_are_the_same() {
    let (mut all, mut report) = (0, Vec::new());
    for case in cases() {
        let (text, mut expected) = (std::fs::read(&case).unwrap(), expected(&case));
        expected.files.clear();
        let found = read_with(parser(&expected).accepting_absent_files(), &text, usize::MAX).problems;
        let place = |problem: &Problem| {
            let place = problem.place.as_ref();
            let (line, column) = place.map(|at| (at.start.line, at.start.column)).unzip();
            (place.map(|at| below_root(&at.path)), line, column.flatten(), lower(problem.severity))
        };
        let mut found: Vec<_> = found.iter().map(place).collect();
        for wanted in expected.problems {
            all += 1;
            let wanted = (wanted.file, wanted.line, wanted.column, wanted.severity);
            match found.iter().position(|found| *found == wanted) {
                Some(at) => drop(found.swap_remove(at)),
                None => report.push(format!("{}: {wanted:?} not among {found:?}", case.display())),
            }
        }
    }
    assert!(report.len() * 100 <= all, "{} of {all} are not right:\n{}", report.len(), report.join("\n"));
}

#[test]
fn it_does_not_matter_how_the_output_is_cut() {
    for case in cases() {
        let (text, expected) = (std::fs::read(&case).unwrap(), expected(&case));
        let whole = read(&expected, &text, usize::MAX);
        assert_eq!(read(&expected, &text, 1), whole, "{}", case.display());
        assert_eq!(read(&expected, &text, 7), whole, "{}", case.display());
    }
}

#[test]
fn what_stands_behind_a_prefix_is_read_the_same() {
    for case in cases() {
        let (text, mut expected) = (std::fs::read_to_string(&case).unwrap(), expected(&case));
        // A build script's output has a prefix of cargo's own behind the other one.
        if expected.command.is_some() || text.contains("warning: app@0.1.0: ") {
            continue;
        }
        let lines = text.split_inclusive('\n').map(|line| format!("api-1  | {line}"));
        let mut problems = read(&expected, lines.collect::<String>().as_bytes(), usize::MAX).problems;
        let differences = compare_all(&mut expected, &mut problems);
        assert!(differences.is_empty(), "{}\n{differences}", case.display());
    }
}

#[test]
fn line_ends_of_a_terminal_change_nothing() {
    for case in cases() {
        let (text, expected) = (std::fs::read_to_string(&case).unwrap(), expected(&case));
        let whole = read(&expected, text.as_bytes(), usize::MAX);
        let terminal = text.replace('\n', "\r\n");
        assert_eq!(
            read(&expected, terminal.as_bytes(), usize::MAX).problems,
            whole.problems,
            "{}",
            case.display()
        );
    }
}

#[test]
fn the_log_keeps_every_byte_that_is_not_json() {
    for case in cases() {
        let (text, expected) = (std::fs::read_to_string(&case).unwrap(), expected(&case));
        if !text.contains("\"Action\":\"")
            && !text.contains("{\"reason\"")
            && !text.contains("{\"$message_type\"")
        {
            assert_eq!(read(&expected, text.as_bytes(), 100).lines.concat(), text, "{}", case.display());
        }
    }
}

fn nothing_expected() -> Expected {
    Expected { command: None, dir: String::new(), files: vec!["a.c".into()], problems: vec![] }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000), chunk in 1_usize..100) {
        read(&nothing_expected(), &bytes, chunk);
    }

    // Pieces of what tools print, in any order: the states between two lines get mixed up thoroughly.
    #[test]
    fn no_order_of_lines_makes_it_panic(picks in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..60)) {
        static TEXTS: std::sync::LazyLock<Vec<Vec<Vec<u8>>>> = std::sync::LazyLock::new(|| {
            let lines = |case: PathBuf| std::fs::read(case).unwrap().split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
            cases().into_iter().map(lines).filter(|lines: &Vec<Vec<u8>>| !lines.is_empty()).collect()
        });
        let text: Vec<u8> = picks.iter().flat_map(|(text, line)| { let lines: &Vec<Vec<u8>> = text.get(&TEXTS); line.get(lines).clone() }).collect();
        let fed = read(&nothing_expected(), &text, usize::MAX);
        prop_assert!(fed.problems.iter().all(|problem| !problem.message.is_empty()));
    }
}

#[test]
fn what_a_program_logs_is_no_problem() {
    let log = "2026/11/20 12:00:00 server.go:42: listening on :8080\nsrc/main.rs:10:5 INFO started\nGET /a 200 in 5ms\nerror: user 7 not found\nwarning: cache is cold\n[12:00:01] main.c:12: hello\n12:30:45: done\n12:30:45: error: late\nlocalhost:8080: error: refused\n 10.0.0.1:80: error: x\ngen.go:12: writing tables\n http://localhost:8080/ ready\n{\"level\":\"error\",\"message\":\"x\",\"file\":\"a.c\",\"line\":1}\n{\"file\":\"a.c\",\"line\":1,\"column\":2,\"severity\":\"error\",\"message\":\"x\"}\n{\n  \"code\": 1,\n  \"message\": \"y\"\n}\n[!] disk is full\n(!) late\nERROR in production\nERROR in handler: refused\nX [ERROR] no\n  ● Redis\n    is up\nmain.rs:10:5: ERROR: z\n=== ERRORS ===\nnone\n  12:30  error  late  x\n[api] Warning: slow\n> error: q\n{\"reason\":\"because\"}\n";
    assert_eq!(read(&nothing_expected(), log.as_bytes(), usize::MAX).problems, vec![]);
}

#[test]
fn a_format_goes_by_its_name_and_those_of_its_programs() {
    let rows = |formats: &[&str], command: &str| -> Vec<&str> {
        let formats: Vec<String> = formats.iter().map(|&name| name.to_owned()).collect();
        let commands = shell::words(&CommandLine::Shell(command.into()));
        let programs: Vec<&str> = commands.iter().filter_map(|words| super::program(words)).collect();
        super::choice::choose(&formats, &programs).iter().map(|row| row.name).collect()
    };
    let all = super::formats::all().count();
    assert_eq!(rows(&["tsc", "unknown"], "make"), ["tsc"]);
    assert_eq!(rows(&["clang"], ""), ["gcc", "ld"]);
    assert_eq!(rows(&[], "cd web && env A=1 npx tsc -p ."), ["tsc"]);
    assert_eq!(rows(&[], "/usr/bin/python3 x.py"), ["python"]);
    assert_eq!(rows(&[], "python3 -m flake8 src"), ["flake8"]);
    assert_eq!(rows(&[], "go build ./... && npm run build").len(), all);
    assert_eq!((rows(&[], "make").len(), rows(&[], "").len()), (all, all));
    assert!(super::names().contains(&"clang"));
}

#[test]
fn the_same_problem_is_told_once() {
    let text = "a.c:1:2: error: x\na.c:1:2: error: x\na.c:1:2: warning: x\n";
    let severities: Vec<_> = read(&nothing_expected(), text.as_bytes(), usize::MAX)
        .problems
        .iter()
        .map(|problem| problem.severity)
        .collect();
    assert_eq!(severities, [Severity::Error, Severity::Warning]);
}

#[test]
fn a_problem_behind_a_prefix_is_found() {
    for prefix in ["[web] ", "api-1  | ", "#12 3.456 ", "app:build: "] {
        let text = format!("{prefix}a.c:1:2: error: x\n{prefix}    1 | y\n{prefix}      |  ^~~\n");
        let problems = read(&nothing_expected(), text.as_bytes(), usize::MAX).problems;
        assert_eq!(problems.len(), 1, "{prefix}");
        let place = problems[0].place.as_ref().unwrap();
        assert_eq!(
            (place.path.as_path(), place.end.and_then(|end| end.column)),
            (Path::new("/project/a.c"), Some(5)),
            "{prefix}"
        );
    }
}

#[test]
fn a_problem_is_complete_when_nothing_comes_for_a_while() {
    let exists = |path: &Path| path == Path::new("/project/a.c");
    let dirs = Dirs { root: ROOT.into(), dir: ROOT.into() };
    let mut parser = Parser::new(&Hints::default(), dirs, exists);
    assert_eq!(parser.feed(Stream::Stderr, b"a.c:1:2: error: x\nlinking").problems, vec![]);
    let fed = parser.pause(Stream::Stderr);
    assert_eq!((fed.problems.len(), fed.lines), (1, vec!["linking".to_owned()]));
    assert_eq!(fed.problems[0].place.as_ref().unwrap().unit, ColumnUnit::Display);
    assert_eq!(parser.finish(Stream::Stderr), Fed { lines: vec![String::new()], ..Fed::default() });
}
