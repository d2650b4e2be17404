//! The text of rollup, and of vite as long as it is made of it. What vite prints since version 8 is read by `boxes`.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use regex::Captures;

use super::esbuild::one_based;
use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity};

static HEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\[(?<error>!)\]|(?<warning>\(!\))|(?:[0-9:]+(?: [AP]M)? )?\[vite\](?: \(\w+\))? (?:Internal server error|Pre-transform error|warning):|\[plugin:(?<plugin>[^\]]+)\]) (?<message>\S.*)$",
    )
});
static BEGIN: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^error during build:(?: (?<message>\S.*))?$"));
static NAMED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:[\w ]*Error): |\[plugin [^\]]+\] |\(plugin [^)]*\) |\[[\w:@/.-]+\]:? )*(?:(?<file>[^\s(:][^(]*?)(?: \((?<line>[0-9]+):(?<column>[0-9]+)\))?: )?(?<message>\S.*)$",
    )
});
static PLACE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<file>\S[^(]*?)(?: \((?<line>[0-9]+):(?<column>[0-9]+)\))?:?$"));
static FILE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^ *[Ff]ile: (?<file>\S.*?)(?:\?\S*?)?(?::(?<line>[0-9]+):(?<column>[0-9]+))?$")
});
static SUMMARY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+): (?:ERROR|WARNING): (?<message>.+)$")
});
static SOURCE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ *(?<line>[0-9]+)(?:: | *\| {0,2})"));
static CARET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<before> +(?:\| *)?)\^+\s*$"));
static IMPORTER: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r#"(?:from|imported by) "(?<file>[^"]+)"[.)]?(?:$|[ .])"#));
static FAILED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?:Build|Transform) failed with [0-9]+ errors?:?$"));
static REST: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^ *(?:at \S|\[cause\]|Plugin: |https?://|\||\.\.\.and [0-9]+ other|[0-9]+ *\||[0-9]+: )")
});

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Rollup {
    /// The next line says what is wrong.
    is_begun: bool,
    open: Option<Problem>,
    /// Others begin lines with its marks, too, so it needs a place.
    is_unsure: bool,
    /// Its file, if the line is not known yet.
    file: String,
    /// It is esbuild that speaks: its columns are bytes.
    is_esbuild: bool,
    /// The number and the width of the gutter of the last line of source.
    source: Option<(String, usize)>,
}

impl Format for Rollup {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(begin) = BEGIN.captures(line) {
            self.flush(context);
            match begin.name("message") {
                Some(message) => self.begin(message.as_str(), Severity::Error, context),
                None => self.is_begun = true,
            }
            return true;
        }
        if self.is_begun && !line.is_empty() {
            self.is_begun = false;
            // Since version 8 boxes follow.
            if !line.starts_with("Build failed with ") {
                self.begin(line, Severity::Error, context);
            }
            return true;
        }
        if let Some(head) = HEAD.captures(line) {
            self.flush(context);
            let is_warning =
                head.name("warning").or(head.name("plugin")).is_some() || line.contains("] warning: ");
            self.is_esbuild = head.name("plugin").is_some_and(|plugin| plugin.as_str() == "vite:esbuild");
            let severity = if is_warning { Severity::Warning } else { Severity::Error };
            self.begin(&head["message"], severity, context);
            let is_marked = head.name("error").or(head.name("warning")).is_some();
            self.is_unsure = is_marked
                && !head["message"].contains("RollupError: ")
                && !head["message"].contains("plugin");
            return true;
        }
        if self.open.is_some() && self.goes_on(line, context) {
            return true;
        }
        self.flush(context);
        false
    }

    fn flush(&mut self, context: &mut Context) {
        let file = std::mem::take(&mut self.file);
        (self.source, self.is_esbuild, self.is_begun) = (None, false, false);
        let Some(mut problem) = self.open.take() else { return };
        // What failed is said by somebody else then, in a box.
        if FAILED.is_match(&problem.message) {
            return;
        }
        if problem.place.is_none() {
            let importer = IMPORTER.captures(&problem.message).map(|importer| importer["file"].to_owned());
            let spot = Spot { file: &importer.unwrap_or(file), line: "1", column: None };
            problem.place = context.place(spot, READING);
        }
        if std::mem::take(&mut self.is_unsure) && problem.place.is_none() {
            return;
        }
        context.report(problem);
    }
}

