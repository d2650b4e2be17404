//! When the system has no more watches to give. Its limits belong to a user namespace, so the tests make one, in which
//! they can be raised again.

use super::*;

const WATCHES: &str = "/proc/sys/user/max_inotify_watches";
const INSTANCES: &str = "/proc/sys/user/max_inotify_instances";

#[test]
#[cfg(target_os = "linux")]
fn when_the_watches_are_used_up_the_rest_is_polled_until_there_are_more() {
    in_a_namespace("inside_a_namespace_of_fifty_watches", &format!("echo 50 > {WATCHES}"));
}

#[test]
#[cfg(target_os = "linux")]
fn when_there_are_no_watchers_everything_is_polled_until_there_are_some() {
    in_a_namespace("inside_a_namespace_without_watchers", &format!("echo 0 > {INSTANCES}"));
}

#[cfg(target_os = "linux")]
fn in_a_namespace(test: &str, prepare: &str) {
    // Some systems forbid namespaces.
    if !unshare("true").status.success() {
        return crate::support::skip("the limits of watches: `unshare --user` is not allowed here");
    }
    let program = std::env::current_exe().unwrap();
    let run = format!("exec '{}' --ignored --exact watch::limits::{test}", program.display());
    let output = unshare(&format!("{prepare} && {run}"));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}{output:?}");
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the limit can only be set for another process")]
fn unshare(script: &str) -> std::process::Output {
    let mut command = std::process::Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", script]).output().unwrap()
}

#[tokio::test]
#[ignore = "run by a test above, in its namespace"]
async fn inside_a_namespace_of_fifty_watches() {
    let files: Vec<_> = (0..100).map(|number| format!("{number}/main.go")).collect();
    let names: Vec<_> = files.iter().map(String::as_str).collect();
    let mut project = Project::watched(&names, &["**/*.go", "top.go"]).await;
    let status = &project.status;
    assert_eq!((status.how, status.directories, status.polled), (How::Mixed, 101, 51));
    let degraded = status.degraded.clone().unwrap();
    assert!(degraded.contains("(user.max_inotify_watches, which is 50"), "{degraded}");
    assert!(degraded.contains("(help: sudo sysctl user.max_inotify_watches="), "{degraded}");
    for name in &names {
        project.save(name);
    }
    assert_eq!(project.told().await.len(), names.len(), "saves are seen everywhere");
    project
        .sh("for f in */main.go; do echo 2 > $f; done; echo 2 > top.go; mkdir -p 0/a/b; echo > 0/a/b/new.go");
    let mut all: BTreeSet<_> = files.iter().cloned().collect();
    all.extend(set(&["top.go", "0/a/b/new.go"]));
    // Changes on disk are seen everywhere.
    project.expect(all).await;

    fs::write(WATCHES, "1000").unwrap();
    let root = project.root.clone();
    let writer = tokio::task::spawn_blocking(move || {
        for round in 0..200 {
            fs::write(root.join(format!("{}/main.go", round % 100)), format!("meanwhile {round}")).unwrap();
        }
    });
    project.until(|report| matches!(report, Report::Status(status) if status.degraded.is_none())).await;
    assert_eq!(
        (project.status.how, project.status.polled, project.status.directories),
        (How::Native, 0, 103)
    );
    writer.await.unwrap();
    project.cookie().await;
    for name in &names {
        project.save(name);
    }
    let told = project.told().await;
    assert!(told.iter().all(|told| told.2 == Content::Same), "nothing was lost meanwhile: {told:?}");
    project.sh("echo 3 > 99/main.go");
    assert_eq!(project.changed().await, set(&["99/main.go"]));
}

#[tokio::test]
#[ignore = "run by a test above, in its namespace"]
async fn inside_a_namespace_without_watchers() {
    let mut project = Project::watched(&["a.go", "x/b.go"], &["**/*.go"]).await;
    assert_eq!((project.status.how, project.status.polled), (How::Poll, 2));
    let degraded = project.status.degraded.clone().unwrap();
    assert!(degraded.contains("(help: sudo sysctl user.max_inotify_instances="), "{degraded}");
    project.sh("echo 2 > x/b.go");
    assert_eq!(project.changed().await, set(&["x/b.go"]));
    fs::write(INSTANCES, "10").unwrap();
    project.until(|report| matches!(report, Report::Status(status) if status.degraded.is_none())).await;
    assert_eq!((project.status.how, project.status.polled), (How::Native, 0));
    project.sh("echo 3 > x/b.go");
    assert_eq!(project.changed().await, set(&["x/b.go"]));
}
