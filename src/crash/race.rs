//! Go: what the race detector reports. The program goes on, and says at its end how many there were.

use std::sync::LazyLock;

use regex::Regex;

use super::{Frame, Trace};

static HEAD: &str = "WARNING: DATA RACE";
static ACCESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?<what>(?:Previous )?(?:[Aa]tomic )?(?:[Rr]ead|[Ww]rite)) at 0x[0-9a-f]+ (?<by>by .+):$|^(?<other>\S.*):$")
        .expect("the pattern is fixed and valid")
});
static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^ {6}(?<file>\S.*):(?<line>[0-9]+)(?: \+0x[0-9a-f]+)?$")
        .expect("the pattern is fixed and valid")
});

/// Every report in `lines`: the two accesses, and where their goroutines began.
pub(super) fn read(lines: &[&str]) -> Vec<Trace> {
    let mut traces = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        at += 1;
        if lines[at - 1] != HEAD {
            continue;
        }
        let mut accesses: Vec<String> = Vec::new();
        let (mut frames, mut section, mut function) = (Vec::new(), None, "");
        while let Some(line) = lines.get(at).filter(|line| is_inner(line)) {
            at += 1;
            if let Some(frame) = FRAME.captures(line) {
                let within = function.rsplit_once('(').map_or(function, |(name, _)| name);
                let label = match &section {
                    Some(section) => format!("{section}, in {within}"),
                    None => format!("in {within}"),
                };
                let (path, line) = (frame["file"].to_owned(), frame["line"].parse().unwrap_or(1));
                frames.push(Frame { path, line, column: None, label });
            } else if let Some(access) = ACCESS.captures(line) {
                let text = match access.name("other") {
                    Some(other) => other.as_str().to_lowercase(),
                    None => format!("{} {}", access["what"].to_lowercase(), &access["by"]),
                };
                // The first one is what the report is about, and needs no name for its frames.
                section = (!accesses.is_empty()).then(|| text.clone());
                accesses.push(text);
            } else {
                function = line.trim();
            }
        }
        let message = format!("DATA RACE: {}", accesses.get(..2).unwrap_or(&accesses).join(", "));
        traces.push(Trace { message, frames, end: at });
    }
    traces
}

fn is_inner(line: &str) -> bool {
    line.is_empty() || line.starts_with("  ") || ACCESS.is_match(line)
}
