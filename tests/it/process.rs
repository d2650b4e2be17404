//! Commands under a guard, against real programs that misbehave: `tests/fixtures/programs`, each named for what it does.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nix::sys::signal::Signal::{SIGCONT, SIGINT, SIGKILL, SIGSTOP, SIGTERM};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reload_lsp::process::{
    Child, Command, CommandLine, Exit, Leftovers, Reader, SpawnError, Stream, port_holder, spawn,
    use_guard_program, warm_up,
};

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
        use_guard_program(env!("CARGO_BIN_EXE_reload-lsp").into());
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

async fn started(command: Command) -> Child {
    let child = spawn(command).await.unwrap();
    read_until(&mut child.output(), "ready").await;
    child
}

#[tokio::test]
async fn nothing_is_left_after_a_stop() {
    for name in NASTY {
        let mark = Mark::new();
        let child = started(mark.program(name)).await;
        child.stop(SIGTERM, GRACE);
        let exit = within(child.exited()).await;
        assert!(exit.stopped, "{name}: {exit:?}");
        assert_eq!(mark.survivors(), [], "{name}");
    }
}

#[tokio::test]
async fn nothing_is_left_after_a_stop_without_grace() {
    for name in NASTY {
        let mark = Mark::new();
        let child = started(mark.program(name)).await;
        child.stop(SIGKILL, HOUR);
        let exit = within(child.exited()).await;
        assert_eq!((exit.signal, exit.killed > 0), (Some(9), true), "{name}");
        assert_eq!(mark.survivors(), [], "{name}");
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_child_that_is_dropped() {
    for name in NASTY {
        let mark = Mark::new();
        drop(started(mark.program(name)).await);
        mark.gone().await;
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_spawn_that_nobody_waited_for() {
    let mark = Mark::new();
    for _ in 0..20 {
        let command = mark.program("ignores_signals.sh");
        tokio::select! {
            biased;
            child = spawn(command) => drop(child),
            () = tokio::task::yield_now() => {}
        }
    }
    // The nursery works in order: when this one has ended, the others have at least been started.
    assert_eq!(run(mark.shell("exit 5")).await.0.code, Some(5));
    mark.gone().await;
}

#[tokio::test]
async fn what_a_run_leaves_behind_is_killed_before_its_exit_is_reported() {
    let mark = Mark::new();
    let child = spawn(mark.program("daemonizes_and_exits.sh")).await.unwrap();
    let exit = within(child.exited()).await;
    assert_eq!(exit, Exit { code: Some(4), signal: None, stopped: false, killed: 1 });
    assert_eq!(mark.survivors(), []);
}

#[tokio::test]
async fn what_a_build_leaves_behind_lives_on() {
    let mark = Mark::new();
    let mut command = mark.program("daemonizes_and_exits.sh");
    command.leftovers = Leftovers::Keep;
    let child = spawn(command.clone()).await.unwrap();
    let exit = within(child.exited()).await;
    assert_eq!(exit, Exit { code: Some(4), signal: None, stopped: false, killed: 1 });
    let mut output = child.output();
    output.finish();
    assert_eq!(read_rest(&mut output).await, "ready\n", "the daemon holds the pipe open");
    drop(child);
    // Whatever its end was going to do is done when another command has come and gone.
    run(mark.shell("true")).await;
    assert_eq!(mark.survivors().len(), 1);
    kill(Pid::from_raw(mark.survivors()[0].0), SIGKILL).unwrap();
    mark.gone().await;
}

#[tokio::test]
async fn what_a_build_leaves_behind_ends_when_it_is_told_to() {
    let mark = Mark::new();
    let mut command = mark.program("daemonizes_and_exits.sh");
    command.leftovers = Leftovers::Keep;
    let child = spawn(command).await.unwrap();
    within(child.exited()).await;
    child.stop(SIGTERM, HOUR);
    mark.gone().await;
}

#[tokio::test]
async fn a_build_that_is_dropped_before_it_ended_leaves_nothing() {
    let mark = Mark::new();
    let mut command = mark.program("daemonizes.sh");
    command.leftovers = Leftovers::Keep;
    drop(started(command).await);
    mark.gone().await;
}

#[tokio::test]
async fn a_program_may_end_in_order() {
    let mark = Mark::new();
    let child = started(mark.program("says_goodbye.sh")).await;
    child.stop(SIGTERM, HOUR);
    assert_eq!(read_rest(&mut child.output()).await, "goodbye\n");
    let exit = within(child.exited()).await;
    assert_eq!(exit, Exit { code: Some(7), signal: None, stopped: true, killed: 0 });
}

#[tokio::test]
async fn the_rest_of_the_group_may_use_the_rest_of_the_grace() {
    let mark = Mark::new();
    let child = started(mark.program("drains_slowly.sh")).await;
    child.stop(SIGTERM, HOUR);
    assert_eq!(read_rest(&mut child.output()).await, "drained\n");
    let exit = within(child.exited()).await;
    assert_eq!((exit.signal, exit.killed), (Some(15), 0));
}

#[tokio::test]
async fn what_was_never_asked_to_end_does_not_use_the_grace() {
    let mark = Mark::new();
    let child = started(mark.program("daemonizes.sh")).await;
    child.stop(SIGTERM, HOUR);
    let exit = within(child.exited()).await;
    assert_eq!((exit.signal, exit.killed), (Some(15), 1));
}

#[tokio::test]
async fn a_stopped_process_is_woken_to_take_the_signal() {
    let mark = Mark::new();
    let child = started(mark.program("stops_itself.sh")).await;
    child.stop(SIGTERM, HOUR);
    let exit = within(child.exited()).await;
    assert_eq!((exit.signal, exit.killed), (Some(15), 0));
}

#[tokio::test]
async fn the_shorter_grace_wins() {
    for graces in [[HOUR, GRACE], [GRACE, HOUR]] {
        let mark = Mark::new();
        let child = started(mark.program("ignores_signals.sh")).await;
        for grace in graces {
            child.stop(SIGTERM, grace);
        }
        let exit = within(child.exited()).await;
        assert_eq!((exit.signal, exit.killed), (Some(9), 2));
    }
}

#[tokio::test]
async fn a_second_stop_does_not_repeat_the_signal_but_sends_another_one() {
    let mark = Mark::new();
    let counts =
        "trap 'echo term' TERM; trap 'echo int; exit 6' INT; echo ready; while :; do sleep 0.01; done";
    let child = started(mark.shell(counts)).await;
    let mut output = child.output();
    child.stop(SIGTERM, HOUR);
    read_until(&mut output, "term").await;
    child.stop(SIGTERM, HOUR);
    child.stop(SIGINT, HOUR);
    assert_eq!(read_until(&mut output, "int").await, Vec::<String>::new());
    assert_eq!(within(child.exited()).await.code, Some(6));
}

#[tokio::test]
async fn the_exit_says_how_it_ended() {
    let mark = Mark::new();
    assert_eq!(run(mark.program("exits_at_once.sh")).await.0.code, Some(3));
    assert_eq!(run(mark.shell("kill -SEGV $$")).await.0.signal, Some(Signal::SIGSEGV as i32));
    let child = spawn(mark.shell("exit 9")).await.unwrap();
    // Any number may ask, at once or later.
    let (one, other) = tokio::join!(within(child.exited()), within(child.exited()));
    assert_eq!((one.code, other.code, within(child.exited()).await.code), (Some(9), Some(9), Some(9)));
}

#[tokio::test]
async fn an_exit_is_known_although_the_output_is_held_open() {
    let mark = Mark::new();
    let mut command = mark.shell("sleep 1000 & echo last words; exit 0");
    command.leftovers = Leftovers::Keep;
    let child = spawn(command).await.unwrap();
    let mut output = child.output();
    assert_eq!(within(child.exited()).await.code, Some(0));
    output.finish();
    assert_eq!(read_rest(&mut output).await, "last words\n");
    child.stop(SIGKILL, HOUR);
    mark.gone().await;
}

#[tokio::test]
async fn the_last_words_are_read_however_late() {
    let mark = Mark::new();
    for _ in 0..50 {
        let child = spawn(mark.shell("echo out; echo err >&2")).await.unwrap();
        within(child.exited()).await;
        let mut output = child.output();
        output.finish();
        let mut heard = Vec::new();
        while let Some((stream, bytes)) = within(output.next()).await {
            heard.push((stream, bytes.to_vec()));
        }
        heard.sort_by_key(|(stream, _)| *stream == Stream::Stderr);
        assert_eq!(heard, [(Stream::Stdout, b"out\n".to_vec()), (Stream::Stderr, b"err\n".to_vec())]);
    }
}

#[tokio::test]
async fn reading_ends_although_a_leftover_floods() {
    let mark = Mark::new();
    let mut command = mark.shell("yes & exit 0");
    command.leftovers = Leftovers::Keep;
    let child = spawn(command).await.unwrap();
    within(child.exited()).await;
    let mut output = child.output();
    output.finish();
    assert!(read_rest(&mut output).await.len() <= 64 * 1024);
    child.stop(SIGKILL, HOUR);
    mark.gone().await;
}

#[tokio::test]
async fn a_flood_comes_in_small_chunks_and_lets_others_work() {
    let mark = Mark::new();
    let child = started(mark.program("floods_its_output.sh")).await;
    let mut output = child.output();
    let (mut read, mut turns) = (0, 0);
    let others = async {
        loop {
            tokio::task::yield_now().await;
            turns += 1;
        }
    };
    let flood = async {
        while read < 64 * 1024 * 1024 {
            let (_, bytes) = output.next().await.unwrap();
            assert!(bytes.len() <= 64 * 1024);
            read += bytes.len();
        }
    };
    tokio::select! {
        biased;
        () = within(flood) => {}
        () = others => {}
    }
    assert!(turns > 0, "nobody else had a turn");
    child.stop(SIGTERM, HOUR);
    within(child.exited()).await;
}

#[tokio::test]
async fn nothing_of_ours_reaches_the_command() {
    let mark = Mark::new();
    let _held = fs::File::open("/").unwrap();
    let (_, text) = run(mark.shell("find /proc/$$/fd -type l -printf '%f %l\\n'; true")).await;
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines[0], "0 /dev/null");
    assert!(lines[1].starts_with("1 pipe:") && lines[2].starts_with("2 pipe:"), "{text}");
    assert_eq!(lines.len(), 3, "{text}");
    let (_, signals) = run(mark.shell("exec grep -E 'Sig(Blk|Ign)' /proc/self/status")).await;
    for line in signals.lines() {
        let set = u64::from_str_radix(line.split_once(":\t").unwrap().1, 16).unwrap();
        // 32 and 33 belong to the C library, which lets nobody touch them.
        assert_eq!(set & !(0b11 << 31), 0, "{signals}");
    }
    assert_eq!(signals.lines().count(), 2);
}

#[tokio::test]
async fn the_command_leads_its_own_group() {
    let mark = Mark::new();
    let child = spawn(mark.shell("cut -d ' ' -f 1,5 /proc/$$/stat")).await.unwrap();
    let pid = child.pid;
    assert_eq!(read_rest(&mut child.output()).await, format!("{pid} {pid}\n"));
    within(child.exited()).await;
}

#[tokio::test]
async fn sockets_are_handed_over_in_order() {
    let mark = Mark::new();
    let sockets: Vec<_> =
        (0..20).map(|_| Arc::new(OwnedFd::from(TcpListener::bind("127.0.0.1:0").unwrap()))).collect();
    let inode = |fd: i32| fs::read_link(format!("/proc/self/fd/{fd}")).unwrap().display().to_string();
    let expected: Vec<String> = sockets.iter().map(|it| inode(it.as_raw_fd())).collect();
    let show = "[ $LISTEN_PID = $$ ] && echo $LISTEN_FDS $LISTEN_FDNAMES; i=3; while [ $i -lt 24 ]; do readlink /proc/$$/fd/$i; i=$((i+1)); done";
    let command = Command { sockets, ..mark.shell(show) };
    let (_, text) = run(command).await;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("20 {}", ["listen"; 20].join(":")));
    assert_eq!(lines[1..], expected);
}

#[tokio::test]
async fn the_environment_is_ours_and_what_is_asked_for() {
    let mark = Mark::new();
    let mut command = mark.shell("echo $ASKED ${HOME-none} $PWD $(pwd) ${LISTEN_PID-none} $0 $#");
    command.env.push(("ASKED".into(), Some("for".into())));
    command.env.push(("HOME".into(), None));
    command.dir = "/usr/bin".into();
    assert_eq!(
        run(command.clone()).await.1,
        "for none /usr/bin /usr/bin none /bin/sh 0\n".replace("/bin/sh", "sh")
    );
    assert!(!format!("{command:?}").contains("for\""), "values are nobody's business");
}

#[tokio::test]
async fn a_command_may_be_long() {
    let mark = Mark::new();
    let text = format!("echo {} | wc -c", "x".repeat(120_000));
    let mut command = mark.shell(&text);
    command.env.extend((0..8).map(|n| (format!("LONG_{n}").into(), Some("y".repeat(100_000).into()))));
    assert_eq!(run(command.clone()).await.1, "120001\n");
    command.env.push(("TOO_LONG".into(), Some("z".repeat(200_000).into())));
    assert_eq!(spawn(command).await.unwrap_err(), SpawnError::TooLong { path: "/bin/sh".into() });
}

#[tokio::test]
async fn what_cannot_be_started_is_named_with_a_remedy() {
    let mark = Mark::new();
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode: u32| {
        use std::os::unix::fs::PermissionsExt;
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    };
    let script = file("script", "#!/nowhere/interpreter\n", 0o755);
    let plain = file("plain", "echo no first line\n", 0o755);
    let closed = file("closed", "#!/bin/sh\n", 0o644);
    let cases = [
        ("no-such-program", SpawnError::NotInPath { program: "no-such-program".into() }),
        ("./missing", SpawnError::NoSuchFile { path: dir.path().join("./missing") }),
        ("./closed", SpawnError::NotExecutable { path: closed.with_file_name("./closed") }),
        ("./plain", SpawnError::NotAProgram { path: plain.with_file_name("./plain") }),
        (
            "./script",
            SpawnError::NoInterpreter {
                path: script.with_file_name("./script"),
                interpreter: "/nowhere/interpreter".into(),
            },
        ),
        ("", SpawnError::NoCommand),
        ("nul\0", SpawnError::NulByte { place: "the command".into() }),
    ];
    for (program, expected) in cases {
        let command =
            Command { dir: dir.path().into(), ..mark.command(CommandLine::Argv(vec![program.into()])) };
        let error = spawn(command).await.unwrap_err();
        assert_eq!(error.to_string(), expected.to_string(), "{program}");
        assert!(error.to_string().contains("(help: "), "{error}");
    }
    let missing = dir.path().join("missing");
    let command = Command { dir: missing.clone(), ..mark.shell("true") };
    let error = spawn(command).await.unwrap_err();
    assert_eq!(error, SpawnError::Directory { dir: missing, cause: nix::errno::Errno::ENOENT });
    assert_eq!(run(mark.shell("exec no-such-program")).await.0.code, Some(127));
}

#[tokio::test]
async fn the_port_of_a_descendant_is_found_and_its_holder_named() {
    let mark = Mark::new();
    let child = spawn(mark.program("holds_a_port.py")).await.unwrap();
    let lines = read_until(&mut child.output(), "ready").await;
    let port: u16 = lines[0].strip_prefix("port ").unwrap().parse().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    assert_eq!(child.listeners(), [address]);
    for asked in [address, SocketAddr::from(([0, 0, 0, 0], port))] {
        let holder = port_holder(asked).unwrap();
        assert_eq!(holder.pid, child.pid);
        assert!(holder.command.ends_with("programs/holds_a_port.py"), "{}", holder.command);
    }
    assert_eq!(port_holder(SocketAddr::from(([127, 0, 0, 2], port))), None);
    child.stop(SIGTERM, GRACE);
    within(child.exited()).await;
    assert_eq!((child.listeners(), port_holder(address)), (vec![], None));
    TcpListener::bind(address).expect("the port is free");
}

#[tokio::test]
async fn many_commands_can_be_started_at_once() {
    let mark = Mark::new();
    let tasks: Vec<_> = (0..60)
        .map(|number| {
            let command = mark.shell(&format!("echo {number}; exit {number}"));
            #[expect(clippy::disallowed_methods, reason = "this test is about tasks")]
            tokio::spawn(run(command))
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        let (exit, text) = task.await.unwrap();
        assert_eq!((exit.code, text), (i32::try_from(number).ok(), format!("{number}\n")));
    }
}

/// The pids of our children that are a nursery.
fn nurseries() -> BTreeSet<i32> {
    let children = fs::read_dir("/proc/self/task").unwrap().flatten().map(|it| it.path().join("children"));
    let pids = children.flat_map(|it| {
        let text = fs::read_to_string(it).unwrap_or_default();
        text.split_ascii_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<i32>>()
    });
    pids.filter(|pid| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|it| it == "reload-guard\n"))
        .collect()
}

#[tokio::test]
async fn a_nursery_that_is_killed_is_replaced_and_nothing_is_lost() {
    let mark = Mark::new();
    for _ in 0..5 {
        let child = started(mark.program("says_goodbye.sh")).await;
        warm_up();
        for nursery in nurseries() {
            let _ = kill(Pid::from_raw(nursery), SIGKILL);
        }
        assert_eq!(run(mark.shell("exit 8")).await.0.code, Some(8));
        child.stop(SIGTERM, HOUR);
        assert_eq!(within(child.exited()).await.code, Some(7));
    }
}

fn parent(pid: u32) -> i32 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit(')').next().unwrap().split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_a_killed_guard_leaves_is_ended() {
    let mark = Mark::new();
    let child = started(mark.program("daemonizes.sh")).await;
    let guard = parent(child.pid);
    for signal in [SIGTERM, SIGINT, SIGSTOP, SIGCONT] {
        // None of these ends it.
        kill(Pid::from_raw(guard), signal).unwrap();
    }
    assert_eq!(mark.survivors().len(), 2);
    kill(Pid::from_raw(guard), SIGKILL).unwrap();
    let exit = within(child.exited()).await;
    assert_eq!((exit.code, exit.signal), (None, None));
    mark.gone().await;
}

#[tokio::test]
#[ignore = "a measurement, not a promise: run it alone, with --nocapture"]
#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "figures for people")]
async fn how_long_a_spawn_takes() {
    const TIMES: usize = 500;
    let mark = Mark::new();
    let begin = std::time::Instant::now();
    warm_up();
    println!("warm_up {:?}", begin.elapsed());
    let first = spawn(mark.shell("exit")).await.unwrap();
    println!("until the first command {:?}", begin.elapsed());
    within(first.exited()).await;
    for line in [CommandLine::Argv(vec!["true".into()]), CommandLine::Shell("exit 0".into())] {
        let mut times = Vec::new();
        // Nobody saves more often.
        let mut saves = tokio::time::interval(Duration::from_millis(10));
        for _ in 0..TIMES {
            saves.tick().await;
            let begin = std::time::Instant::now();
            let child = spawn(mark.command(line.clone())).await.unwrap();
            times.push(begin.elapsed());
            within(child.exited()).await;
        }
        times.sort_unstable();
        println!("{line:?}: p50 {:?}, p99 {:?}", times[TIMES / 2], times[TIMES * 99 / 100]);
    }
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let begin = std::time::Instant::now();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        times.push(begin.elapsed());
        child.wait().unwrap();
    }
    times.sort_unstable();
    println!("for comparison, std: p50 {:?}, p99 {:?}", times[TIMES / 2], times[TIMES * 99 / 100]);
    let child = started(mark.program("holds_a_port.py")).await;
    let begin = std::time::Instant::now();
    for _ in 0..TIMES {
        assert_eq!(child.listeners().len(), 1);
    }
    println!("listeners {:?}", begin.elapsed() / u32::try_from(TIMES).unwrap());
    let guard = parent(child.pid);
    for (name, pid) in [("guard", guard), ("nursery", parent(guard.cast_unsigned()))] {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
        let sizes = rollup.lines().filter(|it| it.starts_with("Rss") || it.starts_with("Private_Dirty"));
        println!("{name}: {}", sizes.collect::<Vec<_>>().join(", "));
    }
    child.stop(SIGKILL, HOUR);
    within(child.exited()).await;
}
