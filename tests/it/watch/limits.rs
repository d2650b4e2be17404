//! When the system has no more watches to give. Its limits belong to a user namespace, so the test makes one.

use super::*;

const INNER: &str = "watch::limits::inside_a_namespace_of_five_watches";

#[test]
#[cfg(target_os = "linux")]
fn when_the_watches_are_used_up_the_rest_goes_on_and_the_remedy_is_named() {
    // Some systems forbid namespaces; nothing can be said there.
    if !in_a_namespace("true").status.success() {
        return;
    }
    let program = std::env::current_exe().unwrap();
    let test = format!("exec '{}' --ignored --exact {INNER}", program.display());
    let output = in_a_namespace(&format!("echo 5 > /proc/sys/user/max_inotify_watches && {test}"));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}{output:?}");
}

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "the limit can only be set for another process")]
fn in_a_namespace(script: &str) -> std::process::Output {
    let mut command = std::process::Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", script]).output().unwrap()
}

#[tokio::test]
#[ignore = "run by the test above, in its namespace"]
async fn inside_a_namespace_of_five_watches() {
    let files: Vec<_> = (0..20).map(|number| format!("{number}/main.go")).collect();
    let names: Vec<_> = files.iter().map(String::as_str).collect();
    let mut project = Project::watched(&names, &["**/*.go", "top.go"]).await;
    assert_eq!(project.status.directories, 5);
    let degraded = project.status.degraded.clone().unwrap();
    assert!(degraded.contains("(help: sudo sysctl fs.inotify.max_user_watches="), "{degraded}");
    project.sh("echo 2 > top.go");
    assert_eq!(project.changed().await, set(&["top.go"]), "the root is watched still");
    for name in &names {
        project.save(name);
    }
    assert_eq!(project.told().await.len(), names.len(), "saves are seen everywhere");
}
