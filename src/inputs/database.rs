//! The database that `make -p` prints: variables, rules, pattern rules. Pure. Called by `make`.
//! Does not know: the disk, what is made of it.

use std::collections::BTreeMap;

/// Everything that a makefile and what it includes say.
#[derive(Debug, Default)]
pub(super) struct Database {
    variables: BTreeMap<String, String>,
    pub(super) rules: BTreeMap<String, Rule>,
    pub(super) patterns: Vec<Pattern>,
}

/// How a target is made.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// Those that come before `|`.
    pub(super) prerequisites: Vec<String>,
    /// Those that only have to be there.
    pub(super) order_only: Vec<String>,
    pub(super) is_phony: bool,
    /// Its lines, as written.
    pub(super) recipe: Vec<String>,
}

/// How targets are made whose names fit: `%.o: %.c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) target: String,
    pub(super) rule: Rule,
}

/// The parts of the database that matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Other,
    Variables,
    Patterns,
    Rules,
}

impl Database {
    /// Reads what `make -p` prints in the C locale.
    pub(super) fn read(text: &str) -> Self {
        let mut database = Self::default();
        let mut part = Part::Other;
        let mut lines = text.lines().peekable();
        // The target that is described, and whether it is only mentioned.
        let mut target: Option<String> = None;
        let mut is_mentioned = false;
        while let Some(line) = lines.next() {
            match line {
                "# Variables" => part = Part::Variables,
                "# Implicit Rules" => part = Part::Patterns,
                "# Files" => part = Part::Rules,
                "# Not a target:" => is_mentioned = true,
                "" => {
                    target = None;
                    is_mentioned = false;
                }
                _ if line.starts_with("# variable set") || line.starts_with("# files hash-table") => {
                    part = Part::Other;
                }
                _ if part == Part::Variables => {
                    if let Some(name) = line.strip_prefix("define ") {
                        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "endef").collect();
                        database.variables.insert(name.trim_end_matches(" =").to_owned(), text.join("\n"));
                    } else if let Some((name, value)) = assignment(line) {
                        database.variables.insert(name.to_owned(), value.to_owned());
                    }
                }
                _ if matches!(part, Part::Patterns | Part::Rules) => {
                    if let Some(name) = &target {
                        let mut whole = line.to_owned();
                        while whole.ends_with('\\') && lines.peek().is_some() {
                            whole.pop();
                            whole.push_str(lines.next().unwrap_or_default().trim_start());
                        }
                        let rule = match part {
                            Part::Patterns => database.patterns.last_mut().map(|pattern| &mut pattern.rule),
                            Part::Rules | Part::Variables | Part::Other => database.rules.get_mut(name),
                        };
                        if let Some(rule) = rule {
                            rule.is_phony |= whole.starts_with("#  Phony target");
                            rule.recipe.extend(whole.strip_prefix('\t').map(str::to_owned));
                        }
                    } else if let Some((name, rule)) = head(line).filter(|_| !is_mentioned) {
                        target = Some(name.clone());
                        if part == Part::Patterns {
                            database.patterns.push(Pattern { target: name, rule });
                        } else {
                            // Of `a:: b` there are several.
                            let known = database.rules.entry(name).or_default();
                            known.prerequisites.extend(rule.prerequisites);
                            known.order_only.extend(rule.order_only);
                        }
                    }
                }
                _ => {}
            }
        }
        database
    }

    /// A variable, as it is written.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// A line of a recipe as the shell gets it. What a function or an unknown variable says becomes `_` or nothing.
    pub(super) fn expand(&self, text: &str, target: &str, rule: &Rule) -> String {
        self.expand_to(text, target, rule, 0)
    }

    fn expand_to(&self, text: &str, target: &str, rule: &Rule, depth: u32) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            expanded.push_str(before);
            let Some(first) = after.chars().next() else { break };
            let (name, behind) = match first {
                '(' | '{' => enclosed(after),
                _ => after.split_at(first.len_utf8()),
            };
            rest = behind;
            let value = match name {
                "$" => "$".to_owned(),
                "@" => target.to_owned(),
                "<" => rule.prerequisites.first().cloned().unwrap_or_default(),
                "^" | "+" => rule.prerequisites.join(" "),
                _ if name.contains([' ', ':', '$']) || depth > 20 => "_".to_owned(),
                _ => match self.variable(name) {
                    Some(value) => self.expand_to(value, target, rule, depth + 1),
                    None => String::new(),
                },
            };
            expanded.push_str(&value);
        }
        expanded + rest
    }
}

