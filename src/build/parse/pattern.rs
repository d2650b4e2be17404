//! A regular expression that most lines are kept away from: there are far more lines and formats than problems, so it is
//! looked first whether a line has a text that every match has. Used by formats and `lane`. Does not know: what is looked for.

use memchr::memmem::Finder;
use regex::{Captures, Match, Regex};
use regex_syntax::hir::{Hir, HirKind, Look};

/// Of more texts, of which a match has one, a line is not searched for all.
const TEXTS: usize = 12;

/// As `regex::Regex`.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    gate: Gate,
}

/// What a line needs to be worth a closer look.
#[derive(Debug)]
enum Gate {
    /// Nothing.
    Open,
    /// It begins like this.
    Begins(Vec<u8>),
    /// It has one of these in it.
    Has(Vec<Finder<'static>>),
}

/// A pattern that is written into the program.
pub(super) fn pattern(text: &str) -> Pattern {
    let gate = regex_syntax::parse(text).map_or(Gate::Open, |hir| Gate::of(&hir));
    Pattern { regex: Regex::new(text).expect("the patterns of the formats are valid"), gate }
}

impl Pattern {
    pub(super) fn is_match(&self, line: &str) -> bool {
        self.gate.lets_in(line) && self.regex.is_match(line)
    }

    pub(super) fn captures<'a>(&self, line: &'a str) -> Option<Captures<'a>> {
        if self.gate.lets_in(line) { self.regex.captures(line) } else { None }
    }

    pub(super) fn find<'a>(&self, line: &'a str) -> Option<Match<'a>> {
        if self.gate.lets_in(line) { self.regex.find(line) } else { None }
    }

    /// The expression itself, for all that can be done with one.
    pub(super) fn regex(&self) -> &Regex {
        &self.regex
    }
}

impl Gate {
    fn of(hir: &Hir) -> Self {
        if let HirKind::Concat(parts) = hir.kind()
            && let [start, first, ..] = parts.as_slice()
            && let (HirKind::Look(Look::Start), HirKind::Literal(text)) = (start.kind(), first.kind())
        {
            return Self::Begins(text.0.to_vec());
        }
        match required(hir) {
            Some(texts) => Self::Has(texts.iter().map(|text| Finder::new(text).into_owned()).collect()),
            None => Self::Open,
        }
    }

    fn lets_in(&self, line: &str) -> bool {
        match self {
            Self::Open => true,
            Self::Begins(text) => line.as_bytes().starts_with(text),
            Self::Has(texts) => texts.iter().any(|text| text.find(line.as_bytes()).is_some()),
        }
    }
}

/// The texts of which each match has at least one.
fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Capture(group) => required(&group.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => required(&repeated.sub),
        // The rarest of them, which is likely the longest.
        HirKind::Concat(parts) => parts.iter().filter_map(required).max_by_key(|texts| shortest(texts)),
        HirKind::Alternation(parts) => {
            let texts: Option<Vec<_>> = parts.iter().map(required).collect();
            texts.map(|texts| texts.concat()).filter(|texts| texts.len() <= TEXTS)
        }
        HirKind::Repetition(_) | HirKind::Class(_) | HirKind::Look(_) | HirKind::Empty => None,
    }
}

fn shortest(texts: &[Vec<u8>]) -> usize {
    texts.iter().map(Vec::len).min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_match_has_is_known() {
        for (text, expected) in [
            (r"^(?<file>\S.*?):(?<line>[0-9]+): (?<code>TS[0-9]+)$", &["TS"][..]),
            (r"^.*: (error|warning): ", &["error", "warning"]),
            (r"^(?:a+bc|(?:xyz)?)$", &[]),
            (r"(?i)error", &[]),
            (r"^ *[✖×] x{2,}", &["x"]),
            (r"(?:[Ee]rror|Fehler)\b", &["rror", "Fehler"]),
        ] {
            let found = required(&regex_syntax::parse(text).unwrap()).unwrap_or_default();
            let found: Vec<_> = found.iter().map(|text| str::from_utf8(text).unwrap()).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_pattern_finds_what_its_expression_finds() {
        let found = pattern(r"^(?<file>\S+): (?:error|note): (?<message>.+)$");
        assert_eq!(&found.captures("a.c: note: here").unwrap()["message"], "here");
        assert!(!found.is_match("a.c: nothing: here") && found.is_match("b: error: x"));
        assert_eq!(pattern("b+").find("abba").map(|found| found.as_str()), Some("bb"));
        let begun = pattern("^make: (?<message>.+)$");
        assert!(matches!(begun.gate, Gate::Begins(_)));
        assert!(begun.is_match("make: x") && !begun.is_match(" make: x") && !begun.is_match("make: "));
    }
}
