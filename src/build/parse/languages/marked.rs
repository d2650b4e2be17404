//! Tools that print `file:line:column: error: message` like a C compiler, but count columns in their own way and put
//! more below it: kotlinc, zig, swiftc. What differs is in a `Dialect`.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Related, Severity, Tag};

/// A message is not longer before its source comes.
const PENDING: usize = 20;

/// What is peculiar to one of the tools.
#[derive(Debug)]
pub(super) struct Dialect {
    tool: &'static str,
    unit: ColumnUnit,
    header: LazyLock<Pattern>,
    /// Errors that have no place, and that nobody else words like this.
    placeless: LazyLock<Pattern>,
    /// The code within a message, and the message around it.
    code: LazyLock<Pattern>,
}

macro_rules! header {
    ($extension:literal) => {
        LazyLock::new(|| {
            pattern(concat!(
                r"^(?<file>(?:[A-Za-z]:[\\/])?[^\s:|\[#][^:|]*\.(?:",
                $extension,
                r")):(?<line>[0-9]+):(?<column>[0-9]+): (?<severity>(?:fatal )?error|warning|note|info|remark|exception): (?<message>.+)$"
            ))
        })
    };
}

/// kotlinc.
pub(super) static KOTLIN: Dialect = Dialect {
    tool: "kotlinc",
    unit: ColumnUnit::Utf16,
    header: header!("kts?"),
    placeless: LazyLock::new(|| {
        pattern(
            r"^(?<severity>error|warning): (?<message>source file or directory not found: .+\.kts?|invalid argument: -.+|unable to find kotlin-.+|language version .+ is deprecated.*|could not find or load main class .+Kt|the '-.+' argument .+|the argument -\S+ is no longer supported.*)$",
        )
    }),
    code: LazyLock::new(|| pattern(r"^\[(?<code>[A-Z][A-Z0-9_]+)\] (?<message>.+)$")),
};

/// zig.
pub(super) static ZIG: Dialect = Dialect {
    tool: "zig",
    unit: ColumnUnit::Byte,
    header: header!("zig|zon"),
    placeless: LazyLock::new(|| {
        pattern(
            r"^(?<severity>error|warning): (?<message>(?:ld\.lld: )?(?:undefined symbol|duplicate symbol): .+|unable to find (?:dynamic|static) system library .+|unrecognized (?:file extension|parameter) .+|no build\.zig file found.*)$",
        )
    }),
    code: LazyLock::new(|| pattern(r"^\x00(?<code>)(?<message>)$")),
};

/// swiftc, also below `swift build`.
pub(super) static SWIFT: Dialect = Dialect {
    tool: "swiftc",
    unit: ColumnUnit::Byte,
    header: header!("swift"),
    placeless: LazyLock::new(|| pattern(r"^<unknown>:0: (?<severity>error|warning): (?<message>.+)$")),
    code: LazyLock::new(|| pattern(r"^(?<message>.+) \[#(?<code>\w+)\]$")),
};

