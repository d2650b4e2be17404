//! What people see of problems: where, how often, and what is left out.

use std::sync::Arc;

use super::*;
use crate::config::Spot;
use crate::engine::{ColumnUnit, Edit, Fix, Place, Position as Spotted, Related, Severity};
use crate::session::{Configuration, Trust};

fn picture(root: &Path, problems: Vec<Problem>) -> Picture {
    let manifest = root.join("reload.toml");
    Picture {
        configuration: Arc::new(Configuration { file: Some(manifest.clone()), ..Configuration::default() }),
        problems: Arc::new(vec![ServiceProblems {
            service: "api".into(),
            spot: Some(Spot { path: manifest, start: (1, 0), end: (1, 5) }),
            problems,
        }]),
        ..Picture::blank(root)
    }
}

fn project() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("reload.toml"), "[services.api]\nbuild = \"make\"\n").unwrap();
    std::fs::write(root.path().join("main.c"), "int x;\nint y = foo;\n").unwrap();
    root
}

fn problem(root: &Path, name: &str, line: u32, column: u32, message: &str) -> Problem {
    let start = Spotted { line, column: Some(column) };
    let place = Place { path: root.join(name), start, end: None, unit: ColumnUnit::Byte };
    Problem::new(Severity::Error, "gcc", message).at(place)
}

fn all() -> Options {
    Options { overlap: Overlap::All, ..Options::default() }
}

#[test]
fn the_same_problem_twice_is_shown_once_and_in_order() {
    let root = project();
    let at = |line, message| problem(root.path(), "main.c", line, 9, message);
    let picture = picture(root.path(), vec![at(2, "b"), at(2, "a"), at(2, "b"), at(1, "c")]);
    let files = collect(&picture, &all(), &Abilities::default());
    let shown = &files[&root.path().join("main.c")];
    assert_eq!(shown.iter().map(|d| d.message.as_str()).collect::<Vec<_>>(), ["c", "a", "b"]);
    assert_eq!(shown[1].range, Range::new(Position::new(1, 8), Position::new(1, 11)));
    assert_eq!(shown[1].source.as_deref(), Some("reload: gcc"));
}

#[test]
fn a_problem_without_a_place_is_shown_where_the_command_stands() {
    let root = project();
    let linker = Problem::new(Severity::Error, "gcc", "undefined reference to `main'");
    let files = collect(&picture(root.path(), vec![linker]), &all(), &Abilities::default());
    let shown = &files[&root.path().join("reload.toml")];
    assert_eq!(shown[0].range, Range::new(Position::new(1, 0), Position::new(1, 5)));
}

#[test]
fn a_flood_is_cut_and_says_how_much_is_missing() {
    let root = project();
    let mut problems = Vec::new();
    for file in 0..8 {
        for n in 0..250 {
            problems.push(problem(root.path(), &format!("{file}.c"), n, 1, &format!("{n}")));
        }
    }
    let files = collect(&picture(root.path(), problems), &all(), &Abilities::default());
    assert_eq!(files.len(), 5);
    assert_eq!(files.values().map(Vec::len).sum::<usize>(), IN_ALL + 1);
    assert!(files[&root.path().join("0.c")].last().unwrap().message.starts_with("51 more"));
    assert!(files[&root.path().join("4.c")].last().unwrap().message.starts_with("750 more"));
}

#[test]
fn what_another_server_says_is_left_out_and_what_it_cannot_say_is_not() {
    let root = project();
    let rust = problem(root.path(), "main.rs", 1, 1, "mismatched types");
    let linker = Problem::new(Severity::Error, "cargo", "linking with `cc` failed");
    let options =
        Options { overlap: Overlap::Unowned, owned_elsewhere: vec!["rust".into()], ..Options::default() };
    let picture = picture(root.path(), vec![rust, linker]);
    let files = collect(&picture, &options, &Abilities::default());
    assert_eq!(files.keys().collect::<Vec<_>>(), [&root.path().join("reload.toml")]);

    let summary = Options { overlap: Overlap::Summary, ..Options::default() };
    let files = collect(&picture, &summary, &Abilities::default());
    let shown = &files[&root.path().join("reload.toml")];
    assert_eq!(shown.len(), 1);
    assert!(shown[0].message.starts_with("api: failed: 2 errors, first: "), "{}", shown[0].message);
}

#[test]
fn other_places_go_into_the_message_of_a_client_that_cannot_show_them() {
    let root = project();
    let mut redefined = problem(root.path(), "main.c", 2, 5, "redefinition of `y`");
    let place = Place { start: Spotted { line: 1, column: Some(5) }, ..redefined.place.clone().unwrap() };
    redefined.related.push(Related { place, message: "first defined here".into() });
    let picture = picture(root.path(), vec![redefined]);
    let path = root.path().join("main.c");

    let plain = collect(&picture, &all(), &Abilities::default());
    assert!(plain[&path][0].message.ends_with("main.c:1: first defined here"));
    let able = Abilities { related_information: true, ..Abilities::default() };
    let rich = collect(&picture, &all(), &able);
    assert_eq!(rich[&path][0].message, "redefinition of `y`");
    assert_eq!(rich[&path][0].related_information.as_ref().unwrap().len(), 1);
}

#[test]
fn a_fix_knows_the_text_it_replaces() {
    let root = project();
    let mut wrong = problem(root.path(), "main.c", 2, 9, "undeclared");
    let end = Some(Spotted { line: 2, column: Some(12) });
    let place = Place { end, ..wrong.place.clone().unwrap() };
    wrong.fixes.push(Fix { title: "use `x`".into(), edits: vec![Edit { place, text: "x".into() }] });
    let files = collect(&picture(root.path(), vec![wrong]), &all(), &Abilities::default());
    let data = files[&root.path().join("main.c")][0].data.as_ref().unwrap();
    assert_eq!(data["service"], "api");
    assert_eq!(data["fixes"][0]["edits"][0]["oldText"], "foo");
    assert_eq!(data["fixes"][0]["edits"][0]["newText"], "x");
}

#[test]
fn commands_that_nobody_allowed_are_shown_with_their_words() {
    let root = project();
    let mut untrusted = picture(root.path(), Vec::new());
    let plan =
        crate::trust::Plan { root: root.path().into(), hash: "h".into(), commands: vec!["api: make".into()] };
    untrusted.trust = Arc::new(Trust::Asking { plan, before: None });
    let files = collect(&untrusted, &all(), &Abilities::default());
    let shown = &files[&root.path().join("reload.toml")][0];
    assert_eq!(shown.severity, Some(DiagnosticSeverity::INFORMATION));
    assert!(shown.message.contains("api: make"), "{}", shown.message);
}
