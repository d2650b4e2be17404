//! What cannot be brought about from outside: the system drops events.

use std::fs;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use super::queue::News;
use super::*;
use crate::engine::Content;

#[tokio::test]
async fn when_the_system_drops_events_everything_is_compared() {
    let directory = tempfile::tempdir().unwrap();
    let outer = directory.path().canonicalize().unwrap();
    let root = outer.join("project");
    fs::create_dir_all(root.join("a")).unwrap();
    for name in ["a/one.go", "a/two.go", "three.go"] {
        fs::write(root.join(name), name).unwrap();
    }
    // Whoever writes through this name causes no event in the project.
    fs::hard_link(root.join("a/two.go"), outer.join("elsewhere")).unwrap();
    let interest = Interest {
        service: "api".into(),
        rules: Vec::new(),
        watch: vec!["**/*.go".to_owned()],
        ignore: Vec::new(),
        action: Action::Rebuild,
        literal: Vec::new(),
        origin: "reload.toml:1".to_owned(),
        places: super::Places::new(),
    };
    let plan = Plan {
        root: root.clone(),
        mode: Mode::Native,
        gitignore: true,
        interests: vec![interest],
        configuration: Vec::new(),
    };
    let (inbox, mut reports) = unbounded_channel();
    let handle = spawn(plan, inbox);
    let mut next = async || {
        let report = tokio::time::timeout(Duration::from_secs(60), reports.recv()).await;
        report.expect("no report in a minute").expect("the watching has ended")
    };
    while !matches!(next().await, Report::Status(Status { complete: true, .. })) {}

    fs::write(outer.join("elsewhere"), "modified").unwrap();
    handle.queue.tell(News::Dropped);
    // The last save is answered only when the comparison cannot have been waited for.
    handle.saves().saved(root.join("three.go"), SaveReason::Manual);
    let mut changes = Vec::new();
    while changes.len() < 2 {
        if let Report::Changed(_, change) = next().await {
            changes.push((change.path.strip_prefix(&root).unwrap().to_owned(), change.content));
        }
    }
    assert_eq!(changes, [("three.go".into(), Content::Same), ("a/two.go".into(), Content::New)]);
}
