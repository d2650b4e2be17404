//! What happened to the build of a service (pure). Called by `step`.

use super::{Line, Mark, Step};
use crate::cli::run::words;
use crate::engine::{BuildStage, BuildStatus, RunExit, State};

impl Step<'_> {
    /// A build that began, or ended, or both.
    pub(super) fn build(&self) -> Vec<Line> {
        let Some(build) = &self.service.build else { return Vec::new() };
        let earlier = self.earlier.and_then(|earlier| earlier.build.as_ref());
        let is_new = earlier.is_none_or(|earlier| earlier.generation != build.generation);
        let mut lines = Vec::new();
        if is_new {
            lines.push(self.line(Mark::Begin, format!("building{}", self.reason())));
        }
        if is_new || earlier.is_some_and(|earlier| earlier.stage != build.stage) {
            lines.extend(self.built(build));
        }
        lines
    }

    fn built(&self, build: &BuildStatus) -> Option<Line> {
        let time = words::duration(build.elapsed);
        match build.stage {
            BuildStage::Stopped => Some(self.line(Mark::Note, "build stopped")),
            BuildStage::Unchanged => {
                let text = format!("unchanged: the build made what already runs, in {time}");
                Some(self.line(Mark::Good, text))
            }
            BuildStage::Passed if self.service.run.is_none() && self.service.state == State::Idle => {
                Some(self.line(Mark::Good, format!("built in {time}")))
            }
            // Of a passed build the line of the finished reload tells.
            BuildStage::Running | BuildStage::Stopping | BuildStage::Passed => None,
            BuildStage::Failed => Some(self.failed(build, &time)),
        }
    }

    fn failed(&self, build: &BuildStatus, time: &str) -> Line {
        let serving = self.service.run.as_ref().map(|run| &run.generation);
        let serving = serving
            .map(|generation| format!("; generation {generation} is still serving"))
            .unwrap_or_default();
        if let Some(reason) = &build.not_started {
            return self.line(Mark::Bad, format!("could not be built: {reason}{serving}"));
        }
        let verdict = words::verdict(build.errors, build.warnings);
        let verdict = match (verdict.is_empty(), build.exit) {
            (true, Some(exit)) => words::exit(&RunExit::Exited(exit)),
            (true, None) => "no reason given".to_owned(),
            (false, _) => verdict,
        };
        let text = format!("build failed: {verdict} in {time}{serving}");
        let details = self.problem_lines(build.first.iter(), build.errors);
        self.line(Mark::Bad, text).details(details)
    }
}
