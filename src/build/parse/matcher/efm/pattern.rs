//! One errorformat → a pattern. Called by `definition`. Does not know: the lines before.

use regex::{Regex, RegexBuilder};

use crate::build::parse::matcher::found::Field;
use crate::build::parse::matcher::javascript::Refused;

/// What a conversion stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::build::parse::matcher) enum Conversion {
    Field(Field),
    /// A column as on the screen.
    ScreenColumn,
    /// The text before a pointer to the column.
    Pointer,
    /// What is to be read as a line of its own.
    Rest,
    Nothing,
}

/// One errorformat, ready to read with.
#[derive(Debug, Clone)]
pub(in crate::build::parse::matcher) struct Entry {
    /// What the line is for a message: one of `DXAEWINCZGOPQ`.
    pub(super) prefix: Option<char>,
    /// `+`: the whole line is the message. `-`: the line is left out.
    flag: Option<char>,
    pub(super) regex: Regex,
    /// The groups of the pattern.
    pub(super) conversions: Vec<(usize, Conversion)>,
}

impl Entry {
    pub(super) fn is_excluded(&self) -> bool {
        self.flag == Some('-')
    }

    pub(super) fn is_whole(&self) -> bool {
        self.flag == Some('+')
    }
}

pub(super) fn refused(message: impl Into<String>, help: &str) -> Refused {
    Refused { message: message.into(), help: help.to_owned() }
}

