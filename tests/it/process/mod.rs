//! Commands under a guard, against real programs that misbehave: `tests/fixtures/programs`, each named for what it does.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod leftovers;
mod output;
mod start;
mod stop;

use std::ffi::OsString;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reload_lsp::process::{
    Child, Command, CommandLine, Exit, Leftovers, Reader, Stream, spawn, use_guard_program,
};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

/// Only a bug reaches it.
const LIMIT: Duration = Duration::from_secs(60);
/// Long enough for what is asked, short enough for what must be killed.
const GRACE: Duration = Duration::from_millis(100);
const HOUR: Duration = Duration::from_secs(3600);

/// Every way to misbehave that does not end by itself.
pub(super) const NASTY: [&str; 12] = [
    "lives.sh",
    "forks_a_grandchild.sh",
    "leaves_the_group.py",
    "leaves_the_session.sh",
    "daemonizes.sh",
    "ignores_signals.sh",
    "stops_itself.sh",
    "makes_zombies.sh",
    "clears_its_death_signal.py",
    "hops_for_ever.py",
    "floods_its_output.sh",
    "holds_a_port.py",
];

/// What all processes of one test have in their environment.
pub(super) const MARK: &str = "RELOAD_TEST_MARK";

/// Finds the processes of one test. Dropping it fails the test if one is left.
pub(super) struct Mark(pub(super) String);

impl Mark {
    pub(super) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        static LEFT_OPEN: OnceLock<OwnedFd> = OnceLock::new();
        use_guard_program(env!("CARGO_BIN_EXE_reload-lsp").into());
        // Editors leave files open for the programs they start. This one must not reach a command.
        LEFT_OPEN.get_or_init(|| nix::unistd::dup(fs::File::open("/").unwrap()).unwrap());
        Self(format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)))
    }

    /// Under a name of another process.
    pub(super) fn named(name: String) -> Self {
        use_guard_program(env!("CARGO_BIN_EXE_reload-lsp").into());
        Self(name)
    }

    /// Everything that lives and has the mark: pid and command line.
    pub(super) fn survivors(&self) -> Vec<(i32, String)> {
        let entry = format!("{MARK}={}", self.0);
        let mut found = Vec::new();
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = process.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let environment = fs::read(process.path().join("environ")).unwrap_or_default();
            if environment.split(|byte| *byte == 0).any(|it| it == entry.as_bytes()) {
                let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
                found.push((pid, String::from_utf8_lossy(&line).replace('\0', " ")));
            }
        }
        found
    }

    /// Waits until nothing has the mark. There is no event for the end of processes that are not ours, so this looks again.
    pub(super) async fn gone(&self) {
        let mut again = tokio::time::interval(Duration::from_millis(5));
        let gone = async {
            while !self.survivors().is_empty() {
                again.tick().await;
            }
        };
        let ended = tokio::time::timeout(LIMIT, gone).await;
        assert!(ended.is_ok(), "still there: {:?}", self.survivors());
    }

    fn command(&self, line: CommandLine) -> Command {
        let env = vec![(MARK.into(), Some(self.0.clone().into())), ("PATH".into(), Some(path()))];
        Command { line, dir: "/".into(), env, sockets: Vec::new(), leftovers: Leftovers::Kill }
    }

    pub(super) fn program(&self, name: &str) -> Command {
        let path = programs().join(name);
        self.command(CommandLine::Argv(vec![path.to_str().unwrap().to_owned()]))
    }

    fn shell(&self, text: &str) -> Command {
        self.command(CommandLine::Shell(text.to_owned()))
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.survivors(), [], "left behind");
        }
    }
}

fn programs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/programs")
}

/// The system's own programs first: those of a version manager take ten times as long to start.
fn path() -> OsString {
    format!("/usr/bin:/bin:{}", std::env::var("PATH").unwrap()).into()
}

pub(super) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.expect("nothing happened for a minute")
}

/// Reads lines of the standard output until one is `wanted`, and returns those before.
pub(super) async fn read_until(output: &mut Reader<'_>, wanted: &str) -> Vec<String> {
    let mut text = String::new();
    let mut seen = 0;
    within(async {
        while let Some((stream, bytes)) = output.next().await {
            if stream == Stream::Stderr {
                continue;
            }
            text.push_str(&String::from_utf8_lossy(bytes));
            if let Some(end) = text.find(&format!("{wanted}\n")) {
                seen = end;
                break;
            }
        }
    })
    .await;
    assert!(text.contains(wanted), "it never said {wanted}: {text}");
    text[..seen].lines().map(str::to_owned).collect()
}

/// Everything that is still to come on the standard output.
async fn read_rest(output: &mut Reader<'_>) -> String {
    let mut text = Vec::new();
    within(async {
        while let Some((stream, bytes)) = output.next().await {
            if stream == Stream::Stdout {
                text.extend_from_slice(bytes);
            }
        }
    })
    .await;
    String::from_utf8(text).unwrap()
}

/// Runs a command to its end and returns what it wrote.
async fn run(command: Command) -> (Exit, String) {
    let child = spawn(command).await.unwrap();
    let text = read_rest(&mut child.output()).await;
    (within(child.exited()).await, text)
}

/// A socket that everything of the command inherits and nothing else has, once the command is dropped.
fn lifeline(command: &mut Command) -> UnixStream {
    let (ours, theirs) = UnixStream::pair().unwrap();
    command.sockets.push(Arc::new(theirs.into_std().unwrap().into()));
    ours
}

/// Waits until everything that inherited the other end has ended.
async fn ended(mut lifeline: UnixStream) {
    let mut nothing = Vec::new();
    within(lifeline.read_to_end(&mut nothing)).await.unwrap();
}

async fn started(command: Command) -> Child {
    let child = spawn(command).await.unwrap();
    read_until(&mut child.output(), "ready").await;
    child
}

fn parent(pid: u32) -> i32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit(')').next().unwrap().split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}