static CARET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^[ \t~]*\^[\^~ \t]*$"));
static REFERENCE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^    (?<name>\S.*?): (?<file>[^:]+\.zig):(?<line>[0-9]+):(?<column>[0-9]+)$"));
static GUTTER: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?: *(?<number>[0-9]+) [|+]|(?<blank> +) [|:])(?: (?<rest>.*))?$"));
static BOXED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<before>[ |]*)[|`]?- (?:note|remark): (?<message>.+)$"));
static OTHERS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?:\S[^:(]*(?::[0-9]+[:,]|\([0-9]+,[0-9]+\):)|error\b|warning\b|[ewi]: |\[|make|ninja)")
});
static UNNECESSARY: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:is|was) never (?:used|read)|^unused |will never be executed|^unreachable code|^variable is never",
    )
});
static DEPRECATED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\b(?:is|was|has been) deprecated\b"));

/// What the next line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    /// Nothing is kept, or all of it has come.
    #[default]
    Whole,
    /// The source, or still the message.
    Source,
    /// The caret is past; a line of what to insert may follow.
    Repair,
    /// The places that led there.
    References,
}

/// The state between two lines.
#[derive(Debug)]
pub(super) struct Marked {
    dialect: &'static Dialect,
    open: Option<Problem>,
    part: Part,
    /// Whether the excerpt is that of a note, the last related place.
    is_note: bool,
    /// Lines since the header. The last one before the caret is the source.
    pending: Vec<String>,
    /// The numbered line of a boxed excerpt.
    number: Option<u32>,
}

impl Format for Marked {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(header) = self.dialect.header.captures(line) {
            return self.header(&header, context);
        }
        if let Some(placeless) = self.dialect.placeless.captures(line) {
            // zig tells it for every place that needs the symbol.
            let is_same = |open: &Problem| open.message.lines().next() == Some(&placeless["message"]);
            if self.open.as_ref().is_some_and(is_same) {
                return true;
            }
            self.flush(context);
            let severity = severity(&placeless["severity"]);
            self.open = Some(Problem::new(severity, self.dialect.tool, &placeless["message"]));
            self.part = Part::References;
            return true;
        }
        self.open.is_some() && self.goes_on(line, context)
    }

    fn flush(&mut self, context: &mut Context) {
        (self.part, self.number) = (Part::Whole, None);
        self.pending.clear();
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
    }
}

impl Marked {
    pub(super) fn new(dialect: &'static Dialect) -> Self {
        Self { dialect, open: None, part: Part::Whole, is_note: false, pending: vec![], number: None }
    }

    fn header(&mut self, header: &regex::Captures<'_>, context: &mut Context) -> bool {
        let Some(spot) = spot(header) else { return false };
        let (unit, message) = (self.dialect.unit, header["message"].trim());
        let reading = Reading { unit, base: Base::Process };
        self.pending.clear();
        (self.part, self.number) = (Part::Source, None);
        self.is_note = &header["severity"] == "note";
        if self.is_note {
            let place = context.place(spot, reading);
            // Without its place, what its excerpt marks belongs to nothing.
            self.part = if place.is_some() { Part::Source } else { Part::Whole };
            if let Some(problem) = &mut self.open {
                problem.related.extend(place.map(|place| Related { place, message: message.to_owned() }));
            }
            return true;
        }
        self.flush(context);
        self.part = Part::Source;
        let code = self.dialect.code.captures(message);
        let text =
            code.as_ref().map_or(message, |code| code.name("message").map_or("", |found| found.as_str()));
        let severity = severity(&header["severity"]);
        let mut problem = context.problem(severity, self.dialect.tool, text, spot, reading);
        problem.code = code.map(|code| code["code"].to_owned());
        if UNNECESSARY.is_match(text) {
            problem.tags.push(Tag::Unnecessary);
        } else if DEPRECATED.is_match(text) {
            problem.tags.push(Tag::Deprecated);
        }
        self.open = Some(problem);
        true
    }

    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        if line == "referenced by:" {
            (self.part, self.is_note) = (Part::References, false);
            self.pending.clear();
            return true;
        }
        if self.dialect.tool == "swiftc" && self.boxed(line) {
            return true;
        }
        match self.part {
            Part::Whole => false,
            Part::Source => self.source(line),
            Part::Repair => {
                self.part = Part::Whole;
                line.starts_with("  ") && self.dialect.tool == "swiftc"
            }
            Part::References => self.reference(line, context),
        }
    }

    fn source(&mut self, line: &str) -> bool {
        if CARET.is_match(line) && !self.pending.is_empty() {
            self.pending.pop();
            let Some(problem) = &mut self.open else { return false };
            let note = problem.related.last_mut().filter(|_| self.is_note);
            let (message, place) = match note {
                Some(note) => (&mut note.message, Some(&mut note.place)),
                None => (&mut problem.message, problem.place.as_mut()),
            };
            for line in self.pending.drain(..) {
                add_line(message, line.trim());
            }
            if let Some(place) = place {
                mark(place, line);
            }
            self.part = Part::Repair;
            return true;
        }
        // An empty line may be the source: that of the end of a file.
        let is_text = self.pending.is_empty() || !line.trim().is_empty();
        let is_kept = self.pending.len() < PENDING && is_text && !OTHERS.is_match(line);
        if is_kept {
            self.pending.push(line.to_owned());
        }
        is_kept
    }

    fn reference(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(problem) = &mut self.open else { return false };
        let Some(reference) = REFERENCE.captures(line) else {
            let is_more = line.starts_with("    note: ") || line.ends_with("to see all references");
            if is_more && problem.place.is_none() {
                add_line(&mut problem.message, line.trim());
            }
            return is_more;
        };
        let reading = Reading { unit: self.dialect.unit, base: Base::Process };
        if let Some(place) = spot(&reference).and_then(|spot| context.place(spot, reading)) {
            problem.related.push(Related { place, message: format!("referenced by {}", &reference["name"]) });
        }
        true
    }

    // Swift 6 puts the messages into the excerpt, behind a line for each.
    fn boxed(&mut self, line: &str) -> bool {
        let Some(gutter) = GUTTER.captures(line) else { return false };
        self.part = Part::Whole;
        if let Some(number) = gutter.name("number") {
            self.number = number.as_str().parse().ok();
            return true;
        }
        let rest = gutter.name("rest").map_or("", |rest| rest.as_str());
        let (Some(note), Some(line)) = (BOXED.captures(rest), self.number) else { return true };
        if let Some(problem) = &mut self.open
            && let Some(place) = &problem.place
        {
            let column = u32::try_from(note["before"].chars().count() + 1).ok();
            let start = Position { line, column };
            let place = Place { start, end: None, unit: ColumnUnit::Char, path: place.path.clone() };
            problem.related.push(Related { place, message: note["message"].to_owned() });
        }
        true
    }
}

// The marks are put below by the tool's own columns. They tell the end, unless they begin before the column.
fn mark(place: &mut Place, line: &str) {
    let before = line.chars().take_while(|&mark| mark != '^').count();
    let marks = line.chars().skip(before).take_while(|mark| "^~".contains(*mark)).count();
    if let Some(column) = place.start.column.filter(|_| marks > 1) {
        let end = column.saturating_add(u32::try_from(marks).unwrap_or(1));
        place.end = Some(Position { line: place.start.line, column: Some(end) });
    }
}

fn severity(word: &str) -> Severity {
    match word {
        "warning" => Severity::Warning,
        "note" | "info" | "remark" => Severity::Information,
        _ => Severity::Error,
    }
}
