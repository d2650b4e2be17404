//! `[[matcher]]`: how the output of a tool is read that nobody else knows. Compiled at once, as a mistake has its place here.
//! Called by `read`. Does not know: which services use it.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::document::{Node, Value};
use super::table::{self, Problems, Table, list};
use super::value;
use crate::build::parse::matcher::{self, Definition, Matcher, Mistake, StepDefinition};
use crate::config::options::{
    At, ColumnOptions, Embedded, Level, MatcherOptions, Named, StepOptions, Unit, Written,
};

/// Reads all of them. One with a mistake is there without what it would be compiled to, so that its name is known.
pub(super) fn matchers(node: &Node, name: &str, problems: &mut Problems) -> Option<Vec<At<MatcherOptions>>> {
    let Value::List(items) = &node.value else {
        problems.push(not_a_list(node, name));
        return None;
    };
    let mut read: Vec<At<MatcherOptions>> = Vec::new();
    for item in items {
        let known = |name: &str| -> Option<Arc<Matcher>> {
            let found = read.iter().find(|at| at.value.name.value().is_some_and(|known| known == name));
            found?.value.compiled.clone()
        };
        if let Some(value) = one(item, name, &known, problems) {
            check_name(&value, name, &read, problems);
            read.push(At { value, from: item.from.clone() });
        }
    }
    Some(read)
}

fn not_a_list(node: &Node, name: &str) -> crate::config::ConfigProblem {
    let help = format!("write `[[{name}]]` and its keys below, once for each matcher");
    table::mismatch(node, name, "a list of tables", &help)
}

fn check_name(options: &MatcherOptions, key: &str, before: &[At<MatcherOptions>], problems: &mut Problems) {
    let Some(name) = options.name.given() else { return };
    let is_twice = before.iter().any(|other| other.value.name.value() == Some(&name.value));
    if name.value.starts_with('$') {
        let message = format!("`{key}.name` begins like those of VS Code: `{}`", name.value);
        problems.push(name.from.problem(message, "write it without the `$`"));
    } else if is_twice {
        let message = format!("there are two matchers `{}`", name.value);
        problems.push(name.from.problem(message, "give one of them another name"));
    }
}

fn one(
    node: &Node,
    name: &str,
    known: &dyn Fn(&str) -> Option<Arc<Matcher>>,
    problems: &mut Problems,
) -> Option<MatcherOptions> {
    if !matches!(node.value, Value::Table(_)) {
        problems.push(not_a_list(node, name));
        return None;
    }
    let before = problems.len();
    let mut table = Table::open(node, name, problems)?;
    let patterns = || list("regular expressions", value::filled);
    let mut options = MatcherOptions {
        name: table.read("name", problems, value::filled),
        base: table.read("base", problems, value::filled),
        start: table.read("start", problems, value::filled),
        then: table.read("then", problems, list("tables", step)),
        severity: table.read("severity", problems, words),
        default_severity: table.read("default_severity", problems, value::word),
        column: table.read("column", problems, column),
        path: table.read("path", problems, list("folders", value::filled)),
        related: table.read("related", problems, value::filled),
        ignore: table.read("ignore", problems, patterns()),
        vscode: table.read("vscode", problems, embedded),
        efm: table.read("efm", problems, list("errorformats", value::filled)),
        compiled: None,
    };
    table.finish(problems);
    if options.name.is_absent() {
        let help = "write `name = \"...\"`, which is shown with its problems";
        problems.push(node.from.problem(format!("a `{name}` has no `name`"), help));
    }
    if problems.len() == before {
        match matcher::compile(&definition(&options), known) {
            Ok(matcher) => options.compiled = Some(Arc::new(matcher)),
            Err(mistake) => problems.push(told(node, name, &mistake)),
        }
    }
    Some(options)
}

// At the innermost value on the way to it that is written.
fn told(node: &Node, name: &str, mistake: &Mistake) -> crate::config::ConfigProblem {
    let mut place = node;
    let mut key = name.to_owned();
    for step in &mistake.at {
        let index = step.parse::<usize>().ok();
        match index {
            Some(_) => key.extend(["[", step, "]"]),
            None => key.extend([".", step]),
        }
        let below = match (&place.value, index) {
            (Value::List(items), Some(index)) => items.get(index),
            _ => place.get(step),
        };
        place = below.unwrap_or(place);
    }
    place.from.problem(format!("`{key}` {}", mistake.message), mistake.help.clone())
}

