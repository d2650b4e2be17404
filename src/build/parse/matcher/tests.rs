//! What matchers read: by steps, as VS Code does, as Vim does, and the built-in ones.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Definition, Matcher, StepDefinition, compile, names};
use crate::build::parse::{Dirs, Hints, Parser};
use crate::engine::{Problem, Severity};
use crate::output::Stream;

const FILES: [&str; 6] = ["/p/a.c", "/p/b.c", "/p/sub/c.c", "/p/sub/a.ts", "/p/src/main.rs", "/p/x y.c"];

fn made(definition: Definition) -> Arc<Matcher> {
    Arc::new(compile(&Definition { name: "acme".to_owned(), ..definition }, &|_| None).unwrap())
}

fn vscode(value: Value) -> Arc<Matcher> {
    made(Definition { vscode: Some(value), ..Definition::default() })
}

fn efm(formats: &[&str]) -> Arc<Matcher> {
    made(Definition {
        efm: formats.iter().map(|&format| format.to_owned()).collect(),
        ..Definition::default()
    })
}

fn problems(names: &[&str], matchers: Vec<Arc<Matcher>>, text: &str) -> Vec<Problem> {
    let dirs = Dirs { root: "/p".into(), dir: "/p".into() };
    let formats = names.iter().map(|&name| name.to_owned()).collect();
    let hints = Hints { formats, matchers, ..Hints::default() };
    let mut parser = Parser::new(&hints, dirs, |path| FILES.iter().any(|file| Path::new(file) == path));
    let mut all = parser.feed(Stream::Stdout, text.as_bytes()).problems;
    all.extend(parser.finish(Stream::Stdout).problems);
    all
}

// `a.c:3:4-3:6 error[code] message (related place: text)`.
fn shown(problem: &Problem) -> String {
    let severity = format!("{:?}", problem.severity).to_lowercase();
    let code = problem.code.as_ref().map_or(String::new(), |code| format!("[{code}]"));
    let place = problem.place.as_ref().map_or("-".to_owned(), |place| {
        let path = place.path.strip_prefix("/p").unwrap_or(&place.path).display().to_string();
        let column = place.start.column.map_or(String::new(), |column| format!(":{column}"));
        let end = place.end.map_or(String::new(), |end| format!("-{}:{}", end.line, end.column.unwrap_or(0)));
        format!("{path}:{}{column}{end}", place.start.line)
    });
    let related = problem.related.iter().map(|related| {
        let place = &related.place;
        format!(" ({}:{}: {})", place.path.display(), place.start.line, related.message)
    });
    format!("{place} {severity}{code} {}{}", problem.message.replace('\n', "|"), related.collect::<String>())
}

fn read(matcher: &Arc<Matcher>, text: &str) -> Vec<String> {
    problems(&["acme"], vec![Arc::clone(matcher)], text).iter().map(shown).collect()
}

fn step(re: &str) -> StepDefinition {
    StepDefinition { re: re.to_owned(), ..StepDefinition::default() }
}

#[test]
fn steps_read_the_lines_of_a_problem() {
    let matcher = made(Definition {
        start: Some(r"^(?<severity>\w+) (?<file>.+?)@(?<line>\d+)(?:,(?<col>\d+))?: (?<message>.*?)(?: \[(?<code>.+)\])?$".into()),
        then: vec![
            StepDefinition { repeat: true, until: Some("^$".into()), ..step(r"^  (?<message>\S.*)$") },
            StepDefinition { caret: true, optional: true, ..step(r"^ *\^") },
        ],
        severity: vec![("bad".into(), Severity::Error), ("meh".into(), Severity::Hint)],
        default_severity: Some(Severity::Warning),
        first_column: Some(0),
        related: Some(r"^see (?<file>.+)@(?<line>\d+): (?<message>.*)$".into()),
        ignore: vec!["^--".into()],
        ..Definition::default()
    });
    let text = "bad a.c@3,4: no [X1]\n-- noise\n  why\n  how\n\nsee b.c@9: there\nmeh a.c@4: odd\n    ^\nwhat a.c@5: x\nbad 12:00@3: a clock\nother\n";
    assert_eq!(
        read(&matcher, text),
        ["a.c:3:5 error[X1] no|why|how (/p/b.c:9: there)", "a.c:4:6 hint odd", "a.c:5 warning x",]
    );
}

