//! Reads the text of a `.env` file, as users of dotenv expect. Called by `environment`.
//! Does not know: files, which variables a run gets in the end. Never puts a value into a message.

/// What is wrong with the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// 1-based line.
    pub(super) line: usize,
    /// What is wrong, with remedy.
    pub(super) message: String,
}

/// The variables that were read so far. Has no `Debug`, because values are secrets.
pub(super) struct Variables<'a> {
    ours: &'a dyn Fn(&str) -> Option<String>,
    entries: Vec<(String, String)>,
}

impl<'a> Variables<'a> {
    /// No variables yet. `ours` is our own environment, which wins wherever a value is used.
    pub(super) fn new(ours: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { ours, entries: Vec::new() }
    }

    /// Adds everything that `text` sets. A later entry of the same name wins.
    pub(super) fn read(&mut self, text: &str) -> Result<(), Mistake> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader { rest: text, whole: text, variables: self };
        while reader.skip_to_entry() {
            let (name, value) = reader.entry()?;
            reader.variables.set(name, value);
        }
        Ok(())
    }

    /// The variables in the order of their first appearance, without those that our own environment has.
    pub(super) fn into_entries(self) -> Vec<(String, String)> {
        let Self { ours, entries } = self;
        entries.into_iter().filter(|(name, _)| ours(name).is_none()).collect()
    }

    fn set(&mut self, name: String, value: String) {
        match self.entries.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.entries.push((name, value)),
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        let entry = || self.entries.iter().find(|(known, _)| known == name);
        (self.ours)(name).or_else(|| entry().map(|(_, value)| value.clone()))
    }
}

/// A place in the text.
struct Reader<'t, 'v, 'a> {
    rest: &'t str,
    whole: &'t str,
    variables: &'v mut Variables<'a>,
}

