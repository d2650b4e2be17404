//! The XML of Checkstyle, which linters of all languages print on demand.
//! A kind of `xml`. Does not know: how the document was found.

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::fields::{Region, is_of_oxlint, path_of};
use super::xml::{Kind, attribute};
use crate::build::parse::codes::tags;
use crate::build::parse::context::Context;
use crate::engine::{ColumnUnit, Severity};

/// The document.
pub(super) const KIND: Kind = Kind { start: "<checkstyle", end: "</checkstyle>", report };

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

fn error(tag: &BytesStart<'_>, file: &str, context: &mut Context) {
    let Some(message) = attribute(tag, "message") else { return };
    let severity = match attribute(tag, "severity").as_deref() {
        Some("warning") => Severity::Warning,
        Some("info" | "style") => Severity::Information,
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
    if let Some(code) = source.strip_prefix("jshint.") {
        return ("jshint", code, ColumnUnit::Utf16);
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
