//! The simple commands in a line of `sh`, as far as they can be told without a shell. Called by `ask` and for the hints of
//! a parser. Does not know: variables, substitutions, control structures; where they matter it gives up.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

use crate::process::CommandLine;

/// A word of a simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Without its quotes. Variables stand as written.
    pub(super) text: String,
    /// Where it is written, in bytes.
    pub(super) span: Range<usize>,
}

/// One command of a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Simple {
    pub(super) words: Vec<Word>,
    /// Whether its output goes elsewhere, to a file or a pipe.
    pub(super) is_redirected: bool,
}

/// The words of every simple command; none if they can't be told.
pub fn words(command: &CommandLine) -> Vec<Vec<String>> {
    match command {
        CommandLine::Argv(words) => vec![words.clone()],
        CommandLine::Shell(text) => split(text)
            .unwrap_or_default()
            .into_iter()
            .map(|simple| simple.words.into_iter().map(|word| word.text).collect())
            .collect(),
    }
}

/// The simple commands of a line, in order; `None` if there is anything that only a shell understands.
pub(super) fn split(text: &str) -> Option<Vec<Simple>> {
    const RESERVED: [&str; 17] = [
        "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "{", "}",
        "!", "function", "[[",
    ];
    let mut splitter = Splitter::new(text);
    splitter.run()?;
    let all = splitter.commands;
    let is_reserved =
        |simple: &Simple| simple.words.first().is_some_and(|word| RESERVED.contains(&word.text.as_str()));
    (!all.iter().any(is_reserved)).then_some(all)
}

struct Splitter<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    commands: Vec<Simple>,
    command: Simple,
    word: Option<Word>,
    /// The next word names the file of a redirection.
    is_target: bool,
    /// How many subshells are open.
    depth: u32,
    /// A subshell has just ended.
    is_after_subshell: bool,
}

