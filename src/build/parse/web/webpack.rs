//! The text of webpack, and of what prints like it (rspack, vue-cli, fork-ts-checker).
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use regex::Captures;

use super::esbuild::one_based;
use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Position, Problem, Related, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Utf16, base: Base::Process };
/// More lines explain nothing.
const LINES: usize = 12;

static HEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<severity>ERROR|WARNING) in ?(?<file>.*?)(?: (?<line>[0-9]+):(?<column>[0-9]+)(?:-(?:(?<endline>[0-9]+):)?(?<endcolumn>[0-9]+))?|:(?<line1>[0-9]+):(?<column1>[0-9]+))?$",
    )
});
static IMPORTER: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ @ (?<file>\S.*?)(?: (?<line>[0-9]+):(?<column>[0-9]+)(?:-\S+)?(?: .*)?)?$"));
static POSITION: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?<message>(?:\w*Error: (?<file>/\S+):)?.*?) \((?<line>[0-9]+):(?<column>[0-9]+)\)$")
});
static LOADER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^Module (?:build )?failed \(from .+\):$"));
// What postcss says of a style sheet.
static STYLE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\((?<line>[0-9]+):(?<column>[0-9]+)\) (?<file>\S+) (?<message>\S.*)$"));
static CODE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<code>TS[0-9]+): (?<message>.+)$"));
static END: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:.* compiled (?:with [0-9]+|successfully)|[0-9]+ (?:error|warning)s? (?:has|have) detailed information)",
    )
});
static SAID: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^\s*(?:Module (?:not found|build failed|parse failed)|export '|TS[0-9]+: |\w*Error: )")
});
static RESOLVING: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?:resolve '|  )"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Webpack {
    open: Option<Problem>,
    /// Its file as it is written.
    file: String,
    lines: usize,
    /// It is webpack's only if the next line looks like it.
    is_unsure: bool,
    /// After an empty line only what is indented belongs to it.
    is_over: bool,
}

impl Format for Webpack {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(head) = HEAD.captures(line) {
            self.flush(context);
            return self.head(&head, context);
        }
        if self.open.is_some() && self.goes_on(line, context) {
            return true;
        }
        self.flush(context);
        line.starts_with("webpack ") && END.is_match(line)
    }

    fn flush(&mut self, context: &mut Context) {
        (self.lines, self.is_over, self.is_unsure) = (0, false, false);
        if let Some(mut problem) = self.open.take().filter(|problem| !problem.message.is_empty()) {
            if problem.place.is_none() && self.file.contains('/') {
                problem.message.insert_str(0, &format!("{}: ", self.file));
            }
            context.report(problem);
        }
    }
}

impl Webpack {
    fn head(&mut self, head: &Captures<'_>, context: &mut Context) -> bool {
        let severity = if &head["severity"] == "ERROR" { Severity::Error } else { Severity::Warning };
        let file = bare(&head["file"]);
        let (line, column) = match (head.name("line"), head.name("line1")) {
            (Some(line), _) => (line.as_str(), head.name("column").map(|column| one_based(column.as_str()))),
            (None, Some(line)) => {
                (line.as_str(), head.name("column1").map(|column| column.as_str().to_owned()))
            }
            (None, None) => ("1", None),
        };
        let mut problem = Problem::new(severity, "webpack", "");
        problem.place = context.place(Spot { file, line, column: column.as_deref() }, READING);
        if let Some(place) = &mut problem.place {
            place.end = end(head, place.start.line);
        } else if file.starts_with("Entry module not found: ") {
            file.clone_into(&mut problem.message);
            self.open = Some(problem);
            return true;
        } else if file.contains(' ') {
            return false;
        } else {
            // The name of an entry, a file that isn't here, or somebody else's `ERROR in production`.
            self.is_unsure = true;
        }
        file.clone_into(&mut self.file);
        self.open = Some(problem);
        true
    }

