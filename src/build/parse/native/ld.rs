//! The text of linkers: GNU ld, gold, mold, lld and the one of macOS. Their problems seldom have a place.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Related, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };

static LINKER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:\S*/)?(?:\S+-)?(?:ld|ld\.\w+|ld64\.lld|gold|mold|lld|rust-lld): (?:(?<severity>error|fatal|warning): )?(?<message>.+)$",
    )
});
static SAID: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:(?<file>[^\s:(][^:(]*?):)?(?:\((?:\.[^)]*)\)|(?<line>[0-9]+)): (?<message>undefined reference to .+|multiple definition of .+|relocation .+)$",
    )
});
static ARROW: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^>>> (?<kind>referenced by|defined at) (?<file>.+?):(?<line>[0-9]+)(?: \((?<whole>.+):[0-9]+\))?$",
    )
});
static FIRST: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"; (?:[^:]+\.o:)?(?<file>[^:]+):(?<line>[0-9]+): first defined here$"));
static ADDS_NOTHING: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r": in function `|^symbol\(s\) not found|: more undefined references to .+ follow$|: previous definition here$|^the vtable symbol may be undefined because ",
    )
});
// gold, of an object without its lines.
static OBJECT: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\S+:function .+: error: (?<message>undefined reference to .+)$"));
static COLLECT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^collect2: (?:fatal )?error: .+$"));
static APPLE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^Undefined symbols for architecture \S+:$"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Ld {
    /// Its `>>>` lines may follow.
    open: Option<Problem>,
}

impl Format for Ld {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(problem) = &mut self.open
            && (line.starts_with(">>> ") || line.starts_with("  "))
        {
            if !arrow(problem, line, context) {
                add_line(&mut problem.message, line.trim());
            }
            return true;
        }
        self.flush(context);
        if APPLE.is_match(line) {
            self.open = Some(Problem::new(Severity::Error, "ld", line));
            return true;
        }
        if let Some(linker) = LINKER.captures(line) {
            let severity = linker.name("severity").map(|severity| severity.as_str());
            return self.linker(severity, &linker["message"], context);
        }
        if let Some(object) = OBJECT.captures(line) {
            return self.linker(None, &object["message"], context);
        }
        if SAID.is_match(line) {
            return self.linker(None, line, context);
        }
        COLLECT.is_match(line)
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some(problem) = self.open.take() {
            context.report(problem);
        }
    }
}

impl Ld {
    fn linker(&mut self, severity: Option<&str>, message: &str, context: &mut Context) -> bool {
        // Which object and function is said again with the problem, or says nothing without it.
        if ADDS_NOTHING.is_match(message) {
            return true;
        }
        let (message, is_warning) = match message.split_once(": warning: ") {
            Some((_, warning)) if severity.is_none() => (warning, true),
            _ => (message, severity == Some("warning")),
        };
        let severity = if is_warning { Severity::Warning } else { Severity::Error };
        let said = SAID.captures(message);
        let place = said.as_ref().and_then(|said| {
            let spot =
                Spot { file: said.name("file")?.as_str(), line: said.name("line")?.as_str(), column: None };
            context.place(spot, READING)
        });
        let text = match (&said, &place) {
            (Some(said), Some(_)) => said["message"].to_owned(),
            (Some(said), None) if said.name("file").is_none() => said["message"].to_owned(),
            _ => message.to_owned(),
        };
        let mut problem = Problem::new(severity, "ld", text);
        problem.place = place;
        if let Some(first) = FIRST.captures(message) {
            let place = spot(&first).and_then(|spot| context.place(spot, READING));
            let message = "first defined here".to_owned();
            problem.related.extend(place.map(|place| Related { place, message }));
        }
        self.open = Some(problem);
        true
    }
}

// `>>> referenced by main.c:4 (/path/main.c:4)`, where there is debug information. The first one is the place.
fn arrow(problem: &mut Problem, line: &str, context: &mut Context) -> bool {
    let Some(arrow) = ARROW.captures(line) else { return false };
    let place = ["whole", "file"].iter().find_map(|name| {
        let spot =
            Spot { file: arrow.name(name)?.as_str(), line: arrow.name("line")?.as_str(), column: None };
        context.place(spot, READING)
    });
    let Some(place) = place else { return false };
    if problem.place.is_none() {
        problem.place = Some(place);
    } else if problem.related.len() < 20 {
        problem.related.push(Related { place, message: arrow["kind"].to_owned() });
    }
    true
}
