//! What to build and run in a Node project: its scripts, or its `main`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Commands, name_of, unclear, usable};
use crate::config::{ConfigProblem, ConfigSource};

const MANIFEST: &str = "package.json";

/// Programs that reload by themselves: started by us as well, everything would happen twice.
const RELOADERS: &[&str] = &[
    "nodemon",
    "node-dev",
    "ts-node-dev",
    "tsx watch",
    "--watch",
    "concurrently",
    "vite",
    "next dev",
    "nuxt dev",
];

pub(super) fn commands(root: &Path) -> Result<Commands, ConfigProblem> {
    let path = root.join(MANIFEST);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let Ok(manifest) = serde_json::from_str::<Value>(&text) else {
        return Err(unclear(root, MANIFEST, "package.json is not valid JSON", "correct package.json"));
    };
    let field = |key: &str| manifest.get(key).and_then(Value::as_str).map(str::to_owned);
    let script = |key: &str| {
        let text = manifest.get("scripts")?.get(key)?.as_str()?;
        Some(text.to_owned()).filter(|text| !text.trim().is_empty())
    };
    let tool = tool(root);
    let reloads = |text: &String| RELOADERS.iter().any(|reloader| text.contains(reloader));
    let dev = script("dev").filter(|text| !reloads(text)).map(|text| direct(&text, tool, "dev"));
    let start = script("start").map(|text| direct(&text, tool, "start"));
    let main = field("main").filter(|main| is_built(root) || root.join(main).is_file());
    let main = main.or_else(|| {
        let usual = ["index.js", "server.js", "app.js", "dist/index.js"];
        usual.into_iter().find(|name| root.join(name).is_file()).map(str::to_owned)
    });
    let is_compiled = is_built(root) && dev.is_none();
    let run = dev.or(start).or_else(|| main.map(|main| format!("node {main}")));
    let Some(run) = run.or_else(|| script("dev").map(|_| format!("{tool} run dev"))) else {
        let help =
            "write reload.toml with `[services.app]` and `run = \"node server.js\"`, or add a `start` script";
        return Err(unclear(
            root,
            MANIFEST,
            "package.json has no script `dev` or `start`, and no `main`",
            help,
        ));
    };
    let build = is_compiled.then(|| match script("build") {
        Some(_) => format!("{tool} run build"),
        None => "npx tsc".to_owned(),
    });
    // What a script says is executed, so it is part of what is trusted.
    let scripts = manifest.get("scripts").map(Value::to_string).unwrap_or_default();
    Ok(Commands {
        name: field("name")
            .map_or_else(|| name_of(root), |name| usable(name.rsplit('/').next().unwrap_or(&name))),
        build,
        run,
        env: Vec::new(),
        sources: vec![ConfigSource::new(&path, scripts.as_bytes())],
    })
}

fn is_built(root: &Path) -> bool {
    root.join("tsconfig.json").is_file()
}

/// A script that only starts node is started without a package manager in between, which would delay and hide signals.
fn direct(text: &str, tool: &str, script: &str) -> String {
    let is_plain = text.starts_with("node ") && !text.contains(['&', '|', ';', '$', '`', '>', '<']);
    if is_plain { text.to_owned() } else { format!("{tool} run {script}") }
}

fn tool(root: &Path) -> &'static str {
    let locks =
        [("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun"), ("bun.lockb", "bun")];
    locks.into_iter().find(|(lock, _)| root.join(lock).is_file()).map_or("npm", |(_, tool)| tool)
}
