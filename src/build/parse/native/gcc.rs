//! The text of GCC and Clang, and of the many tools that print `file:line:column: error: message` like them.
//! Notes, includes and instantiations are other places of a problem, never problems.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{self, Context, Reading, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Related};

use super::speakers::{
    self, Compiler, href, is_ada, is_assembled, is_grammar, is_of_others, is_source, severity, take_code,
    tool_of,
};

// bison joins lines and columns by a dot and gives the end; cl's and vi's ways to write a place are options of Clang.
static PLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>[^\s\[(].*?)(?::|\(| \+)(?<line>[0-9]+)(?:(?:[:,]|(?<dot>\.))(?<column>[0-9]+))?(?:-(?:(?<end_line>[0-9]+)\.)?(?<end>[0-9]+))?(?::|\) ?:) (?<severity>fatal error|fatal|error|warning|note|info|style|performance|portability|information|Error|Warning|schwerwiegender Fehler|Fehler|Warnung|Anmerkung|erreur|erreur fatale|attention|avertissement|remark): (?<message>.+)$",
    )
});
static WHOLE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<file>[^\s:]+\.y\w*): (?<severity>error|warning|note): (?<message>.+)$"));
// Ada's has not always named an error, and doesn't name what is a matter of style.
static ADA: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?<file>[^\s:]+\.ad[abs]):(?<line>[0-9]+):(?<column>[0-9]+): (?<message>.+)$")
});
static INCLUDED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:In file included|\s+) from (?<file>.+?):(?<line>[0-9]+)(?::(?<column>[0-9]+))?(?<end>[,:])$",
    )
});
static REQUIRED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?<file>\S.*?):(?<line>[0-9]+):(?:(?<column>[0-9]+):)? {2,}(?<message>\S.*)$")
});
static FUNCTION: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^\S.*?: (?:In [a-z].* ['‘].*['’]:|In (?:instantiation|substitution) of .+:|At (?:top level|global scope):|In .*lambda function:)$",
    )
});
// nasm, of a macro.
static FROM: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?<file>\S.*?):(?<line>[0-9]+): \.\.\. (?<message>from macro .+ defined here)$")
});
// GCC 15 and later, of an inner note.
static NESTED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ +(?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+):\s*$"));
static BULLET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^ {2,}[•*] (?<message>.+)$"));
static ESCAPE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"<U\+[0-9A-F]{4,6}>|<[0-9A-Fa-f]{2}>"));
static GUTTER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s*[0-9]* \|"));
static CARET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<before>[\s~]*)\^~*[\s~]*$"));
static COUNT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^[0-9]+ (?:warning|error)s?(?: and [0-9]+ errors?)? generated\.$"));
/// The state between two lines.
#[derive(Debug, Default)]
pub(in crate::build::parse) struct Gcc {
    compiler: Compiler,
    /// Its notes and its excerpt may follow.
    open: Option<Problem>,
    /// How many lines of the excerpt may still come.
    excerpt: u8,
    /// Whether that excerpt is the problem's own, and not a note's.
    is_own_excerpt: bool,
    /// Places that were said before the problem they lead to.
    leading: Vec<Related>,
    /// What an inner note says whose place may follow.
    bullet: Option<String>,
    /// The source is shown in another way than it is written, or it is another line: the caret says nothing.
    is_elsewhere: bool,
}

impl Format for Gcc {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if self.excerpt(line) {
            return true;
        }
        if let Some(placed) = PLACED.captures(line).or_else(|| ADA.captures(line)) {
            return self.placed(&placed, context);
        }
        if let Some(whole) = WHOLE.captures(line).filter(|whole| is_grammar(&whole["file"])) {
            return self.whole(&whole, context);
        }
        if self.open.is_some() && self.inner(line, context) {
            return true;
        }
        if self.lead(line, context) {
            return true;
        }
        if COUNT.is_match(line) {
            self.flush(context);
            return true;
        }
        if let Some(driver) = speakers::driver(line) {
            self.flush(context);
            for problem in driver {
                context.report(problem);
            }
            return true;
        }
        line == "compilation terminated."
    }

    fn flush(&mut self, context: &mut Context) {
        self.excerpt = 0;
        self.bullet = None;
        let Some(mut problem) = self.open.take() else { return };
        if problem.tool.is_empty() {
            problem.tool.push_str(if self.compiler == Compiler::Clang { "clang" } else { "gcc" });
            problem.href = problem.code.as_deref().and_then(|code| href(code, self.compiler));
        }
        context.report(problem);
    }
}

