//! Bytes of one stream → lines, and a line → the text that a terminal would show. Called by `Parser`.
//! Does not know: what the lines say.

use std::borrow::Cow;

use anstyle_parse::{DefaultCharAccumulator, Params, Perform};

/// A longer line of text is cut.
const TEXT: usize = 64 * 1024;
/// A longer line of JSON is cut; cargo puts a whole rendered message into one.
const JSON: usize = 8 * 1024 * 1024;

/// Puts the chunks of one stream together.
#[derive(Debug, Default)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// How many bytes of the buffer were handed out by `pause`.
    handed: usize,
}

/// One whole line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raw {
    /// All its bytes, with the line end.
    pub(super) bytes: Vec<u8>,
    /// How many of them were handed out before the line was whole.
    pub(super) handed: usize,
}

impl Lines {
    /// Adds a chunk and takes out the lines that are whole now.
    pub(super) fn push(&mut self, mut bytes: &[u8], whole: &mut Vec<Raw>) {
        while let Some(at) = bytes.iter().position(|&byte| byte == b'\n') {
            let (line, rest) = bytes.split_at(at + 1);
            self.add(line, whole);
            whole.extend(self.take());
            bytes = rest;
        }
        self.add(bytes, whole);
    }

    /// The text of an unfinished line that nobody has seen yet. The line itself is still to come. JSON is held back:
    /// nobody wants to see half of it.
    pub(super) fn pause(&mut self) -> Option<String> {
        let fresh = self.buffer.get(self.handed..)?;
        let end = self.handed + boundary(fresh);
        if end == self.handed || is_json(&self.buffer) {
            return None;
        }
        let text = String::from_utf8_lossy(&self.buffer[self.handed..end]).into_owned();
        self.handed = end;
        Some(text)
    }

    /// The unfinished line, if there is one.
    pub(super) fn take(&mut self) -> Option<Raw> {
        let handed = std::mem::take(&mut self.handed);
        let bytes = std::mem::take(&mut self.buffer);
        (!bytes.is_empty()).then_some(Raw { bytes, handed })
    }

    // The start of a line decides how long it may be, so a chunk goes in by pieces.
    fn add(&mut self, mut bytes: &[u8], whole: &mut Vec<Raw>) {
        while !bytes.is_empty() {
            let limit = if is_json(&self.buffer) { JSON } else { TEXT };
            let (piece, rest) = bytes.split_at(bytes.len().min(TEXT).min(limit - self.buffer.len()));
            self.buffer.extend_from_slice(piece);
            bytes = rest;
            if self.buffer.len() >= if is_json(&self.buffer) { JSON } else { TEXT } {
                let tail = self.buffer.split_off(boundary(&self.buffer).max(1));
                whole.extend(self.take());
                self.buffer = tail;
            }
        }
    }
}

fn is_json(line: &[u8]) -> bool {
    line.starts_with(b"{\"") || line.starts_with(b"[{\"")
}

// Where the last whole character ends. Bytes that can't become a character count as whole.
fn boundary(bytes: &[u8]) -> usize {
    let is_lead = |byte: &&u8| **byte >= 0xC0;
    let tail = bytes.iter().rev().take(3).position(|byte| is_lead(&byte));
    match tail {
        Some(behind) => {
            let at = bytes.len() - behind - 1;
            let needed = match bytes[at] {
                0xC0..=0xDF => 2,
                0xE0..=0xEF => 3,
                _ => 4,
            };
            if behind + 1 < needed { at } else { bytes.len() }
        }
        None => bytes.len(),
    }
}

/// What a terminal would show of a line: colors, links and character sets are dropped, a carriage return or an erased
/// line starts again, invalid UTF-8 is replaced. No line end.
pub(super) fn plain(bytes: &[u8]) -> Cow<'_, str> {
    let end = bytes.iter().rposition(|byte| !b"\r\n".contains(byte)).map_or(0, |at| at + 1);
    let text = String::from_utf8_lossy(&bytes[..end]);
    if !text.bytes().any(|byte| byte < b' ' && byte != b'\t') {
        return text;
    }
    let mut screen = Screen::default();
    // A parser per line: a sequence that is never ended must not swallow the rest of the output.
    let mut parser = anstyle_parse::Parser::<DefaultCharAccumulator>::new();
    for byte in text.bytes() {
        parser.advance(&mut screen, byte);
    }
    Cow::Owned(screen.text)
}

