//! The XML of Checkstyle, which linters of all languages print on demand.
//! A format of `Parser`. Does not know: other formats, the file system.

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::fields::{Region, is_of_oxlint, path_of};
use crate::build::parse::Format;
use crate::build::parse::codes::tags;
use crate::build::parse::context::Context;
use crate::engine::{ColumnUnit, Severity};

/// A longer document is cut.
const LONGEST: usize = 32 * 1024 * 1024;
/// An element has no more lines.
const ELEMENT: usize = 100;
const START: &str = "<checkstyle";
const END: &str = "</checkstyle>";

/// Gathers a document, as an element may stretch over lines.
#[derive(Debug, Default)]
pub(super) struct Checkstyle {
    text: String,
    /// How much of an unfinished document was read already.
    read: usize,
    /// How many lines the element has that is not closed so far.
    lines: usize,
}

impl Format for Checkstyle {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        let mut rest = line;
        if self.text.is_empty() {
            let trimmed = line.trim_start();
            let is_start = trimmed.starts_with("<?xml") || trimmed.starts_with(START);
            let Some(at) = line.find(START).filter(|_| is_start) else { return false };
            rest = &line[at..];
        } else if self.is_broken(line) {
            self.flush(context);
            *self = Self::default();
            return false;
        }
        self.lines = if rest.trim_end().ends_with('>') { 0 } else { self.lines + 1 };
        self.text.push_str(rest);
        self.text.push('\n');
        // `<checkstyle version="4.3"/>`: nothing was found.
        let is_empty = !self.text[1..].contains('<') && self.text.trim_end().ends_with("/>");
        if is_empty || rest.contains(END) || self.text.len() > LONGEST {
            self.flush(context);
            *self = Self::default();
        }
        true
    }

    // The rest may never come, and it may still come: what is there is read, and nothing is told twice.
    fn flush(&mut self, context: &mut Context) {
        if self.text.len() > self.read {
            self.read = self.text.len();
            report(&self.text, context);
        }
    }
}

impl Checkstyle {
    // Between two elements there is nothing, and no element is that long: the document was cut off.
    fn is_broken(&self, line: &str) -> bool {
        let line = line.trim_start();
        let is_between = self.lines == 0;
        (is_between && !line.is_empty() && !line.starts_with('<')) || self.lines > ELEMENT
    }
}

fn report(text: &str, context: &mut Context) {
    let mut reader = Reader::from_str(text);
    let mut file = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => match tag.name().as_ref() {
                "file" => file = attribute(&tag, "name"),
                "error" => {
                    if let Some(file) = &file {
                        error(&tag, file, context);
                    }
                }
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok()??;
    let written = &found.value;
    // What is no entity was meant literally by whoever forgot to escape it.
    let text = quick_xml::escape::unescape(written).map_or_else(|_| written.to_string(), Into::into);
    (!text.trim().is_empty()).then_some(text)
}

fn error(tag: &BytesStart<'_>, file: &str, context: &mut Context) {
    let Some(message) = attribute(tag, "message") else { return };
    let severity = match attribute(tag, "severity").as_deref() {
        Some("warning") => Severity::Warning,
        Some("info") => Severity::Information,
        Some("ignore") => return,
        _ => Severity::Error,
    };
    let source = attribute(tag, "source").unwrap_or_default();
    let (tool, code, unit) = source_of(&source);
    let number = |name: &str| attribute(tag, name).and_then(|text| text.trim().parse().ok());
    let region = Region {
        line: number("line").unwrap_or(1).max(1),
        column: number("column").filter(|&column| column > 0),
        ..Region::default()
    };
    let file = path_of(file);
    // ESLint says the rule again.
    let message = message.trim();
    let message = message.strip_suffix(&format!("({code})")).map_or(message, str::trim_end);
    let mut problem = region.problem(severity, tool, message, (&file, unit), context);
    problem.tags = tags(code);
    problem.code = Some(code.to_owned()).filter(|code| !code.is_empty());
    context.report(problem);
}

// Checkstyle itself names the class of a check and counts what is seen, with tab stops.
fn source_of(source: &str) -> (&'static str, &str, ColumnUnit) {
    if let Some(rule) = source.strip_prefix("eslint.rules.") {
        return ("eslint", rule, ColumnUnit::Utf16);
    }
    if source == "eslint" {
        return ("eslint", "", ColumnUnit::Utf16);
    }
    if source.starts_with("com.puppycrawl.") {
        let class = source.rsplit('.').next().unwrap_or(source);
        return ("checkstyle", class, ColumnUnit::Display);
    }
    if let Some(code) = source.strip_prefix("ShellCheck.") {
        return ("shellcheck", code, ColumnUnit::Char);
    }
    if is_of_oxlint(source) {
        return ("oxlint", source, ColumnUnit::Byte);
    }
    ("checkstyle", source, ColumnUnit::Char)
}

#[cfg(test)]
mod tests {
    use crate::build::parse::{Dirs, Hints, Parser};
    use crate::output::Stream;

    #[test]
    fn a_document_that_breaks_off_hides_nothing() {
        let dirs = Dirs { root: "/p".into(), dir: "/p".into() };
        let mut parser = Parser::new(&Hints::default(), dirs, |path| path == std::path::Path::new("/p/a.c"));
        let text = "<checkstyle>\n<file name=\"a.c\">\n<error line=\"1\"\n message=\"x &amp; y\"/>\na.c:3:4: error: z\n";
        let mut found = parser.feed(Stream::Stdout, text.as_bytes()).problems;
        found.extend(parser.finish(Stream::Stdout).problems);
        let messages: Vec<&str> = found.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, ["x & y", "z"]);
    }
}
