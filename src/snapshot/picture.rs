//! A picture as the JSON that is shown of it (pure). Called by `lsp` and `control`.

use std::time::{Duration, SystemTime};

use super::{PROTOCOL, json, uri};
use crate::engine::{
    BuildStage, BuildStatus, Exit, LastExit, Moment, Origin, Problem, Reload, RunExit, RunStage, RunStatus,
    SaveReason, ServiceStatus, State, TaskStatus, Trigger, Waiting, Why,
};
use crate::session::{self, Picture};
use crate::watch::How;

/// The whole picture as JSON.
pub fn snapshot(picture: &Picture) -> json::Snapshot {
    let state = state(picture);
    let clock = Clock(picture);
    json::Snapshot {
        protocol: PROTOCOL,
        seq: picture.seq,
        root: uri::text_from_path(&picture.root),
        state: word(state).to_owned(),
        message: message(picture, state),
        trust: trust(&picture.trust),
        errors: picture.configuration.errors.iter().map(ToString::to_string).collect(),
        services: picture.status.services.iter().map(|service| clock.service(service)).collect(),
        watch: json::Watch {
            mode: how(picture.watch.how).to_owned(),
            directories: picture.watch.directories,
            polled: picture.watch.polled,
            complete: picture.watch.complete,
            degraded: picture.watch.degraded.clone(),
        },
    }
}

fn how(how: How) -> &'static str {
    match how {
        How::Native => "native",
        How::Poll => "poll",
        How::Mixed => "mixed",
        How::Client => "client",
        How::Watchman => "watchman",
        How::Off => "off",
    }
}

/// The state of the whole: the first that holds.
pub fn state(picture: &Picture) -> State {
    match *picture.trust {
        session::Trust::Asking { .. } | session::Trust::Denied { .. } => State::Untrusted,
        session::Trust::Allowed
            if picture.status.services.is_empty() && !picture.configuration.errors.is_empty() =>
        {
            State::Misconfigured
        }
        session::Trust::Allowed => picture.status.state(),
    }
}

/// One line for people about the whole.
pub fn message(picture: &Picture, state: State) -> String {
    let services = &picture.status.services;
    match (state, services.iter().find(|service| service.state == state)) {
        (State::Untrusted, _) => untrusted(picture),
        (State::Misconfigured, None) => {
            let first = picture.configuration.errors.first();
            first.map_or_else(|| "the configuration is not valid".into(), ToString::to_string)
        }
        (_, Some(service)) => format!("{}: {}", service.name, service.message),
        (_, None) => "nothing to run here".into(),
    }
}

fn untrusted(picture: &Picture) -> String {
    let what = match *picture.trust {
        session::Trust::Denied { .. } => "the commands of this folder were denied",
        session::Trust::Asking { before: Some(_), .. } => {
            "the commands of this folder have changed since they were allowed"
        }
        session::Trust::Asking { before: None, .. } | session::Trust::Allowed => {
            "nobody has allowed the commands of this folder yet"
        }
    };
    let then = if picture.status.services.is_empty() { "" } else { "; what ran before goes on" };
    format!("{what}{then}")
}

/// The word for a state.
pub fn word(state: State) -> &'static str {
    match state {
        State::Untrusted => "untrusted",
        State::Misconfigured => "misconfigured",
        State::Paused => "paused",
        State::Building => "building",
        State::BuildFailed => "buildFailed",
        State::Crashed => "crashed",
        State::Restarting => "restarting",
        State::Starting => "starting",
        State::Ready => "ready",
        State::Finished => "finished",
        State::Stopped => "stopped",
        State::Idle => "idle",
    }
}

/// A point in time in RFC 3339.
pub fn time(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}

fn trust(trust: &session::Trust) -> json::Trust {
    let (state, plan, before) = match trust {
        session::Trust::Allowed => ("allowed", None, None),
        session::Trust::Asking { plan, before } => ("asking", Some(plan), before.clone()),
        session::Trust::Denied { plan } => ("denied", Some(plan), None),
    };
    json::Trust {
        state: state.to_owned(),
        plan: plan.map(|plan| plan.hash.clone()),
        commands: plan.map(|plan| plan.commands.clone()).unwrap_or_default(),
        before,
    }
}

/// Turns the engine's time into the time of people.
struct Clock<'a>(&'a Picture);

