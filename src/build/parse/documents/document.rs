//! JSON documents in the output, on one line or on many, one after the other. What a document means is up to a `Shape`.
//! A format of `Parser` for each shape. Does not know: other formats, the file system.

use serde_json::Value;

use crate::build::parse::Format;
use crate::build::parse::context::Context;

/// A longer document is none that a tool prints.
const LONGEST: usize = 32 * 1024 * 1024;
/// So far it may go on without having shown what it is.
const UNKNOWN: usize = 64 * 1024;
/// Nested deeper it is no list of problems.
const DEEPEST: usize = 100;
/// A line that ends inside a string was cut only if it is long.
const CUT: usize = 32 * 1024;

/// What is outside of strings: signs, numbers, `true`, `false`, `null`.
const BETWEEN: &[u8] = b"}],:-+. \t0123456789Etruefalsn";

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
    /// The marks that the text does not show so far.
    unseen: Vec<&'static str>,
    /// Whether it is of another kind.
    is_foreign: bool,
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
        let unseen = shape.marks.to_vec();
        Self { shape, text: String::new(), scan: Scan::default(), unseen, is_foreign: false, read: 0 }
    }

    fn clear(&mut self) {
        *self = Self::of(self.shape);
    }

    fn take_in(&mut self, piece: &str, context: &mut Context) -> bool {
        let before = self.text.len();
        self.text.push_str(piece);
        self.unseen.retain(|mark| !piece.contains(mark));
        self.is_foreign |= self.shape.foreign.iter().any(|mark| piece.contains(mark));
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
                let is_known = self.is_known();
                if self.text.len() > if is_known { LONGEST } else { UNKNOWN } {
                    self.clear();
                }
                is_known
            }
            Piece::Last(end) => {
                self.text.truncate(before + end);
                let is_ours = self.is_known()
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

    fn is_known(&self) -> bool {
        self.unseen.is_empty() && !self.is_foreign
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
        if !self.is_known() || *end <= self.read {
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
                _ if BETWEEN.contains(&byte) => {}
                _ => return Piece::Wrong,
            }
            if self.closers.len() > DEEPEST {
                return Piece::Wrong;
            }
        }
        if self.in_string && piece.len() < CUT { Piece::Wrong } else { Piece::Inner }
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(messages(&format!("[{ISSUE},\na.c:1:2: error: x\n")), ["d", "x"]);
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
}
