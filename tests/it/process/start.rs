//! What a command is started with, why it cannot be, on which ports it listens, and how long it takes.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal::{SIGKILL, SIGTERM};
use reload_lsp::process::{Command, CommandLine, SpawnError, port_holder, spawn, warm_up};

use super::{GRACE, HOUR, Mark, parent, read_rest, read_until, run, started, within};

#[tokio::test]
async fn nothing_of_ours_reaches_the_command() {
    let mark = Mark::new();
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
