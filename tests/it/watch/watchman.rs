//! Watching by a real Watchman server with a socket and a state of its own.

use super::*;

/// A server of the test's own. It ends with this.
struct Server {
    state: tempfile::TempDir,
    process: std::process::Child,
}

impl Server {
    /// Waits until it listens. `None` if there is no Watchman.
    #[expect(clippy::disallowed_methods, reason = "a server of the test's own, killed at its end")]
    fn start() -> Option<Self> {
        let state = tempfile::tempdir().unwrap();
        let option = |name: &str| format!("--{name}={}", state.path().join(name).display());
        let process = std::process::Command::new("watchman")
            .args(["--foreground", "--no-save-state"])
            .args(["sockname", "logfile", "pidfile", "statefile"].map(option))
            .stderr(std::process::Stdio::null())
            .spawn()
            .ok()?;
        let server = Self { state, process };
        let deadline = std::time::Instant::now() + LIMIT;
        while std::os::unix::net::UnixStream::connect(server.socket()).is_err() {
            assert!(std::time::Instant::now() < deadline, "the server does not listen");
            std::thread::yield_now();
        }
        Some(server)
    }

    fn socket(&self) -> PathBuf {
        self.state.path().join("sockname")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a test in a process of its own: the socket is named by a variable.
#[expect(clippy::disallowed_methods, reason = "only a new process can have another variable")]
fn run(test: &str, socket: &Path, server: u32) {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", &format!("watch::watchman::{test}")])
        .env("WATCHMAN_SOCK", socket)
        .env("TEST_WATCHMAN_PID", server.to_string())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}{output:?}");
}

#[test]
fn a_tree_is_watched_by_watchman_until_that_is_gone() {
    let Some(server) = Server::start() else {
        return crate::support::skip("watching by Watchman: there is no `watchman`");
    };
    run("inside_an_environment_with_a_server", &server.socket(), server.process.id());
}

#[test]
fn without_a_server_the_tree_is_watched_all_the_same() {
    run("inside_an_environment_without_a_server", Path::new("/no/such/socket"), 0);
}

#[tokio::test]
#[ignore = "run by the test above, with its server"]
async fn inside_an_environment_with_a_server() {
    let mut project = Project::new(&["a.go", "x/y/b.go", "node_modules/c.go"], &["**/*.go"]);
    project.write(".gitignore", "node_modules/\n");
    project.plan.mode = Mode::Watchman;
    project.spawn();
    project.write("x/y/b.go", "modified at once");
    project.complete().await;
    let status = &project.status;
    assert_eq!((status.how, status.directories, status.degraded.as_deref()), (How::Watchman, 1, None));
    project.expect(set(&["x/y/b.go"])).await;
    for (script, changed) in [
        ("echo 2 > a.go", &["a.go"][..]),
        ("mkdir -p new/deep && echo 3 > new/deep/d.go", &["new/deep/d.go"]),
        ("mv new other", &["new/deep/d.go", "other/deep/d.go"]),
        ("rm -r other", &["other/deep/d.go"]),
        ("echo 4 > node_modules/c.go; echo 4 > x/y/b.go", &["x/y/b.go"]),
    ] {
        project.sh(script);
        project.expect(set(changed)).await;
    }
    project.save("a.go");
    assert_eq!(project.told().await, [("a.go".to_owned(), SAVED, Content::Same)]);

    // When it dies, we go on by ourselves, and nothing falls between the two.
    project.sh("kill -9 $TEST_WATCHMAN_PID; echo 5 > x/y/b.go");
    project
        .until(
            |report| matches!(report, Report::Status(status) if status.complete && status.degraded.is_some()),
        )
        .await;
    let degraded = project.status.degraded.clone().unwrap();
    assert!(degraded.starts_with("Watchman can't be used") && degraded.contains("(help: "), "{degraded}");
    assert_eq!((project.status.how, project.status.directories), (How::Native, 3));
    project.cookie().await;
    project.save("x/y/b.go");
    assert_eq!(project.told().await, [("x/y/b.go".to_owned(), SAVED, Content::Same)], "it was seen");
    project.sh("echo 6 > x/y/b.go");
    assert_eq!(project.changed().await, set(&["x/y/b.go"]));
}

#[tokio::test]
#[ignore = "run by the test above, in its environment"]
async fn inside_an_environment_without_a_server() {
    let mut project = Project::new(&["a.go", "x/b.go"], &["**/*.go"]);
    project.plan.mode = Mode::Watchman;
    project.spawn();
    project.until(|report| matches!(report, Report::Status(status) if status.complete)).await;
    let degraded = project.status.degraded.clone().unwrap();
    assert!(degraded.contains("Failed to connect to Watchman"), "{degraded}");
    assert_eq!((project.status.how, project.status.directories), (How::Native, 2));
    project.sh("echo 2 > x/b.go");
    assert_eq!(project.changed().await, set(&["x/b.go"]));
}
