//! The text of gfortran: the place, its source with a `1` below, and only then what is wrong there.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use super::speakers::take_code;
use crate::build::parse::Format;
use crate::build::parse::context::{self, Context, Reading, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Problem, Related, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Byte, base: Base::Process };
/// Between the place and the message there are no more lines.
const LINES: u8 = 12;

static PLACE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^(?<file>[^\s\[(].*?):(?<line>[0-9]+):(?:(?<column>[0-9]+):)?$"));
static EXCERPT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s*[0-9]* \||^\s+[12~ ]+$|^$"));
static MESSAGE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"^(?<severity>Fatal Error|Internal Error|Error|Warning|Note): (?<message>.+)$")
});
static INCLUDED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^ +Included (?:at|by) (?<file>.+?):(?<line>[0-9]+):$"));

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Gfortran {
    /// A place of which is not said yet what is wrong there, and how many lines have followed.
    open: Option<(Place, u8)>,
    included: Vec<Related>,
}

impl Format for Gfortran {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(place) = PLACE.captures(line) {
            let place = spot(&place).filter(|spot| is_fortran(spot.file));
            let place = place.and_then(|spot| context.place(spot, READING));
            let is_taken = place.is_some();
            self.open = place.map(|place| (place, 0));
            self.included.clear();
            return is_taken;
        }
        let Some((place, lines)) = &mut self.open else { return false };
        if let Some(included) = INCLUDED.captures(line) {
            let place = spot(&included).and_then(|spot| context.place(spot, READING));
            let message = context::INCLUDED.to_owned();
            self.included.extend(place.map(|place| Related { place, message }));
            return true;
        }
        if let Some(message) = MESSAGE.captures(line) {
            let severity = match &message["severity"] {
                "Warning" => Severity::Warning,
                "Note" => Severity::Information,
                _ => Severity::Error,
            };
            let mut problem = Problem::new(severity, "gfortran", &message["message"]).at(place.clone());
            take_code(&mut problem);
            problem.related.append(&mut self.included);
            self.open = None;
            context.report(problem);
            return true;
        }
        *lines += 1;
        if *lines > LINES || !EXCERPT.is_match(line) {
            self.open = None;
            return false;
        }
        true
    }

    fn flush(&mut self, _context: &mut Context) {}
}

fn is_fortran(file: &str) -> bool {
    const EXTENSIONS: [&str; 14] =
        ["f", "for", "ftn", "f77", "f90", "f95", "f03", "f08", "f18", "F", "F90", "F95", "F03", "inc"];
    file.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}
