//! Places of tools as ranges of LSP: the tool's unit and the line's text give the column in the client's unit. Pure.
//! Called by `diagnostics`.

use crate::engine::{ColumnUnit, Place};
use crate::lsp::types::{Position, Range};

/// In which unit columns go over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::lsp) enum Encoding {
    /// UTF-8 bytes.
    Utf8,
    /// UTF-16 code units: the default of LSP.
    #[default]
    Utf16,
}

/// The lines of a file, without their ends and without a byte order mark.
#[derive(Debug)]
pub(in crate::lsp) struct Text<'a> {
    lines: Vec<&'a str>,
    has_mark: bool,
}

/// The length of a byte order mark, which Go and clang count.
const MARK: usize = 3;
/// Where GCC sets tab stops.
const TAB: usize = 8;

impl<'a> Text<'a> {
    /// The text of a file.
    pub(in crate::lsp) fn new(text: &'a str) -> Self {
        let without = text.strip_prefix('\u{feff}');
        let mut lines: Vec<_> = without.unwrap_or(text).lines().collect();
        if lines.is_empty() {
            lines.push("");
        }
        Self { lines, has_mark: without.is_some() }
    }

    fn line(&self, n: usize) -> Option<&'a str> {
        self.lines.get(n).copied()
    }

    /// The number of the last line, from 0.
    fn last(&self) -> usize {
        self.lines.len() - 1
    }

    /// Byte offset in `line` of a 1-based column; never beyond the end, never inside a character.
    fn offset(&self, n: usize, line: &str, column: u32, unit: ColumnUnit) -> usize {
        let column = usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1);
        match unit {
            ColumnUnit::Byte => {
                let mark = if self.has_mark && n == 0 { MARK } else { 0 };
                floor(line, column.saturating_sub(mark))
            }
            ColumnUnit::Char | ColumnUnit::Utf16 if line.is_ascii() => column.min(line.len()),
            ColumnUnit::Char => nth(line, column, |_| 1),
            ColumnUnit::Utf16 => nth(line, column, char::len_utf16),
            ColumnUnit::Display => display(line, column),
            ColumnUnit::Indented => {
                let ink = ink(line).0;
                ink + nth(&line[ink..], column, |_| 1)
            }
        }
    }

    /// The text of a range, if the range is there.
    pub(in crate::lsp) fn slice(&self, range: Range, encoding: Encoding) -> Option<String> {
        let (start, end) = (range.start.line as usize, range.end.line as usize);
        let cut = |n: usize, character: u32| Some(wire_offset(self.line(n)?, character, encoding));
        if start == end {
            let line = self.line(start)?;
            return line
                .get(cut(start, range.start.character)?..cut(end, range.end.character)?)
                .map(str::to_owned);
        }
        let mut text = self.line(start)?.get(cut(start, range.start.character)?..)?.to_owned();
        for n in start + 1..end {
            text.push('\n');
            text.push_str(self.line(n)?);
        }
        text.push('\n');
        // An end at column 0 behind the last line is a range too.
        let last = self.line(end).unwrap_or_default();
        text.push_str(last.get(..wire_offset(last, range.end.character, encoding))?);
        Some(text)
    }
}

/// The range of a place. Without the text of the file columns are taken as they are.
pub(in crate::lsp) fn range(place: &Place, text: Option<&Text<'_>>, encoding: Encoding) -> Range {
    let start_line = place.start.line.saturating_sub(1);
    let Some(text) = text else { return range_without_text(place) };
    let n = (start_line as usize).min(text.last());
    let line = text.line(n).unwrap_or_default();
    let position = |n: usize, line: &str, offset: usize| {
        Position::new(u32::try_from(n).unwrap_or(u32::MAX), to_wire(line, offset, encoding))
    };
    // A line that the file does not have any more says nothing about columns.
    let column = place.start.column.filter(|_| n == start_line as usize);
    let Some(column) = column else {
        let (first, last) = ink(line);
        return Range::new(position(n, line, first), position(n, line, last));
    };
    let start = text.offset(n, line, column, place.unit);
    let end = match place.end {
        Some(end) => {
            let end_n = (end.line.saturating_sub(1) as usize).clamp(n, text.last());
            let end_line = text.line(end_n).unwrap_or_default();
            let offset = end.column.map_or(end_line.len(), |c| text.offset(end_n, end_line, c, place.unit));
            let offset = if end_n == n { offset.max(start) } else { offset };
            position(end_n, end_line, offset)
        }
        None => position(n, line, identifier_end(line, start)),
    };
    Range::new(position(n, line, start), end)
}

