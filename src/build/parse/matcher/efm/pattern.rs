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

/// The characters of a file name.
const NAME: &str = r"[\w/.\-+,#$%~=@\\]";

fn refused(message: impl Into<String>, help: &str) -> Refused {
    Refused { message: message.into(), help: help.to_owned() }
}

/// Compiles one errorformat.
pub(in crate::build::parse::matcher) fn compile(format: &str) -> Result<Entry, Refused> {
    let (prefix, flag, rest) = prefix(format)?;
    let mut builder = Builder { rest, pattern: String::from("^"), conversions: vec![] };
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

struct Builder<'a> {
    rest: &'a str,
    pattern: String,
    conversions: Vec<(usize, Conversion)>,
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

    fn take(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn literal(&mut self, c: char) {
        self.pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
    }

    fn group(&mut self, pattern: &str, conversion: Conversion) {
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

    // `%*[^:]` and `%*\d`: text of some kind that is not kept.
    fn scan(&mut self) -> Result<(), Refused> {
        match self.take() {
            Some('[') => self.class(false)?,
            Some('\\') => self.escape()?,
            _ => {
                let help = "write `%*[^ ]` or `%*\\d`";
                return Err(refused("has `%*` without a class of characters behind it", help));
            }
        }
        self.pattern.push('+');
        Ok(())
    }

    // What follows `[` up to its end. Behind `%[` a sign may have a `%` or a backslash before it, which means nothing.
    fn class(&mut self, is_quoted: bool) -> Result<(), Refused> {
        let unclosed = || refused("has a `[` that is never closed", "write `]` at its end");
        let start = self.pattern.len();
        self.pattern.push('[');
        let mut is_first = true;
        loop {
            let mut c = self.take().ok_or_else(unclosed)?;
            let is_sign = self.rest.starts_with(['^', '%', '\\', '-', ']', '[', '.', '#', '$', '~']);
            if (is_quoted && c == '\\') || (c == '%' && is_sign) {
                c = self.take().ok_or_else(unclosed)?;
            }
            match c {
                '^' if is_first => {
                    self.pattern.push('^');
                    continue;
                }
                ']' if !is_first => break,
                '[' if self.rest.starts_with(':') && self.rest.contains(":]") => self.pattern.push('['),
                ':' if self.rest.starts_with(']') && self.pattern.contains("[:") => {
                    self.pattern.push_str(":]");
                    self.take();
                }
                '\\' => {
                    let escaped = self.take().ok_or_else(unclosed)?;
                    match escaped {
                        't' | 'd' | 's' | 'w' => self.pattern.extend(['\\', escaped]),
                        escaped => self.literal(escaped),
                    }
                }
                '-' => self.pattern.push('-'),
                '[' | ']' | '&' | '~' => self.pattern.extend(['\\', c]),
                c => self.pattern.push(c),
            }
            is_first = false;
        }
        self.pattern.push(']');
        self.look_ahead(start);
        Ok(())
    }

    // `%[%^ ]%\@=%m`: the message begins with such a sign.
    fn look_ahead(&mut self, start: usize) {
        let rest = self.rest.strip_prefix("%\\\\@=%m").or_else(|| self.rest.strip_prefix("%\\@=%m"));
        if let Some(rest) = rest {
            self.rest = rest;
            let class = self.pattern.split_off(start);
            self.group(&format!("{class}.*"), Conversion::Field(Field::Message));
        }
    }

    // `%\(a%\|b%\)`: the escapes of Vim's own patterns. In a script the backslash is doubled, here it may be.
    fn escape(&mut self) -> Result<(), Refused> {
        let mut c = self.take();
        if c == Some('\\') && self.rest.starts_with(|c: char| !c.is_whitespace()) {
            c = self.take();
        }
        let Some(c) = c else {
            return Err(refused("ends in a backslash", "write the sign that follows it"));
        };
        let pattern = match c {
            '(' => "(?:",
            '%' if self.rest.starts_with("%(") || self.rest.starts_with('(') => {
                self.rest = self.rest.trim_start_matches('%');
                self.take();
                "(?:"
            }
            ')' => ")",
            '|' => "|",
            '+' => "+",
            '=' | '?' => "?",
            '{' => return self.count(),
            '<' | '>' => r"\b",
            'a' => "[A-Za-z]",
            'l' => "[a-z]",
            'u' => "[A-Z]",
            'h' => "[A-Za-z_]",
            'x' => "[0-9A-Fa-f]",
            'f' | 'F' => NAME,
            'i' | 'k' => r"\w",
            'p' => "[[:print:]]",
            's' | 'S' | 'd' | 'D' | 'w' | 'W' | 't' => {
                self.pattern.extend(['\\', c]);
                return Ok(());
            }
            'c' | 'C' => "",
            c if c.is_ascii_punctuation() && c != '@' && c != '&' && c != '_' && c != '%' => {
                self.literal(c);
                return Ok(());
            }
            c => return Err(unsupported(c)),
        };
        self.pattern.push_str(pattern);
        Ok(())
    }

    // `\{-1,}` takes as little as it can.
    fn count(&mut self) -> Result<(), Refused> {
        let Some((inner, rest)) = self.rest.split_once('}') else {
            return Err(refused("has a `\\{` that is never closed", "write `}` at its end"));
        };
        self.rest = rest;
        let inner = inner.trim_end_matches(['%', '\\']);
        let (counts, lazy) = inner.strip_prefix('-').map_or((inner, ""), |counts| (counts, "?"));
        let counts = match counts {
            "" => "*".to_owned(),
            counts if counts.starts_with(',') => format!("{{0{counts}}}"),
            counts => format!("{{{counts}}}"),
        };
        self.pattern.push_str(&counts);
        self.pattern.push_str(lazy);
        Ok(())
    }
}

fn unsupported(c: char) -> Refused {
    let (what, help) = match c {
        '@' => ("look-around", "match the text itself"),
        '1'..='9' => ("a back-reference", "write the pattern of the group again in its place"),
        'z' => ("`\\zs` or `\\ze`", "match the text itself"),
        '&' => ("a concat", "write one pattern"),
        _ => ("a pattern", "see `:help errorformat` for what is usual"),
    };
    refused(format!("has {what} `\\{c}`, which is not supported"), help)
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
        ] {
            let refused = compile(format).unwrap_err();
            assert!(refused.message.contains(what), "{format}: {}", refused.message);
        }
    }
}