impl Gcc {
    fn placed(&mut self, placed: &regex::Captures<'_>, context: &mut Context) -> bool {
        let Some(spot) = spot(placed) else { return false };
        if is_of_others(spot.file) {
            return false;
        }
        let message = placed["message"].trim();
        let unnamed = if message.starts_with("(style) ") { "style" } else { "error" };
        let said = placed.name("severity").map_or(unnamed, |severity| severity.as_str());
        if ["Error", "Warning"].contains(&said) && !is_assembled(spot.file) {
            return false;
        }
        // A clock, a host and its port, somebody's prefix before the file: not everything with numbers is a place.
        if !is_source(spot.file) && context.places.find(spot.file, Base::Process).is_none() {
            return false;
        }
        self.recognize(message);
        let (tool, unit) = tool_of(spot.file, spot.column.is_some());
        let unit = if self.compiler == Compiler::Clang { ColumnUnit::Byte } else { unit };
        let reading = Reading { unit, base: Base::Process };
        let Some(severity) = severity(said).filter(|_| said != "info" || tool == "gnat") else {
            self.note(context.place(spot, reading), message);
            return true;
        };
        let mut problem = context.problem(severity, tool, message, spot, reading);
        if is_ada(spot.file) && self.goes_on(&problem) {
            return true;
        }
        self.flush(context);
        (self.excerpt, self.is_own_excerpt, self.is_elsewhere) = (3, true, false);
        take_code(&mut problem);
        if ["style", "performance", "portability", "information"].contains(&said) && tool.is_empty() {
            "cppcheck".clone_into(&mut problem.tool);
        }
        of_checkers(&mut problem);
        if let (Some(_), Some(place)) = (placed.name("dot"), &mut problem.place) {
            "bison".clone_into(&mut problem.tool);
            place.end = end_of(placed, spot.line);
        }
        problem.related.append(&mut self.leading);
        self.open = Some(problem);
        true
    }

    // Ada's compiler says each line of a message by itself.
    fn goes_on(&mut self, next: &Problem) -> bool {
        let Some(open) = &mut self.open else { return false };
        let is_style = |problem: &Problem| problem.message.starts_with("(style) ");
        if is_style(open) || is_style(next) {
            return false;
        }
        let is_same = open.place.is_some() && open.place == next.place && open.severity == next.severity;
        if is_same {
            context::add_line(&mut open.message, &next.message);
        }
        is_same
    }

