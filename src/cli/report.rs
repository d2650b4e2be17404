//! Configuration problems as text: place, message, the line itself, remedy. Used by `check` and wherever a command needs a
//! configuration that is right.

use super::print::{Color, Paint};
use crate::config::{ConfigProblem, Spot};

/// Everything that is wrong, then everything that is odd. Reads the files for the lines that are shown.
pub(super) fn problems(errors: &[ConfigProblem], warnings: &[ConfigProblem], paint: Paint) -> String {
    let errors = errors.iter().map(|problem| one(problem, &paint.strong(Color::Red, "error"), paint));
    let warnings =
        warnings.iter().map(|problem| one(problem, &paint.strong(Color::Yellow, "warning"), paint));
    errors.chain(warnings).collect()
}

fn one(problem: &ConfigProblem, kind: &str, paint: Paint) -> String {
    let place = problem.spot.as_ref().map(|spot| {
        let (line, column) = (spot.start.0 + 1, spot.start.1 + 1);
        format!("{}: ", paint.bold(&format!("{}:{line}:{column}", spot.path.display())))
    });
    let mut text = format!("{}{kind}: {}\n", place.unwrap_or_default(), problem.message);
    if let Some(spot) = &problem.spot
        && let Some(line) = line_of(spot)
    {
        text.push_str(&frame(&line, spot, paint));
    }
    let help = problem.help.as_ref();
    text + &help.map(|help| format!("  {} {help}\n", paint.color(Color::Cyan, "help:"))).unwrap_or_default()
}

fn line_of(spot: &Spot) -> Option<String> {
    let text = std::fs::read_to_string(&spot.path).ok()?;
    text.lines().nth(spot.start.0 as usize).map(str::to_owned).filter(|line| !line.trim().is_empty())
}

/// The line with its number, and the range below it.
fn frame(line: &str, spot: &Spot, paint: Paint) -> String {
    let number = (spot.start.0 + 1).to_string();
    let start = floor(line, spot.start.1 as usize);
    let end = if spot.end.0 == spot.start.0 { floor(line, spot.end.1 as usize) } else { line.len() };
    let marked = line[start..end.max(start)].chars().count().max(1);
    // Tabs before the range stay tabs, so that the marks stand below it.
    let before: String = line[..start].chars().map(|c| if c == '\t' { c } else { ' ' }).collect();
    let marks = paint.color(Color::Red, &"^".repeat(marked));
    let gap = " ".repeat(number.len());
    format!(
        "  {} {line}\n  {} {before}{marks}\n",
        paint.dim(&format!("{number} |")),
        paint.dim(&format!("{gap} |"))
    )
}

/// The nearest start of a character at or before a byte.
fn floor(line: &str, byte: usize) -> usize {
    (0..=byte.min(line.len())).rev().find(|&byte| line.is_char_boundary(byte)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_its_line_and_marks_the_range() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reload.toml");
        std::fs::write(&path, "[services.api]\n\tbuïd = 1\n").unwrap();
        let spot = Spot { path: path.clone(), start: (1, 1), end: (1, 6) };
        let problem = ConfigProblem {
            spot: Some(spot),
            message: "unknown key `buïd`".into(),
            help: Some("did you mean `build`?".into()),
        };
        let expected = format!(
            "{}:2:2: error: unknown key `buïd`\n  2 | \tbuïd = 1\n    | \t^^^^\n  help: did you mean `build`?\n",
            path.display()
        );
        assert_eq!(problems(&[problem], &[], Paint::Plain), expected);
    }

    #[test]
    fn a_place_that_is_gone_by_now_is_no_reason_to_fail() {
        let spot = Spot { path: "/nowhere/reload.toml".into(), start: (7, 9), end: (7, 2) };
        let problem = ConfigProblem { spot: Some(spot), message: "gone".into(), help: None };
        assert_eq!(problems(&[], &[problem], Paint::Plain), "/nowhere/reload.toml:8:10: warning: gone\n");
    }
}
