//! `reload-lsp allow`, `deny`, `revoke` and `trust`: what would be executed here, and whether it may be.

use crate::cli::args::{Allow, Project, Trust};
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print::{self, Color, Paint};
use crate::config;
use crate::trust::{self, Decision, Plan, Store, Stored, Verdict};

/// Allows what would be executed now. Asks nothing: who types it has decided, and is shown what was allowed.
pub(in crate::cli) fn allow(allow: &Allow) -> Result<ExitStatus, Error> {
    let (store, plan) = (Store::open()?, plan(&allow.project)?);
    if let Some(asked) =
        allow.plan.as_ref().filter(|asked| !plan.hash.starts_with(asked.as_str()) || asked.len() < 8)
    {
        return Err(Error::OtherPlan { asked: asked.clone(), plan: plan.hash });
    }
    let before = store.verdict(&plan);
    store.record(&plan, Decision::Allow)?;
    tell("allowed", &plan, &before);
    Ok(ExitStatus::Success)
}

/// Denies whatever would be executed.
pub(in crate::cli) fn deny(project: &Project) -> Result<ExitStatus, Error> {
    let (store, plan) = (Store::open()?, plan(project)?);
    let before = store.verdict(&plan);
    store.record(&plan, Decision::Never)?;
    tell("denied", &plan, &before);
    Ok(ExitStatus::Success)
}

/// Forgets what was decided. Works as well when the configuration has errors.
pub(in crate::cli) fn revoke(project: &Project) -> Result<ExitStatus, Error> {
    let typed = project.root()?;
    let root = config::load(&typed, &project.overrides()).map_or(typed, |config| config.root);
    let text = if Store::open()?.revoke(&root)? {
        format!("forgot what was decided about {}\n", root.display())
    } else {
        format!("nobody has decided about {}\n", root.display())
    };
    print::out(&text);
    Ok(ExitStatus::Success)
}

/// Shows what would be executed and what was decided about it; or every project that somebody decided about.
pub(in crate::cli) fn trust(trust: &Trust) -> Result<ExitStatus, Error> {
    let store = Store::open()?;
    if trust.list {
        print::out(&list(&store.list(), Paint::for_stdout()));
        return Ok(ExitStatus::Success);
    }
    let plan = plan(&trust.project)?;
    let verdict = store.verdict(&plan);
    let state = match &verdict {
        Verdict::Allowed => "allowed",
        Verdict::Denied => "denied",
        Verdict::Unknown { before: None } => "nobody has decided about this",
        Verdict::Unknown { before: Some(_) } => "changed since it was allowed",
    };
    tell(state, &plan, &verdict);
    Ok(ExitStatus::Success)
}

fn plan(project: &Project) -> Result<Plan, Error> {
    let config = config::load(&project.root()?, &project.overrides()).map_err(Error::Configuration)?;
    Ok(trust::plan(&config))
}

/// The root, the state, and the exact commands: as a difference, if others were allowed before.
fn tell(state: &str, plan: &Plan, before: &Verdict) {
    let paint = Paint::for_stdout();
    let lines = match before {
        Verdict::Unknown { before: Some(before) } => trust::difference(before, &plan.commands),
        Verdict::Unknown { before: None } | Verdict::Allowed | Verdict::Denied => {
            plan.commands.iter().map(|command| format!("  {command}")).collect()
        }
    };
    let root = paint.bold(&plan.root.display().to_string());
    let lines: Vec<_> = lines.iter().map(|line| format!("  {}", colored(line, paint))).collect();
    print::out(&format!(
        "{root}: {state}\n{}\n{}\n",
        lines.join("\n"),
        paint.dim(&format!("plan {}", plan.hash))
    ));
}

fn colored(line: &str, paint: Paint) -> String {
    match line.chars().next() {
        Some('-') => paint.color(Color::Red, line),
        Some('+') => paint.color(Color::Green, line),
        Some(_) | None => line.to_owned(),
    }
}

fn list(stored: &[Stored], paint: Paint) -> String {
    if stored.is_empty() {
        return "nobody has decided about any project yet\n".to_owned();
    }
    let line = |stored: &Stored| {
        let state = if stored.denied {
            paint.color(Color::Red, "denied ")
        } else {
            paint.color(Color::Green, "allowed")
        };
        format!("{state} {} {}\n", stored.root, paint.dim(&stored.at))
    };
    stored.iter().map(line).collect()
}
