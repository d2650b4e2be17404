//! The parts of an errorformat that are patterns of Vim: classes, escapes, counts. Called by `pattern`.

use super::pattern::{Builder, Conversion, refused};
use crate::build::parse::matcher::found::Field;
use crate::build::parse::matcher::javascript::Refused;

/// The characters of a file name.
const NAME: &str = r"[\w/.\-+,#$%~=@\\]";

impl Builder<'_> {
    // `%*[^:]` and `%*\d`: text of some kind that is not kept.
    pub(super) fn scan(&mut self) -> Result<(), Refused> {
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
    pub(super) fn class(&mut self, is_quoted: bool) -> Result<(), Refused> {
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
    pub(super) fn escape(&mut self) -> Result<(), Refused> {
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
