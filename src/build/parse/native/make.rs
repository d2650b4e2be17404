//! What make and ninja say about their own files. That a command of theirs failed is no problem: the command said why.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use super::speakers::is_makefile;
use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };

static NINJA: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^ninja: (?<severity>error|fatal|warning): (?:(?<file>[^\s:']+):(?<line>[0-9]+): )?(?<message>.+)$",
    )
});
// Below its error ninja shows the line, cut off if it is long, and where in it.
static NEAR: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^(?<before> *)\^ near here$"));
static PLACED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?<file>[^\s:]+):(?<line>[0-9]+): (?:(?<stop>\*\*\* )|(?<warning>warning: ))?(?<message>.+?)(?:\.  Stop\.)?$",
    )
});
static OWN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^\S*make(?:\[[0-9]+\])?: (?:\*\*\* (?<message>.+?)(?:\.  Stop\.)?|(?<warned>Circular .+ dependency dropped)\.|[Ww]arning: +(?<warning>.+)|(?<missing>\S+: (?:No such file or directory|Command not found|Permission denied)))$",
    )
});
static FAILED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?:\S*make(?:\[[0-9]+\])?: \*\*\* \[.+\] |FAILED: |ninja: build stopped)"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Make {
    /// An error of ninja whose column may follow, and how many lines have come since.
    open: Option<(Problem, u8)>,
}

impl Format for Make {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if self.near(line, context) {
            return true;
        }
        if FAILED.is_match(line) {
            return true;
        }
        if let Some(ninja) = NINJA.captures(line) {
            let severity = if &ninja["severity"] == "warning" { Severity::Warning } else { Severity::Error };
            let problem = match spot(&ninja) {
                Some(spot) => context.problem(severity, "ninja", &ninja["message"], spot, READING),
                None => Problem::new(severity, "ninja", &ninja["message"]),
            };
            self.open = Some((problem, 0));
            return true;
        }
        if let Some(placed) = PLACED.captures(line) {
            return report(&placed, context);
        }
        let Some(own) = OWN.captures(line) else { return false };
        let text = |name: &str| own.name(name).map(|text| text.as_str());
        let problem = match (text("message").or(text("missing")), text("warning").or(text("warned"))) {
            (Some(message), _) => Problem::new(Severity::Error, "make", message),
            (None, warning) => Problem::new(Severity::Warning, "make", warning.unwrap_or_default()),
        };
        context.report(problem);
        true
    }

    fn flush(&mut self, context: &mut Context) {
        if let Some((problem, _)) = self.open.take() {
            context.report(problem);
        }
    }
}

impl Make {
    fn near(&mut self, line: &str, context: &mut Context) -> bool {
        let Some((problem, lines)) = &mut self.open else { return false };
        *lines += 1;
        let near = NEAR.captures(line);
        if let (Some(near), Some(place)) = (&near, &mut problem.place) {
            place.start.column = u32::try_from(near["before"].len() + 1).ok();
        }
        let is_source = *lines == 1 && problem.place.is_some();
        if near.is_some() || !is_source {
            self.flush(context);
        }
        near.is_some()
    }
}

// `$(warning …)` and what could not be included have neither a word nor stars.
fn report(placed: &regex::Captures<'_>, context: &mut Context) -> bool {
    let Some(spot) = spot(placed) else { return false };
    let message = &placed["message"];
    let is_stop = placed.name("stop").is_some();
    let is_warning = placed.name("warning").is_some() || !message.ends_with(": No such file or directory");
    if !is_stop && !is_makefile(spot.file) {
        return false;
    }
    if !is_stop && context.places.find(spot.file, Base::Process).is_none() {
        return false;
    }
    let severity = if is_warning && !is_stop { Severity::Warning } else { Severity::Error };
    let problem = context.problem(severity, "make", message, spot, READING);
    context.report(problem);
    true
}
