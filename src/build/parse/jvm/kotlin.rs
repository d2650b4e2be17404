//! The text of the Kotlin plugin of gradle: `e: file:///path/A.kt:5:12 message`, formerly `e: /path/A.kt: (5, 12): …`.
//! What kotlinc itself prints is read by `marked`.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };

static HEADER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<severity>[ewi]): (?:\[ksp\] )?(?<file>(?:file://)?(?:/|[A-Za-z]:[\\/])?[^:]+\.(?:kts?|java))(?:: \((?<line>[0-9]+), (?<column>[0-9]+)\):|:(?<line2>[0-9]+)(?::(?<column2>[0-9]+))?:?) (?<message>.+)$",
    )
});
// What it lists after a colon: the functions that were considered.
static CONSIDERED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\s+\S|@|(?:public|private|protected|internal|final|open|abstract|override|inline|suspend|fun|val|var|constructor|where|defined)\b)",
    )
});

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Kotlin {
    open: Option<Problem>,
}

impl Format for Kotlin {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(header) = HEADER.captures(line) {
            self.flush(context);
            self.open = Some(placed(&header, context));
            return true;
        }
        let Some(problem) = &mut self.open else { return false };
        let is_list = problem.message.lines().any(|line| line.trim_end().ends_with(':'));
        let belongs = is_list && CONSIDERED.is_match(line);
        if belongs {
            add_line(&mut problem.message, line.trim());
        }
        belongs
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
    }
}

fn placed(header: &regex::Captures<'_>, context: &mut Context) -> Problem {
    let group =
        |names: [&str; 2]| names.iter().find_map(|name| header.name(name)).map(|found| found.as_str());
    let severity = match &header["severity"] {
        "w" => Severity::Warning,
        "i" => Severity::Information,
        _ => Severity::Error,
    };
    let message = header["message"].trim();
    let is_uri = header["file"].starts_with("file://");
    let file = if is_uri { header["file"].replace("%20", " ") } else { header["file"].to_owned() };
    let spot = Spot {
        file: &file,
        line: group(["line", "line2"]).unwrap_or("1"),
        column: group(["column", "column2"]),
    };
    let mut problem = context.problem(severity, "kotlinc", message, spot, READING);
    if message.contains("is never used") {
        problem.tags.push(Tag::Unnecessary);
    } else if message.contains("is deprecated") {
        problem.tags.push(Tag::Deprecated);
    }
    problem
}