impl<'a> Splitter<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            chars: text.char_indices().peekable(),
            commands: Vec::new(),
            command: Simple::default(),
            word: None,
            is_target: false,
            depth: 0,
            is_after_subshell: false,
        }
    }

    fn run(&mut self) -> Option<()> {
        while let Some((at, c)) = self.chars.next() {
            // What comes behind `)` could send the output of everything inside elsewhere.
            if self.is_after_subshell && !" \t\n;&|)".contains(c) {
                return None;
            }
            match c {
                ' ' | '\t' => self.end_word(),
                '\n' | ';' => self.end_command(),
                '#' if self.word.is_none() => self.skip_comment(),
                '(' if self.word.is_none() && self.command == Simple::default() => self.depth += 1,
                ')' => {
                    self.end_command();
                    self.depth = self.depth.checked_sub(1)?;
                    self.is_after_subshell = true;
                }
                '&' | '|' => self.operator(c)?,
                '<' | '>' => self.redirection(c)?,
                '`' | '(' => return None,
                '\'' => self.single_quoted(at)?,
                '"' => self.double_quoted(at)?,
                '\\' => {
                    let (_, escaped) = self.chars.next()?;
                    self.add(
                        at,
                        if escaped == '\n' { "" } else { &self.text[at + 1..at + 1 + escaped.len_utf8()] },
                    );
                }
                '$' if self.chars.peek().is_some_and(|&(_, next)| next == '(') => return None,
                _ => self.add(at, &self.text[at..at + c.len_utf8()]),
            }
        }
        self.end_command();
        (self.depth == 0 && !self.is_target).then_some(())
    }

    fn end(&mut self) -> usize {
        self.chars.peek().map_or(self.text.len(), |&(at, _)| at)
    }

    fn add(&mut self, at: usize, text: &str) {
        let end = self.end();
        let word = self.word.get_or_insert_with(|| Word { text: String::new(), span: at..at });
        word.text.push_str(text);
        word.span.end = end;
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if !std::mem::take(&mut self.is_target) {
            self.command.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        let command = std::mem::take(&mut self.command);
        if !command.words.is_empty() {
            self.commands.push(command);
        }
        self.is_after_subshell = false;
    }

    fn skip_comment(&mut self) {
        while self.chars.peek().is_some_and(|&(_, c)| c != '\n') {
            self.chars.next();
        }
    }

    fn operator(&mut self, c: char) -> Option<()> {
        let next = self.chars.peek().map(|&(_, next)| next);
        if c == '&' && next == Some('>') {
            self.end_word();
            return Some(());
        }
        let is_double = next == Some(c);
        if is_double {
            self.chars.next();
        } else if c == '|' {
            // The output of a whole subshell would go into the pipe.
            if self.is_after_subshell {
                return None;
            }
            self.command.is_redirected = true;
        }
        self.end_command();
        Some(())
    }

    fn redirection(&mut self, c: char) -> Option<()> {
        // `2>`: the number is no word.
        if self.word.as_ref().is_some_and(|word| word.text.bytes().all(|byte| byte.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        if self.is_target {
            return None;
        }
        let next = self.chars.peek().map(|&(_, next)| next);
        match (c, next) {
            // A document, or a substitution of a process.
            ('<', Some('<')) | (_, Some('(')) => return None,
            (_, Some('>' | '&' | '|')) => {
                self.chars.next();
            }
            _ => {}
        }
        self.command.is_redirected |= c == '>';
        self.is_target = true;
        Some(())
    }

    fn single_quoted(&mut self, at: usize) -> Option<()> {
        let (end, _) = self.chars.find(|&(_, c)| c == '\'')?;
        self.add(at, &self.text[at + 1..end]);
        Some(())
    }

    fn double_quoted(&mut self, at: usize) -> Option<()> {
        self.add(at, "");
        while let Some((at, c)) = self.chars.next() {
            match c {
                '"' => {
                    self.add(at, "");
                    return Some(());
                }
                '`' => return None,
                '$' if self.chars.peek().is_some_and(|&(_, next)| next == '(') => return None,
                '\\' if self.chars.peek().is_some_and(|&(_, next)| "\"\\$`".contains(next)) => {
                    let (at, escaped) = self.chars.next()?;
                    self.add(at, &self.text[at..at + escaped.len_utf8()]);
                }
                _ => self.add(at, &self.text[at..at + c.len_utf8()]),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<Vec<String>> {
        words(&CommandLine::Shell(text.into()))
    }

    #[test]
    fn simple_commands_are_told_apart() {
        let cases: &[(&str, &[&[&str]])] = &[
            ("go build -o x .", &[&["go", "build", "-o", "x", "."]]),
            ("a && b;c || d & e\nf", &[&["a"], &["b"], &["c"], &["d"], &["e"], &["f"]]),
            ("echo 'a && b' \"c; $X\" d\\ e", &[&["echo", "a && b", "c; $X", "d e"]]),
            (
                "(cd web && npm run build) && go build",
                &[&["cd", "web"], &["npm", "run", "build"], &["go", "build"]],
            ),
            ("A=1 make 2>&1 >log x # no && command", &[&["A=1", "make", "x"]]),
            ("echo a#b ''", &[&["echo", "a#b", ""]]),
        ];
        for (text, expected) in cases {
            assert_eq!(commands(text), *expected, "{text}");
        }
    }

    #[test]
    fn what_only_a_shell_understands_is_left_alone() {
        for text in [
            "a $(b)",
            "a `b`",
            "a \"$(b)\"",
            "a <<E",
            "if a; then b; fi",
            "f() { a; }",
            "a 'b",
            "a)",
            "(a",
            "(a) > b",
            "(a) | b",
            "a >",
        ] {
            assert_eq!(split(text), None, "{text}");
        }
    }

    #[test]
    fn it_is_known_whose_output_goes_elsewhere() {
        let redirected: Vec<bool> = split("a | b && c > d && e < f && g &> h")
            .unwrap()
            .iter()
            .map(|simple| simple.is_redirected)
            .collect();
        assert_eq!(redirected, [true, false, true, false, true]);
    }
}
