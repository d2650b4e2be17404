//! Every value of a configuration with where it came from, for `reload-lsp config`. Called by `cli`.

use std::path::Path;

use serde_json::Value as Json;

use super::load::load;
use super::options::Options;
use super::read::{Node, Value};
use super::{Config, ConfigProblem, Overrides, schema};

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The dotted key: `services.api.build`.
    pub key: String,
    /// The value as it would be written. Of variables only the names are shown.
    pub value: String,
    /// Who decided: `--build`, `editor`, `reload.toml:7`, `guessed from go.mod`, `default`.
    pub from: String,
}

/// Every value that holds for `root`, services first.
pub fn explain(root: &Path, overrides: &Overrides) -> Result<Vec<Row>, Vec<ConfigProblem>> {
    let loaded = load(root, overrides)?;
    let schema = schema::of::<Options>();
    let mut rows = Vec::new();
    for service in &loaded.config.services {
        let name = service.name.as_str();
        let node = loaded.tree.get("services").and_then(|services| services.get(name));
        for (key, property) in schema::properties(&schema, "ServiceOptions") {
            let from = node.and_then(|node| node.get(key));
            let row = Row { key: format!("services.{name}.{key}"), ..row(key, property, from) };
            rows.push(if key == "watch" && from.is_none() {
                default_watch(row, &loaded.config, name)
            } else {
                row
            });
        }
    }
    for (key, property) in schema::top(&schema) {
        let tables = property["$ref"].as_str().or_else(|| property["allOf"][0]["$ref"].as_str());
        let node = loaded.tree.get(key);
        match tables.and_then(|reference| reference.rsplit('/').next()) {
            Some(table) => {
                for (below, property) in schema::properties(&schema, table) {
                    let row = row(below, property, node.and_then(|node| node.get(below)));
                    rows.push(Row { key: format!("{key}.{below}"), ..row });
                }
            }
            None if key == "services" => {}
            None => rows.push(row(key, property, node)),
        }
    }
    Ok(rows)
}

fn row(key: &str, property: &Json, node: Option<&Node>) -> Row {
    let (value, from) = match (node, property.get("default")) {
        (Some(node), _) if key == "env" => (names(node), node.from.to_string()),
        (Some(node), _) => (written(node), node.from.to_string()),
        (None, Some(default)) => (default.to_string(), "default".to_owned()),
        (None, None) => ("-".to_owned(), "default".to_owned()),
    };
    Row { key: key.to_owned(), value, from }
}

fn default_watch(row: Row, config: &Config, name: &str) -> Row {
    let interest =
        config.services.iter().find(|service| service.name.as_str() == name).map(|service| &service.interest);
    let Some(interest) = interest else { return row };
    Row { value: format!("{:?}", interest.watch), from: interest.origin.clone(), ..row }
}

fn names(node: &Node) -> String {
    let names: Vec<String> = node.entries().iter().map(|entry| format!("{} = …", entry.key)).collect();
    format!("{{ {} }}", names.join(", "))
}

fn written(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Other(what) => (*what).to_owned(),
        Value::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Table(entries) => {
            let fields: Vec<String> =
                entries.iter().map(|entry| format!("{} = {}", entry.key, written(&entry.node))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
    }
}
