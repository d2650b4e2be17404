//! What cannot be brought about from outside: the system drops events, a file system tells nothing.

use std::fs;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::engine::Content;

#[tokio::test]
async fn when_the_system_drops_events_everything_is_compared() {
    let directory = tempfile::tempdir().unwrap();
    let outer = directory.path().canonicalize().unwrap();
    let root = project_in(&outer);
    // Whoever writes through this name causes no event in the project.
    fs::hard_link(root.join("a/two.go"), outer.join("elsewhere")).unwrap();
    let (handle, mut reports) = watched(&root, tree::remote_at);
    let mut next = async || next(&mut reports).await;
    while !matches!(next().await, Report::Status(Status { complete: true, .. })) {}

    fs::write(outer.join("elsewhere"), "modified").unwrap();
    handle.queue.tell(News::Dropped);
    // The last save is answered only when the comparison cannot have been waited for.
    handle.saves().saved(root.join("three.go"), SaveReason::Manual);
    let mut changes = Vec::new();
    while changes.len() < 2 {
        if let Report::Changed(_, change) = next().await {
            changes.push((change.path.strip_prefix(&root).unwrap().to_owned(), change.content()));
        }
    }
    assert_eq!(changes, [("three.go".into(), Content::Same), ("a/two.go".into(), Content::New)]);
}

#[tokio::test]
async fn a_tree_on_a_file_system_that_tells_nothing_is_polled() {
    let directory = tempfile::tempdir().unwrap();
    let root = project_in(&directory.path().canonicalize().unwrap());
    let (_handle, mut reports) = watched(&root, |_| Some("9p"));
    let status = loop {
        if let Report::Status(status) = next(&mut reports).await
            && status.complete
        {
            break status;
        }
    };
    let expected = Status { how: How::Poll, directories: 2, polled: 2, complete: true, degraded: None };
    assert_eq!(status, expected);
    fs::write(root.join("a/two.go"), "modified").unwrap();
    fs::create_dir(root.join("b")).unwrap();
    fs::write(root.join("b/four.go"), "new").unwrap();
    let mut changed = BTreeSet::new();
    while changed.len() < 2 {
        if let Report::Changed(_, change) = next(&mut reports).await {
            changed.insert(change.path.strip_prefix(&root).unwrap().to_owned());
        }
    }
    assert_eq!(changed, BTreeSet::from(["a/two.go".into(), "b/four.go".into()]));
}

/// A project of three files.
fn project_in(outer: &Path) -> PathBuf {
    let root = outer.join("project");
    fs::create_dir_all(root.join("a")).unwrap();
    for name in ["a/one.go", "a/two.go", "three.go"] {
        fs::write(root.join(name), name).unwrap();
    }
    root
}

/// Watches a project whose directories lie on this file system.
fn watched(root: &Path, remote_at: tree::RemoteAt) -> (Handle, UnboundedReceiver<Report>) {
    let interest = Interest {
        service: "api".into(),
        rules: Vec::new(),
        watch: vec!["**/*.go".to_owned()],
        ignore: Vec::new(),
        action: Action::Rebuild,
        literal: Vec::new(),
        origin: "reload.toml:1".to_owned(),
        sources: None,
        places: super::Places::new(),
    };
    let plan = Plan { interests: vec![interest], ..Plan::configuration_only(root, Vec::new()) };
    wait_out_the_tick();
    let (inbox, reports) = unbounded_channel();
    let queue = Arc::new(Queue::default());
    worker::spawn(plan, inbox, queue.clone(), remote_at);
    (Handle { queue }, reports)
}

async fn next(reports: &mut UnboundedReceiver<Report>) -> Report {
    let report = tokio::time::timeout(Duration::from_secs(60), reports.recv()).await;
    report.expect("no report in a minute").expect("the watching has ended")
}

/// Until all that was written is older than now on the clock that files are dated by; it is some milliseconds behind.
fn wait_out_the_tick() {
    use nix::time::{ClockId, clock_gettime};
    let now = clock_gettime(ClockId::CLOCK_REALTIME).unwrap();
    while clock_gettime(ClockId::CLOCK_REALTIME_COARSE).unwrap() <= now {
        std::thread::yield_now();
    }
}
