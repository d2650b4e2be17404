//! Arguments, subcommands, and the words printed to people. Called by `main`.
//! Does not know: LSP types, processes.

mod args;
mod commands;
mod demo;
mod exit;
mod print;
mod problems;
mod remote;
mod report;
mod run;
mod signals;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::control::{self, protocol};
use crate::lsp::Host;
use args::{Args, Command};
use exit::Error;
pub use exit::ExitStatus;

/// The variable with the hash of a plan that is allowed beforehand, where nobody can be asked.
const ALLOW: &str = "RELOAD_LSP_ALLOW";

/// Reads the arguments and does what they say.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version go to stdout, everything else to stderr; nobody may be left to read it.
            let _ = error.print();
            let status = if error.use_stderr() { ExitStatus::Usage } else { ExitStatus::Success };
            return status.into();
        }
    };
    let status = crate::log::begin(args.log.as_deref()).map_err(Error::from).and_then(|()| perform(args));
    status.unwrap_or_else(|error| tell(&error).into())
}

fn perform(args: Args) -> Result<ExitCode, Error> {
    let status = match args.command {
        // It ends as the command does that it runs.
        Some(Command::Hold(hold)) => return remote::hold(&hold),
        None if args.stdio => commands::stdio(),
        None => {
            print::err(&Args::command().render_help().to_string());
            Ok(ExitStatus::Usage)
        }
        Some(Command::Run(run)) => run::run(&run),
        Some(Command::Check(project)) => commands::check(&project),
        Some(Command::Explain(explain)) => commands::explain(&explain),
        Some(Command::Completions { shell }) => Ok(commands::completions(shell)),
        Some(Command::Config(config)) => commands::config(&config),
        Some(Command::Allow(allow)) => commands::allow(&allow),
        Some(Command::Deny(project)) => commands::deny(&project),
        Some(Command::Revoke(project)) => commands::revoke(&project),
        Some(Command::Trust(trust)) => commands::trust(&trust),
        Some(Command::Init(init)) => commands::init(&init),
        Some(Command::Schema) => Ok(commands::schema()),
        Some(Command::Problems(problems)) => problems::problems(&problems),
        Some(Command::Demo(demo)) => demo::demo(&demo),
        Some(Command::Status(status)) => remote::status(&status),
        Some(Command::Wait(wait)) => remote::wait(&wait),
        Some(Command::Build(ask)) => remote::ask(&ask, protocol::BUILD),
        Some(Command::Restart(ask)) => remote::ask(&ask, protocol::RESTART),
        Some(Command::Stop(ask)) => remote::ask(&ask, protocol::STOP),
        Some(Command::Start(ask)) => remote::ask(&ask, protocol::START),
        Some(Command::Pause(ask)) => remote::ask(&ask, protocol::PAUSE),
        Some(Command::Resume(ask)) => remote::ask(&ask, protocol::RESUME),
        Some(Command::Logs(logs)) => remote::logs(&logs),
        Some(Command::Release(release)) => remote::release(&release),
    };
    Ok(status?.into())
}

/// Says what went wrong, once.
fn tell(error: &Error) -> ExitStatus {
    if let Error::Configuration(problems) = error {
        print::err(&report::problems(problems, &[], print::Paint::Plain));
    }
    print::err(&format!("error: {error}\n"));
    error.status()
}

/// What the language server needs of us. `RELOAD_LSP_ALLOW` holds the hash of a plan that is allowed beforehand.
fn host(cwd: PathBuf) -> Host {
    Host { allow: std::env::var(ALLOW).ok(), ..Host::new(control::start, cwd) }
}

/// Runs `future` to its end on a runtime of its own. What still blocks then, such as a read of stdin, is left behind.
fn block_on<F: Future>(future: F) -> Result<F::Output, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    let output = runtime.block_on(future);
    runtime.shutdown_background();
    Ok(output)
}
