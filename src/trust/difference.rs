//! What changed between two plans, for the person who is asked again. Pure. Called by `cli` and `lsp`.

/// Lines for people: `- ` what is no longer there, `+ ` what is new. Never empty.
pub fn difference(before: &[String], now: &[String]) -> Vec<String> {
    let gone = before.iter().filter(|line| !now.contains(line)).map(|line| format!("- {line}"));
    let new = now.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    let lines: Vec<String> = gone.chain(new).collect();
    if lines.is_empty() {
        let same = "the commands are the same; something else in the configuration changed";
        return vec![same.to_owned()];
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_shown() {
        let lines = |text: &[&str]| text.iter().map(ToString::to_string).collect::<Vec<_>>();
        let before = lines(&["api builds with: make", "api runs: ./api"]);
        let now = lines(&["api builds with: make", "api runs: ./api --root", "db runs: ./db"]);
        assert_eq!(
            difference(&before, &now),
            ["- api runs: ./api", "+ api runs: ./api --root", "+ db runs: ./db"]
        );
        assert_eq!(difference(&now, &now).len(), 1);
    }
}
