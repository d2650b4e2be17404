//! What Maven says behind `[ERROR] ` and `[WARNING] `: the compiler's problems, which it tells twice, those of the
//! project file, and goals that fail for another reason.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity, Tag};

/// javac tells Maven its columns with tab stops every 8.
const READING: Reading = Reading { unit: ColumnUnit::Display, base: Base::Process };
/// More problems of project files than this are not kept.
const HELD: usize = 50;

static LEVEL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^\[(?<level>ERROR|FATAL|WARNING|WARN)\](?: \[ERROR\])? (?<rest>.*?)(?<help> -> \[Help [0-9]+\])?$",
    )
});
static PLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>(?:/?[A-Za-z]:[\\/])?[^\s:|\[#][^:|]*\.\w{1,10}): ?[\[(](?<line>[0-9]+)(?:, ?(?<column>[0-9]+))?[\])]:? (?:(?:error|warning): )?(?:\[(?<code>[A-Za-z][\w.-]*)\] )?(?<message>.+)$",
    )
});
static MODEL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^ *(?<message>\S.*?) +@ (?:(?:[^\s,]+, )?(?<where>[^,]+\.(?:xml|pom)), |[^\s,]+, )?line (?<line>[0-9]+), column (?<column>[0-9]+)$",
    )
});
static POM: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?:Non-parseable|Malformed|Non-readable) \w+ (?<file>.+?): "));
static PROJECT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ +The project .*\((?<file>[^()]+)\) has [0-9]+ errors?$"));
// What other lines tell better.
static SUMMARY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:The build could not read|.*: Compilation failure|.*: There (?:are|were) test failures|.*Please refer to .+ for the individual test results|$)",
    )
});

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Maven {
    /// Lines with two blanks still belong to it.
    open: Option<Problem>,
    /// The project file whose problems follow.
    project: Option<String>,
    /// Problems of project files that were told without the file. They are told again with it, if Maven cannot go on.
    held: Vec<(Severity, String, String, String)>,
}

impl Format for Maven {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(level) = LEVEL.captures(line) else {
            return self.more(line);
        };
        let (rest, is_last) =
            (level.name("rest").map_or("", |rest| rest.as_str()), level.name("help").is_some());
        let severity = if level["level"].starts_with("WARN") { Severity::Warning } else { Severity::Error };
        if let Some(placed) = PLACED.captures(rest) {
            self.flush_open(context);
            self.open = placed_problem(&placed, severity, context);
            return true;
        }
        if let Some(project) = PROJECT.captures(rest) {
            self.flush_open(context);
            self.held.clear();
            self.project = Some(project["file"].to_owned());
            return true;
        }
        if let Some(model) = MODEL.captures(rest) {
            self.model(&model, severity, context);
            return true;
        }
        if self.more(rest) {
            return true;
        }
        self.flush_open(context);
        let is_goal = is_last && severity == Severity::Error && !SUMMARY.is_match(rest);
        if is_goal {
            context.report(Problem::new(severity, "maven", rest.trim()));
        }
        is_goal
    }

    fn flush(&mut self, context: &mut Context) {
        self.flush_open(context);
        for (severity, message, line, column) in std::mem::take(&mut self.held) {
            let spot = Spot { file: "pom.xml", line: &line, column: Some(&column) };
            let problem = context.problem(severity, "maven", &message, spot, READING);
            context.report(problem);
        }
    }
}

impl Maven {
    fn flush_open(&mut self, context: &mut Context) {
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
    }

    // `  symbol: …`, the first time without the level, the second time behind it.
    fn more(&mut self, rest: &str) -> bool {
        let Some(problem) = &mut self.open else { return false };
        let is_detail = rest.starts_with("  ") && !rest.trim().is_empty();
        if is_detail {
            add_line(&mut problem.message, rest.trim());
        }
        is_detail
    }

    fn model(&mut self, model: &regex::Captures<'_>, severity: Severity, context: &mut Context) {
        self.flush_open(context);
        let (message, line, column) = (&model["message"], &model["line"], &model["column"]);
        let own = POM.captures(message).and_then(|pom| pom.name("file")).or(model.name("where"));
        let own = own.map(|file| file.as_str()).or(self.project.as_deref());
        let Some(file) = own else {
            if self.held.len() < HELD {
                self.held.push((severity, message.to_owned(), line.to_owned(), column.to_owned()));
            }
            return;
        };
        let spot = Spot { file, line, column: Some(column) };
        let problem = context.problem(severity, "maven", message, spot, READING);
        context.report(problem);
    }
}

fn placed_problem(
    placed: &regex::Captures<'_>,
    severity: Severity,
    context: &mut Context,
) -> Option<Problem> {
    let spot = spot(placed)?;
    let tool = match spot.file.rsplit_once('.') {
        Some((_, "java")) => "javac",
        Some((_, "kt" | "kts")) => "kotlinc",
        Some((_, "scala")) => "scalac",
        _ => "maven",
    };
    let mut problem = context.problem(severity, tool, placed["message"].trim(), spot, READING);
    problem.code = placed.name("code").map(|code| code.as_str().to_owned());
    if problem.message.contains("has been deprecated") {
        problem.tags.push(Tag::Deprecated);
    }
    Some(problem)
}
