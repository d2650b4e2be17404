//! A line without colors, links and other escapes: what a person reads. Called by `tail` and `ready::log`.

use std::borrow::Cow;

use anstyle_parse::{Parser, Perform};

/// `line` as a terminal would leave it: escapes are gone, and a carriage return in the middle begins the line again.
/// The line end stays.
pub(super) fn text(line: &str) -> Cow<'_, str> {
    if line.bytes().all(|byte| byte >= 0x20 || matches!(byte, b'\n' | b'\t')) {
        return Cow::Borrowed(line);
    }
    let mut screen = Screen::default();
    // One parser for each line, so that a sequence that is never closed swallows one line at most.
    let mut parser = Parser::<anstyle_parse::DefaultCharAccumulator>::new();
    for byte in line.bytes() {
        parser.advance(&mut screen, byte);
    }
    Cow::Owned(screen.line)
}

#[derive(Default)]
struct Screen {
    line: String,
    returned: bool,
}

impl Perform for Screen {
    fn print(&mut self, c: char) {
        if std::mem::take(&mut self.returned) {
            self.line.clear();
        }
        self.line.push(c);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\r' => self.returned = true,
            b'\n' | b'\t' => self.line.push(char::from(byte)),
            0x08 => drop(self.line.pop()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_links_and_progress_bars_are_gone() {
        let cases = [
            ("plain \t text\n", "plain \t text\n"),
            ("\x1b[1;31merror\x1b[0m: é\r\n", "error: é\n"),
            ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\\n", "link\n"),
            (" 10 %\r100 %\x1b[K\n", "100 %\n"),
            ("\x1b(Bcharset", "charset"),
        ];
        for (line, expected) in cases {
            assert_eq!(text(line), expected);
        }
    }
}