impl Clock<'_> {
    fn at(&self, moment: Moment) -> String {
        time(self.0.began + moment.0)
    }

    fn service(&self, service: &ServiceStatus) -> json::Service {
        let last_exit = service.last_exit.as_ref().map(|exit| self.last_exit(exit));
        json::Service {
            name: service.name.as_str().to_owned(),
            state: word(service.state).to_owned(),
            message: service.message.clone(),
            stale: service.stale,
            pending: service.is_pending,
            trigger: service.trigger.as_ref().map(|trigger| self.trigger(trigger)),
            build: service.build.as_ref().map(|build| self.build(build)),
            tasks: service.tasks.iter().map(|task| self.task(task)).collect(),
            run: service.run.as_ref().map(|run| self.run(run, service.crashes, last_exit.clone())),
            crashes: service.crashes,
            last_exit,
            waiting: service.waiting.as_ref().map(|waiting| self.waiting(waiting)),
            last_reload: service.last_reload.as_ref().map(last_reload),
            suspended: service.suspended.iter().map(|path| uri::text_from_path(path)).collect(),
        }
    }

    fn trigger(&self, trigger: &Trigger) -> json::Trigger {
        let (origin, reason) = match trigger.origin {
            Origin::StartUp => ("startUp", None),
            Origin::Configuration => ("configuration", None),
            Origin::Disk => ("disk", None),
            Origin::Person => ("person", None),
            Origin::Editor(SaveReason::Manual) => ("editor", Some("manual")),
            Origin::Editor(SaveReason::AfterDelay) => ("editor", Some("afterDelay")),
            Origin::Editor(SaveReason::FocusOut) => ("editor", Some("focusOut")),
        };
        json::Trigger {
            origin: origin.to_owned(),
            reason: reason.map(str::to_owned),
            files: trigger.files.iter().map(|path| uri::text_from_path(path)).collect(),
            count: trigger.count,
            at: self.at(trigger.at),
        }
    }

    fn task(&self, task: &TaskStatus) -> json::Task {
        json::Task {
            command: task.command.to_string(),
            pending: task.is_pending,
            last: task.last.as_ref().map(|last| self.build(last)),
        }
    }

    fn build(&self, build: &BuildStatus) -> json::Build {
        let phase = match build.stage {
            BuildStage::Running => "running",
            BuildStage::Stopping => "stopping",
            BuildStage::Passed => "passed",
            BuildStage::Unchanged => "unchanged",
            BuildStage::Failed => "failed",
            BuildStage::Stopped => "stopped",
        };
        json::Build {
            generation: build.generation.0,
            phase: phase.to_owned(),
            started_at: self.at(build.started),
            elapsed_ms: millis(build.elapsed),
            errors: build.errors,
            warnings: build.warnings,
            exit_code: match build.exit {
                Some(Exit::Code(code)) => Some(code),
                Some(Exit::Signal(_)) | None => None,
            },
            not_started: build.not_started.clone(),
            first: build.first.iter().map(first_error).collect(),
        }
    }

    fn run(&self, run: &RunStatus, crashes: u32, last_exit: Option<json::LastExit>) -> json::Run {
        let phase = match run.stage {
            RunStage::Starting => "starting",
            RunStage::Ready => "ready",
            RunStage::Stopping => "stopping",
        };
        json::Run {
            id: run.id.0,
            generation: run.generation.0,
            phase: phase.to_owned(),
            pid: run.pid,
            urls: run.urls.clone(),
            up_ms: millis(self.0.now.since(run.started)),
            crashes,
            last_exit,
        }
    }

    fn last_exit(&self, last: &LastExit) -> json::LastExit {
        let (code, signal, not_started) = match &last.exit {
            RunExit::Exited(Exit::Code(code)) => (Some(*code), None, None),
            RunExit::Exited(Exit::Signal(signal)) => (None, Some(*signal), None),
            RunExit::NotStarted(why) => (None, None, Some(why.clone())),
        };
        json::LastExit { run: last.run.0, code, signal, not_started, asked: last.asked, at: self.at(last.at) }
    }

    fn waiting(&self, waiting: &Waiting) -> json::Waiting {
        let why = match waiting.why {
            Why::Backoff => "backoff",
            Why::Settle => "settle",
            Why::Git => "git",
            Why::Lock => "lock",
            Why::Grace => "grace",
            Why::Ready => "ready",
            Why::Dependency => "dependency",
            Why::Hold => "hold",
        };
        json::Waiting {
            why: why.to_owned(),
            since: self.at(waiting.since),
            until: waiting.until.map(|until| self.at(until)),
        }
    }
}

fn first_error(problem: &Problem) -> json::FirstError {
    let place = problem.place.as_ref();
    json::FirstError {
        uri: place.map(|place| uri::text_from_path(&place.path)),
        line: place.map_or(0, |place| place.start.line.saturating_sub(1)),
        character: place.and_then(|place| place.start.column).map_or(0, |column| column.saturating_sub(1)),
        message: problem.message.lines().next().unwrap_or_default().to_owned(),
    }
}

fn last_reload(reload: &Reload) -> json::LastReload {
    json::LastReload {
        generation: reload.generation.0,
        settle_ms: millis(reload.settle),
        build_ms: millis(reload.build),
        stop_ms: millis(reload.stop),
        start_ms: millis(reload.start),
        ready_ms: millis(reload.ready),
        total_ms: millis(reload.total),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
