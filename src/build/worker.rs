//! The course of one build, from the folder of its generation to its outcome; that of a task is the same without a folder. Started by `spawn`.
//! Does not know: what the output means (`parse`), who hears of it (`report`).

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use super::log::Log;
use super::parse::{Dirs, Fed, Hints, Parser};
use super::report::Report;
use super::{Purpose, Request, ask, folder, result, shell};
use crate::artifact;
use crate::engine::{BuildOutcome, Exit, Problem, Severity};
use crate::output::{From, Output, Stream};
use crate::process::{self, Child, Leftovers};

/// A build that is stopped has so long to clean up, then it is killed.
const GRACE: Duration = Duration::from_millis(200);
/// After so long without output, what was printed without a line end is shown.
const SILENCE: Duration = Duration::from_millis(100);

/// Runs the build and reports it.
pub(super) async fn build(
    request: Request,
    report: Report,
    output: Arc<Output>,
    mut stop: watch::Receiver<bool>,
) {
    let from = match request.purpose {
        Purpose::Build { .. } => From::Build,
        Purpose::Task(_) => From::Task(request.command.to_string().into()),
    };
    let log = Log::new(output, from, request.service.clone(), request.generation);
    let commands = shell::words(&request.command);
    let hints = Hints {
        formats: request.formats.clone(),
        commands: commands.clone(),
        matchers: request.matchers.clone(),
    };
    let dirs = Dirs { root: request.root.clone(), dir: request.dir.clone() };
    let parser = Parser::new(&hints, dirs, Path::is_file);
    let mut course = Course { request, report, log, parser, commands };
    let outcome = course.run(&mut stop).await;
    course.clean(&outcome);
    course.report.end(outcome);
}

struct Course {
    request: Request,
    report: Report,
    log: Log,
    parser: Parser,
    commands: Vec<Vec<String>>,
}

impl Course {
    async fn run(&mut self, stop: &mut watch::Receiver<bool>) -> BuildOutcome {
        let Request { root, service, generation, purpose, .. } = &self.request;
        if matches!(purpose, Purpose::Build { .. })
            && let Err(text) = folder::prepare(root, service, *generation)
        {
            return BuildOutcome::NotStarted(text);
        }
        if *stop.borrow() || stop.has_changed().is_err() {
            return BuildOutcome::Stopped;
        }
        let command = self.command();
        self.log.say(&format!("$ {}", command.line));
        let child = match process::spawn(command).await {
            Ok(child) => child,
            Err(error) => {
                let what = match self.request.purpose {
                    Purpose::Build { .. } => "the build command ",
                    Purpose::Task(_) => "",
                };
                let text = format!("could not start {what}`{}`: {error}", self.request.command);
                return BuildOutcome::NotStarted(text);
            }
        };
        let (exit, is_stopped) = self.follow(&child, stop).await;
        for stream in [Stream::Stdout, Stream::Stderr] {
            let fed = self.parser.finish(stream);
            self.take_in(stream, fed);
        }
        if is_stopped {
            return BuildOutcome::Stopped;
        }
        if exit.is_success() { self.passed().await } else { self.failed(exit) }
    }

    fn command(&self) -> process::Command {
        let Request { root, service, generation, dir, command, env, .. } = &self.request;
        let asked = ask::structured(command);
        let line = artifact::expand(asked.as_ref().unwrap_or(command), root, service, *generation);
        let mut env: Vec<(OsString, Option<OsString>)> =
            env.iter().map(|(name, value)| (name.into(), Some(value.into()))).collect();
        if matches!(self.request.purpose, Purpose::Build { .. }) {
            env.push(("RELOAD_GENERATION".into(), Some(generation.to_string().into())));
        }
        process::Command { line, dir: dir.clone(), env, sockets: Vec::new(), leftovers: Leftovers::Keep }
    }

    // Reads until the command has ended. Says how, and whether we stopped it: what had ended before we could is not stopped.
    async fn follow(&mut self, child: &Child, stop: &mut watch::Receiver<bool>) -> (Exit, bool) {
        let mut reader = child.output();
        let mut exit = None;
        let mut is_stopped = false;
        let mut is_open = true;
        let mut silence = None;
        while exit.is_none() || is_open {
            tokio::select! {
                biased;
                ended = child.exited(), if exit.is_none() => {
                    exit = Some(ended);
                    reader.finish();
                }
                () = requested(stop), if exit.is_none() && !is_stopped => {
                    child.stop(Signal::SIGTERM, GRACE);
                    is_stopped = true;
                }
                () = until(self.report.due()) => self.report.send(),
                () = until(silence) => {
                    silence = None;
                    self.pause();
                }
                chunk = reader.next(), if is_open => match chunk {
                    Some((stream, bytes)) => {
                        let stream = from_process(stream);
                        let fed = self.parser.feed(stream, bytes);
                        self.take_in(stream, fed);
                        silence = Some(Instant::now() + SILENCE);
                    }
                    None => is_open = false,
                },
            }
        }
        (exit.map_or(Exit::Signal(Signal::SIGKILL as i32), to_exit), is_stopped)
    }

