//! Turns a `Command` into a request and waits until its guard has executed it. Called through `process::spawn`.
//! Does not know: how a guard works.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::PipeWriter;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::unistd::Pid;
use tokio::net::unix::pipe;

use super::child::{Child, Control};
use super::error::SpawnError;
use super::wire::{Report, Request, SOCKETS, Step};
use super::{Command, CommandLine, Leftovers, lookup, nursery};

/// What tells a program about the sockets it got. Never passed on from our own environment.
const SOCKET_VARIABLES: [&str; 3] = ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"];

/// How often a command is tried while somebody ends the nursery.
const ATTEMPTS: usize = 3;

/// Starts a command in its own process group under a guard, its standard input empty. Returns when the program is executed.
/// Dropping the future ends what it may have started.
pub async fn spawn(command: Command) -> Result<Child, SpawnError> {
    let request = to_request(&command)?;
    let mut nursery = 0;
    for _ in 0..ATTEMPTS {
        match attempt(&command, &request, &mut nursery).await {
            // Somebody ended the nursery before it came to this request.
            Err(SpawnError::Guard { .. }) if nursery::has_ended(nursery) => {}
            other => return other,
        }
    }
    Err(nursery::unusable("it ends before it has started anything".to_owned()))
}

async fn attempt(command: &Command, request: &Request, nursery: &mut u32) -> Result<Child, SpawnError> {
    let ((stdout, their_stdout), (stderr, their_stderr)) = (make(output_pipe())?, make(output_pipe())?);
    let (ours, control) = make(UnixStream::pair())?;
    let mut descriptors = vec![control.as_raw_fd(), their_stdout.as_raw_fd(), their_stderr.as_raw_fd()];
    descriptors.extend(command.sockets.iter().map(|socket| -> RawFd { socket.as_raw_fd() }));
    *nursery = nursery::send(request, &descriptors)?;
    // Their ends must be theirs alone, or nothing of it would ever end.
    drop((control, their_stdout, their_stderr));
    let control = make(Control::new(ours, command.leftovers))?;
    match control.report().await {
        Some(Report::Started { pid, guard }) => {
            Ok(Child { pid: pid.cast_unsigned(), stdout, stderr, guard: Pid::from_raw(guard), control })
        }
        Some(Report::Failed { step, cause }) => Err(explain(request, step, cause)),
        Some(Report::Exited { .. }) | None => Err(nursery::unusable("it ended without a word".to_owned())),
    }
}

/// Our end, which never blocks, and theirs. Only ours is known to the runtime.
fn output_pipe() -> std::io::Result<(pipe::Receiver, PipeWriter)> {
    let (ours, theirs) = std::io::pipe()?;
    Ok((pipe::Receiver::from_owned_fd(ours.into())?, theirs))
}

fn explain(request: &Request, step: Step, cause: Errno) -> SpawnError {
    let path = |bytes: &[u8]| PathBuf::from(OsStr::from_bytes(bytes));
    match step {
        Step::Process => SpawnError::NoRoom { cause },
        Step::Directory => SpawnError::Directory { dir: path(&request.dir), cause },
        Step::Execute => lookup::explain(&path(&request.program), cause),
    }
}

fn to_request(command: &Command) -> Result<Request, SpawnError> {
    if command.sockets.len() > SOCKETS {
        return Err(SpawnError::TooManySockets { count: command.sockets.len(), limit: SOCKETS });
    }
    let texts = match &command.line {
        CommandLine::Shell(text) => std::slice::from_ref(text),
        CommandLine::Argv(argv) => argv,
    };
    if texts.iter().any(|text| text.contains('\0')) {
        return Err(SpawnError::NulByte { place: "the command".to_owned() });
    }
    let env = environment(command)?;
    let (program, argv) = match &command.line {
        CommandLine::Shell(text) => ("/bin/sh".into(), vec!["sh".into(), "-c".into(), text.clone()]),
        CommandLine::Argv(argv) => {
            let path = env.get(OsStr::new("PATH")).map_or(&b"/usr/bin:/bin"[..], |path| path.as_bytes());
            check_directory(&command.dir)?;
            (lookup::find(argv.first().map_or("", String::as_str), &command.dir, path)?, argv.clone())
        }
    };
    let argv = argv.into_iter().map(String::into_bytes).collect();
    let (program, dir) = (program.into_os_string().into_vec(), command.dir.as_os_str().as_bytes().to_vec());
    refuse_nul(&dir, || "the path of the working directory".to_owned())?;
    let env =
        env.into_iter().map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes()].concat()).collect();
    Ok(Request { keep: command.leftovers == Leftovers::Keep, program, dir, argv, env })
}

/// Without this, a program would be looked for in a directory that is not there, and its absence be reported instead.
fn check_directory(dir: &Path) -> Result<(), SpawnError> {
    let cause = match std::fs::metadata(dir) {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => Errno::ENOTDIR,
        Err(error) => Errno::from_raw(error.raw_os_error().unwrap_or(0)),
    };
    Err(SpawnError::Directory { dir: dir.to_owned(), cause })
}

/// Our environment with `PWD` corrected, without what speaks of our own sockets, and with what the command asks for.
fn environment(command: &Command) -> Result<BTreeMap<OsString, OsString>, SpawnError> {
    let mut env: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    for name in SOCKET_VARIABLES {
        env.remove(OsStr::new(name));
    }
    env.insert("PWD".into(), command.dir.clone().into());
    if !command.sockets.is_empty() {
        let count = command.sockets.len();
        env.insert("LISTEN_FDS".into(), count.to_string().into());
        env.insert("LISTEN_FDNAMES".into(), vec!["listen"; count].join(":").into());
    }
    for (name, value) in &command.env {
        refuse_nul(name.as_bytes(), || "the name of an environment variable".to_owned())?;
        match value {
            Some(value) => {
                refuse_nul(value.as_bytes(), || format!("the environment variable {}", name.display()))?;
                env.insert(name.clone(), value.clone());
            }
            None => {
                env.remove(name);
            }
        }
    }
    Ok(env)
}

fn refuse_nul(text: &[u8], place: impl FnOnce() -> String) -> Result<(), SpawnError> {
    if text.contains(&0) { Err(SpawnError::NulByte { place: place() }) } else { Ok(()) }
}

fn make<T>(made: std::io::Result<T>) -> Result<T, SpawnError> {
    made.map_err(|error| SpawnError::NoRoom { cause: Errno::from_raw(error.raw_os_error().unwrap_or(0)) })
}
