//! What to run in a Python project: Django's `manage.py`, `main.py`, `app.py`, or a package with `__main__.py`.

use std::fs;
use std::path::Path;

use super::{Commands, name_of, unclear, usable};
use crate::config::ConfigProblem;

pub(super) fn commands(root: &Path) -> Result<Commands, ConfigProblem> {
    let python = interpreter(root);
    let has = |name: &str| root.join(name).is_file();
    let run = if has("manage.py") {
        // Django would reload by itself, and keep the port while it does.
        Some("manage.py runserver --noreload".to_owned())
    } else {
        ["main.py", "app.py"].into_iter().find(|name| has(name)).map(str::to_owned)
    };
    let project = project_name(root);
    let run = run.or_else(|| {
        let module = project.as_deref()?.replace('-', "_");
        let is_module = has(&format!("{module}/__main__.py")) || has(&format!("src/{module}/__main__.py"));
        is_module.then(|| format!("-m {module}"))
    });
    let Some(run) = run else {
        let help = "write reload.toml with `[services.app]` and `run = \"python3 -m package\"`";
        let what = "there is no manage.py, main.py, app.py or __main__.py of the project";
        return Err(unclear(root, "pyproject.toml", what, help));
    };
    Ok(Commands {
        name: project.as_deref().map_or_else(|| name_of(root), usable),
        build: None,
        run: format!("{python} {run}"),
        // Otherwise output stays in a buffer of the program, and its log comes late or never.
        env: vec![("PYTHONUNBUFFERED", "1")],
        sources: Vec::new(),
    })
}

fn interpreter(root: &Path) -> &'static str {
    if root.join("uv.lock").is_file() {
        return "uv run python";
    }
    let environments = [".venv/bin/python", "venv/bin/python"];
    environments.into_iter().find(|path| root.join(path).exists()).unwrap_or("python3")
}

fn project_name(root: &Path) -> Option<String> {
    let manifest: toml::Table = fs::read_to_string(root.join("pyproject.toml")).ok()?.parse().ok()?;
    let poetry = || manifest.get("tool")?.get("poetry")?.get("name");
    let name = manifest.get("project").and_then(|project| project.get("name")).or_else(poetry)?;
    name.as_str().map(str::to_owned)
}