fn step(node: &Node, name: &str, problems: &mut Problems) -> Option<StepOptions> {
    let mut table = Table::open(node, name, problems)?;
    let step = StepOptions {
        re: table.read("re", problems, value::filled),
        repeat: table.read("repeat", problems, value::boolean),
        until: table.read("until", problems, value::filled),
        optional: table.read("optional", problems, value::boolean),
        each: table.read("each", problems, value::boolean),
        caret: table.read("caret", problems, value::boolean),
    };
    if step.re.is_absent() {
        problems.push(
            node.from.problem(format!("a line in `{name}` has no `re`"), "write `re = '^ +(?<message>.+)$'`"),
        );
    }
    table.finish(problems);
    Some(step)
}

fn column(node: &Node, name: &str, problems: &mut Problems) -> Option<ColumnOptions> {
    let mut table = Table::open(node, name, problems)?;
    let column = ColumnOptions {
        base: table.read("base", problems, first),
        unit: table.read("unit", problems, value::word),
    };
    table.finish(problems);
    Some(column)
}

fn first(node: &Node, name: &str, problems: &mut Problems) -> Option<u32> {
    if let Some(number @ (0 | 1)) = node.integer() {
        return u32::try_from(number).ok();
    }
    problems.push(node.from.problem(
        format!("`{name}` must be 0 or 1"),
        "write the number that the tool gives to the first column",
    ));
    None
}

fn words(node: &Node, name: &str, problems: &mut Problems) -> Option<Named<Level>> {
    Table::open(node, name, problems)?;
    let level = |entry: &super::document::Entry, problems: &mut Problems| {
        let level = value::word(&entry.node, &format!("{name}.{}", entry.key), problems)?;
        Some((At { value: entry.key.clone(), from: entry.from.clone() }, level))
    };
    let all: Vec<_> = node.entries().iter().map(|entry| level(entry, problems)).collect();
    all.into_iter().collect::<Option<_>>().map(Named)
}

fn embedded(node: &Node, name: &str, problems: &mut Problems) -> Option<Embedded> {
    Table::open(node, name, problems)?;
    Some(Embedded(json(node)))
}

fn json(node: &Node) -> Json {
    match &node.value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Integer(number) => Json::from(*number),
        Value::Boolean(value) => Json::from(*value),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Table(entries) => {
            let fields: Map<String, Json> =
                entries.iter().map(|entry| (entry.key.clone(), json(&entry.node))).collect();
            Json::Object(fields)
        }
        Value::Other(_) => Json::Null,
    }
}

fn texts(written: &Written<Vec<At<String>>>) -> Vec<String> {
    written.value().into_iter().flatten().map(|at| at.value.clone()).collect()
}

fn definition(options: &MatcherOptions) -> Definition {
    let column = options.column.value();
    let is_set = |flag: &Written<bool>| flag.value().copied().unwrap_or(false);
    let step = |at: &At<StepOptions>| {
        let step = &at.value;
        StepDefinition {
            re: step.re.value().cloned().unwrap_or_default(),
            repeat: is_set(&step.repeat),
            optional: is_set(&step.optional),
            each: is_set(&step.each),
            caret: is_set(&step.caret),
            until: step.until.value().cloned(),
        }
    };
    let words = options.severity.value().map(|words| words.0.as_slice()).unwrap_or_default();
    Definition {
        name: options.name.value().cloned().unwrap_or_default(),
        base: options.base.value().cloned(),
        start: options.start.value().cloned(),
        then: options.then.value().into_iter().flatten().map(step).collect(),
        severity: words.iter().map(|(word, level)| (word.value.clone(), level.0)).collect(),
        default_severity: options.default_severity.value().map(|level| level.0),
        first_column: column.and_then(|column| column.base.value().copied()),
        unit: column.and_then(|column| column.unit.value()).map(|unit: &Unit| unit.0),
        path: texts(&options.path),
        related: options.related.value().cloned(),
        ignore: texts(&options.ignore),
        vscode: options.vscode.value().map(|embedded| embedded.0.clone()),
        efm: texts(&options.efm),
    }
}
