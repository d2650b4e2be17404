//! Symlinks: what they lead to is watched once, and counts when any of its names does.

use super::*;

#[tokio::test]
async fn what_a_symlink_leads_to_is_reported_once_under_its_real_name() {
    let mut project = Project::new(&["real/a.go", "real/x/b.go"], &["**/*.go"]);
    project.sh("ln -s real link; ln -s ../.. real/x/loop; ln -s . here");
    project.spawn();
    project.complete().await;
    assert_eq!(project.status.directories, 3);
    project.sh("echo 2 > link/a.go; echo 2 > here/here/real/x/loop/real/x/b.go");
    let told: Vec<_> = project.told().await.into_iter().map(|(path, ..)| path).collect();
    assert!(told.iter().all(|path| path == "real/a.go" || path == "real/x/b.go"), "{told:?}");
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), set(&["real/a.go", "real/x/b.go"]));
}

#[tokio::test]
async fn what_a_symlink_leads_to_counts_under_the_name_of_the_symlink() {
    let files = &["build/deep/a.txt", "build/other/b.txt", "conf/dev.env", "src/main.go"];
    let mut project = Project::new(files, &["gen/**", ".env", "src/**"]);
    project.write(".gitignore", "build/\n");
    project.sh("ln -s build/deep gen; ln -s conf/dev.env .env");
    project.spawn();
    project.complete().await;
    assert_eq!(project.told().await, []);
    project.sh(
        "echo 2 > build/deep/a.txt; echo 2 > build/other/b.txt; echo A=2 > conf/dev.env; echo > conf/x.env",
    );
    assert_eq!(project.changed().await, set(&["build/deep/a.txt", "conf/dev.env"]));
    project.save("gen/a.txt");
    project.save(".env");
    let told: Vec<_> = project.told().await.into_iter().map(|(path, origin, _)| (path, origin)).collect();
    assert_eq!(told, [("build/deep/a.txt".to_owned(), SAVED), ("conf/dev.env".to_owned(), SAVED)]);
}

#[tokio::test]
async fn a_symlink_that_is_turned_elsewhere_is_a_change_and_is_followed() {
    let mut project = Project::new(&["releases/1/a.txt", "releases/2/a.txt"], &["current/**"]);
    project.write(".ignore", "releases/\n");
    project.sh("ln -s releases/1 current");
    project.spawn();
    project.complete().await;
    project.sh("echo 2 > releases/1/a.txt; echo 2 > releases/2/a.txt");
    assert_eq!(project.changed().await, set(&["releases/1/a.txt"]));
    project.sh("ln -s releases/2 next && mv -T next current");
    assert_eq!(project.changed().await, set(&["releases/2/a.txt"]));
    project.sh("echo 3 > releases/2/a.txt");
    assert_eq!(project.changed().await, set(&["releases/2/a.txt"]));
    project.sh("rm current; mkdir current; echo 4 > current/b.txt");
    assert_eq!(project.changed().await, set(&["current/b.txt"]));
}

#[tokio::test]
async fn what_lies_outside_of_the_root_does_not_count_through_a_symlink() {
    let mut project = Project::new(&["main.go"], &["**/*.go"]);
    sh(&project.root, "mkdir ../outside && echo > ../outside/a.go && ln -s ../outside link");
    project.spawn();
    project.complete().await;
    assert_eq!(project.status.directories, 1);
    project.sh("echo 2 > link/a.go");
    project.save("link/a.go");
    assert_eq!(project.told().await, []);
}
