//! Where the socket lies, who may use it, and who has it.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use serde_json::json;
use tokio::net::UnixStream;
use tokio::process::Command;

use super::{WORD, Wire, opened, run, socket};
use crate::support::project::Project;

#[tokio::test]
async fn the_socket_is_for_nobody_else_and_ends_with_the_session() {
    let (project, mut client) = opened().await;
    let path = socket(&project).await;
    let mode = |path: &std::path::Path| path.symlink_metadata().unwrap().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(client.shutdown().await, Some(0));
    // A name that is left, because the process was faster, leads nowhere.
    assert!(UnixStream::connect(&path).await.is_err());
}

#[tokio::test]
async fn what_a_killed_session_left_is_replaced() {
    let (project, mut client) = opened().await;
    let path = socket(&project).await;
    let pid = Pid::from_raw(i32::try_from(client.pid().unwrap()).unwrap());
    kill(pid, Signal::SIGKILL).unwrap();
    client.ended().await;
    assert!(path.exists());
    run(&project, &["status"], 6).await;
    let mut terminal = project.run();
    terminal.line("│ serving one").await;
    assert_eq!(socket(&project).await, path);
    run(&project, &["wait"], 0).await;
    terminal.quit().await;
}

#[tokio::test]
async fn who_is_second_takes_over_when_the_first_ends() {
    let (project, mut client) = opened().await;
    let mut second = project.run();
    second.line("looks after `api` of this project already").await;
    let mut first = Wire::open(&project).await;
    let answer = first.call("status", json!({})).await;
    assert_eq!(answer["result"]["state"], "ready", "the first serves: {answer}");
    assert_eq!(client.shutdown().await, Some(0));
    second.line("│ serving one").await;
    socket(&project).await;
    run(&project, &["wait"], 0).await;
    second.quit().await;
}

#[tokio::test]
async fn a_folder_that_others_can_write_is_not_used() {
    let project = Project::new(WORD);
    let folder = project.beside("runtime/reload-lsp");
    std::fs::create_dir_all(&folder).unwrap();
    set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    let spare = project.beside("spare");
    std::fs::create_dir(&spare).unwrap();
    let with_spare = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        command.env("TMPDIR", &spare);
        command
    };
    let mut terminal = crate::support::project::Terminal::start(with_spare(&["run"]));
    terminal.line("│ serving one").await;
    super::connected_in(&spare.join(format!("reload-lsp-{}", geteuid()))).await;
    let output = with_spare(&["wait"]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", super::text(&output));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(&spare).unwrap().count(), 1);
    terminal.quit().await;
}

#[tokio::test]
async fn somebody_else_is_not_even_answered() {
    if !geteuid().is_root() {
        // Nobody but root can be somebody else.
        return;
    }
    let (project, mut client) = opened().await;
    let path = socket(&project).await;
    // As if somebody had opened every door.
    for folder in path.ancestors().take_while(|folder| folder.starts_with(project.beside(""))) {
        set_permissions(folder, Permissions::from_mode(0o777)).unwrap();
    }
    let script = "$s = IO::Socket::UNIX->new($ARGV[0]) or die; $SIG{PIPE} = 'IGNORE'; \
        syswrite $s, qq({\"id\":1,\"method\":\"status\"}\\n); print 0 + (sysread($s, $said, 100) || 0)";
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    command.args(["perl", "-MIO::Socket::UNIX", "-e", script]).arg(&path);
    let output = command.current_dir("/").stdin(Stdio::null()).output().await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "0", "{}", super::text(&output));
    let mut wire = Wire::open(&project).await;
    assert_eq!(wire.call("status", json!({})).await["result"]["state"], "ready");
    assert_eq!(client.shutdown().await, Some(0));
}
