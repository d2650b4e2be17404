//! The arguments. Called by `cli` and every subcommand. Help and completions come from the same types.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::exit::{Error, ExitStatus};
use crate::config::Overrides;

/// A language server that reloads the program you are working on.
#[derive(Debug, Parser)]
#[command(name = "reload-lsp", version, after_long_help = exit_codes(), disable_help_subcommand = true)]
pub(crate) struct Args {
    /// Serve an editor over stdin and stdout
    #[arg(long)]
    pub(crate) stdio: bool,

    // Editors' client libraries add it; the process of the client is named in `initialize` as well.
    #[arg(long = "clientProcessId", value_name = "N", hide = true)]
    pub(crate) client_process_id: Option<String>,

    /// Append the log to this file instead of stderr (its level: `RELOAD_LSP_LOG`, default warn)
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) log: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build, run and reload in this terminal, whatever saves the files
    Run(Run),
    /// Say whether the configuration is right
    Check(Project),
    /// Print every value that holds, and where it comes from
    Config(Config),
    /// Say whether a save of a path would do something, and what decides that
    Explain(Explain),
    /// Allow the commands of this project to run
    Allow(Allow),
    /// Never run the commands of this project
    Deny(Project),
    /// Forget what was decided about this project
    Revoke(Project),
    /// Show what would be executed, and whether it is allowed
    Trust(Trust),
    /// Write down the configuration that was guessed, as reload.toml
    Init(Init),
    /// Print the JSON schema of reload.toml
    Schema,
    /// Print the completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Show what runs, what failed and what is being waited for
    Status(Status),
    /// Wait until what was saved last is ready, or can't be
    Wait(Wait),
    /// Build now, then swap
    Build(Ask),
    /// Stop, and start what was built last
    Restart(Ask),
    /// Stop, and stay stopped until a change or a request
    Stop(Ask),
    /// Start what is stopped
    Start(Ask),
    /// Collect changes until `resume`
    Pause(Ask),
    /// Make one trip for what was collected
    Resume(Ask),
    /// Print what builds, tasks and runs print
    Logs(Logs),
    /// Collect changes for a while, or while a command runs, and make one trip at the end
    Hold(Hold),
    /// End a hold before its time, or all
    Release(Release),
    /// Read the output of a build on stdin, and print the problems in it
    Problems(Problems),
    /// Play one session with a small web service, then leave it to you
    Demo(Demo),
}

/// Which project.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct Project {
    /// The folder of the project [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// The configuration file [default: reload.toml in the folder or the nearest above it]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct Run {
    /// Only these services, and what they depend on
    #[arg(value_name = "SERVICE")]
    pub(crate) services: Vec<String>,

    #[command(flatten)]
    pub(crate) project: Project,

    /// The build command, in the place of a configuration file
    #[arg(long, value_name = "CMD", conflicts_with = "config")]
    pub(crate) build: Option<String>,

    /// The command that runs the service, in the place of a configuration file
    #[arg(long, value_name = "CMD", conflicts_with = "config")]
    pub(crate) exec: Option<String>,

    /// What to watch instead, as a glob; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(crate) watch: Vec<String>,

    /// Stop everything as soon as all is ready, or as soon as something fails
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Config {
    #[command(flatten)]
    pub(crate) project: Project,

    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// The path; it need not exist
    pub(crate) path: PathBuf,

    #[command(flatten)]
    pub(crate) project: Project,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Allow {
    /// The hash of the plan that was shown; refused if the plan is another by now
    #[arg(value_name = "PLAN")]
    pub(crate) plan: Option<String>,

    #[command(flatten)]
    pub(crate) project: Project,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Trust {
    /// Every project that somebody decided about
    #[arg(long)]
    pub(crate) list: bool,

    #[command(flatten)]
    pub(crate) project: Project,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Init {
    /// Print it instead of writing it
    #[arg(long)]
    pub(crate) print: bool,

    /// The folder of the project [default: this one]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// Where to put the project; must be empty or not exist [default: a new folder for temporary files]
    pub(crate) dir: Option<PathBuf>,

    /// Stop everything after the session that is played
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Problems {
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ProblemFormat,

    /// The command that printed it [default: find out by looking]
    #[arg(long, value_name = "CMD")]
    pub(crate) command: Option<String>,

    /// Where that command ran [default: here]
    #[arg(long, value_name = "DIR")]
    pub(crate) cwd: Option<PathBuf>,

    /// The root of the project [default: where the command ran]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,

    /// Print every line with the format that it belongs to, and what was read from it
    #[arg(long, conflicts_with = "format")]
    pub(crate) explain: bool,

    /// Report places also in files that are not here
    #[arg(long)]
    pub(crate) tolerant: bool,
}

/// How `problems` prints what it has found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProblemFormat {
    /// A line each, for people
    #[default]
    Text,
    /// One array
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// One object in each line, as reviewdog reads them
    Rdjsonl,
    /// Workflow commands of GitHub Actions
    Github,
}

/// Which of the sessions that run.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct Session {
    /// A folder of the project [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Status {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) session: Session,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Wait {
    /// Only this service
    pub(crate) service: Option<String>,

    /// For how long
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Duration,

    #[command(flatten)]
    pub(crate) session: Session,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Ask {
    /// Only this service
    pub(crate) service: Option<String>,

    #[command(flatten)]
    pub(crate) session: Session,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Logs {
    /// Only this service
    pub(crate) service: Option<String>,

    /// Go on with what comes, until the session ends
    #[arg(short, long)]
    pub(crate) follow: bool,

    #[command(flatten)]
    pub(crate) session: Session,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Hold {
    /// For how long, at most an hour
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = humantime::parse_duration)]
    pub(crate) ttl: Duration,

    #[command(flatten)]
    pub(crate) session: Session,

    /// Hold while this command runs, and end as it does
    #[arg(last = true, value_name = "CMD")]
    pub(crate) command: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Release {
    /// What `hold` has printed [default: every hold]
    pub(crate) token: Option<String>,

    #[command(flatten)]
    pub(crate) session: Session,
}

impl Session {
    /// The folder, absolute, symlinks resolved.
    pub(crate) fn root(&self) -> Result<PathBuf, Error> {
        Project { root: self.root.clone(), config: None }.root()
    }
}

impl Project {
    /// A project in this folder, with the configuration that is found there.
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { root: Some(root), config: None }
    }

    /// The folder, absolute, symlinks resolved.
    pub(crate) fn root(&self) -> Result<PathBuf, Error> {
        let root = self.root.clone().unwrap_or_else(|| PathBuf::from("."));
        root.canonicalize().map_err(|cause| Error::Root { path: root, cause })
    }

    /// What the flags add to the file.
    pub(crate) fn overrides(&self) -> Overrides {
        let file =
            self.config.as_ref().map(|file| std::path::absolute(file).unwrap_or_else(|_| file.clone()));
        Overrides { file, ..Overrides::default() }
    }
}

impl Run {
    /// What the flags add to the file, or say in its place.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides {
            build: self.build.clone(),
            exec: self.exec.clone(),
            watch: self.watch.clone(),
            ..self.project.overrides()
        }
    }
}

fn exit_codes() -> String {
    let codes = ExitStatus::ALL.map(|status| format!("\n  {:>3}  {}", status as u8, status.meaning()));
    format!("Exit codes:{}", codes.concat())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_contradict_themselves_nowhere() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_client_libraries_add_is_accepted() {
        let args = Args::try_parse_from(["reload-lsp", "--stdio", "--clientProcessId=42"]).unwrap();
        assert!(args.stdio && args.command.is_none());
    }
}
