//! A command that a person types through us: it has our terminal, and we end as it does. Nothing of a session runs like this.
//! Called by `cli`.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// Why the command did not start.
#[derive(Debug, thiserror::Error)]
#[error("could not start `{program}`: {cause} (help: is it installed, and in PATH?)")]
pub struct ForegroundError {
    program: String,
    cause: std::io::Error,
}

/// The command while it runs.
#[derive(Debug)]
pub struct Foreground {
    child: Child,
}

impl Foreground {
    /// Starts it: the program, then its arguments. Must be called within tokio.
    pub fn start(words: &[String]) -> Result<Self, ForegroundError> {
        let (program, arguments) =
            words.split_first().map_or(("", words), |(program, rest)| (program.as_str(), rest));
        #[expect(
            clippy::disallowed_methods,
            reason = "this is `process`; no guard, for it belongs to the person"
        )]
        let child = Command::new(program).args(arguments).spawn();
        let child = child.map_err(|cause| ForegroundError { program: program.to_owned(), cause })?;
        Ok(Self { child })
    }

    /// Waits for its end: its exit code, or 128 and the number of the signal, as shells have it. Dropping the future is safe.
    pub async fn ended(&mut self) -> u8 {
        match self.child.wait().await {
            Ok(status) => code(status),
            Err(error) => {
                tracing::error!("could not wait for the command: {error}");
                1
            }
        }
    }

    /// Sends it a signal that came to us. Ctrl-C comes to it by itself.
    pub fn pass_on(&self, number: i32) {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok());
        if let (Some(pid), Ok(signal)) = (pid, Signal::try_from(number))
            && signal != Signal::SIGINT
        {
            // It may have ended just now.
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }
}

fn code(status: ExitStatus) -> u8 {
    let signal = status.signal().map(|signal| 128 + signal);
    status.code().or(signal).and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
