//! `ready = { log = "…" }`: a line of the output matches.

use regex::Regex;

use super::Sign;
use crate::output::Output;
use crate::service::plain;

/// Looks at the output without its colors.
#[derive(Debug)]
pub(super) struct Log {
    pattern: Regex,
    /// The line that is not finished yet. Both streams share it: a line that one of them breaks is a lost chance only if
    /// the program writes half a line to one stream and something to the other.
    line: String,
    is_found: bool,
}

impl Log {
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        let pattern = Regex::new(pattern).map_err(|error| {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("`{pattern}` is no regular expression: {reason} (help: write \\ before ( ) [ ] {{ }} . * + ? | ^ $ to mean the character itself)")
        })?;
        Ok(Self { pattern, line: String::new(), is_found: false })
    }

    pub(super) fn see(&mut self, text: &str) {
        if self.line.len() > Output::LINE {
            self.line.clear();
        }
        self.line.push_str(text);
        let plain = plain::text(&self.line);
        self.is_found |= self.pattern.is_match(plain.trim_end_matches('\n'));
        if text.ends_with('\n') {
            self.line.clear();
        }
    }

    pub(super) async fn wait(&self) {
        if !self.is_found {
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn sign(&self) -> Option<Sign> {
        self.is_found.then_some(Sign::Own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_and_pieces_do_not_hide_a_line() {
        let mut log = Log::new("^listening on :\\d+$").unwrap();
        log.see("not listening on :80\n");
        log.see("\x1b[32mlistening");
        assert_eq!(log.sign(), None);
        log.see(" on\x1b[0m :8080\r\n");
        assert_eq!(log.sign(), Some(Sign::Own));
    }

    #[test]
    fn a_broken_pattern_is_named_with_its_reason() {
        let error = Log::new("(ready").unwrap_err();
        assert!(error.starts_with("`(ready` is no regular expression: unclosed group"), "{error}");
    }
}
