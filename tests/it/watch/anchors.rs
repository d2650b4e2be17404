//! Configuration files and the root: they are waited for while they are gone.

use super::*;

#[tokio::test]
async fn the_configuration_is_reported_once_for_each_content() {
    let mut project = Project::watched(&["main.go"], &["**/*.go"]).await;
    let count =
        |reports: &[Report]| reports.iter().filter(|report| **report == Report::Configuration).count();
    for (script, times) in [
        ("echo 1 > new && mv new reload.toml", 1),
        ("touch reload.toml", 0),
        ("cp reload.toml new && mv new reload.toml", 0),
        ("echo 2 > new && mv new reload.toml", 1),
        ("rm reload.toml", 1),
    ] {
        project.sh(script);
        let reports = project.cookie().await;
        assert_eq!(count(&reports), times, "{script}");
    }
    project.sh("echo 3 > new && mv new reload.toml");
    project.save("reload.toml");
    let reports = project.cookie().await;
    assert_eq!(count(&reports), 1, "a save and its echo");
}

#[tokio::test]
async fn the_configuration_is_seen_above_the_root_and_behind_symlinks() {
    let mut project = Project::new(&["main.go"], &["**/*.go"]);
    let outer = project.root.parent().unwrap().to_owned();
    sh(
        &outer,
        "mkdir conf other; echo 1 > conf/reload.toml; echo 1 > other/real; ln -s ../other/real conf/linked.toml",
    );
    project.plan.configuration = vec![outer.join("conf/reload.toml"), outer.join("conf/linked.toml")];
    project.spawn();
    project.complete().await;
    for script in [
        "echo 2 > new && mv new conf/reload.toml",
        "echo 2 > new && mv new other/real",
        "mv conf old && mkdir conf && echo 3 > conf/reload.toml",
        "echo 4 > new && mv new conf/reload.toml",
        "rm -r conf",
        "mkdir conf && echo 5 > conf/reload.toml",
    ] {
        sh(&outer, script);
        project.until(|report| *report == Report::Configuration).await;
        project.cookie().await;
    }
}

#[tokio::test]
async fn a_root_that_goes_and_comes_back_is_compared_with_what_it_was() {
    let mut project = Project::watched(&["a.go", "b.go", "x/c.go"], &["**/*.go"]).await;
    let outer = project.root.parent().unwrap().to_owned();
    sh(&outer, "mv project away");
    project.until(|report| *report == Report::Root { exists: false }).await;
    sh(&outer, "cp -r away project && echo 2 > project/a.go && rm project/x/c.go && echo > project/x/new.go");
    project.until(|report| *report == Report::Root { exists: true }).await;
    let mut reports = project.complete().await;
    reports.extend(project.cookie().await);
    let told: BTreeSet<_> = project.of_api(&reports).into_iter().map(|(path, ..)| path).collect();
    assert_eq!(told, set(&["a.go", "x/c.go", "x/new.go"]));
    project.sh("echo 3 > x/d.go");
    assert_eq!(project.changed().await, set(&["x/d.go"]), "it is watched again");

    sh(&outer, "rm -r project");
    project.until(|report| *report == Report::Root { exists: false }).await;
    sh(&outer, "mkdir project");
    project.until(|report| *report == Report::Root { exists: true }).await;
    project.complete().await;
    project.sh("echo 4 > a.go");
    assert!(project.changed().await.contains("a.go"));
}

#[tokio::test]
async fn a_root_that_is_replaced_is_compared_with_what_it_was() {
    let mut project = Project::watched(&["a.go", "b.go"], &["**/*.go"]).await;
    let outer = project.root.parent().unwrap().to_owned();
    sh(&outer, "cp -r project next; echo 2 > next/b.go; mv project last; mv next project");
    let is_b =
        |report: &Report| matches!(report, Report::Changed(_, change) if change.path.ends_with("b.go"));
    let reports = project.until(is_b).await;
    assert_eq!(project.of_api(&reports), [("b.go".to_owned(), Origin::Disk, Content::New)]);
    project.sh("echo 3 > a.go");
    assert_eq!(project.changed().await, set(&["a.go"]));
    sh(&outer, "echo 4 > last/a.go");
    assert_eq!(project.changed().await, set(&[]), "what lies elsewhere by now does not count");
}

#[tokio::test]
async fn a_configuration_that_was_read_in_between_is_reported_when_it_is_what_was_seen_before() {
    let mut project = Project::watched(&["reload.toml"], &[]).await;
    project.write("reload.toml", "half");
    let half = Glance::at(&project.plan);
    project.write("reload.toml", "reload.toml");
    project.cookie().await;
    project.handle().has_read(half);
    project.until(|report| *report == Report::Configuration).await;

    project.handle().has_read(Glance::at(&project.plan));
    let reports = project.cookie().await;
    assert!(!reports.contains(&Report::Configuration), "the session knows it");
}