#[test]
fn a_line_that_has_to_follow_and_does_not_makes_it_no_problem() {
    let matcher = made(Definition {
        start: Some("^error: (?<message>.+)$".into()),
        then: vec![step(r"^ at (?<file>.+):(?<line>\d+)$")],
        ..Definition::default()
    });
    assert_eq!(read(&matcher, "error: x\nerror: y\n at a.c:3\nerror: z\n"), ["a.c:3 error y"]);
}

#[test]
fn a_matcher_of_vs_code_is_taken_as_it_is() {
    let matcher = vscode(json!({
        "owner": "cpp", "source": "cc", "severity": "warning",
        "fileLocation": ["relative", "${workspaceFolder}/sub"],
        "pattern": { "regexp": "^(.*):(\\d+):(\\d+):\\s+(warning|error|E):\\s+(.*)$", "file": 1, "line": 2, "column": 3, "severity": 4, "message": 5 }
    }));
    let found = problems(&["acme"], vec![Arc::clone(&matcher)], "c.c:1:2: error: x\nb.c:3:1: E: y\n");
    assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), ["sub/c.c:1:2 error x", "b.c:3:1 error y"]);
    assert_eq!(found[0].tool, "cc");

    let defaults = vscode(json!({ "severity": "info", "pattern": { "regexp": "^(.+?):(\\d+):(\\d+) .*$" } }));
    assert_eq!(read(&defaults, "a.c:3:4 bad\n"), ["a.c:3:4 information a.c:3:4 bad"]);
    let located =
        vscode(json!({ "pattern": { "regexp": "^(.+)\\(([\\d,]+)\\) (.*)$", "location": 2, "message": 3 } }));
    let text = "a.c(3) x\na.c(3,4) y\na.c(3,4,5,6) z\n";
    assert_eq!(read(&located, text), ["a.c:3 error x", "a.c:3:4 error y", "a.c:3:4-5:6 error z"]);
    let whole = vscode(json!({ "pattern": { "regexp": "^bad: (.+?) (.*)$", "kind": "file", "message": 2 } }));
    assert_eq!(read(&whole, "bad: a.c all of it\n"), ["a.c:1 error all of it"]);
}

#[test]
fn patterns_of_several_lines_and_loops_are_those_of_vs_code() {
    let matcher = vscode(json!({ "pattern": [
        { "regexp": "^== (.+)$", "file": 1 },
        { "regexp": "^ (\\d+): (.*)$", "line": 1, "message": 2, "loop": true }
    ] }));
    let text = "== a.c\n 1: x\n 2: y\n== b.c\n== sub/c.c\n 3: z\nend\n 4: no\n";
    assert_eq!(read(&matcher, text), ["a.c:1 error x", "a.c:2 error y", "sub/c.c:3 error z"]);
}

