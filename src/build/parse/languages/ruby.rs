//! What Ruby says of programs: `ruby -c`, warnings, exceptions that nobody caught. Syntax errors come one a line (up to
//! 3.3), or as an excerpt with a mark for each (prism, since 3.4).
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Position, Problem, Related, Severity, Tag};

const READING: Reading = Reading { unit: ColumnUnit::Char, base: Base::Process };

static PLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:ruby: |[^\s:]+: )?(?<file>[^\s:|\[#][^:|]*):(?<line>[0-9]+): (?:(?<warning>warning: )|(?<syntax>syntax error, )|(?<old>SyntaxError: ))(?<message>.+)$",
    )
});
static PRISM: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:ruby: |\S+: )?(?<file>[^\s:|\[#][^:|]*):(?<line>[0-9]+): (?<message>syntax errors? found)(?: \(SyntaxError\))?$",
    )
});
static RAISED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file><internal:[^>]+>|[^\s:|\[#][^:|]*):(?<line>[0-9]+):in [`'][^']+': (?<message>.*?)(?: \((?<class>[A-Z]\w*(?:::\w+)*)\))?$",
    )
});
static NESTED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<file>[^\s:]+\.rb):(?<line>[0-9]+): (?<message>syntax error.*)$"));
static MISSING: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ruby: (?<message>No such file or directory -- .+?)(?: \(LoadError\))?$"));
static FROM: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?:\t+|\s+[0-9]+: )from (?<file>[^\s:|\[#][^:|]*):(?<line>[0-9]+):in [`'](?<name>[^']+)'$")
});
static NUMBERED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^[> ]* *(?<number>[0-9]+) \|"));
static MARKED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<gutter>[> ]*\| )(?<before>[ \t]*)(?<marks>\^~*|~+)(?: (?<message>.+))?$"));
static GUTTER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^[> ]*[0-9]* ?(?:\||~~~|\.\.\.)"));
static CARET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<before>[ \t]*)(?<marks>~*\^[\^~]*)$"));
// What another tool begins its problem with is no source of ours.
static OTHERS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:error|warning)\b|PHP |Traceback |FAILURE|---|\[(?:ERROR|WARNING)\]|[\w./-]+(?::[0-9]+:|\([0-9]+[,)]|: (?:error|warning|fatal): ))",
    )
});
static SUGGESTED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?:\S+: --> \S+|Unmatched .+|>? +[0-9]+  .*|Syntax OK)$"));

/// What the next line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    /// Nothing, or the backtrace.
    #[default]
    Trace,
    /// Source and caret below a line, at most this many lines.
    Caret(u8),
    /// The excerpt of prism.
    Excerpt,
}

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Ruby {
    open: Option<Problem>,
    part: Part,
    /// The line before this one.
    source: String,
    /// The file of an excerpt, and the number of its last line of source.
    excerpt: (String, String),
    /// Whether a mark of the excerpt said what is wrong.
    is_told: bool,
}

impl Format for Ruby {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(prism) = PRISM.captures(line) {
            return self.prism(&prism, context);
        }
        if let Some(placed) = PLACED.captures(line) {
            return self.placed(&placed, context);
        }
        if let Some(raised) = RAISED.captures(line)
            && is_ruby(&raised["file"], raised.name("class").is_some())
        {
            self.flush(context);
            self.open(&raised, Severity::Error, context);
            if let (Some(problem), Some(class)) = (&mut self.open, raised.name("class")) {
                problem.code = Some(class.as_str().to_owned());
            }
            return true;
        }
        if let Some(missing) = MISSING.captures(line) {
            self.flush(context);
            context.report(Problem::new(Severity::Error, "ruby", &missing["message"]));
            return true;
        }
        if self.open.is_none() {
            return SUGGESTED.is_match(line) && line.contains(": --> ");
        }
        match self.part {
            Part::Excerpt => self.excerpt(line, context),
            Part::Caret(left) => self.caret(line, left, context),
            Part::Trace => self.trace(line, context),
        }
    }

    fn flush(&mut self, context: &mut Context) {
        let is_told = std::mem::take(&mut self.is_told);
        self.part = Part::Trace;
        if let Some(problem) = self.open.take().filter(|_| !is_told) {
            context.report(problem);
        }
    }
}

