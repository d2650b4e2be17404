//! Regular expressions as JavaScript writes them → ours, which take linear time. Called where users give one.
//! Does not know: what the groups are for.

use regex::{Regex, RegexBuilder};

/// Why a pattern can't be used, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) message: String,
    pub(super) help: String,
}

/// A larger automaton is a mistake.
const SIZE: usize = 4 * 1024 * 1024;

/// Compiles a pattern.
pub(super) fn compile(text: &str) -> Result<Regex, Refused> {
    let converted = convert(text)?;
    RegexBuilder::new(&converted).size_limit(SIZE).build().map_err(|error| {
        let error = error.to_string();
        let last = error.lines().last().unwrap_or_default().trim();
        let reason = last.strip_prefix("error: ").unwrap_or(last);
        Refused {
            message: format!("is no regular expression: {reason}"),
            help: "put `\\` before a character that means itself".to_owned(),
        }
    })
}

fn convert(text: &str) -> Result<String, Refused> {
    let mut converted = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        refuse(rest)?;
        let taken = match c {
            '\\' => escape(rest, &mut converted),
            '[' => class(rest, &mut converted),
            '{' if !is_quantifier(rest) => {
                converted.push_str(r"\{");
                1
            }
            _ => {
                converted.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    Ok(converted)
}

// What no pattern of linear time can do.
fn refuse(rest: &str) -> Result<(), Refused> {
    const AROUND: [(&str, &str); 4] = [
        ("(?=", "look-ahead"),
        ("(?!", "negative look-ahead"),
        ("(?<=", "look-behind"),
        ("(?<!", "negative look-behind"),
    ];
    if let Some((start, what)) = AROUND.iter().find(|(start, _)| rest.starts_with(start)) {
        return Err(Refused {
            message: format!("has a {what} `{start}…)`, which is not supported"),
            help: "match the text itself, in a group that is not used".to_owned(),
        });
    }
    let is_reference = rest.strip_prefix('\\').is_some_and(|escaped| {
        escaped.starts_with(|c: char| ('1'..='9').contains(&c)) || escaped.starts_with("k<")
    });
    if is_reference {
        return Err(Refused {
            message: format!("has a back-reference `{}`, which is not supported", &rest[..2]),
            help: "write the pattern of the group again in its place".to_owned(),
        });
    }
    Ok(())
}

// Writes one escape; says how long it was. What JavaScript takes for the character itself is that here too.
fn escape(rest: &str, converted: &mut String) -> usize {
    let Some(c) = rest[1..].chars().next() else {
        converted.push('\\');
        return 1;
    };
    let is_ours = matches!(
        c,
        'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' | 'n' | 'r' | 't' | 'f' | 'v' | 'x' | 'u' | 'p' | 'P'
    );
    if c == '0' {
        converted.push_str(r"\x00");
    } else if is_ours || !c.is_ascii_alphanumeric() && c.is_ascii() && c != '<' && c != '>' {
        converted.push('\\');
        converted.push(c);
    } else {
        converted.push(c);
    }
    1 + c.len_utf8()
}

// Writes one class; says how long it was. In ours a bracket opens a class in a class, and two signs make an operation.
fn class(rest: &str, converted: &mut String) -> usize {
    for (whole, ours) in [("[^]", r"[\s\S]"), ("[]", r"[^\s\S]")] {
        if rest.starts_with(whole) {
            converted.push_str(ours);
            return whole.len();
        }
    }
    let mut at = 1;
    converted.push('[');
    if rest[at..].starts_with('^') {
        converted.push('^');
        at += 1;
    }
    let mut is_set = false;
    while let Some(c) = rest[at..].chars().next() {
        match c {
            ']' => {
                converted.push(']');
                return at + 1;
            }
            '\\' => {
                let next = rest[at + 1..].chars().next();
                is_set = next.is_some_and(|c| "dDwWsS".contains(c));
                if next == Some('b') {
                    converted.push_str(r"\x08");
                    at += 2;
                } else {
                    at += escape(&rest[at..], converted);
                }
                continue;
            }
            // `[\s->]`: no range begins with a set, nor ends with one.
            '-' if is_set || ends_in_set(&rest[at + 1..]) || rest[at + 1..].starts_with('-') => {
                converted.push_str(r"\-");
            }
            '[' | '&' | '~' => converted.extend(['\\', c]),
            _ => converted.push(c),
        }
        is_set = false;
        at += c.len_utf8();
    }
    at
}

fn ends_in_set(rest: &str) -> bool {
    let mut chars = rest.chars();
    chars.next() == Some('\\') && chars.next().is_some_and(|c| "dDwWsS".contains(c))
}

fn is_quantifier(rest: &str) -> bool {
    let Some(end) = rest.find('}') else { return false };
    let mut parts = rest[1..end].splitn(2, ',');
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let first = parts.next().unwrap_or_default();
    !first.is_empty() && is_number(first) && parts.next().is_none_or(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_javascript_takes_is_taken() {
        for (pattern, line) in [
            (r"^{$", "{"),
            (r"^[\s->=]*(.*?):(\d*)\s*$", " --> a.rs:4"),
            (r#"^a{2}\/[[\]]\"$"#, "aa/[\""),
            (r"^[^]+$", "x"),
            (r"^\[&&~~--\]\-\_\@$", "[&&~~--]-_@"),
            (r"^[&&a]$", "&"),
            (r"\u001b\x41[\b]?\0?", "\u{1b}A"),
            (r"^(?<file>.+?):(?:\d+)$", "a:1"),
        ] {
            assert!(compile(pattern).unwrap().is_match(line), "{pattern}");
        }
    }

    #[test]
    fn what_takes_more_than_linear_time_is_named() {
        for (pattern, what) in [
            ("a(?=b)", "look-ahead"),
            ("a(?!b)", "negative look-ahead"),
            ("(?<=a)b", "look-behind"),
            ("(?<!a)b", "negative look-behind"),
            (r"(a)\1", "back-reference `\\1`"),
            (r"(?<n>a)\k<n>", "back-reference `\\k`"),
            ("(a", "unclosed group"),
        ] {
            let refused = compile(pattern).unwrap_err();
            assert!(refused.message.contains(what), "{pattern}: {}", refused.message);
        }
        assert!(compile(r"a\(?=b[(?!]").is_ok_and(|regex| regex.is_match("a=b!")));
    }
}
