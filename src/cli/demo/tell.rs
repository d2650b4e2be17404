//! How the demo looks: headings, marks, bars; 80 columns at most. Called by `script`.
//! Does not know: what happens.

use std::time::Duration;

use super::timeline;
use crate::cli::print::{self, Color, Paint};

/// Tells the story on stdout.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tell(pub(super) Paint);

impl Tell {
    /// A step begins.
    pub(super) fn step(self, number: usize, text: &str) {
        let number = self.0.strong(Color::Blue, &number.to_string());
        print::out(&format!("\n {number} {}\n", self.0.bold(text)));
    }

    /// Something was written into a file.
    pub(super) fn edit(self, file: &str, line: &str) {
        self.line(Color::Blue, "±", &format!("{} {line}", self.0.dim(file)));
    }

    /// It works.
    pub(super) fn good(self, text: &str) {
        self.line(Color::Green, "✓", text);
    }

    /// It does not, as expected.
    pub(super) fn bad(self, text: &str) {
        self.line(Color::Red, "✗", text);
    }

    /// What the page says.
    pub(super) fn page(self, heading: &str, note: &str) {
        self.good(&format!("the page says {}{}", self.0.bold(&format!("“{heading}”")), self.0.dim(note)));
    }

    /// The stages of a reload.
    pub(super) fn bars(self, stages: &[(&str, Duration)]) {
        print::out(&timeline::bars(stages, self.0));
    }

    fn line(self, color: Color, mark: &str, text: &str) {
        print::out(&format!("   {} {text}\n", self.0.strong(color, mark)));
    }
}
