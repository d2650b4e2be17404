//! What nobody tells about is looked at again and again: on file systems that know no events, or because somebody wants it.

use super::*;

#[tokio::test]
async fn every_way_to_write_is_seen_once_when_it_is_polled() {
    let mut project = Project::watched_by(Mode::Poll, &["a.go", "x/b.go", "link-target"], &["**/*.go"]).await;
    assert_eq!((project.status.how, project.status.directories, project.status.polled), (How::Poll, 2, 2));
    assert_eq!(project.status.degraded, None);
    for (script, changed) in [
        ("echo 2 > a.go", &["a.go"][..]),
        ("echo 3 >> x/b.go", &["x/b.go"]),
        ("sed -i s/3/4/ x/b.go", &["x/b.go"]),
        ("echo 5 > new; mv new a.go", &["a.go"]),
        ("touch a.go; chmod 600 a.go; cp -p a.go a.tmp; mv a.tmp a.go", &[]),
        ("touch -d 2001-01-01 x/b.go; echo 6 > a.go; touch -d 2001-01-01 a.go", &["a.go"]),
        ("ln -sf link-target c.go", &["c.go"]),
        ("ln -sf elsewhere c.go", &["c.go"]),
    ] {
        project.sh(script);
        let told: Vec<_> = project.told().await.into_iter().map(|(path, ..)| path).collect();
        assert_eq!(told, changed, "{script}");
    }
}

#[tokio::test]
async fn two_contents_of_the_same_length_within_one_tick_are_told_apart() {
    let mut project = Project::watched_by(Mode::Poll, &["a.go"], &["**/*.go"]).await;
    for round in 0..200 {
        fs::write(project.path("a.go"), format!("{round:03} first")).unwrap();
        fs::write(project.path("a.go"), format!("{round:03} other")).unwrap();
        std::thread::yield_now();
    }
    project.cookie().await;
    project.save("a.go");
    assert_eq!(
        project.told().await,
        [("a.go".to_owned(), SAVED, Content::Same)],
        "the last content was seen"
    );
}

#[tokio::test]
async fn a_polled_root_may_go_and_come_back() {
    let mut project = Project::watched_by(Mode::Poll, &["a.go", "x/b.go"], &["**/*.go"]).await;
    let outer = project.root.parent().unwrap().to_owned();
    sh(&outer, "mv project away");
    project.until(|report| *report == Report::Root { exists: false }).await;
    sh(&outer, "echo 2 > away/x/b.go; mv away project");
    project.until(|report| *report == Report::Root { exists: true }).await;
    project.complete().await;
    assert_eq!(project.changed().await, set(&["x/b.go"]));
}

#[tokio::test]
async fn a_mode_may_be_exchanged_for_another_and_nothing_is_lost() {
    let mut project = Project::watched(&["a.go", "x/b.go"], &["**/*.go"]).await;
    for (round, mode) in [Mode::Poll, Mode::Native, Mode::Poll, Mode::Auto].into_iter().enumerate() {
        project.plan.mode = mode;
        project.handle().replan(project.plan.clone());
        project.sh(&format!("echo {round} > x/b.go"));
        project.complete().await;
        project.cookie().await;
        project.save("x/b.go");
        assert_eq!(project.told().await, [("x/b.go".to_owned(), SAVED, Content::Same)], "{mode:?}");
    }
}

/// Mounted by a program of a person: nobody tells the kernel what happens behind it.
struct Mount(PathBuf);

impl Mount {
    /// Shows `from` in `to` as well. `None`, and that is said, where the system has no FUSE or no `bindfs`.
    fn new(from: &Path, to: &Path) -> Option<Self> {
        let mounted = run("bindfs", &[from, to]);
        if !mounted {
            crate::support::skip("a tree on FUSE: `bindfs` or /dev/fuse is missing");
            return None;
        }
        Some(Self(to.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        run("fusermount", &[Path::new("-uz"), &self.0]);
    }
}

#[expect(clippy::disallowed_methods, reason = "not ours to stop")]
fn run(program: &str, arguments: &[&Path]) -> bool {
    std::process::Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_tree_on_fuse_is_polled_and_the_rest_is_not() {
    let mut project = Project::new(&["a.go", "x/b.go"], &["**/*.go"]);
    let behind = project.root.parent().unwrap().join("behind");
    fs::create_dir_all(behind.join("deep")).unwrap();
    fs::create_dir(project.path("mount")).unwrap();
    // Of the length of what follows: FUSE remembers lengths for a second.
    fs::write(behind.join("deep/c.go"), "1\n").unwrap();
    let Some(_mount) = Mount::new(&behind, &project.path("mount")) else { return };
    project.spawn();
    project.complete().await;
    let status = &project.status;
    assert_eq!((status.how, status.directories, status.polled), (How::Mixed, 4, 2));
    for (script, changed) in [
        ("echo 2 > ../behind/deep/c.go; echo 2 > x/b.go", &["mount/deep/c.go", "x/b.go"][..]),
        ("mkdir ../behind/new; echo 3 > ../behind/new/d.go", &["mount/new/d.go"]),
        ("echo 4 > mount/deep/c.go; rm mount/new/d.go", &["mount/deep/c.go", "mount/new/d.go"]),
    ] {
        project.sh(script);
        project.expect(set(changed)).await;
    }
}

#[tokio::test]
async fn whoever_waits_for_a_polled_tree_has_it_looked_at_at_once() {
    let mut project = Project::new(&["a.go", "x/b.go"], &["**/*.go"]);
    project.plan.mode = Mode::Poll;
    project.plan.poll_interval = Duration::from_secs(3_600);
    project.spawn();
    project.complete().await;
    project.sh("echo 2 > x/b.go; mkdir y; echo 3 > y/c.go");
    assert_eq!(project.caught_up().await, set(&["x/b.go", "y/c.go"]));
}

#[tokio::test]
async fn whoever_waits_for_what_the_editor_watches_hears_what_it_has_told() {
    let mut project = Project::watched_by(Mode::Client, &["a.go", "b.go"], &["**/*.go"]).await;
    project.sh("echo 2 > a.go; echo 2 > b.go");
    project.handle().told(project.path("a.go"), watch::Told::Modified);
    assert_eq!(project.caught_up().await, set(&["a.go"]));
}