/// The formats in a text that was an option of Vim: with commas between, where the next one shows by what it begins with.
/// Any other comma means itself.
pub(in crate::build::parse::matcher) fn split(text: &str) -> Vec<&str> {
    let mut formats = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (at, c) in text.char_indices() {
        let mut next = text[at + c.len_utf8()..].chars();
        let is_end = c == ','
            && !is_escaped
            && next.next() == Some('%')
            && next.next().is_some_and(|c| "+->DXAEWINCZGOPQ".contains(c));
        if is_end {
            formats.push(&text[start..at]);
            start = at + 1;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    formats.push(&text[start..]);
    formats
}

/// Compiles one errorformat.
pub(in crate::build::parse::matcher) fn compile(format: &str) -> Result<Entry, Refused> {
    let (prefix, flag, rest) = prefix(format)?;
    let mut builder = Builder { rest, pattern: String::from("^"), conversions: vec![], used: String::new() };
    while !builder.rest.is_empty() {
        builder.next()?;
    }
    builder.pattern.push('$');
    let regex =
        RegexBuilder::new(&builder.pattern).case_insensitive(true).size_limit(4 * 1024 * 1024).build();
    let regex = regex.map_err(|error| {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
        refused(
            format!("is no errorformat: {reason}"),
            "what follows a `%` is a part of a pattern: see `:help errorformat`",
        )
    })?;
    Ok(Entry { prefix, flag, regex, conversions: builder.conversions })
}

// `%-G`, `%+A`, `%E`, with `%>` before it.
fn prefix(format: &str) -> Result<(Option<char>, Option<char>, &str), Refused> {
    let format = format.strip_prefix("%>").unwrap_or(format);
    let Some(rest) = format.strip_prefix('%') else { return Ok((None, None, format)) };
    let flag = rest.chars().next().filter(|flag| "+-".contains(*flag));
    let rest = &rest[flag.map_or(0, char::len_utf8)..];
    let letter = rest.chars().next().filter(|letter| "DXAEWINCZGOPQ".contains(*letter));
    match (letter, flag) {
        (Some(letter), _) => Ok((Some(letter), flag, &rest[1..])),
        (None, None) => Ok((None, None, format)),
        (None, Some(flag)) => Err(refused(
            format!("has no letter behind `%{flag}`"),
            "write `%-G` for lines to leave out, or one of `%+A`, `%+C` and the like",
        )),
    }
}

/// A pattern that is being made.
pub(super) struct Builder<'a> {
    pub(super) rest: &'a str,
    pub(super) pattern: String,
    conversions: Vec<(usize, Conversion)>,
    /// The letters of these.
    used: String,
}

impl Builder<'_> {
    fn next(&mut self) -> Result<(), Refused> {
        let Some(c) = self.take() else { return Ok(()) };
        match c {
            '%' => return self.percent(),
            '\\' => {
                let literal = self.take().unwrap_or('\\');
                self.literal(literal);
            }
            c => self.literal(c),
        }
        Ok(())
    }

    pub(super) fn take(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    pub(super) fn literal(&mut self, c: char) {
        self.pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    pub(super) fn group(&mut self, pattern: &str, conversion: Conversion) {
        self.pattern.push('(');
        self.pattern.push_str(pattern);
        self.pattern.push(')');
        self.conversions.push((self.conversions.len() + 1, conversion));
    }

    fn percent(&mut self) -> Result<(), Refused> {
        let Some(c) = self.take() else {
            return Err(refused("ends in `%`", "write `%%` for the sign itself"));
        };
        let number = |field| (r"\d+", Conversion::Field(field));
        let (pattern, conversion) = match c {
            'f' => (self.file(), Conversion::Field(Field::File)),
            'l' => number(Field::Line),
            'e' => number(Field::EndLine),
            'c' => number(Field::Column),
            'k' => number(Field::EndColumn),
            'n' => number(Field::Code),
            'v' => (r"\d+", Conversion::ScreenColumn),
            'b' => (r"\d+", Conversion::Nothing),
            't' => (".", Conversion::Field(Field::Severity)),
            'm' => (".+", Conversion::Field(Field::Message)),
            'r' => (".*", Conversion::Rest),
            'p' => (r"[-\s.]*", Conversion::Pointer),
            's' | 'o' => (".+?", Conversion::Nothing),
            '*' => return self.scan(),
            '#' => {
                self.pattern.push('*');
                return Ok(());
            }
            '.' | '^' | '$' => {
                self.pattern.push(c);
                return Ok(());
            }
            '%' | '~' => {
                self.literal(c);
                return Ok(());
            }
            '[' => return self.class(true),
            // Where the next line is looked for first makes no difference here.
            '>' => return Ok(()),
            '\\' => return self.escape(),
            c => {
                let message = format!("has `%{c}`, which is no conversion");
                return Err(refused(message, "write `%%` for the sign itself; see `:help errorformat`"));
            }
        };
        if self.used.contains(c) {
            let help = "write every errorformat as a string of its own";
            return Err(refused(format!("has `%{c}` twice"), help));
        }
        self.used.push(c);
        self.group(pattern, conversion);
        Ok(())
    }

    // A name with blanks and colons in it goes on to the sign that follows, if it is one.
    fn file(&self) -> &'static str {
        match self.rest.chars().next() {
            Some('%' | '\\') => r"[\w/.\-+,#$%~=@\\]+",
            Some(_) | None => ".+?",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_fits_the_lines_that_vim_takes() {
        for (format, line) in [
            ("%f:%l:%c: %trror: %m", "a b.c:3:4: error: x"),
            (r"%f:%l:%c: %trror: %m", "a.c:3:4: ERROR: x"),
            (r#"%*[^"]"%f"%*\D%l: %m"#, r#"cc: "a.c", line 3: x"#),
            (r"%-G%.%#", "anything"),
            (r"%C%p^", "   ^"),
            (r"%D%*\a[%*\d]: Entering directory %*[`']%f'", "make[1]: Entering directory `/p/a'"),
            (r"%D%*\\a: Entering directory [`']%f'", "make: Entering directory [`']a'"),
            (r"%\s%#%f(%l\,%c): %m", "  a.cs(1,2): x"),
            (r"%\%%(fatal %\)%\=%trror: %m", "fatal error: x"),
            (r"%[%^ ]%#: %m (100%%)", "abc: x (100%)"),
            (r"%f|%l| (?) %m", "a.c|3| (?) x"),
            (r"%*[a-z[:digit:]] %m", "ab12 x"),
            (r"%.%\{-}at %f:%l", "  so at a.c:3"),
            (r"%E%f:%l\ %m", "a.c:3 x"),
            (r"%Z%[%^ ]%\@=%m", "Error: x"),
            (r"%Z%[%^ ]%\\@=%m", "Error: x"),
            (r"%+C%.%#%[{}\]%.%#", "a{b"),
            (r"%E%>bad\,%m", "bad, x"),
        ] {
            let entry = compile(format).unwrap_or_else(|refused| panic!("{format}: {refused:?}"));
            assert!(entry.regex.is_match(line), "{format}: {}", entry.regex);
        }
    }

    #[test]
    fn an_option_of_vim_is_taken_apart() {
        let option = r"%E%f(%l,%c): %m,%-G%.%#,%D%*\\a\,%Cx";
        assert_eq!(split(option), [r"%E%f(%l,%c): %m", "%-G%.%#", r"%D%*\\a\,%Cx"]);
        assert_eq!(split("%f:%l: %m"), ["%f:%l: %m"]);
    }

    #[test]
    fn what_is_no_format_is_told() {
        for (format, what) in [
            ("%y", "`%y`"),
            ("100%", "ends in `%`"),
            ("%-f", "behind `%-`"),
            (r"a%\@=b", "look-around"),
            (r"%\(a%\)%\1", "back-reference"),
            ("%*x", "`%*`"),
            ("%*[a", "never closed"),
            (r"%\(a", "unclosed group"),
            ("%f:%l: %m,%f: %m", "`%f` twice"),
        ] {
            let refused = compile(format).unwrap_err();
            assert!(refused.message.contains(what), "{format}: {}", refused.message);
        }
    }
}