const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };

impl Rollup {
    fn begin(&mut self, text: &str, severity: Severity, context: &mut Context) {
        self.is_esbuild |= text.starts_with("[vite:esbuild]");
        let Some(named) = NAMED.captures(text) else { return };
        let file = named.name("file").map_or("", |file| file.as_str());
        if context.places.find(file, Base::Process).is_none() {
            // A colon in the message is not behind a file.
            let start = named.name("file").map_or(0, |file| file.start());
            let message = if file.is_empty() { &named["message"] } else { &text[start..] };
            self.open = Some(Problem::new(severity, "rollup", message));
            return;
        }
        self.open = Some(Problem::new(severity, "rollup", &named["message"]));
        self.place(&named, context);
    }

    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(summary) = SUMMARY.captures(line) {
            self.summary(&summary, context);
            return true;
        }
        if let Some(file) = FILE.captures(line) {
            self.place(&file, context);
            return true;
        }
        if let Some(source) = SOURCE.captures(line) {
            self.source = Some((source["line"].to_owned(), source[0].len()));
            return true;
        }
        if let Some(caret) = CARET.captures(line) {
            self.caret(caret["before"].len(), context);
            return true;
        }
        let Some(problem) = &mut self.open else { return false };
        if line.starts_with("https://") && problem.href.is_none() {
            problem.href = Some(line.to_owned());
            self.is_unsure &= !line.contains("rollup");
            return true;
        }
        if line.trim().is_empty() || REST.is_match(line) || problem.message == line.trim() {
            return true;
        }
        if let Some(place) = PLACE.captures(line)
            && context.places.find(&place["file"], Base::Process).is_some()
        {
            // One warning may be about many files.
            if problem.severity == Severity::Warning && problem.place.is_some() {
                let (next, message) =
                    (problem.href.clone(), problem.message.lines().next().unwrap_or_default());
                let mut next = Problem { href: next, ..Problem::new(Severity::Warning, "rollup", message) };
                std::mem::swap(problem, &mut next);
                context.report(next);
            }
            self.place(&place, context);
            return true;
        }
        let is_detail = line.contains(" -> ") || IMPORTER.is_match(line);
        if is_detail {
            self.is_unsure &= !problem.message.starts_with("Circular dependency");
            add_line(&mut problem.message, line);
        }
        is_detail
    }

    fn place(&mut self, groups: &Captures<'_>, context: &mut Context) {
        let Some(problem) = self.open.as_mut().filter(|problem| problem.place.is_none()) else { return };
        let (Some(line), Some(column)) = (groups.name("line"), groups.name("column")) else {
            groups["file"].clone_into(&mut self.file);
            return;
        };
        let column = one_based(column.as_str());
        let spot = Spot { file: &groups["file"], line: line.as_str(), column: Some(&column) };
        let unit = if self.is_esbuild { ColumnUnit::Byte } else { ColumnUnit::Utf16 };
        problem.place = context.place(spot, Reading { unit, base: Base::Process });
    }

    // What esbuild said about one place; it may be one of several.
    fn summary(&mut self, summary: &Captures<'_>, context: &mut Context) {
        let Some(problem) = &mut self.open else { return };
        let next = Problem::new(problem.severity, "esbuild", &summary["message"]);
        let earlier = std::mem::replace(problem, next);
        if earlier.place.is_some() {
            context.report(earlier);
        }
        self.is_esbuild = true;
        self.place(summary, context);
    }

    // Warnings give the place by an excerpt alone.
    fn caret(&mut self, before: usize, context: &mut Context) {
        let (Some(problem), Some((line, gutter))) = (&mut self.open, self.source.take()) else { return };
        if problem.place.is_some() || self.file.is_empty() || before < gutter {
            return;
        }
        let column = (before - gutter + 1).to_string();
        let spot = Spot { file: &self.file, line: &line, column: Some(&column) };
        let unit = if self.is_esbuild { ColumnUnit::Byte } else { ColumnUnit::Utf16 };
        problem.place = context.place(spot, Reading { unit, base: Base::Process });
    }
}
