//! Tests of Rust that fail: the panics that `cargo test` prints behind the name of each test.
//! A format of `Parser`. Does not know: other formats, the file system.

use std::sync::LazyLock;

use crate::build::parse::Format;
use crate::build::parse::context::{Context, Reading, Spot, add_line, spot};
use crate::build::parse::pattern::{Pattern, pattern};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Problem, Severity};

const READING: Reading = Reading { unit: ColumnUnit::Char, base: Base::Workspace };
/// A panic's message is not longer.
const LINES: u16 = 60;

static TEST: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^---- (?<name>(?:(?<file>\S+\.rs) - .*\(line (?<line>[0-9]+)\)|\S.*)) std(?:out|err) ----$|^running [0-9]+ tests?$",
    )
});
static PANIC: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^thread '.*?'(?: \([0-9]+\))? panicked at (?:'(?<message>.*)', )?(?<file>[^':].*?):(?<line>[0-9]+):(?<column>[0-9]+):?$",
    )
});
// `#[should_panic]`
static CALM: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^note: (?<message>test did not panic as expected) at (?<file>\S.*?):(?<line>[0-9]+):(?<column>[0-9]+)$",
    )
});
static END: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"^(?:note: run with `RUST_BACKTRACE|stack backtrace:|---- |failures:|test result: |test .+ \.\.\. )",
    )
});

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Libtest {
    /// Whether tests have begun. What a program says when it panics is not ours.
    is_testing: bool,
    /// The test, and the place of a documentation test.
    test: Option<(String, Option<(String, String)>)>,
    open: Option<Problem>,
    lines: u16,
}

impl Format for Libtest {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if let Some(test) = TEST.captures(line) {
            self.flush(context);
            self.is_testing = true;
            self.test = test.name("name").map(|name| {
                let group = |name: &str| test.name(name).map(|found| found.as_str().to_owned());
                (name.as_str().to_owned(), group("file").zip(group("line")))
            });
            return true;
        }
        if !self.is_testing {
            return false;
        }
        if let Some(panic) = PANIC.captures(line) {
            self.flush(context);
            self.open = self.panic(&panic, context);
            self.lines = 0;
            return true;
        }
        if let Some(calm) = CALM.captures(line) {
            self.flush(context);
            self.open = self.panic(&calm, context);
            self.flush(context);
            return true;
        }
        let Some(problem) = &mut self.open else { return false };
        self.lines += 1;
        let is_end = END.is_match(line) || line.is_empty() || self.lines > LINES;
        if is_end {
            self.flush(context);
            return line.starts_with("note: run with");
        }
        if problem.message.is_empty() {
            problem.message.push_str(line.trim());
        } else {
            add_line(&mut problem.message, line.trim());
        }
        true
    }

    fn flush(&mut self, context: &mut Context) {
        let Some(mut problem) = self.open.take() else { return };
        if problem.message.is_empty() {
            problem.message.push_str("panicked");
        }
        if let Some((test, _)) = &self.test {
            add_line(&mut problem.message, &format!("in {test}"));
        }
        context.report(problem);
    }
}

impl Libtest {
    fn panic(&self, panic: &regex::Captures<'_>, context: &mut Context) -> Option<Problem> {
        let message = panic.name("message").map_or("", |message| message.as_str());
        let mut problem = Problem::new(Severity::Error, "cargo", message);
        let written = spot(panic)?;
        problem.place = context.place(written, READING);
        if let Some((_, Some((file, line)))) = &self.test {
            // A documentation test counts its wrapper as a line, and no columns of the comment's.
            let counted: Option<u32> = written.line.parse().ok();
            let first = line.parse().ok();
            let real = counted.filter(|counted| written.file == file.as_str() && Some(*counted) > first);
            let line = real.map_or_else(|| line.clone(), |real| (real - 1).to_string());
            problem.place = context.place(Spot { file, line: &line, column: None }, READING);
        }
        Some(problem)
    }
}
