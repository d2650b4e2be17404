//! JSON documents in the output, on one line or on many, one after the other. What a document means is up to a `Shape`.
//! A format of `Parser` for each shape. Does not know: other formats, the file system.

use serde_json::Value;

use super::Format;
use super::context::{Context, Reading, Spot};
use super::place::Base;
use crate::engine::{ColumnUnit, Place, Position, Problem, Severity, Tag};

/// A longer document is none that a tool prints.
const LONGEST: usize = 32 * 1024 * 1024;
/// So far it may go on without having shown what it is.
const UNKNOWN: usize = 64 * 1024;
/// Nested deeper it is no list of problems.
const DEEPEST: usize = 100;
/// A line that ends inside a string was cut only if it is long.
const CUT: usize = 32 * 1024;

/// One kind of document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// What is in the text of every such document, and together in no other.
    pub(super) marks: &'static [&'static str],
    /// What is in none of them, although all the marks may be: it begins a document of another kind.
    pub(super) foreign: &'static [&'static str],
    /// How many brackets are open around one problem: what was printed whole is read even if the rest is missing.
    pub(super) depth: usize,
    /// Reports what is in it. False if it is something else.
    pub(super) read: fn(&Value, &mut Context) -> bool,
}

/// Gathers a document.
#[derive(Debug)]
pub(super) struct Documents {
    shape: Shape,
    text: String,
    scan: Scan,
    /// Whether the text shows all the marks.
    is_known: bool,
    /// How much of an unfinished document was read already.
    read: usize,
}

/// How far a document has been looked through.
#[derive(Debug, Default)]
struct Scan {
    /// What closes the open brackets, the innermost last.
    closers: Vec<u8>,
    in_string: bool,
    is_escaped: bool,
    /// Where the last whole problem ended, and what was open then.
    whole: (usize, Vec<u8>),
}

/// What a piece of text is for the document.
enum Piece {
    /// A part of it.
    Inner,
    /// It ends in this piece, before this byte.
    Last(usize),
    /// This is no JSON.
    Wrong,
}

impl Documents {
    pub(super) fn of(shape: Shape) -> Self {
        Self { shape, text: String::new(), scan: Scan::default(), is_known: false, read: 0 }
    }

    fn clear(&mut self) {
        *self = Self::of(self.shape);
    }

    fn take_in(&mut self, piece: &str, context: &mut Context) -> bool {
        let before = self.text.len();
        self.text.push_str(piece);
        match self.scan.advance(piece, before, self.shape.depth) {
            Piece::Wrong => {
                // Cut off, or somebody else's line came in between.
                self.flush(context);
                self.clear();
                false
            }
            Piece::Inner => {
                if !self.scan.in_string {
                    self.text.push('\n');
                }
                let limit = if self.is_known { LONGEST } else { UNKNOWN };
                self.is_known = self.is_known || self.has_marks();
                let is_known = self.is_known;
                if self.text.len() > limit && !is_known || self.text.len() > LONGEST {
                    self.clear();
                }
                is_known
            }
            Piece::Last(end) => {
                self.text.truncate(before + end);
                let is_ours = self.has_marks()
                    && serde_json::from_str(&self.text)
                        .is_ok_and(|value: Value| (self.shape.read)(&value, context));
                self.clear();
                // The next process may not have begun a line of its own.
                let rest = piece[end..].trim();
                let goes_on = starts(rest) && self.take_in(rest, context);
                is_ours || goes_on
            }
        }
    }

    fn has_marks(&self) -> bool {
        let is_there = |mark: &&str| self.text.contains(*mark);
        self.shape.marks.iter().all(is_there) && !self.shape.foreign.iter().any(is_there)
    }
}

impl Format for Documents {
    fn line(&mut self, line: &str, context: &mut Context) -> bool {
        let is_first = self.text.is_empty();
        if is_first && !starts(line) {
            return false;
        }
        self.take_in(line, context)
    }

    // The rest may never come, and it may still come: what is there is read, and nothing is told twice.
    fn flush(&mut self, context: &mut Context) {
        let (end, closers) = &self.scan.whole;
        if !self.is_known || *end <= self.read {
            return;
        }
        self.read = *end;
        let mut text = self.text[..*end].to_owned();
        text.extend(closers.iter().rev().map(|&closer| char::from(closer)));
        if let Ok(value) = serde_json::from_str(&text) {
            (self.shape.read)(&value, context);
        }
    }
}

