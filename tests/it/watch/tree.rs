//! Files and directories that are there, come and go.

use super::*;

#[tokio::test]
async fn what_is_simply_there_is_not_reported() {
    let mut project = Project::watched(&["main.go", "a/b.go", "a/b/c.go"], &["**/*.go"]).await;
    assert_eq!(project.told().await, []);
}

#[tokio::test]
async fn what_is_modified_as_soon_as_watching_is_asked_for_is_reported() {
    let files: Vec<_> = (0..40).map(|number| format!("{}/{number}.go", number % 10)).collect();
    let names: Vec<_> = files.iter().map(String::as_str).collect();
    let mut project = Project::new(&names, &["**/*.go"]);
    for round in 0..100 {
        project.plan.mode = if round % 2 == 0 { Mode::Native } else { Mode::Poll };
        project.spawn();
        project.write("9/39.go", &format!("modified {round}"));
        project.write(&format!("0/{round}.go"), "new");
        let mut told = project.complete().await;
        told.extend(project.cookie().await);
        let told: BTreeSet<_> = project.of_api(&told).into_iter().map(|(path, ..)| path).collect();
        assert_eq!(told, set(&["9/39.go", &format!("0/{round}.go")]), "round {round}");
        fs::remove_file(project.path(&format!("0/{round}.go"))).unwrap();
        fs::write(project.path("0/0.go"), "").unwrap();
    }
}

#[tokio::test]
async fn creation_removal_and_rename_are_changes() {
    creation_removal_and_rename(Mode::Native).await;
}

#[tokio::test]
async fn creation_removal_and_rename_are_changes_when_it_is_polled() {
    creation_removal_and_rename(Mode::Poll).await;
}

async fn creation_removal_and_rename(mode: Mode) {
    let mut project = Project::watched_by(mode, &["a.go", "b.go", "c.go"], &["**/*.go"]).await;
    for (script, changed) in [
        ("echo new > new.go", &["new.go"][..]),
        (": > empty.go", &["empty.go"]),
        ("rm a.go", &["a.go"]),
        ("mv b.go d.go", &["b.go", "d.go"]),
        ("mv c.go c.txt", &["c.go"]),
        ("mv c.txt c.go", &["c.go"]),
        ("mv c.go ../c.go", &["c.go"]),
        ("mv ../c.go c.go", &["c.go"]),
        ("ln c.go link.go", &["link.go"]),
        ("ln -s c.go symlink.go", &["symlink.go"]),
        ("rm d.go; mkdir d.go", &["d.go"]),
    ] {
        project.sh(script);
        assert_eq!(project.changed().await, set(changed), "{script}");
    }
}

#[tokio::test]
async fn files_in_directories_that_come_and_go_are_seen() {
    directories_that_come_and_go(Mode::Native).await;
}

#[tokio::test]
async fn files_in_directories_that_come_and_go_are_seen_when_it_is_polled() {
    directories_that_come_and_go(Mode::Poll).await;
}

async fn directories_that_come_and_go(mode: Mode) {
    let mut project = Project::watched_by(mode, &["main.go"], &["**/*.go"]).await;
    sh(project.directory.path(), "mkdir -p tree/x/y && echo 1 > tree/a.go && echo 2 > tree/x/y/b.go");
    for (script, changed) in [
        ("mkdir -p a/b/c && echo > a/b/c/x.go", &["a/b/c/x.go"][..]),
        ("echo 2 > a/b/y.go", &["a/b/y.go"]),
        ("mv ../tree here", &["here/a.go", "here/x/y/b.go"]),
        ("echo 3 > here/x/y/b.go", &["here/x/y/b.go"]),
        ("mv here there", &["here/a.go", "here/x/y/b.go", "there/a.go", "there/x/y/b.go"]),
        ("echo 4 > there/x/c.go", &["there/x/c.go"]),
        ("mv there ..", &["there/a.go", "there/x/y/b.go", "there/x/c.go"]),
        ("echo 5 > ../there/x/c.go", &[]),
        ("mkdir there && echo 6 > there/a.go", &["there/a.go"]),
        ("rm -r a", &["a/b/c/x.go", "a/b/y.go"]),
        ("mkdir -p a/b && echo 7 > a/b/y.go", &["a/b/y.go"]),
        ("mv a old && mkdir -p a/b && echo 8 > a/b/y.go", &["a/b/y.go", "old/b/y.go"]),
        ("echo 9 > a/b/y.go; echo 9 > old/b/y.go", &["a/b/y.go", "old/b/y.go"]),
    ] {
        project.sh(script);
        assert_eq!(project.changed().await, set(changed), "{script}");
    }
}

#[tokio::test]
async fn a_hundred_nested_directories_lose_nothing() {
    let mut project = Project::watched(&["main.go"], &["**/*.go"]).await;
    let mut all = BTreeSet::new();
    let mut script = Vec::new();
    for number in 0..100 {
        script.push(format!("mkdir -p {number}/a/b/c"));
        for directory in ["", "a/", "a/b/", "a/b/c/"] {
            script.push(format!("echo {number} > {number}/{directory}x.go"));
            all.insert(format!("{number}/{directory}x.go"));
        }
    }
    project.sh(&script.join("\n"));
    assert_eq!(project.changed().await, all);
    project.sh("rm -r [0-9]*");
    assert_eq!(project.changed().await, all);
}

#[tokio::test]
async fn a_pipe_that_is_written_to_while_the_tree_is_walked_is_no_change() {
    let mut project = Project::new(&[], &["**"]);
    project.sh("mkfifo pipe; mkdir many; cd many; seq 4000 | split -l 1 -a 3");
    project.spawn();
    project.sh("exec 3<>pipe; for n in 1 2 3 4 5 6 7 8 9; do echo $n > pipe; done");
    assert_eq!(project.changed().await, set(&[]));
    project.sh("rm pipe; echo file > pipe");
    assert_eq!(project.changed().await, set(&["pipe"]));
}

#[tokio::test]
async fn a_repository_that_is_cloned_into_the_tree_is_seen_whole() {
    let mut project = Project::watched(&["main.go"], &["**/*.go"]).await;
    let files: BTreeSet<_> =
        (0..300).map(|number| format!("{}/{}/{number}.go", number % 7, number % 31)).collect();
    for file in &files {
        project.write(&format!("../origin/{file}"), file);
    }
    sh(
        project.root.parent().unwrap(),
        "cd origin; git init -q; git add .; git -c user.name=a -c user.email=a@b commit -qm one",
    );
    project.sh("git clone -q ../origin there");
    assert_eq!(project.changed().await, files.iter().map(|file| format!("there/{file}")).collect());
    project.sh("cd there/3; echo 2 > $(find . -name '*.go' | sort | head -1)");
    assert_eq!(project.changed().await.len(), 1);
}

#[tokio::test]
async fn what_was_moved_in_without_an_event_is_a_change_however_old_it_is() {
    // Nobody tells anything, as if all events had been dropped.
    let mut project = Project::watched_by(Mode::Client, &["a.go", "old/deep/b.go"], &["**/*.go"]).await;
    project.sh("mv old new; echo 2 > a.go");
    project.handle().compare();
    let mut changed = BTreeSet::new();
    while changed.len() < 3 {
        let report = project.next().await;
        changed.extend(project.of_api(&[report]).into_iter().map(|(path, ..)| path));
    }
    assert_eq!(changed, set(&["a.go", "new/deep/b.go", "old/deep/b.go"]));
}