#[derive(Debug, Default)]
struct Screen {
    text: String,
    /// The cursor is in the first column: what is printed next replaces the text.
    at_start: bool,
}

impl Screen {
    fn erase(&mut self) {
        self.text.clear();
        self.at_start = false;
    }
}

impl Perform for Screen {
    fn print(&mut self, c: char) {
        if std::mem::take(&mut self.at_start) {
            self.text.clear();
        }
        self.text.push(c);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\t' => self.print('\t'),
            b'\r' => self.at_start = true,
            8 => {
                self.text.pop();
            }
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, _intermediates: &[u8], _ignore: bool, action: u8) {
        let first = params.iter().next().and_then(|param| param.first().copied()).unwrap_or(0);
        match (action, first) {
            // Erase to the end is a habit of GCC after each color: it only matters at the start of the line.
            (b'K', 0) if self.at_start => self.erase(),
            (b'K', 1 | 2) => self.erase(),
            (b'G', 0 | 1) => self.at_start = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let (mut lines, mut whole) = (Lines::default(), Vec::new());
        for chunk in chunks {
            lines.push(chunk, &mut whole);
        }
        whole.extend(lines.take());
        whole.into_iter().map(|raw| raw.bytes).collect()
    }

    #[test]
    fn lines_are_whole_however_they_arrive() {
        assert_eq!(lines(&[b"a\nb", b"c\n", b"", b"d"]), [b"a\n".to_vec(), b"bc\n".to_vec(), b"d".to_vec()]);
    }

    #[test]
    fn an_endless_line_is_cut_between_characters() {
        let flood = "xä".repeat(TEXT);
        let cut = lines(&[flood.as_bytes()]);
        assert!(cut.len() > 1 && cut.iter().all(|line| line.len() <= TEXT));
        assert!(cut.iter().all(|line| std::str::from_utf8(line).is_ok()));
        assert_eq!(cut.concat(), flood.as_bytes());
    }

    #[test]
    fn an_unfinished_line_is_shown_once() {
        let (mut lines, mut whole) = (Lines::default(), Vec::new());
        lines.push("Passwort für \u{e9}".as_bytes().split_last().unwrap().1, &mut whole);
        assert_eq!(lines.pause().as_deref(), Some("Passwort für "));
        assert_eq!(lines.pause(), None);
        lines.push(b"\xa9: \n", &mut whole);
        assert_eq!(whole[0].handed, "Passwort für ".len());
        lines.push(b"{\"reason\":", &mut whole);
        assert_eq!(lines.pause(), None);
    }

    #[test]
    fn a_line_reads_as_on_a_screen() {
        let cases: &[(&[u8], &str)] = &[
            (b"\x1b[1m\x1b[31merror\x1b[0m: no\x1b[K\r\n", "error: no"),
            (b"    Building [   ] 0/1\r\x1b[Kerror[E0425]: x", "error[E0425]: x"),
            (b"\x1b[2K\x1b[1Gdone", "done"),
            (b"10%\r20%\r30%\n", "30%"),
            (b"\x1b]8;;http://x\x1b\\[-Wall]\x1b]8;;\x1b\\ \x1b]8;;http://x\x07y\x1b]8;;\x07", "[-Wall] y"),
            (b"\x1b(Bfile\x1b[m:1", "file:1"),
            (b"a\tb", "a\tb"),
            (b"\xff\xfe:1:2: x", "\u{fffd}\u{fffd}:1:2: x"),
            (b"\r\n", ""),
            (b"x\x1b]never ended", "x"),
        ];
        for (bytes, text) in cases {
            assert_eq!(plain(bytes), *text);
        }
    }
}
