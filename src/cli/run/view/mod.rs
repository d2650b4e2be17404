//! What is worth a line: the difference between two pictures, in words (pure). Called by `run` for every new picture.
//! Does not know: the terminal, colors.

mod builds;
mod runs;
mod step;
mod tasks;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use super::words;
use crate::config::ConfigProblem;
use crate::engine::{ServiceName, ServiceStatus, Why};
use crate::session::{Picture, Trust};
use step::Step;

/// A wait that belongs to every reload is mentioned when it lasts longer than this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// What kind of news a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Something begins.
    Begin,
    /// It works.
    Good,
    /// It does not work.
    Bad,
    /// It works, but somebody should look.
    Odd,
    /// Neither good nor bad.
    Note,
}

/// One event, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// When.
    pub(crate) at: SystemTime,
    /// What kind.
    pub(crate) mark: Mark,
    /// Whose; `None`: the whole session's.
    pub(crate) service: Option<ServiceName>,
    /// What happened.
    pub(crate) text: String,
    /// Where to look, at the end of the line.
    pub(crate) link: Option<String>,
    /// Indented below it.
    pub(crate) details: Vec<String>,
}

impl Line {
    /// A line about the whole session.
    pub(crate) fn new(at: SystemTime, mark: Mark, text: impl Into<String>) -> Self {
        Self { at, mark, service: None, text: text.into(), link: None, details: Vec::new() }
    }

    fn of(mut self, service: &ServiceName) -> Self {
        self.service = Some(service.clone());
        self
    }

    fn details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }
}

/// What happened between two pictures of one session. Pictures in between may have been missed: a verdict that is only in
/// `after` is told all the same.
pub(crate) fn lines(before: &Picture, after: &Picture) -> Vec<Line> {
    let at = moment(after);
    let mut lines = Vec::new();
    configuration(before, after, at, &mut lines);
    trust(before, after, at, &mut lines);
    lines.extend(blindness(before, after, at));
    for service in &after.status.services {
        let earlier = before.status.services.iter().find(|earlier| earlier.name == service.name);
        Step { before, after, earlier, service, at }.tell(&mut lines);
    }
    for gone in &before.status.services {
        if !after.status.services.iter().any(|service| service.name == gone.name) {
            lines.push(Line::new(at, Mark::Note, "removed").of(&gone.name));
        }
    }
    lines
}

/// The time of a picture.
pub(crate) fn moment(picture: &Picture) -> SystemTime {
    picture.began + picture.now.0
}

/// The line for a wait that is part of every reload but has lasted longer than `PATIENCE` by now.
pub(crate) fn overdue(service: &ServiceStatus, at: SystemTime) -> Option<Line> {
    let waiting = service.waiting?;
    let text = match waiting.why {
        Why::Grace => "still waiting for the old run to end".to_owned(),
        Why::Ready => "still waiting for the run to be ready".to_owned(),
        // The message names it.
        Why::Dependency => format!("still {}", service.message),
        Why::Settle => "still waiting for changes to come to an end".to_owned(),
        Why::Git => "still waiting for git to be done".to_owned(),
        Why::Backoff | Why::Lock | Why::Hold => return None,
    };
    let limit = waiting.until.map(|until| until.since(waiting.since));
    let limit = limit.map(|limit| format!(" (at most {})", words::duration(limit))).unwrap_or_default();
    Some(Line::new(at, Mark::Note, format!("{text}{limit}")).of(&service.name))
}

fn blindness(before: &Picture, after: &Picture, at: SystemTime) -> Option<Line> {
    let (was, is) = (&before.watch.degraded, &after.watch.degraded);
    (was != is).then(|| match is {
        Some(reason) => Line::new(at, Mark::Odd, format!("watching: {reason}")),
        None => Line::new(at, Mark::Good, "the disk is watched as it should be again"),
    })
}

fn configuration(before: &Picture, after: &Picture, at: SystemTime, lines: &mut Vec<Line>) {
    let (was, is) = (&before.configuration, &after.configuration);
    let mut tell = |problems: &[ConfigProblem], known: &[ConfigProblem], mark| {
        for problem in problems.iter().filter(|problem| !known.contains(problem)) {
            lines.push(config_line(problem, after, at, mark));
        }
    };
    tell(&is.errors, &was.errors, Mark::Bad);
    tell(&is.warnings, &was.warnings, Mark::Odd);
    if is.errors.is_empty() && !was.errors.is_empty() {
        lines.push(Line::new(at, Mark::Good, "the configuration is right again"));
    } else if !is.errors.is_empty() && was.errors.is_empty() {
        let text = if after.status.services.is_empty() {
            "nothing runs until that is mended"
        } else {
            "what runs goes on with the last configuration that was right"
        };
        lines.push(Line::new(at, Mark::Note, text));
    }
}

fn config_line(problem: &ConfigProblem, picture: &Picture, at: SystemTime, mark: Mark) -> Line {
    let place = problem.spot.as_ref().map(|spot| {
        let path = words::relative(&spot.path, &picture.root);
        format!("{path}:{}:{}: ", spot.start.0 + 1, spot.start.1 + 1)
    });
    let text = format!("{}{}", place.unwrap_or_default(), problem.message);
    let help = problem.help.iter().map(|help| format!("help: {help}")).collect();
    Line::new(at, mark, text).details(help)
}

fn trust(before: &Picture, after: &Picture, at: SystemTime, lines: &mut Vec<Line>) {
    if before.trust == after.trust {
        return;
    }
    let line = match &*after.trust {
        Trust::Allowed => Line::new(at, Mark::Good, "the commands are allowed"),
        Trust::Asking { plan, .. } => {
            let mut commands = plan.commands.clone();
            commands.push("help: run `reload-lsp allow` to allow them".to_owned());
            Line::new(at, Mark::Odd, "nobody has allowed these commands yet:").details(commands)
        }
        Trust::Denied { plan } => {
            let mut commands = plan.commands.clone();
            commands.push("help: run `reload-lsp allow` if you have changed your mind".to_owned());
            Line::new(at, Mark::Bad, "these commands are denied:").details(commands)
        }
    };
    lines.push(line);
}