    // Of a grammar as a whole.
    fn whole(&mut self, whole: &regex::Captures<'_>, context: &mut Context) -> bool {
        let spot = context::Spot {
            file: whole.name("file").map_or("", |file| file.as_str()),
            line: "1",
            column: None,
        };
        let reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };
        let Some(place) = context.place(spot, reading) else { return false };
        let message = &whole["message"];
        let Some(severity) = severity(&whole["severity"]) else {
            self.note(Some(place), message);
            return true;
        };
        self.flush(context);
        let mut problem = Problem::new(severity, "bison", message).at(place);
        take_code(&mut problem);
        self.open = Some(problem);
        true
    }

    // The notes inside of a problem, as GCC 15 and later print them, and the macro that nasm was in.
    fn inner(&mut self, line: &str, context: &mut Context) -> bool {
        let reading = Reading { unit: ColumnUnit::Display, base: Base::Process };
        if let Some(bullet) = BULLET.captures(line) {
            self.bullet = Some(bullet["message"].to_owned());
            return true;
        }
        if let Some(from) = FROM.captures(line) {
            let place = spot(&from).and_then(|spot| context.place(spot, reading));
            self.note(place, &from["message"]);
            return true;
        }
        let Some(bullet) = self.bullet.take() else { return false };
        let Some(nested) = NESTED.captures(line) else { return false };
        let place = spot(&nested).and_then(|spot| context.place(spot, reading));
        if let (Some(place), Some(problem)) = (place, &mut self.open) {
            problem.related.push(Related { place, message: bullet });
        }
        true
    }

    fn note(&mut self, place: Option<Place>, message: &str) {
        (self.excerpt, self.is_own_excerpt) = (3, false);
        if let (Some(problem), Some(place)) = (&mut self.open, place) {
            problem.related.push(Related { place, message: message.to_owned() });
        }
    }

    // `In file included from`, `required from`, `In function`: what leads to the next problem.
    fn lead(&mut self, line: &str, context: &mut Context) -> bool {
        let reading = Reading { unit: ColumnUnit::Display, base: Base::Process };
        let (groups, message) = if let Some(included) = INCLUDED.captures(line) {
            if &included["end"] == "," {
                self.compiler = Compiler::Gcc;
            }
            (included, context::INCLUDED.to_owned())
        } else if let Some(required) = REQUIRED.captures(line) {
            let message = required["message"].to_owned();
            (required, message)
        } else {
            let is_function = FUNCTION.is_match(line);
            if is_function {
                self.compiler = Compiler::Gcc;
                self.flush(context);
            }
            return is_function;
        };
        let Some(place) = spot(&groups).and_then(|spot| context.place(spot, reading)) else { return false };
        self.flush(context);
        if self.leading.len() < 20 {
            self.leading.push(Related { place, message });
        }
        true
    }

    // The lines below a problem: its source, the caret, a repair. The caret tells the unit of the column, for GCC counts
    // what is seen on the screen and Clang bytes.
    fn excerpt(&mut self, line: &str) -> bool {
        let gutter = GUTTER.find(line).map_or(0, |gutter| gutter.end());
        if self.open.is_none() || (gutter == 0 && self.excerpt == 0) {
            return false;
        }
        let shown = line[gutter..].strip_prefix(' ').filter(|_| gutter > 0).unwrap_or(&line[gutter..]);
        let caret = CARET.captures(shown);
        if self.excerpt == 0 {
            return gutter > 0;
        }
        if gutter == 0 && caret.is_none() && (PLACED.is_match(line) || INCLUDED.is_match(line)) {
            return false;
        }
        if gutter == 0 {
            self.excerpt -= 1;
        }
        let Some(caret) = caret else {
            // Where several compilers speak at once, it may be another one's.
            let number = line[..gutter].trim_matches([' ', '|']).parse::<u32>().ok();
            let place = self.open.as_ref().and_then(|problem| problem.place.as_ref());
            let is_other = number.is_some() && number != place.map(|place| place.start.line);
            self.is_elsewhere = is_other
                || ESCAPE.is_match(shown)
                || (self.is_elsewhere && (number.is_none() || self.compiler == Compiler::Gcc));
            return gutter > 0;
        };
        self.excerpt = 0;
        let is_of_compiler = self.open.as_ref().is_some_and(|problem| problem.tool.is_empty());
        if gutter == 0 && is_of_compiler {
            self.compiler = Compiler::Clang;
        }
        self.read_caret(caret["before"].chars().count(), shown);
        true
    }

    fn read_caret(&mut self, before: usize, shown: &str) {
        let Some(problem) = self.open.as_mut().filter(|_| self.is_own_excerpt && !self.is_elsewhere) else {
            return;
        };
        let Some(place) = &mut problem.place else { return };
        let Some(column) = place.start.column else { return };
        let seen = u32::try_from(before + 1).unwrap_or(u32::MAX);
        if seen != column {
            // Of the others it is known how they count, however they show the source.
            if problem.tool.is_empty() {
                place.unit = ColumnUnit::Byte;
            }
            return;
        }
        if place.end.is_some() {
            return;
        }
        let marks = shown.chars().skip(before + 1).take_while(|&mark| mark == '~').count();
        let end = column.saturating_add(u32::try_from(marks + 1).unwrap_or(1));
        place.end = Some(Position { line: place.start.line, column: Some(end) });
    }

    fn recognize(&mut self, message: &str) {
        if message.contains('‘') || message.starts_with("in expansion of macro") {
            self.compiler = Compiler::Gcc;
        } else if message.contains("[-Werror,") || message.starts_with("expanded from macro") {
            self.compiler = Compiler::Clang;
        }
    }
}

// They count as Clang does, and one says how sure it is.
fn of_checkers(problem: &mut Problem) {
    if !["cppcheck", "clang-tidy"].contains(&problem.tool.as_str()) {
        return;
    }
    if let Some(place) = &mut problem.place {
        place.unit = ColumnUnit::Byte;
    }
    if let Some(rest) = problem.message.strip_prefix("inconclusive: ") {
        problem.message = rest.to_owned();
    }
}

// bison gives the last character.
fn end_of(placed: &regex::Captures<'_>, line: &str) -> Option<Position> {
    let end: u32 = placed.name("end")?.as_str().parse().ok()?;
    let line = placed.name("end_line").map_or(line, |line| line.as_str()).parse().ok()?;
    Some(Position { line, column: Some(end.saturating_add(1)) })
}