fn starts(line: &str) -> bool {
    let line = line.trim_start();
    let inner = |rest: &str| rest.trim_start().chars().next();
    match line.chars().next() {
        Some('{') => matches!(inner(&line[1..]), None | Some('"')),
        Some('[') => matches!(inner(&line[1..]), None | Some('{')),
        _ => false,
    }
}

impl Scan {
    fn advance(&mut self, piece: &str, before: usize, depth: usize) -> Piece {
        for (at, byte) in piece.bytes().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' => self.closers.push(b'}'),
                b'[' => self.closers.push(b']'),
                b'}' | b']' if self.closers.pop() != Some(byte) => return Piece::Wrong,
                b'}' | b']' if self.closers.is_empty() => return Piece::Last(at + 1),
                b'}' | b']' if self.closers.len() <= depth => {
                    self.whole = (before + at + 1, self.closers.clone());
                }
                b'}' | b']' | b',' | b':' | b'-' | b'+' | b'.' | b' ' | b'\t' => {}
                _ if byte.is_ascii_alphanumeric() => {}
                _ => return Piece::Wrong,
            }
            if self.closers.len() > DEEPEST {
                return Piece::Wrong;
            }
        }
        if self.in_string && piece.len() < CUT { Piece::Wrong } else { Piece::Inner }
    }
}

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
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if let (b'%', Some(high), Some(low)) = (bytes[at], digit(at + 1), digit(at + 2)) {
            decoded.extend(u8::try_from(high * 16 + low));
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
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

/// What the name of a rule says of its code.
pub(super) fn tags(code: &str) -> Vec<Tag> {
    let code = code.to_ascii_lowercase();
    let code = code.rsplit(['/', '(']).next().unwrap_or_default();
    let is_unused = ["unused", "no-unused", "nounused", "-wunused", "unreachable"]
        .iter()
        .any(|start| code.starts_with(start));
    let is_kept = code.contains("result") || code.contains("must_use") || code.contains("expression");
    if (is_unused && !is_kept) || ["f401", "f841", "w0611", "w0612"].contains(&code) {
        vec![Tag::Unnecessary]
    } else if code.contains("deprecat") {
        vec![Tag::Deprecated]
    } else {
        vec![]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::parse::{Dirs, Hints, Parser};
    use crate::output::Stream;

    const ISSUE: &str =
        r#"{"description":"d","fingerprint":"1","location":{"path":"a.c","lines":{"begin":2}}}"#;

    fn messages(text: &str) -> Vec<String> {
        let dirs = Dirs { root: "/p".into(), dir: "/p".into() };
        let mut parser = Parser::new(&Hints::default(), dirs, |path| path == std::path::Path::new("/p/a.c"));
        let mut problems = parser.feed(Stream::Stdout, text.as_bytes()).problems;
        problems.extend(parser.finish(Stream::Stdout).problems);
        problems.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn what_looks_like_the_start_of_a_document_hides_nothing() {
        for start in ["{", "[", "{\n  int x;\n}", "[{\"a\": 1}", "{\"a\":", "{ \"a\": [\n"] {
            assert_eq!(messages(&format!("{start}\na.c:1:2: error: x\n")), ["x"], "{start}");
        }
    }

    #[test]
    fn a_document_that_breaks_off_tells_what_was_whole() {
        let text = format!("[{ISSUE},\n{{\"description\":\"half");
        assert_eq!(messages(&text), ["d"]);
        assert_eq!(messages(&format!("{text}\na.c:1:2: error: x\n")), ["d", "x"]);
    }

    #[test]
    fn json_of_a_program_is_no_document() {
        let log = r#"{"description":"d","location":{"path":"/users"}}
{"message":"m","location":{"path":"/users"},"severity":"ERROR"}
{"runs":[{"message":"m"}]}
{"uri":"/users","diagnostics":"none","range":1}
"#;
        assert_eq!(messages(log), [""; 0]);
    }

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
