//! Columns of every unit, on lines with everything that makes columns hard.

use std::path::PathBuf;

use super::*;
use crate::engine::Position as Spot;

fn place(unit: ColumnUnit, line: u32, start: Option<u32>, end: Option<(u32, u32)>) -> Place {
    Place {
        path: PathBuf::from("/w/a.c"),
        start: Spot { line, column: start },
        end: end.map(|(line, column)| Spot { line, column: Some(column) }),
        unit,
    }
}

/// The range as the text it covers, in both encodings; they must agree.
fn covered(text: &str, place: &Place) -> String {
    let text = Text::new(text);
    let [utf8, utf16] = [Encoding::Utf8, Encoding::Utf16].map(|encoding| {
        text.slice(range(place, Some(&text), encoding), encoding).expect("a range in the text")
    });
    assert_eq!(utf8, utf16);
    utf8
}

#[test]
fn the_same_place_is_found_in_every_unit() {
    use ColumnUnit::{Byte, Char, Display, Utf16};
    // In front of `name`: a tab, an emoji (4 bytes, 2 units), a wide character (3 bytes), an e with a combining accent.
    let line = "\t😀漢e\u{301} name = 1;";
    for (unit, column) in [(Byte, 13), (Char, 7), (Utf16, 8), (Display, 15)] {
        assert_eq!(covered(line, &place(unit, 1, Some(column), None)), "name", "{unit:?}");
    }
}

#[test]
fn a_start_alone_reaches_to_the_end_of_the_identifier() {
    assert_eq!(covered("let größe_1 = 0;", &place(ColumnUnit::Char, 1, Some(5), None)), "größe_1");
    assert_eq!(covered("a + b", &place(ColumnUnit::Char, 1, Some(3), None)), "+");
}

#[test]
fn without_a_column_the_line_is_marked_from_the_first_to_the_last_letter() {
    assert_eq!(covered("a\n\t  b c \t\nd", &place(ColumnUnit::Byte, 2, None, None)), "b c");
    assert_eq!(covered("a\n\n", &place(ColumnUnit::Byte, 2, None, None)), "");
}

#[test]
fn what_is_beyond_the_text_is_drawn_into_it() {
    assert_eq!(covered("abc", &place(ColumnUnit::Byte, 1, Some(99), None)), "");
    assert_eq!(covered("abc", &place(ColumnUnit::Byte, 1, Some(2), Some((1, 99)))), "bc");
    assert_eq!(covered("abc\nd", &place(ColumnUnit::Byte, 7, Some(1), Some((9, 9)))), "d");
    assert_eq!(covered("", &place(ColumnUnit::Char, 1, Some(3), None)), "");
    // A column inside a character, and one of 0.
    assert_eq!(covered("😀x", &place(ColumnUnit::Byte, 1, Some(3), Some((1, 5)))), "😀");
    assert_eq!(covered("abc", &place(ColumnUnit::Byte, 1, Some(0), Some((1, 2)))), "a");
}

#[test]
fn a_range_over_several_lines_keeps_its_end() {
    let place = place(ColumnUnit::Char, 1, Some(3), Some((3, 2)));
    assert_eq!(covered("ab(\nc\nd)e", &place), "(\nc\nd");
    assert_eq!(covered("ab(\r\nc\r\nd)e", &place), "(\nc\nd");
}

#[test]
fn a_byte_order_mark_is_no_column() {
    let text = "\u{feff}package x";
    assert_eq!(covered(text, &place(ColumnUnit::Char, 1, Some(9), None)), "x");
    assert_eq!(covered(text, &place(ColumnUnit::Byte, 1, Some(12), None)), "x");
}

#[test]
fn utf_16_columns_go_over_the_wire_as_such() {
    let place = place(ColumnUnit::Char, 1, Some(2), Some((1, 3)));
    let text = Text::new("😀x");
    let text = Some(&text);
    assert_eq!(range(&place, text, Encoding::Utf16), Range::new(Position::new(0, 2), Position::new(0, 3)));
    assert_eq!(range(&place, text, Encoding::Utf8), Range::new(Position::new(0, 4), Position::new(0, 5)));
    assert_eq!(range(&place, None, Encoding::Utf16), Range::new(Position::new(0, 1), Position::new(0, 2)));
}

#[test]
fn a_mistake_in_the_configuration_is_marked_by_its_bytes() {
    let text = Text::new("# ü\nbuild = \"ü x\"");
    let range = byte_range((1, 9), (1, 11), Some(&text), Encoding::Utf16);
    assert_eq!(range, Range::new(Position::new(1, 9), Position::new(1, 10)));
}