#[test]
fn the_built_in_ones_read_what_their_tools_print() {
    let cases: [(&str, &str, &[&str]); 15] = [
        ("$tsc", "a.c(1,2): error TS1005: ';' expected.\n", &["a.c:1:2 error[TS1005] ';' expected."]),
        ("$tsc-watch", "a.c:1:2 - error TS1: x\n", &["a.c:1:2 error[TS1] x"]),
        (
            "$eslint-stylish",
            "/p/a.c\n  1:2  error  'x' is not defined  no-undef\n  2:1  warning  y  z\n\n/p/b.c\n  3:3  error  Parsing error: w\n",
            &[
                "a.c:1:2 error[no-undef] 'x' is not defined",
                "a.c:2:1 warning[z] y",
                "b.c:3:3 error Parsing error: w",
            ],
        ),
        ("$eslint-compact", "/p/a.c: line 1, col 2, Warning - x y (no-z)\n", &["a.c:1:2 warning[no-z] x y"]),
        (
            "$msCompile",
            "  1>a.c(3,4): error CS0103: x\na.c(5): fatal error C1: y\n",
            &["a.c:3:4 error[CS0103] x", "a.c:5 error[C1] y"],
        ),
        ("$gcc", "a.c:3:4: fatal error: x\n", &["a.c:3:4 error x"]),
        ("$go", "vet: ./a.c:3:4: x\nb.c:1: y\n", &["a.c:3:4 error x", "b.c:1 error y"]),
        (
            "$jshint",
            "a.c: line 1, col 2, Missing semicolon. (W033)\n",
            &["a.c:1:2 warning[033] Missing semicolon."],
        ),
        (
            "$jshint-stylish",
            "a.c\n  line 1  col 2  Missing semicolon. (E033)\n",
            &["a.c:1:2 error[033] Missing semicolon."],
        ),
        ("$lessCompile", "bad thing in file a.c line no. 3\n", &["a.c:3 error bad thing"]),
        ("$lessc", "ParseError: x in a.c on line 3, column 4:\n", &["a.c:3:4 error ParseError: x"]),
        (
            "$node-sass",
            "{\n  \"status\": 1,\n  \"file\": \"/p/a.c\",\n  \"line\": 3,\n  \"column\": 4,\n  \"message\": \"x\",\n  \"formatted\": \"y\"\n}\n",
            &["a.c:3:4 error x"],
        ),
        ("$nvcc", "a.c(3): error: x\n", &["a.c:3 error x"]),
        (
            "$rustc",
            "error[E0308]: mismatched\n --> src/main.rs:2:3\n  |\nwarning: unused\n  --> src/main.rs:4:5\n",
            &["src/main.rs:2:3 error[E0308] mismatched", "src/main.rs:4:5 warning unused"],
        ),
        (
            "$rust-panic",
            "thread 'main' (123) panicked at src/main.rs:2:3:\nboom\n",
            &["src/main.rs:2:3 error boom"],
        ),
    ];
    for (name, text, expected) in cases {
        let found: Vec<String> = problems(&[name], vec![], text).iter().map(shown).collect();
        assert_eq!(found, expected, "{name}");
    }
    let gulp = problems(&["$gulp-tsc"], vec![], "a.c(1,2): 1005 ';' expected.\n");
    assert_eq!(gulp.iter().map(shown).collect::<Vec<_>>(), ["a.c:1:2 error[1005] ';' expected."]);
    assert!(names().is_sorted());
}

