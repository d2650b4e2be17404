//! JSON that a linter prints, on one line or over many (`--format json`, `--outputjson`). Every object that stands in
//! the outer list is read as soon as it is complete, so that a list that was cut off loses its end only.
//! A format of `Parser`. Does not know: what the objects say; `python`, `web` and `tools` read them.

use serde_json::Value;

use crate::build::parse::Format;
use crate::build::parse::context::Context;
use crate::build::parse::{python, tools, web};

/// A longer object is nothing that a linter says.
const TEXT: usize = 8 * 1024 * 1024;
/// Deeper nesting is nothing that a linter says.
const DEPTH: usize = 64;
/// The outer list lies at most this deep: `{"diagnostics": [ … ]}`.
const LIST: usize = 2;

/// The state between two lines.
#[derive(Debug, Default)]
pub(super) struct Json {
    /// What is open, the innermost last: `{` or `[`.
    open: Vec<u8>,
    /// The text of the object that is being read.
    text: String,
    /// How deep that object lies.
    object: Option<usize>,
    /// Whether something in it was recognized.
    is_known: bool,
    /// Whether an object had to make way for those of a list in it.
    is_split: bool,
}

impl Format for Json {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        if self.open.is_empty() && !begins(line) {
            return false;
        }
        let is_json = self.read(line, context);
        // Until something is recognized it may be a document of another kind.
        let is_taken = is_json && self.is_known;
        if !is_json || self.open.is_empty() {
            self.close();
        }
        is_taken
    }

    // A pause is no end: the rest of the list may be long in coming.
    fn flush(&mut self, _context: &mut Context) {}
}

impl Json {
    fn close(&mut self) {
        *self = Self::default();
    }

    // False if the line can't be part of JSON: then it is somebody else's, and so was what came before.
    fn read(&mut self, line: &str, context: &mut Context) -> bool {
        let bytes = line.as_bytes();
        let is_first = self.open.is_empty();
        // Where the part of the line begins that belongs to the current object.
        let mut from = 0;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            at += match byte {
                b'{' | b'[' => {
                    if self.opens(byte) {
                        self.is_split |= self.object.is_some();
                        (from, self.object) = (at, Some(self.open.len()));
                        self.text.clear();
                    }
                    self.open.push(byte);
                    1
                }
                b'}' | b']' => {
                    let pair = if byte == b'}' { b'{' } else { b'[' };
                    if self.open.pop() != Some(pair) {
                        return false;
                    }
                    if self.object == Some(self.open.len()) {
                        self.text.push_str(&line[from..=at]);
                        self.complete(context);
                    }
                    1
                }
                b'"' => match string(&bytes[at..]) {
                    Some(length) => length,
                    None => return false,
                },
                _ => match word(&bytes[at..]) {
                    Some(length) => length,
                    None => return false,
                },
            };
            // Nothing comes behind the end but blanks.
            if self.open.is_empty() && !line[at..].trim().is_empty() || self.open.len() > DEPTH {
                return false;
            }
        }
        // Its list was not what it is about.
        if is_first && self.open.is_empty() && self.is_split && !self.is_known {
            self.report(line, context);
        }
        if self.object.is_some() {
            self.text.push_str(&line[from..]);
            self.text.push('\n');
        }
        self.text.len() <= TEXT
    }

    // Whether a bracket begins an object to read: one in the outer list, or what is no list at all.
    fn opens(&self, byte: u8) -> bool {
        let is_listed = self.open.last() == Some(&b'[') && self.open.len() <= LIST;
        byte == b'{' && (self.open.is_empty() || is_listed)
    }

    fn complete(&mut self, context: &mut Context) {
        self.object = None;
        let text = std::mem::take(&mut self.text);
        // What was read of the list need not be read again with what is around it.
        if self.open.is_empty() && self.is_known {
            return;
        }
        self.report(&text, context);
    }

    fn report(&mut self, text: &str, context: &mut Context) {
        let Ok(value) = serde_json::from_str::<Value>(text) else { return };
        self.is_known |= python::json::report(&value, context)
            || web::json::report(&value, context)
            || tools::json::report(&value, context);
    }
}

// A line with which a list or an object begins; words in brackets are a prefix of somebody.
fn begins(line: &str) -> bool {
    let mut marks = line.bytes().filter(|byte| *byte != b' ');
    matches!(
        (marks.next(), marks.next()),
        (Some(b'['), None | Some(b'{' | b']')) | (Some(b'{'), None | Some(b'"' | b'}'))
    )
}

// How long the string is that begins here, if it ends on this line.
fn string(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

// How long the number, the mark or the word is that begins here.
fn word(bytes: &[u8]) -> Option<usize> {
    let is_mark =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'\t' | b',' | b':' | b'.' | b'+' | b'-');
    let marks = bytes.iter().take_while(|&&byte| is_mark(byte)).count();
    if marks > 0 {
        // The exponent of a number.
        let is_exponent = bytes[marks - 1].is_ascii_digit() && matches!(bytes.get(marks), Some(b'e' | b'E'));
        return Some(marks + usize::from(is_exponent));
    }
    ["true", "false", "null"].into_iter().find(|word| bytes.starts_with(word.as_bytes())).map(str::len)
}
