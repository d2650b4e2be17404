//! The text of javac and of what speaks like it (javadoc, scalac), also below ant and gradle: a header, the source, a
//! caret that alone tells the column, then the details.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity, Tag};

/// The caret is put below the source by Java's own characters, and repeats its tabs.
const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };
/// A message is not longer before its source comes.
const PENDING: usize = 12;

static HEADER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>(?:[A-Za-z]:[\\/])?[^\s:|\[#][^:|]*\.(?:java|scala)):(?<line>[0-9]+):(?:(?<column>[0-9]+):)? (?<severity>error|warning|Fehler|Warnung|エラー|警告|错误)(?:: |:)(?:\[(?<code>[A-Za-z][\w.-]*)\] )?(?<message>.+)$",
    )
});
static PLACELESS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:javac: |(?<severity>error|warning): )(?:\[(?<code>options|path|processing|classfile|module|static|lossy-conversions|requires-automatic|requires-transitive-automatic|removal|preview)\] (?<coded>.+)|(?<message>file not found: .+\.java|invalid (?:flag|source release|target release): .+|release version \S+ not supported|no source files.*|Class names, '.+', are only accepted if annotation processing is explicitly requested|directory not found: .+|warnings found and -Werror specified|module not found.*|Annotation processor '.+' not found|No SupportedSourceVersion annotation on .+|Supported source version '.+' from annotation processor .+|error reading .+\.(?:java|jar|class); .+|package \S+ does not exist|cannot access \S+|Bad service configuration file.+))$",
    )
});
static CARET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^[ \t]*\^[ \t]*$"));
static DETAIL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^\s+(?:symbol|location|required|found|reason|equality constraints|lower bounds|upper bounds|inferred): |^\s+(?:where |missing |\(|method |constructor |both )",
    )
});
static SUMMARY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:[0-9]+ (?:error|warning)s?|Note: .+|only showing the first [0-9]+ (?:error|warning)s, of .+)$",
    )
});
static GLUED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?::[\w:.-]+|\s*\[javac\] ?)"));
static SEE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\(see (?<href>https?://\S+?)\s*\)$"));

/// What the next line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    /// The source, or still the message.
    #[default]
    Source,
    /// The caret is past: details.
    Details,
}

/// scalac's messages are not longer before their source.
const SCALA: usize = 8;
static OTHERS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?:\S*make|ninja|npm|sbt|\[)|^\S+:[0-9]+:"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Javac {
    open: Option<Problem>,
    part: Part,
    /// Lines since the header. The last one before the caret is the source.
    pending: Vec<String>,
    /// Whether all of it is indented by two.
    is_indented: bool,
}

impl Format for Javac {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        let line = unglued(line);
        // gradle says it again below what went wrong, indented as a whole.
        let inner = line.strip_prefix("  ");
        if let Some(inner) = inner.filter(|inner| !inner.starts_with(' ') && HEADER.is_match(inner)) {
            let is_taken = HEADER.captures(inner).is_some_and(|header| self.header(&header, context));
            self.is_indented = is_taken;
            return is_taken;
        }
        let line = inner.filter(|_| self.is_indented).unwrap_or(line);
        if let Some(header) = HEADER.captures(line) {
            return self.header(&header, context);
        }
        if let Some(placeless) = PLACELESS.captures(line) {
            return self.placeless(&placeless, context);
        }
        if self.open.is_none() {
            return false;
        }
        if !SUMMARY.is_match(line) && self.goes_on(line) {
            return true;
        }
        self.flush(context);
        SUMMARY.is_match(line)
    }

    fn flush(&mut self, context: &mut Context) {
        let pending = std::mem::take(&mut self.pending);
        let Some(mut problem) = self.open.take() else { return };
        self.is_indented = false;
        for line in pending.iter().filter(|line| DETAIL.is_match(line)) {
            add_line(&mut problem.message, line.trim());
        }
        self.part = Part::Source;
        context.report(problem);
    }
}

impl Javac {
    fn header(&mut self, header: &regex::Captures<'_>, context: &mut Context) -> bool {
        let Some(spot) = spot(header) else { return false };
        self.flush(context);
        let is_scala = spot.file.rsplit_once('.').is_some_and(|(_, extension)| extension == "scala");
        let tool = if is_scala { "scalac" } else { "javac" };
        let severity = match &header["severity"] {
            "warning" | "Warnung" | "警告" => Severity::Warning,
            _ => Severity::Error,
        };
        let mut problem = context.problem(severity, tool, header["message"].trim(), spot, READING);
        add_code(&mut problem, header.name("code").map(|code| code.as_str()));
        self.open = Some(problem);
        true
    }

    fn placeless(&mut self, placeless: &regex::Captures<'_>, context: &mut Context) -> bool {
        self.flush(context);
        let is_warning = placeless.name("severity").is_some_and(|severity| severity.as_str() == "warning");
        let severity = if is_warning { Severity::Warning } else { Severity::Error };
        let message =
            placeless.name("coded").or(placeless.name("message")).map_or("", |found| found.as_str());
        let mut problem = Problem::new(severity, "javac", message);
        add_code(&mut problem, placeless.name("code").map(|code| code.as_str()));
        (self.open, self.part) = (Some(problem), Part::Details);
        true
    }

    fn goes_on(&mut self, line: &str) -> bool {
        let Some(problem) = &mut self.open else { return false };
        if self.part == Part::Details {
            let is_detail = line.starts_with("  ") && !line.trim().is_empty();
            if is_detail {
                add_detail(problem, line.trim());
            }
            return is_detail;
        }
        if CARET.is_match(line) && !self.pending.is_empty() {
            self.pending.pop();
            for line in self.pending.drain(..) {
                add_detail(problem, line.trim());
            }
            let before = line.chars().take_while(|&before| before != '^').count();
            if let Some(place) = &mut problem.place {
                place.start.column = u32::try_from(before + 1).ok();
            }
            self.part = Part::Details;
            return true;
        }
        // The first one is nearly always the source; what comes before it is indented, but not by scalac.
        let is_of_scala = problem.tool == "scalac" && self.pending.len() < SCALA && !OTHERS.is_match(line);
        let belongs = self.pending.is_empty() || line.starts_with([' ', '\t']) || is_of_scala;
        // An empty line may be the source: that of the end of a file.
        let is_text = self.pending.is_empty() || !line.trim().is_empty();
        let is_kept = belongs && is_text && self.pending.len() < PENDING;
        if is_kept {
            self.pending.push(line.to_owned());
        }
        is_kept
    }
}

fn add_detail(problem: &mut Problem, line: &str) {
    match SEE.captures(line) {
        Some(see) => problem.href = Some(see["href"].to_owned()),
        None => add_line(&mut problem.message, line),
    }
}

fn add_code(problem: &mut Problem, code: Option<&str>) {
    problem.tags = match code {
        Some("deprecation" | "removal") => vec![Tag::Deprecated],
        Some("cast" | "unused" | "UnusedVariable" | "UnusedMethod") => vec![Tag::Unnecessary],
        _ => vec![],
    };
    problem.code = code.map(str::to_owned);
}

// ant puts its task before each line, old gradle the name of the task, without anything between.
fn unglued(line: &str) -> &str {
    let rest = GLUED.find(line).map_or(line, |glue| &line[glue.end()..]);
    if line.starts_with(':') && !rest.starts_with('/') { line } else { rest }
}
