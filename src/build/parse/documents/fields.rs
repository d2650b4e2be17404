//! What structured formats have in common: ranges, paths in URIs, the names of rules. Called by their readers.
//! Does not know: the formats.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::build::parse::context::{Context, Reading, Spot};
use crate::build::parse::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Severity};

/// A range as a document gives it: 1-based, the end exclusive.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Region {
    pub(super) line: u32,
    pub(super) column: Option<u32>,
    pub(super) end_line: Option<u32>,
    pub(super) end_column: Option<u32>,
}

impl Region {
    fn end(&self) -> Option<Position> {
        let line = self.end_line.unwrap_or(self.line);
        let is_behind = (Some(line), self.end_column) > (Some(self.line), self.column);
        (is_behind && self.column.is_some() && self.end_column.is_some())
            .then_some(Position { line, column: self.end_column })
    }

    /// The place, if the file exists.
    pub(super) fn place(&self, file: &str, unit: ColumnUnit, context: &mut Context) -> Option<Place> {
        let (line, column) = (self.line.to_string(), self.column.map(|column| column.to_string()));
        let spot = Spot { file, line: &line, column: column.as_deref() };
        let mut place = context.place(spot, Reading { unit, base: Base::Process })?;
        place.end = self.end();
        Some(place)
    }

    /// What has to be replaced: both ends are given, and they may be the same.
    pub(super) fn replaced(&self, file: &str, unit: ColumnUnit, context: &mut Context) -> Option<Place> {
        let end = Position { line: self.end_line.unwrap_or(self.line), column: Some(self.end_column?) };
        self.column?;
        Some(Place { end: Some(end), ..self.place(file, unit, context)? })
    }

    /// A problem at this place. If the file isn't found, the message says where it was.
    pub(super) fn problem(
        &self,
        severity: Severity,
        tool: &str,
        message: &str,
        (file, unit): (&str, ColumnUnit),
        context: &mut Context,
    ) -> Problem {
        let (line, column) = (self.line.to_string(), self.column.map(|column| column.to_string()));
        let spot = Spot { file, line: &line, column: column.as_deref() };
        let reading = Reading { unit, base: Base::Process };
        let mut problem = context.problem(severity, tool, message, spot, reading);
        if let Some(place) = &mut problem.place {
            place.end = self.end();
        }
        problem
    }
}

/// The text at a pointer.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// The number at a pointer.
pub(super) fn number(value: &Value, pointer: &str) -> Option<u32> {
    value.pointer(pointer)?.as_u64().and_then(|number| u32::try_from(number).ok())
}

/// The items of the list at a pointer.
pub(super) fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The path in a URI: without scheme and host, percent signs decoded. A plain path stays what it is.
pub(super) fn path_of(uri: &str) -> String {
    let path = match uri.strip_prefix("file:") {
        Some(rest) => match rest.strip_prefix("//") {
            Some(rest) => rest.find('/').map_or("", |at| &rest[at..]),
            None => rest,
        },
        None => uri,
    };
    decode(path)
}

/// `%41` → `A`. What is no such thing stays.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Cow::into_owned)
}

/// Whether a rule is written as only oxlint does: `eslint(no-debugger)`. It counts bytes.
pub(super) fn is_of_oxlint(code: &str) -> bool {
    let plugin = code.strip_suffix(')').and_then(|code| code.split_once('('));
    plugin.is_some_and(|(plugin, rule)| {
        let is_word = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_/@".contains(&byte))
        };
        is_word(plugin) && is_word(rule)
    })
}

/// The name of a tool as it is typed. Some documents have it with capitals.
pub(super) fn tool_name(written: &str) -> String {
    if written.contains(char::is_whitespace) { written.to_owned() } else { written.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_uri_is_decoded() {
        for (uri, path) in [
            ("file:///p/a%20b.c", "/p/a b.c"),
            ("file://host/p/a.c", "/p/a.c"),
            ("file:/p/a.c", "/p/a.c"),
            ("src/100%.c", "src/100%.c"),
            ("%C3%A4.c", "ä.c"),
        ] {
            assert_eq!(path_of(uri), path);
        }
    }
}
