//! The text of GCC and Clang, and of the many tools that print `file:line:column: error: message` like them.
//! Notes, includes and instantiations are other places of a problem, never problems.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{self, Context, Reading, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Related, Severity, Tag};

static PLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>[^\s\[(].*?):(?<line>[0-9]+):(?:(?<column>[0-9]+):)? (?<severity>fatal error|error|warning|note|schwerwiegender Fehler|Fehler|Warnung|Anmerkung|erreur|erreur fatale|attention|avertissement|remark): (?<message>.+)$",
    )
});
static CODE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<message>.+?)\s+\[(?:-Werror,)?(?<code>-W[^\]\s]+|[a-z][a-z-]*)\]$"));
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
static GUTTER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s*[0-9]* \|"));
static CARET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<before>[\s~]*)\^~*[\s~]*$"));
static COUNT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^[0-9]+ (?:warning|error)s?(?: and [0-9]+ errors?)? generated\.$"));
static DRIVER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\S*/)?(?:\S+-)?(?<tool>gcc|g\+\+|cc|c\+\+|clang|clang\+\+|cc1|cc1plus)(?:-[0-9.]+)?: (?<severity>fatal error|error|warning): (?<message>.+)$",
    )
});

/// Which of the two prints; it becomes clear while reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Compiler {
    #[default]
    Unknown,
    Gcc,
    Clang,
}

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Gcc {
    compiler: Compiler,
    /// Its notes and its excerpt may follow.
    open: Option<Problem>,
    /// How many lines of the excerpt may still come.
    excerpt: u8,
    /// Whether that excerpt is the problem's own, and not a note's.
    is_own_excerpt: bool,
    /// Places that were said before the problem they lead to.
    leading: Vec<Related>,
}

impl Format for Gcc {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if self.excerpt(line) {
            return true;
        }
        if let Some(placed) = PLACED.captures(line) {
            return self.placed(&placed, context);
        }
        if self.lead(line, context) {
            return true;
        }
        if COUNT.is_match(line) {
            self.flush(context);
            return true;
        }
        if let Some(driver) = DRIVER.captures(line) {
            self.flush(context);
            report_driver(&driver, context);
            return true;
        }
        line == "compilation terminated."
    }

    fn flush(&mut self, context: &mut Context) {
        self.excerpt = 0;
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
        // Their own formats count columns in another way.
        if is_of_others(spot.file) {
            return false;
        }
        // A clock, a host and its port, somebody's prefix before the file: not everything with numbers is a place.
        if !is_source(spot.file) && context.places.find(spot.file, Base::Process).is_none() {
            return false;
        }
        let message = &placed["message"];
        self.recognize(message);
        let (tool, unit) = tool_of(spot.file);
        let unit = if self.compiler == Compiler::Clang { ColumnUnit::Byte } else { unit };
        let reading = Reading { unit, base: Base::Process };
        let severity = match &placed["severity"] {
            "warning" | "Warnung" | "attention" | "avertissement" | "remark" => Severity::Warning,
            "note" | "Anmerkung" => {
                self.note(context.place(spot, reading), message);
                return true;
            }
            _ => Severity::Error,
        };
        self.flush(context);
        (self.excerpt, self.is_own_excerpt) = (3, true);
        let mut problem = context.problem(severity, tool, message, spot, reading);
        if let Some(parts) = CODE.captures(message) {
            problem.message.truncate(problem.message.len() - message.len() + parts["message"].len());
            problem.tags = tags(&parts["code"]);
            problem.code = Some(parts["code"].to_owned());
        }
        problem.related.append(&mut self.leading);
        self.open = Some(problem);
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
        self.excerpt -= 1;
        let Some(caret) = caret else { return gutter > 0 };
        self.excerpt = 0;
        if gutter == 0 {
            self.compiler = Compiler::Clang;
        }
        self.read_caret(caret["before"].chars().count(), shown);
        true
    }

    fn read_caret(&mut self, before: usize, shown: &str) {
        let Some(problem) = self.open.as_mut().filter(|_| self.is_own_excerpt) else { return };
        let Some(place) = &mut problem.place else { return };
        let Some(column) = place.start.column else { return };
        let seen = u32::try_from(before + 1).unwrap_or(u32::MAX);
        if seen != column {
            place.unit = ColumnUnit::Byte;
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

// Whether it looks like source even if it isn't found, as in a container.
fn is_source(file: &str) -> bool {
    const EXTENSIONS: [&str; 25] = [
        "c", "h", "cc", "hh", "cpp", "hpp", "cxx", "hxx", "c++", "h++", "C", "H", "m", "mm", "cu", "inc",
        "ipp", "tpp", "S", "s", "py", "pyi", "asm", "f90", "rs",
    ];
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    EXTENSIONS.contains(&extension) && !file.contains(' ')
}

fn is_of_others(file: &str) -> bool {
    const EXTENSIONS: [&str; 10] = ["kt", "kts", "swift", "zig", "zon", "java", "scala", "proto", "hs", "rb"];
    file.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}

// Others that print the same, by what they read. An empty tool is one of the two compilers.
fn tool_of(file: &str) -> (&'static str, ColumnUnit) {
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "py" | "pyi" => ("mypy", ColumnUnit::Char),
        "asm" | "nasm" => ("nasm", ColumnUnit::Byte),
        "rs" => ("rustc", ColumnUnit::Char),
        _ => ("", ColumnUnit::Display),
    }
}

fn report_driver(driver: &regex::Captures<'_>, context: &mut Context) {
    let message = &driver["message"];
    let is_summary = message.starts_with("linker command failed") || message.starts_with("ld returned");
    if is_summary || message.ends_with("[-Wsarif-format-unstable]") {
        return;
    }
    let severity = if &driver["severity"] == "warning" { Severity::Warning } else { Severity::Error };
    let tool = if driver["tool"].starts_with("clang") { "clang" } else { "gcc" };
    context.report(Problem::new(severity, tool, message));
}

fn href(code: &str, compiler: Compiler) -> Option<String> {
    let option = code.strip_prefix("-Werror=").or(code.strip_prefix("-W"))?;
    let name = option.split('=').next().unwrap_or(option);
    match compiler {
        Compiler::Gcc => {
            Some(format!("https://gcc.gnu.org/onlinedocs/gcc/Warning-Options.html#index-W{name}"))
        }
        Compiler::Clang => Some(format!("https://clang.llvm.org/docs/DiagnosticsReference.html#w{name}")),
        Compiler::Unknown => None,
    }
}

fn tags(code: &str) -> Vec<Tag> {
    let name = code.trim_start_matches("-Werror=").trim_start_matches("-W");
    if name.starts_with("unused") && name != "unused-result" {
        vec![Tag::Unnecessary]
    } else if name.starts_with("deprecated") {
        vec![Tag::Deprecated]
    } else {
        vec![]
    }
}
