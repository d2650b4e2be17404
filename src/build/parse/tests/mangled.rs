//! Real output that was cut off or that two programs printed at once.

use super::{Dirs, Hints, Parser, Problem, Stream, cases, expected, nothing_expected, read};
use crate::build::parse::names;

/// Pairs of fixtures are this far apart in the list, so that they are of different tools.
const APART: usize = 37;
/// In a longer text not every line is tried as the last one.
const CUTS: usize = 10;

type Spot = (Option<std::path::PathBuf>, Option<u32>, String);

fn spots(problems: &[Problem]) -> Vec<Spot> {
    let spot = |problem: &Problem| {
        let place = problem.place.as_ref();
        (
            place.map(|at| at.path.clone()),
            place.map(|at| at.start.line),
            problem.message.lines().next().unwrap_or_default().to_owned(),
        )
    };
    let mut spots: Vec<_> = problems.iter().map(spot).collect();
    spots.sort();
    spots
}

#[test]
fn output_that_breaks_off_anywhere_tells_no_more_than_the_whole() {
    for case in cases() {
        let (text, expected) = (std::fs::read(&case).unwrap(), expected(&case));
        let whole = read(&expected, &text, usize::MAX).problems.len();
        let ends: Vec<_> = (1..=text.len()).filter(|end| text[end - 1] == b'\n').collect();
        for end in ends.iter().step_by(ends.len() / CUTS + 1) {
            let found = read(&expected, &text[..*end], usize::MAX).problems.len();
            // The last one may not be complete, and then be another.
            assert!(found <= whole + 1, "{} cut at {end}: {found} of {whole}", case.display());
        }
    }
}

#[test]
fn programs_that_print_at_once_are_told_apart_by_their_prefixes() {
    let cases = cases();
    let text = |case: &std::path::Path| String::from_utf8_lossy(&std::fs::read(case).unwrap()).into_owned();
    let (mut all, mut missing) = (0, Vec::new());
    for (left, right) in cases.iter().zip(cases.iter().cycle().skip(APART)).step_by(3) {
        let mut files = nothing_expected();
        files.files = [left, right].iter().flat_map(|case| expected(case).files).collect();
        let (left_text, right_text) = (text(left), text(right));
        let behind = |prefix: &str, text: &str| -> Vec<String> {
            text.lines().map(|line| format!("[{prefix}] {line}\n")).collect()
        };
        let (one, other) = (behind("left", &left_text), behind("right", &right_text));
        let mut mixed = String::new();
        for at in 0..one.len().max(other.len()) {
            mixed.extend([one.get(at), other.get(at)].into_iter().flatten().map(String::as_str));
        }
        let found = spots(&read(&files, mixed.as_bytes(), usize::MAX).problems);
        for alone in [one, other] {
            for wanted in spots(&read(&files, alone.concat().as_bytes(), usize::MAX).problems) {
                all += 1;
                if !found.contains(&wanted) {
                    missing.push(format!("{} {}: {wanted:?}", left.display(), right.display()));
                }
            }
        }
    }
    let share = missing.len() * 100;
    assert!(share <= all, "{} of {all} are lost:\n{}", missing.len(), missing.join("\n"));
}

/// What fuzzing has found, each once.
#[test]
fn whatever_was_found_by_fuzzing_is_without_wordless_problems() {
    let found = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/fuzz");
    for entry in std::fs::read_dir(found).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for name in names().into_iter().map(Some).chain([None]) {
            let formats = name.map(str::to_owned).into_iter().collect();
            let dirs = Dirs { root: "/project".into(), dir: "/project/app".into() };
            let exists = |path: &std::path::Path| path.extension().is_some();
            let mut parser = Parser::new(&Hints { formats, ..Hints::default() }, dirs, exists);
            let mut problems = parser.feed(Stream::Stderr, &bytes).problems;
            problems.extend(parser.finish(Stream::Stderr).problems);
            assert!(problems.iter().all(|problem| !problem.message.is_empty()), "{name:?} {problems:?}");
        }
    }
}