/// Where a place begins in its line, and where it ends if the tool says so: from 1, in bytes or UTF-16 code units. `None`
/// without a column, or if it would have to be converted and the text of the file is not at hand.
pub fn columns(place: &Place, text: Option<&str>, unit: ColumnUnit) -> Option<(u32, Option<u32>)> {
    let start = place.start.column?;
    if place.unit == unit {
        return Some((start, place.end.and_then(|end| end.column)));
    }
    let encoding = if unit == ColumnUnit::Utf16 { Encoding::Utf16 } else { Encoding::Utf8 };
    let text = Text::new(text?);
    text.line(place.start.line.saturating_sub(1) as usize)?;
    let range = range(place, Some(&text), encoding);
    let end = place.end.and_then(|end| end.column).map(|_| range.end.character + 1);
    Some((range.start.character + 1, end))
}

/// The range of a spot in our own configuration: byte columns from 0.
pub(in crate::lsp) fn byte_range(
    start: (u32, u32),
    end: (u32, u32),
    text: Option<&Text<'_>>,
    encoding: Encoding,
) -> Range {
    let position = |(n, byte): (u32, u32)| {
        let line = text.and_then(|text| text.line(n as usize)).unwrap_or_default();
        Position::new(n, to_wire(line, floor(line, byte as usize), encoding))
    };
    let (start, end) = (position(start), position(end));
    Range::new(start, end.max(start))
}

fn range_without_text(place: &Place) -> Range {
    // Nobody knows how far the line is indented.
    let is_known = place.unit != ColumnUnit::Indented;
    let position = |line: u32, column: Option<u32>| {
        let column = column.filter(|_| is_known);
        Position::new(line.saturating_sub(1), column.unwrap_or(1).saturating_sub(1))
    };
    let start = position(place.start.line, place.start.column);
    let end = place.end.map_or(start, |end| position(end.line, end.column));
    Range::new(start, end.max(start))
}

/// Where an identifier that begins at `start` ends; of anything else the first character.
fn identifier_end(line: &str, start: usize) -> usize {
    let rest = &line[start..];
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    start + if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) }
}

/// From the first to behind the last character that is not blank.
fn ink(line: &str) -> (usize, usize) {
    let end = line.trim_end().len();
    (end - line[..end].trim_start().len(), end)
}

/// The offset after as many characters as add up to `column`.
fn nth(line: &str, column: usize, width: impl Fn(char) -> usize) -> usize {
    let mut seen = 0;
    for (offset, c) in line.char_indices() {
        if seen >= column {
            return offset;
        }
        seen += width(c);
    }
    line.len()
}

/// The offset of the character that is shown at `column`.
fn display(line: &str, column: usize) -> usize {
    let mut shown = 0;
    for (offset, c) in line.char_indices() {
        let width = if c == '\t' { TAB - shown % TAB } else { screen_width(c) };
        if shown + width > column {
            return offset;
        }
        shown += width;
    }
    line.len()
}

/// How many screen columns a character takes, as far as compilers agree on it.
fn screen_width(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f
        | 0x483..=0x489
        | 0x591..=0x5bd
        | 0x1ab0..=0x1aff
        | 0x1dc0..=0x1dff
        | 0x200b..=0x200f
        | 0x20d0..=0x20ff
        | 0xfe00..=0xfe0f
        | 0xfe20..=0xfe2f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// The largest offset that is not beyond `offset`, not beyond the end and not inside a character.
fn floor(line: &str, offset: usize) -> usize {
    let mut offset = offset.min(line.len());
    while !line.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A byte offset in the client's unit.
fn to_wire(line: &str, offset: usize, encoding: Encoding) -> u32 {
    let columns = match encoding {
        Encoding::Utf8 => offset,
        Encoding::Utf16 => line[..offset].chars().map(char::len_utf16).sum(),
    };
    u32::try_from(columns).unwrap_or(u32::MAX)
}

/// The byte offset of a column in the client's unit.
fn wire_offset(line: &str, character: u32, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Utf8 => floor(line, character as usize),
        Encoding::Utf16 => nth(line, character as usize, char::len_utf16),
    }
}

#[cfg(test)]
mod tests;
