//! The text of `go build`, `go vet`, `go list` and of Go's modules.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::build::parse::tools::is_of_staticcheck;
use crate::engine::{ColumnUnit, Problem, Related, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Byte, base: Base::Module };

static PLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<vet>vet: )?(?<file>(?:[^:\t]|:[^0-9 ])*?(?:\.(?:go|s|y)|go\.(?:mod|work|sum))):(?<line>[0-9]+):(?:(?<column>[0-9]+):)? (?<message>.+)$",
    )
});
// `//line` may name a file of any kind.
static DIRECTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?<vet>vet: )?(?<file>[^\s:{][^:]*):(?<line>[0-9]+):(?:(?<column>[0-9]+):)? (?<message>.+)$")
});
static LEVEL: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|PANIC)\b"));
static PACKAGE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^# (?<vet>\[)?[\w./@~-]+\]?(?: \[[^\]]+\])?$"));
static MODULE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^go: (?<warning>warning: )?(?<message>.+)$"));
static MODULE_FILE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?:^|/)go\.(?:mod|work|sum)$"));
// What `go list` says of imports, before vet begins.
static LOADING: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:package |no required module|cannot find |found packages |import |malformed |use of internal |missing go\.sum|updates to go\.mod|module |pattern |local import |invalid |expected |illegal |\x22.+\x22 is relative|.+ not terminated)",
    )
});
static PROGRESS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:downloading|finding|extracting|added|upgraded|downgraded|removed|creating|writing|copying|to add|found|no module dependencies|trying)\b",
    )
});
static IMPORTS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^package [\w./@-]+$"));
static LINK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\S+: )?(?:relocation target \S+ not defined|function main is undeclared in the main package|link: .+|duplicated definition of symbol .+|import cycle not allowed.*|(?:no|build constraints exclude all) Go files in .+)$",
    )
});

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Go {
    /// Lines that begin with a tab still belong to it.
    open: Option<Problem>,
    /// What follows are findings of vet, or not; unknown before the first package is named.
    is_vet: Option<bool>,
    /// `go: errors parsing go.mod:`, whose lines follow.
    is_header: bool,
    /// Directly before, a package was named, or something in it.
    in_package: bool,
}

impl Format for Go {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        // An event of `-json` may have a place in it.
        if line.starts_with("{\"") {
            return false;
        }
        if let Some(more) = line.strip_prefix('\t') {
            return self.more(more, context);
        }
        self.flush(context);
        if is_of_staticcheck(line) {
            return false;
        }
        if let Some(package) = PACKAGE.captures(line) {
            self.is_vet = Some(package.name("vet").is_some());
            self.in_package = true;
            return true;
        }
        let in_package = std::mem::take(&mut self.in_package);
        if let Some(placed) = PLACED.captures(line) {
            return self.placed(&placed, in_package, context);
        }
        if in_package && let Some(directed) = DIRECTED.captures(line) {
            return self.placed(&directed, in_package, context);
        }
        if let Some(module) = MODULE.captures(line) {
            return self.module(&module);
        }
        if LINK.is_match(line) || IMPORTS.is_match(line) {
            self.open = Some(Problem::new(Severity::Error, "go", line));
            return true;
        }
        false
    }

    fn flush(&mut self, context: &mut Context) {
        let Some(problem) = self.open.take() else { return };
        // `package x` alone may be anything; what it imports makes it an error.
        let is_bare_import = IMPORTS.is_match(&problem.message);
        // `go: errors parsing go.mod:` is said again by the lines that follow.
        let is_header = std::mem::take(&mut self.is_header) && !problem.message.contains('\n');
        if !is_bare_import && !is_header {
            context.report(problem);
        }
    }
}

impl Go {
    fn placed(&mut self, placed: &regex::Captures<'_>, in_package: bool, context: &mut Context) -> bool {
        let Some(spot) = spot(placed) else { return false };
        let message = &placed["message"];
        // So does a C compiler begin, of what cgo gave to it or of another language's source.
        if ["error: ", "warning: ", "note: ", "fatal error: "].iter().any(|start| message.starts_with(start))
        {
            return false;
        }
        // A program's log names its level.
        if LEVEL.is_match(message) {
            return false;
        }
        // The compiler's packages have headers, and the files of the only package without one begin with `./`.
        let is_alone = self.is_vet.is_none() && !spot.file.starts_with("./") && spot.column.is_some();
        let is_vet = self.is_vet.unwrap_or(context.is_vet || is_alone) && placed.name("vet").is_none();
        let is_finding = is_vet && !LOADING.is_match(message);
        let severity = if is_finding { Severity::Warning } else { Severity::Error };
        // A generator's `log.Println` looks the same, but has no column. The compiler has one, if no `//line` took it.
        let is_certain = in_package && context.places.find(spot.file, Base::Module).is_some();
        if spot.column.is_none() && !MODULE_FILE.is_match(spot.file) && !is_certain {
            return false;
        }
        self.in_package = in_package;
        if message == "too many errors" {
            let more = "more errors were not printed (help: build with `-gcflags=-e` to see all)";
            let problem = context.problem(Severity::Information, "go", more, spot, READING);
            context.report(problem);
            return true;
        }
        self.open = Some(context.problem(severity, "go", message, spot, READING));
        true
    }

    fn module(&mut self, module: &regex::Captures<'_>) -> bool {
        let message = &module["message"];
        if PROGRESS.is_match(message) {
            return true;
        }
        let severity = if module.name("warning").is_some() { Severity::Warning } else { Severity::Error };
        self.is_header = message.starts_with("errors parsing ");
        self.open = Some(Problem::new(severity, "go", message));
        true
    }

    fn more(&mut self, more: &str, context: &mut Context) -> bool {
        let Some(problem) = &mut self.open else { return false };
        if let Some(placed) = PLACED.captures(more)
            && let Some(spot) = spot(&placed)
            && let Some(place) = context.place(spot, READING)
        {
            problem.related.push(Related { place, message: placed["message"].to_owned() });
        } else {
            add_line(&mut problem.message, more.trim());
        }
        true
    }
}
