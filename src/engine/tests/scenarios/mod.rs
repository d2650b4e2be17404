//! Stories: one for each promise of product.md section 2, told as events and effects.

mod builds;
mod people;
mod runs;
mod saves;

use std::time::Duration;

use super::world::{AUTO, MANUAL, World, change, problem, spec};
use crate::engine::*;

const MS: Duration = Duration::from_millis(1);

fn starts_build(effects: &[Effect]) -> Option<Generation> {
    effects.iter().find_map(|effect| match effect {
        Effect::StartBuild { generation, .. } => Some(*generation),
        _ => None,
    })
}

fn starts_run(effects: &[Effect]) -> Option<Generation> {
    effects.iter().find_map(|effect| match effect {
        Effect::StartRun { generation, .. } => Some(*generation),
        _ => None,
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