    fn pause(&mut self) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            let fed = self.parser.pause(stream);
            self.take_in(stream, fed);
        }
    }

    fn take_in(&mut self, stream: Stream, fed: Fed) {
        for line in fed.lines.iter().filter(|line| !line.is_empty()) {
            // cargo, while rust-analyzer or another cargo works in the same target directory.
            self.report.blocked(line.contains("Blocking waiting for file lock"));
            self.log.line(stream, line);
        }
        self.report.add(fed.problems);
    }

    async fn passed(&mut self) -> BuildOutcome {
        let request = self.request.clone();
        let programs = self.parser.programs().to_vec();
        let wanted = ask::wanted_bin(&self.commands).map(str::to_owned);
        // Up to hundreds of megabytes are compared.
        let taken = spawn_blocking(move || result::take(&request, &programs, wanted.as_deref())).await;
        match taken {
            Ok(Ok(same_as)) => BuildOutcome::Passed { same_as },
            Ok(Err(text)) => self.failed_by(text),
            Err(error) => self.failed_by(format!("the result of the build could not be looked at: {error}")),
        }
    }

    // The command ended well and yet there is nothing to run.
    fn failed_by(&mut self, text: String) -> BuildOutcome {
        self.log.say(&text);
        self.report.add(vec![Problem::new(Severity::Error, "reload", text)]);
        BuildOutcome::Failed(Exit::Code(0))
    }

    fn failed(&mut self, exit: Exit) -> BuildOutcome {
        let Request { root, service, .. } = &self.request;
        if let Err(text) = folder::has_room(root, service) {
            self.report.add(vec![Problem::new(Severity::Error, "reload", text)]);
        }
        if !self.report.has_error() {
            let what = match &self.request.purpose {
                Purpose::Build { .. } => "build".to_owned(),
                Purpose::Task(_) => format!("`{}`", self.request.command),
            };
            let how = match exit {
                Exit::Code(126) => format!(
                    "{what} failed with exit code 126: the shell may not execute a command (help: run `chmod +x` on it)"
                ),
                Exit::Code(127) => format!(
                    "{what} failed with exit code 127: the shell did not find a command (help: install it, or name it by \
                     its path)"
                ),
                Exit::Code(code) => format!("{what} failed with exit code {code}"),
                Exit::Signal(signal) => format!("{what} was ended by {}", signal_name(signal)),
            };
            let tail = self.log.tail();
            let text = if tail.is_empty() { how } else { format!("{how}\n{tail}") };
            self.report.add(vec![Problem::new(Severity::Error, "reload", text)]);
        }
        BuildOutcome::Failed(exit)
    }

    // Which folders go is settled before anybody hears that the build has ended; the next one may have its own by the time
    // they are gone. Its folder is made ahead: on a disk that is at work this takes longer than all else before a build.
    fn clean(&self, outcome: &BuildOutcome) {
        let Request { root, service, generation, purpose, .. } = &self.request;
        let Purpose::Build { needed, .. } = purpose else { return };
        let folders = match outcome {
            BuildOutcome::Passed { .. } => folder::put_aside(root, service, *generation, needed),
            BuildOutcome::Failed(_) | BuildOutcome::Stopped | BuildOutcome::NotStarted(_) => {
                vec![artifact::folder(root, service, *generation)]
            }
        };
        let (root, service, next) = (root.clone(), service.clone(), generation.next());
        spawn_blocking(move || {
            folder::remove(&folders);
            folder::prepare_ahead(&root, &service, next);
        });
    }
}

// A handle that is gone wants the build stopped too.
async fn requested(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn from_process(stream: process::Stream) -> Stream {
    match stream {
        process::Stream::Stdout => Stream::Stdout,
        process::Stream::Stderr => Stream::Stderr,
    }
}

// Neither code nor signal: the guard was killed, and the command with it.
fn to_exit(exit: process::Exit) -> Exit {
    match (exit.code, exit.signal) {
        (Some(code), _) => Exit::Code(code),
        (None, signal) => Exit::Signal(signal.unwrap_or(Signal::SIGKILL as i32)),
    }
}

fn signal_name(signal: i32) -> String {
    Signal::try_from(signal).map_or(format!("signal {signal}"), |signal| signal.as_str().to_owned())
}