/// What `(…)` or `{…}` encloses, and what is behind.
fn enclosed(text: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&text[1..at], &text[at + c.len_utf8()..]);
        }
    }
    (text, "")
}

/// `NAME = value`, `NAME := value`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    if line.starts_with(['#', '\t']) {
        return None;
    }
    let (name, value) =
        line.split_once(" = ").or_else(|| line.split_once(" := ")).or_else(|| line.split_once(" ::= "))?;
    (!name.contains(' ')).then_some((name, value))
}

/// `target: prerequisite | order only`.
fn head(line: &str) -> Option<(String, Rule)> {
    if line.starts_with(['#', '\t', ' ']) {
        return None;
    }
    let (target, rest) = line.split_once(':')?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (prerequisites, order_only) = rest.split_once('|').unwrap_or((rest, ""));
    let names = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let rule = Rule { prerequisites: names(prerequisites), order_only: names(order_only), ..Rule::default() };
    Some((target.to_owned(), rule))
}

impl Pattern {
    /// The rule for a target whose name fits.
    pub(super) fn rule_for(&self, target: &str) -> Option<Rule> {
        let (before, after) = self.target.split_once('%')?;
        let stem = target.strip_prefix(before)?.strip_suffix(after).filter(|stem| !stem.is_empty())?;
        let fill = |names: &[String]| names.iter().map(|name| name.replacen('%', stem, 1)).collect();
        let Rule { prerequisites, order_only, is_phony, recipe } = &self.rule;
        Some(Rule {
            prerequisites: fill(prerequisites),
            order_only: fill(order_only),
            is_phony: *is_phony,
            recipe: recipe.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Database {
        Database::read(include_str!("../../tests/fixtures/inputs/make.txt"))
    }

    #[test]
    fn rules_are_read_with_what_dependency_files_add() {
        let database = database();
        let main = &database.rules["build/main.o"];
        assert_eq!(main.prerequisites, ["src/main.c", "src/util.h"]);
        let app = &database.rules["build/app"];
        assert_eq!(app.prerequisites, ["build/main.o", "build/util.o"]);
        assert_eq!(app.recipe, ["$(CC) -o $@ $^"]);
        assert!(database.rules["gobuild"].is_phony && !app.is_phony);
        assert!(!database.rules.contains_key("src/other.c"), "it is only mentioned");
        assert!(database.patterns.iter().any(|pattern| pattern.target == "build/%.o"));
        assert_eq!(database.variable(".DEFAULT_GOAL"), Some("all"));
    }

    #[test]
    fn a_recipe_is_expanded_as_far_as_it_is_plain() {
        let database = database();
        let rule = &database.rules["gobuild"];
        let lines: Vec<_> = rule.recipe.iter().map(|line| database.expand(line, "gobuild", rule)).collect();
        assert_eq!(lines, ["cd sub && go build -o bin/app ./cmd; echo done", "@make -C sub"]);
        let app = &database.rules["build/app"];
        let line = database.expand("$(CC) $(shell x $(Y)) $$HOME ${NONE}-o $@ $< $^", "build/app", app);
        assert_eq!(line, "gcc _ $HOME -o build/app build/main.o build/main.o build/util.o");
    }

    #[test]
    fn a_pattern_makes_the_rule_of_what_fits() {
        let rule = Rule {
            prerequisites: vec!["src/%.c".into(), "x.h".into()],
            order_only: vec!["build".into()],
            ..Rule::default()
        };
        let pattern = Pattern { target: "build/%.o".to_owned(), rule };
        let made = pattern.rule_for("build/a/b.o").unwrap();
        assert_eq!(made.prerequisites, ["src/a/b.c", "x.h"]);
        assert_eq!(pattern.rule_for("build/.o"), None);
        assert_eq!(pattern.rule_for("b.o"), None);
    }
}