impl<'t> Reader<'t, '_, '_> {
    /// Skips empty lines and comments; false at the end of the text.
    fn skip_to_entry(&mut self) -> bool {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return !self.rest.is_empty();
            }
            self.take_line();
        }
    }

    fn entry(&mut self) -> Result<(String, String), Mistake> {
        if let Some(rest) = self.rest.strip_prefix("export")
            && rest.starts_with([' ', '\t'])
        {
            self.rest = rest.trim_start_matches([' ', '\t']);
        }
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.mistake("this is no name of a variable (help: write `NAME=value`)"));
        }
        self.skip_blanks();
        let separated = self.take("=") || self.rest.starts_with(": ") && self.take(":");
        if !separated {
            return Err(self.mistake(format!("`{name}` has no value (help: write `{name}=value`)")));
        }
        self.skip_blanks();
        let value = match self.rest.chars().next() {
            Some('"') => self.double_quoted()?,
            Some(quote @ ('\'' | '`')) => self.literal(quote)?,
            _ => return Ok((name.to_owned(), self.unquoted()?)),
        };
        let after = self.take_line().trim();
        if after.is_empty() || after.starts_with('#') {
            Ok((name.to_owned(), value))
        } else {
            Err(self
                .mistake("there is text behind the closing quote (help: write \\\" for a quote in a value)"))
        }
    }

    /// Up to the end of the line or a `#` behind a blank.
    fn unquoted(&mut self) -> Result<String, Mistake> {
        let line = self.take_line();
        let comment = line
            .char_indices()
            .find(|(at, c)| *c == '#' && line[..*at].chars().next_back().is_none_or(char::is_whitespace));
        let text = comment.map_or(line, |(at, _)| &line[..at]).trim_end();
        let inner = Reader { rest: text, whole: text, variables: &mut *self.variables };
        let value = inner.expanded().map_err(|message| self.mistake(message))?;
        self.checked(value)
    }

    /// All of the text, with `\$` and `${NAME}` replaced.
    fn expanded(mut self) -> Result<String, &'static str> {
        let mut value = String::new();
        while let Some(c) = self.next() {
            match c {
                '\\' if self.take("$") => value.push('$'),
                '$' => self.expand(&mut value)?,
                c => value.push(c),
            }
        }
        Ok(value)
    }

    /// Everything up to the same quote as it is, over several lines too; only the quote itself can be escaped.
    fn literal(&mut self, quote: char) -> Result<String, Mistake> {
        let opening = self.rest;
        self.next();
        let mut value = String::new();
        while let Some(c) = self.next() {
            match c {
                '\\' if self.rest.starts_with(quote) => value.extend(self.next()),
                c if c == quote => return Ok(value),
                c => value.push(c),
            }
        }
        self.rest = opening;
        Err(self.mistake(format!("the {quote} that begins here is never closed (help: close it, or put the value into other quotes)")))
    }

    /// Several lines, escapes and `${NAME}`.
    fn double_quoted(&mut self) -> Result<String, Mistake> {
        let opening = self.rest;
        self.next();
        let mut value = String::new();
        while let Some(c) = self.next() {
            match c {
                '"' => return self.checked(value),
                '\\' => match self.next() {
                    Some('n') => value.push('\n'),
                    Some('r') => value.push('\r'),
                    Some('t') => value.push('\t'),
                    Some(c @ ('"' | '\\' | '$')) => value.push(c),
                    other => value.extend(['\\'].into_iter().chain(other)),
                },
                '$' => self.expand(&mut value).map_err(|message| self.mistake(message))?,
                c => value.push(c),
            }
        }
        self.rest = opening;
        Err(self.mistake(
            "the \" that begins here is never closed (help: close it, or put the value into other quotes)",
        ))
    }

    /// What follows a `$`: `NAME`, `{NAME}`, `{NAME:-instead}` (unset or empty) or `{NAME-instead}` (unset).
    fn expand(&mut self, value: &mut String) -> Result<(), &'static str> {
        if !self.take("{") {
            let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
            match name {
                "" => value.push('$'),
                name => value.push_str(&self.variables.get(name).unwrap_or_default()),
            }
            return Ok(());
        }
        let Some((inside, rest)) = self.rest.split_once('}').filter(|(inside, _)| !inside.contains('\n'))
        else {
            return Err("`${` has no `}` (help: put the value into single quotes if it is meant literally)");
        };
        self.rest = rest;
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
        let (name, instead) = inside.split_at(end);
        let known = self.variables.get(name);
        let text = match (instead.strip_prefix(":-"), instead.strip_prefix('-')) {
            _ if name.is_empty() => return Err("`${}` names no variable (help: write `${NAME}`)"),
            (Some(instead), _) => known.filter(|text| !text.is_empty()).unwrap_or_else(|| instead.into()),
            (None, Some(instead)) => known.unwrap_or_else(|| instead.into()),
            (None, None) if instead.is_empty() => known.unwrap_or_default(),
            (None, None) => {
                return Err(
                    "only `${NAME}`, `${NAME:-instead}` and `${NAME-instead}` are known (help: use single quotes for a literal `$`)",
                );
            }
        };
        value.push_str(&text);
        Ok(())
    }

    /// No variable of any system can hold a zero byte.
    fn checked(&self, value: String) -> Result<String, Mistake> {
        if value.contains('\0') {
            Err(self.mistake("the value has a zero byte (help: remove it)"))
        } else {
            Ok(value)
        }
    }

    fn mistake(&self, message: impl Into<String>) -> Mistake {
        let read = &self.whole[..self.whole.len() - self.rest.len()];
        Mistake { line: read.matches('\n').count() + 1, message: message.into() }
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next();
        self.rest = chars.as_str();
        c
    }

    fn take(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// The rest of the line, without its end, which stays where it is so that a mistake names this line.
    fn take_line(&mut self) -> &'t str {
        self.take_while(|c| c != '\n').trim_end_matches('\r')
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, Mistake> {
        let ours = |name: &str| (name == "HOME").then(|| "/home/me".to_owned());
        let mut variables = Variables::new(&ours);
        variables.read(text)?;
        Ok(variables.into_entries())
    }

    #[test]
    fn values_are_read_as_users_of_dotenv_expect() {
        let cases = [
            ("A=1", "1"),
            ("\u{feff}# comment\r\n\r\n  export A = 1 \r\n", "1"),
            ("A: yaml", "yaml"),
            ("A=", ""),
            ("A=   # nothing", ""),
            ("A=a b#c # comment", "a b#c"),
            ("A=postgres://u:p@h/db?a=b", "postgres://u:p@h/db?a=b"),
            ("A='${B} \\n # it\\'s' # comment", "${B} \\n # it's"),
            ("A=`say \"it's\"`", "say \"it's\""),
            (r#"A="a\tb\n\"c\" \$D \\ \x""#, "a\tb\n\"c\" $D \\ \\x"),
            ("A=\"-----BEGIN\nKEY\n-----\"\n", "-----BEGIN\nKEY\n-----"),
            ("B=b\nA=${B}$B-${C}-${C:-c}-${B:-c}-${C-d}$", "bb--c-b-d$"),
            ("E=\nA=${E:-empty}${E-set}", "empty"),
            ("A=\"${HOME}/x\"", "/home/me/x"),
            ("HOME=/other\nA=$HOME", "/home/me"),
            ("A=\\$HOME \\n", "$HOME \\n"),
            ("A=1\nA=2", "2"),
            ("A=é", "é"),
        ];
        for (text, expected) in cases {
            let entries = read(text).unwrap();
            let found = entries.iter().find(|(name, _)| name == "A").map(|(_, value)| value.as_str());
            assert_eq!(found, Some(expected), "{text}");
        }
    }

    #[test]
    fn what_our_own_environment_has_is_left_alone() {
        assert_eq!(read("HOME=/other").unwrap(), []);
    }

    #[test]
    fn a_mistake_names_its_line_and_never_a_value() {
        let cases = [
            ("A=1\n\nsecret words\n", 3, "`secret` has no value"),
            ("=secret", 1, "no name"),
            ("1A=secret", 1, "no name"),
            ("A=1\nB=\"secret\nmore\n", 2, "never closed"),
            ("A='secret\n\n", 1, "never closed"),
            ("A=\"1\"secret", 1, "behind the closing quote"),
            ("A=\"\n${secret\"", 2, "has no `}`"),
            ("A=${B!secret}", 1, "are known (help: use single quotes for a literal `$`)"),
        ];
        for (text, line, message) in cases {
            let mistake = read(text).unwrap_err();
            assert_eq!(mistake.line, line, "{text}: {}", mistake.message);
            assert!(mistake.message.contains(message), "{text}: {}", mistake.message);
            assert!(
                !mistake.message.contains("secret") || text.contains("secret words"),
                "{}",
                mistake.message
            );
        }
    }
}
