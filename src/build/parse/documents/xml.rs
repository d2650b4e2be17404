//! XML documents in the output, one after the other, and what is in one is up to whoever reads it.
//! A format of `Parser` for each kind. Does not know: other formats, the file system.

use quick_xml::events::BytesStart;

use crate::build::parse::Format;
use crate::build::parse::context::Context;

/// A longer document is cut.
const LONGEST: usize = 32 * 1024 * 1024;
/// An element has no more lines.
const ELEMENT: usize = 100;

/// One kind of document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// How it begins, past the declaration.
    pub(super) start: &'static str,
    pub(super) end: &'static str,
    /// Reports what is in it, also in a beginning of it.
    pub(super) report: fn(&str, &mut Context),
}

/// Gathers a document, as an element may stretch over lines.
#[derive(Debug)]
pub(super) struct Xml {
    kind: Kind,
    text: String,
    /// How much of an unfinished document was read already.
    read: usize,
    /// How many lines the element has that is not closed so far.
    lines: usize,
}

impl Format for Xml {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        let mut rest = line;
        if self.text.is_empty() {
            let trimmed = line.trim_start();
            let is_start = trimmed.starts_with("<?xml") || trimmed.starts_with(self.kind.start);
            let Some(at) = line.find(self.kind.start).filter(|_| is_start) else { return false };
            rest = &line[at..];
        } else if self.is_broken(line) {
            self.flush(context);
            *self = Self::of(self.kind);
            return false;
        }
        self.lines = if rest.trim_end().ends_with('>') { 0 } else { self.lines + 1 };
        self.text.push_str(rest);
        self.text.push('\n');
        // `<checkstyle version="4.3"/>`: nothing was found.
        let is_empty = !self.text[1..].contains('<') && self.text.trim_end().ends_with("/>");
        if is_empty || rest.contains(self.kind.end) || self.text.len() > LONGEST {
            self.flush(context);
            *self = Self::of(self.kind);
        }
        true
    }

    // The rest may never come, and it may still come: what is there is read, and nothing is told twice.
    fn flush(&mut self, context: &mut Context) {
        if self.text.len() > self.read {
            self.read = self.text.len();
            (self.kind.report)(&self.text, context);
        }
    }
}

impl Xml {
    pub(super) fn of(kind: Kind) -> Self {
        Self { kind, text: String::new(), read: 0, lines: 0 }
    }

    // Between two elements there is nothing, and no element is that long: the document was cut off.
    fn is_broken(&self, line: &str) -> bool {
        let line = line.trim_start();
        let is_between = self.lines == 0;
        (is_between && !line.is_empty() && !line.starts_with('<')) || self.lines > ELEMENT
    }
}

/// The value of an attribute, if it is not blank.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok()??;
    let written = &found.value;
    // What is no entity was meant literally by whoever forgot to escape it.
    let text = quick_xml::escape::unescape(written).map_or_else(|_| written.to_string(), Into::into);
    (!text.trim().is_empty()).then_some(text)
}
