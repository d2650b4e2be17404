//! Does what the engine says, without waiting for what comes of it. Called by the loop.
//! Decides nothing.

use super::claims::Claims;
use super::turn::Session;
use crate::engine::Effect;
use crate::{build, service};

impl Session {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::StartBuild { service, generation, running, needed, .. } => {
                let Some(request) = self.build_request(&service, generation, running, needed) else { return };
                self.reading.build_began(&service, generation);
                let handle = build::spawn(request, self.events.clone(), self.output.clone());
                self.builds.insert((service, generation), handle);
            }
            Effect::StopBuild { service, generation } => {
                if let Some(build) = self.builds.get(&(service, generation)) {
                    build.stop();
                }
            }
            Effect::StartTask { service, task, number } => {
                let Some(request) = self.task_request(&service, task, number) else { return };
                let handle = build::spawn(request, self.events.clone(), self.output.clone());
                self.tasks.insert((service, task), handle);
            }
            Effect::StopTask { service, task, .. } => {
                if let Some(task) = self.tasks.get(&(service, task)) {
                    task.stop();
                }
            }
            Effect::StartRun { service, run, generation, hush } => {
                let Some(request) = self.run_request(&service, run, generation, hush) else { return };
                let handle = service::spawn(request, self.events.clone(), self.output.clone());
                self.runs.insert((service, run), handle);
            }
            Effect::StopRun { service, run, grace } => {
                if let Some(run) = self.runs.get(&(service, run)) {
                    run.stop(grace);
                }
            }
            Effect::PublishProblems { service, of_builds, of_runs, of_tasks } => {
                self.publish(&service, of_builds, of_runs, of_tasks);
            }
            Effect::RecordReload { service, reload } => self.last_reload = Some((service, reload)),
            // Nothing stands in front of the service yet that a browser could hear it from.
            Effect::RefreshBrowsers { service } => tracing::debug!(%service, "ready for browsers"),
            Effect::Exit => {
                self.claims = Claims::default();
                self.has_ended = true;
            }
        }
    }
}