impl Ruby {
    fn placed(&mut self, placed: &regex::Captures<'_>, context: &mut Context) -> bool {
        let is_warning = placed.name("warning").is_some();
        if is_warning && !is_ruby(&placed["file"], false) {
            return false;
        }
        self.flush(context);
        let severity = if is_warning { Severity::Warning } else { Severity::Error };
        self.open(placed, severity, context);
        let Some(problem) = &mut self.open else { return true };
        if !is_warning {
            problem.message = format!("syntax error, {}", problem.message);
        } else if problem.message.contains("unused ") || problem.message.contains("not reached") {
            problem.tags.push(Tag::Unnecessary);
        } else if problem.message.contains("deprecated") {
            problem.tags.push(Tag::Deprecated);
        }
        true
    }

    fn open(&mut self, groups: &regex::Captures<'_>, severity: Severity, context: &mut Context) {
        let Some(at) = spot(groups) else { return };
        let message = groups["message"].trim();
        // A file that could not be loaded: the place is in it.
        if let Some(nested) = NESTED.captures(message)
            && let Some(inner) = spot(&nested)
        {
            self.open = Some(context.problem(severity, "ruby", &nested["message"], inner, READING));
            self.part = Part::Caret(4);
            return;
        }
        // Inside of Ruby itself: the place is that of the first caller.
        self.open = Some(if at.file.starts_with('<') {
            Problem::new(severity, "ruby", message)
        } else {
            context.problem(severity, "ruby", message, at, READING)
        });
        self.part = Part::Caret(4);
        self.source.clear();
    }

    fn prism(&mut self, prism: &regex::Captures<'_>, context: &mut Context) -> bool {
        let Some(spot) = spot(prism) else { return false };
        self.flush(context);
        self.excerpt = (spot.file.to_owned(), spot.line.to_owned());
        self.open = Some(context.problem(Severity::Error, "ruby", &prism["message"], spot, READING));
        self.part = Part::Excerpt;
        true
    }

    fn excerpt(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(numbered) = NUMBERED.captures(line) {
            numbered["number"].clone_into(&mut self.excerpt.1);
            return true;
        }
        let Some(marked) = MARKED.captures(line) else { return GUTTER.is_match(line) };
        let column = marked["before"].chars().count() + 1;
        let end = u32::try_from(column + marked["marks"].len()).ok();
        let column = column.to_string();
        let spot = Spot { file: &self.excerpt.0, line: &self.excerpt.1, column: Some(&column) };
        let message = marked.name("message").map_or("syntax error", |message| message.as_str());
        let mut problem = context.problem(Severity::Error, "ruby", message, spot, READING);
        if let Some(place) = &mut problem.place {
            place.end = Some(Position { line: place.start.line, column: end });
        }
        self.is_told = true;
        context.report(problem);
        true
    }

    // The source and a caret, which may not come at all; an exception has empty lines around them.
    fn caret(&mut self, line: &str, left: u8, context: &mut Context) -> bool {
        if FROM.is_match(line) || left == 0 {
            self.part = Part::Trace;
            return self.trace(line, context);
        }
        self.part = Part::Caret(left - 1);
        let (Some(caret), Some(problem)) = (CARET.captures(line), &mut self.open) else {
            let is_source = self.source.is_empty() && !GUTTER.is_match(line) && !OTHERS.is_match(line);
            if is_source {
                line.clone_into(&mut self.source);
            }
            return is_source || line.is_empty() || line.starts_with("Did you mean?");
        };
        // What is cut in front has no column of its own.
        if let Some(place) = problem.place.as_mut().filter(|_| !self.source.starts_with("...")) {
            let before = caret["before"].chars().count();
            let number = |count: usize| u32::try_from(count).ok();
            place.start.column = number(before + 1);
            let column = number(before + 1 + caret["marks"].len());
            place.end = Some(Position { line: place.start.line, column });
        }
        self.part = Part::Trace;
        true
    }

    fn trace(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(problem) = &mut self.open else { return false };
        if let Some(from) = FROM.captures(line) {
            let place = spot(&from).and_then(|spot| context.place(spot, READING));
            problem
                .related
                .extend(place.map(|place| Related { place, message: format!("from {}", &from["name"]) }));
            return true;
        }
        if line.starts_with("Did you mean?") {
            add_line(&mut problem.message, line);
            return true;
        }
        line.starts_with("\t ... ")
    }
}

// Other tools print `file:line: warning: …` as well.
fn is_ruby(file: &str, is_certain: bool) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_named = ["rb", "rake", "gemspec", "ru", "erb", "haml", "slim"].contains(&extension)
        || ["Rakefile", "Gemfile", "Guardfile", "Capfile", "Vagrantfile"].contains(&name);
    is_named || is_certain
}
