//! Stories: one for each promise of product.md section 2, told as events and effects.

mod back;
mod builds;
mod holds;
mod own;
mod people;
mod runs;
mod saves;
mod tasks;

use std::time::Duration;

use super::world::{AUTO, MANUAL, World, change, problem, spec};
use crate::engine::*;

const MS: Duration = Duration::from_millis(1);

fn starts_build(effects: &[Effect]) -> Option<Generation> {
    effects.iter().find_map(|effect| {
        if let Effect::StartBuild { generation, .. } = effect { Some(*generation) } else { None }
    })
}

fn starts_run(effects: &[Effect]) -> Option<Generation> {
    effects.iter().find_map(|effect| {
        if let Effect::StartRun { generation, .. } = effect { Some(*generation) } else { None }
    })
}

fn stops_build(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::StopBuild { .. }))
}

fn stops_run(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::StopRun { .. }))
}

fn same(path: &str) -> Event {
    Event::Changed { service: "api".into(), change: change(path, MANUAL, Content::Same, Action::Rebuild) }
}

fn auto_save(path: &str) -> Event {
    Event::Changed { service: "api".into(), change: change(path, AUTO, Content::New, Action::Rebuild) }
}

fn change_of(path: &str, origin: Origin, content: Content) -> Event {
    Event::Changed { service: "api".into(), change: change(path, origin, content, Action::Rebuild) }
}

fn start_first() -> Policy {
    Policy { swap: Swap::StartFirst, ..Policy::default() }
}

/// What people see of the builds' and of the runs' problems.
fn shown(world: &World, service: &str) -> (Vec<String>, Vec<String>) {
    let texts = |problems: &[Problem]| problems.iter().map(|problem| problem.message.clone()).collect();
    let (of_builds, of_runs) = &world.services[&service.into()].problems;
    (texts(of_builds), texts(of_runs))
}

fn finds(world: &mut World, generation: u32, problems: Vec<Problem>) {
    let (service, generation) = ("api".into(), Generation(generation));
    world.send(Event::ProblemsFound { service, generation, problems });
}