#[test]
fn errorformats_read_as_in_vim() {
    let one = efm(&["%f:%l:%c: %trror: %m", "%f:%l:%c: %tarning: %m", "%-G%.%#"]);
    assert_eq!(
        read(&one, "a.c:1:2: error: x\nx y.c:3:4: Warning: y\n12:30:45: error: z\nelse\n"),
        ["a.c:1:2 error x", "x y.c:3:4 warning y"]
    );
    let many = efm(&[r#"%E  File "%f"\, line %l"#, "%C    %.%#", r"%Z%[%^ ]%\@=%m"]);
    assert_eq!(
        read(&many, "  File \"a.c\", line 3\n    x = (\nSyntaxError: bad\n"),
        ["a.c:3 error SyntaxError: bad"]
    );
    let pointer = efm(&["%E%f:%l: %m", "%-C%.%#|", "%Z%p^", "%+C%m"]);
    assert_eq!(read(&pointer, "a.c:3: bad\nignored|\nmore\n\t  ^\nafter\n"), ["a.c:3:11 error bad|more"]);
    let kinds = efm(&["%W%f:%l: %m", "%I%f(%l): %m", "%A%f@%l", "%Cwhy: %m", "%-Z%.%#"]);
    assert_eq!(
        read(&kinds, "a.c:1: w\na.c(2): i\na.c@3\nwhy: x\nwhy: y\n\n"),
        ["a.c:1 warning w", "a.c:2 information i", "a.c:3 error x|y"]
    );
}

#[test]
fn the_stacks_of_vim_name_files_and_folders() {
    let folders = efm(&["%Dmake: Entering %f", "%Xmake: Leaving %f", "%f:%l: %m"]);
    let text = "make: Entering sub\nc.c:1: x\nmake: Leaving sub\na.c:2: y\n";
    assert_eq!(read(&folders, text), ["sub/c.c:1 error x", "a.c:2 error y"]);
    let files = efm(&["%+Pin %f", "%-Qout%r", "%l: %m"]);
    assert_eq!(
        read(&files, "in a.c\n1: x\nin b.c\n2: y\nout\n3: z\n"),
        ["a.c:1 error x", "b.c:2 error y", "a.c:3 error z"]
    );
}

#[test]
fn matchers_come_before_the_formats_that_are_known() {
    let matcher = efm(&["%f:%l:%c: error: %m"]);
    let text = "a.c:1:2: error: x\nb.c:1:2: warning: y [-Wall]\n";
    let tools = |names: &[&str]| -> Vec<String> {
        problems(names, vec![Arc::clone(&matcher)], text).into_iter().map(|problem| problem.tool).collect()
    };
    assert_eq!(tools(&[]), ["acme", "gcc"]);
    assert_eq!(tools(&["acme"]), ["acme"]);
    assert_eq!(tools(&["gcc"]), ["gcc", "gcc"]);
    assert_eq!(tools(&["acme", "gcc"]), ["acme", "gcc"]);
    assert_eq!(tools(&["$gcc"]), ["gcc", "gcc"]);
}

#[test]
fn mistakes_say_where_they_are() {
    let told = |definition: Definition| {
        let mistake = compile(&definition, &|_| None).unwrap_err();
        (mistake.at.join("."), mistake.message)
    };
    let of_vscode = |value: Value| told(Definition { vscode: Some(value), ..Definition::default() });
    let regexp = "^(.*):(\\d+): (.*)$";
    for (value, at, what) in [
        (json!({ "pattern": { "regexp": "a(?!b)" } }), "vscode.pattern.regexp", "negative look-ahead"),
        (json!({ "pattern": [{ "regexp": "(a" }] }), "vscode.pattern.0.regexp", "unclosed group"),
        (json!({ "pattern": { "regexp": regexp, "message": 4 } }), "vscode.pattern.message", "group 4"),
        (json!({ "pattern": { "regexp": regexp, "mesage": 3 } }), "vscode.pattern.mesage", "no key"),
        (json!({ "pattern": [{ "regexp": regexp, "file": 1, "line": 2 }] }), "vscode.pattern", "`message`"),
        (
            json!({ "pattern": [{ "regexp": regexp, "file": 1, "line": 2, "loop": true }, { "regexp": "(.)", "message": 1 }] }),
            "vscode.pattern.0.loop",
            "last",
        ),
        (json!({ "base": "$tcs" }), "vscode.base", "`$tcs`"),
        (json!({ "owner": "x" }), "vscode", "neither"),
        (json!({ "pattern": "$x" }), "vscode.pattern", "`$x`"),
        (json!({ "base": "$tsc", "severity": "bad" }), "vscode.severity", "`bad`"),
        (json!({ "base": "$tsc", "fileLocation": ["near"] }), "vscode.fileLocation", "none"),
    ] {
        let (place, message) = of_vscode(value.clone());
        assert_eq!(place, at, "{value}");
        assert!(message.contains(what), "{value}: {message}");
    }
    let start = |start: &str| told(Definition { start: Some(start.into()), ..Definition::default() });
    assert_eq!(start("(?<fiel>x)(?<message>y)").1, "has a group `fiel` that means nothing");
    assert_eq!(start("(?<file>x)(?<message>y)").1, "has a group `file` and none for the line");
    assert_eq!(start("x").1, "has no group `message`");
    assert_eq!(told(Definition { efm: vec!["%f".into(), "%y".into()], ..Definition::default() }).0, "efm.1");
    assert_eq!(told(Definition::default()).1, "does not say what a problem looks like");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    // What people write is refused or works, and no line makes it fail later.
    #[test]
    fn no_pattern_makes_it_panic(
        pattern in r"([%\\\\\[\](){}^$.*+?|:,<>=!#@é-]|%[EWICZGAODXPQ][+-]?|%[flcmnptvrsek]|\\\\[dswb1(k]|[a-f0-9]){0,12}",
        lines in proptest::collection::vec(r"[ a-f0-9:,()\[\]^é.\t-]{0,12}", 0..6),
    ) {
        let text = lines.join("\n") + "\n";
        let definitions = [
            Definition { efm: vec![pattern.clone(), "%C%m".into(), "%E%f:%l".into()], ..Definition::default() },
            Definition { start: Some(format!("^(?<file>.+):(?<line>[0-9]+){pattern}(?<message>.*)")), ..Definition::default() },
            Definition { vscode: Some(json!({ "pattern": { "regexp": pattern } })), ..Definition::default() },
        ];
        for definition in definitions {
            let definition = Definition { name: "acme".into(), ..definition };
            if let Ok(matcher) = compile(&definition, &|_| None) {
                read(&Arc::new(matcher), &text);
            }
        }
    }
}