    fn goes_on(&mut self, line: &str, context: &mut Context) -> bool {
        let Some(problem) = &mut self.open else { return false };
        if line.is_empty() {
            self.is_over = !is_open_ended(&problem.message);
            return true;
        }
        if std::mem::take(&mut self.is_unsure) && !SAID.is_match(line) {
            self.open = None;
            return false;
        }
        if let Some(importer) = IMPORTER.captures(line) {
            self.importer(&importer, context);
            return true;
        }
        // What the loader of TypeScript or eslint says is read where these are read.
        let is_other = line.starts_with("[tsl] ") || line.starts_with('/') && problem.message.is_empty();
        if is_other || END.is_match(line) {
            if is_other {
                self.open = None;
            }
            return false;
        }
        if self.is_over && !line.starts_with([' ', '>']) {
            return false;
        }
        if is_open_ended(&problem.message) {
            self.message(line, context);
        } else if self.lines < LINES && !self.is_over && !RESOLVING.is_match(line) && !line.starts_with('>') {
            self.lines += 1;
            add_line(&mut problem.message, line);
        }
        true
    }

    fn message(&mut self, line: &str, context: &mut Context) {
        let Some(problem) = &mut self.open else { return };
        if let Some(style) = STYLE.captures(line) {
            style["message"].clone_into(&mut problem.message);
            problem.place =
                spot(&style).and_then(|spot| context.place(spot, READING)).or(problem.place.take());
            return;
        }
        line.trim().clone_into(&mut problem.message);
        if let Some(code) = CODE.captures(line.trim()) {
            (problem.code, problem.tool) = (Some(code["code"].to_owned()), "tsc".to_owned());
            code["message"].clone_into(&mut problem.message);
        }
        let Some(position) = POSITION.captures(line.trim()) else { return };
        let is_known = problem.place.as_ref().is_some_and(|place| place.start.column.is_some());
        // The file need not be named again.
        let file = position.name("file").map_or(String::new(), |file| format!(" {}:", file.as_str()));
        problem.message = position["message"].replacen(&file, "", 1);
        if !is_known {
            let column = one_based(&position["column"]);
            let spot = Spot { file: &self.file, line: &position["line"], column: Some(&column) };
            problem.place = context.place(spot, READING);
        }
    }

    // Who imports the module. Before version 5 the file itself is the first.
    fn importer(&mut self, importer: &Captures<'_>, context: &mut Context) {
        let (Some(problem), Some(line), Some(column)) =
            (&mut self.open, importer.name("line"), importer.name("column"))
        else {
            return;
        };
        let column = one_based(column.as_str());
        let spot = Spot { file: bare(&importer["file"]), line: line.as_str(), column: Some(&column) };
        let Some(place) = context.place(spot, READING) else { return };
        let is_same =
            problem.place.as_ref().is_some_and(|own| own.path == place.path && own.start.column.is_none());
        if is_same {
            problem.place = Some(place);
        } else if problem.place.as_ref() != Some(&place) {
            problem.related.push(Related { place, message: "imported from here".to_owned() });
        }
    }
}

// Whether what is wrong is still to be said.
fn is_open_ended(message: &str) -> bool {
    message.is_empty() || message == "SyntaxError" || LOADER.is_match(message)
}

// A module without the loaders before it and the query behind it.
fn bare(module: &str) -> &str {
    let module =
        module.strip_suffix(')').and_then(|module| module.split_once(" (")).map_or(module, |parts| parts.0);
    let module = module.rsplit('!').next().unwrap_or(module);
    module.split('?').next().unwrap_or(module).trim()
}

// The last column is exclusive and counted from 0.
fn end(head: &Captures<'_>, line: u32) -> Option<Position> {
    let column = head.name("endcolumn")?.as_str().parse::<u32>().ok()?.checked_add(1)?;
    let line = head.name("endline").map_or(Some(line), |line| line.as_str().parse().ok())?;
    Some(Position { line, column: Some(column) })
}
