//! Bytes of a stream → lines of text. Called by `printer`. Does not know: who prints, who reads.

use crate::output::Output;

/// The bytes of one stream that make no whole line yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pending: Vec<u8>,
}

impl Lines {
    /// Takes in bytes and calls `each` for every line that is whole now, with its line end and its colors. A line that is
    /// longer than `Output::LINE` comes in pieces.
    pub(super) fn push(&mut self, bytes: &[u8], mut each: impl FnMut(String)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.pending.extend_from_slice(part);
            while self.pending.len() > Output::LINE {
                let cut = whole_chars(&self.pending[..Output::LINE]);
                each(text(&self.pending[..cut]));
                self.pending.drain(..cut);
            }
            if part.ends_with(b"\n") {
                each(text(&self.pending));
                self.pending.clear();
            }
        }
    }

    /// What has no line end yet, but for a character that is not complete: a prompt, or the last words of a crash.
    pub(super) fn flush(&mut self) -> Option<String> {
        let whole = whole_chars(&self.pending);
        let text = text(&self.pending[..whole]);
        self.pending.drain(..whole);
        (!text.is_empty()).then_some(text)
    }

    /// All that is left, when no more bytes will come.
    pub(super) fn finish(&mut self) -> Option<String> {
        let text = text(&self.pending);
        self.pending.clear();
        (!text.is_empty()).then_some(text)
    }

    /// Whether there is something to flush.
    pub(super) fn is_pending(&self) -> bool {
        !self.pending.is_empty()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The length of `bytes` without an incomplete character at the end.
fn whole_chars(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    for (at, byte) in bytes.iter().enumerate().skip(tail).rev() {
        let length = match byte {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            0x80..=0xBF => continue,
            _ => 1,
        };
        return if at + length > bytes.len() { at } else { bytes.len() };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(lines: &mut Lines, bytes: &[u8]) -> Vec<String> {
        let mut all = Vec::new();
        lines.push(bytes, |line| all.push(line));
        all
    }

    #[test]
    fn lines_keep_their_ends_and_colors_however_they_were_cut_on_the_way() {
        let mut lines = Lines::default();
        assert_eq!(pushed(&mut lines, b"\x1b[31mred\x1b[0m\r\nha"), ["\x1b[31mred\x1b[0m\r\n"]);
        assert_eq!(pushed(&mut lines, b"lf\n\n"), ["half\n", "\n"]);
        assert!(!lines.is_pending());
    }

    #[test]
    fn a_character_is_never_cut_in_two() {
        let mut lines = Lines::default();
        assert_eq!(pushed(&mut lines, "π? ".as_bytes()), [""; 0]);
        assert_eq!(pushed(&mut lines, &"€".as_bytes()[..2]), [""; 0]);
        assert_eq!(lines.flush(), Some("π? ".into()));
        assert_eq!(lines.flush(), None);
        assert_eq!(pushed(&mut lines, &"€\n".as_bytes()[2..]), ["€\n"]);
    }

    #[test]
    fn a_long_line_comes_in_pieces_that_make_it_up() {
        let long = "€".repeat(Output::LINE);
        let mut lines = Lines::default();
        let mut all = pushed(&mut lines, long.as_bytes());
        all.extend(pushed(&mut lines, b"\n"));
        assert!(all.iter().all(|piece| piece.len() <= Output::LINE && !piece.is_empty()));
        assert_eq!(all.concat(), format!("{long}\n"));
    }

    #[test]
    fn what_is_not_utf8_is_replaced_and_the_rest_is_kept() {
        let mut lines = Lines::default();
        assert_eq!(pushed(&mut lines, b"a\xFFb\n\xE2\x82\n"), ["a\u{fffd}b\n", "\u{fffd}\n"]);
        pushed(&mut lines, b"\xE2\x82");
        assert_eq!(lines.finish(), Some("\u{fffd}".into()));
    }
}
