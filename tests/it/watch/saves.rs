//! Ways to save, by real programs: one change for each content, from whoever tells first.

use super::*;

/// Each row is a way to save `main.go`, and how many contents it has on the way, the last one included.
const WAYS_TO_SAVE: &[(&str, &str, usize)] = &[
    ("written in place by a shell", "echo new > main.go", 2),
    ("appended to in place", "echo new >> main.go", 1),
    ("replaced by a rename", "echo new > .main.go.new && mv .main.go.new main.go", 1),
    ("replaced by a rename from elsewhere", "echo new > ../new && mv ../new main.go", 1),
    ("sed -i", "sed -i s/main/other/ main.go", 1),
    ("copied over", "echo new > ../new && cp ../new main.go", 2),
    ("python", "python3 -c \"open('main.go', 'w').write('new')\"", 2),
    ("dd in two blocks", "printf 'new1new2' | dd of=main.go bs=4 2>/dev/null", 3),
    ("truncated by one program, written by another", ": > main.go; echo new > main.go", 2),
    ("removed and written anew", "rm main.go; echo new > main.go", 3),
    (
        "moved away, written anew, as vim does",
        "touch 4913; rm 4913; mv main.go main.go~; echo new > main.go; chmod 644 main.go; rm main.go~",
        3,
    ),
    ("a hard link swapped in", "echo new > .new && ln .new .link && mv -f .link main.go && rm .new", 1),
    ("a hard link forced", "echo new > ../new && ln -f ../new main.go", 2),
    ("replaced by a symlink", "echo new > other.txt && ln -s other.txt .link && mv .link main.go", 1),
];

#[tokio::test]
async fn every_way_to_save_is_a_change_and_never_more_than_there_were_contents() {
    for (name, script, contents) in WAYS_TO_SAVE {
        let mut project = Project::watched(&["main.go", "other.go"], &["**/*.go"]).await;
        project.sh(script);
        let told = project.told().await;
        assert!((1..=*contents).contains(&told.len()), "{name}: {told:?}");
        assert!(
            told.iter().all(|told| *told == ("main.go".to_owned(), Origin::Disk, Content::New)),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_leaves_the_content_as_it_was_is_no_change() {
    let mut project = Project::watched(&["main.go", "a/b.go"], &["**/*.go"]).await;
    for script in [
        "touch main.go",
        "touch -d 2001-01-01 main.go a",
        "chmod 755 main.go a; chmod 644 main.go",
        "cp main.go copy && mv copy main.go",
        "printf main.go > copy && ln -f copy main.go && rm copy",
        "cat main.go a/b.go > /dev/null; ls -lR > /dev/null",
        "mkdir empty && rmdir empty",
        "touch 4913 main.go~ .main.go.swp a/.#b.go && rm 4913 main.go~ .main.go.swp a/.#b.go",
        "echo x > README.md",
    ] {
        project.sh(script);
        assert_eq!(project.told().await, [], "{script}");
    }
}

#[tokio::test]
async fn a_save_that_overtakes_the_first_walk_is_told_from_a_modification() {
    let many: Vec<String> = (0..500).map(|number| format!("{number}/main.go")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for file in ["0/main.go", "499/main.go"] {
        let mut project = Project::new(&many, &["**/*.go"]);
        project.spawn();
        project.save(file);
        assert_eq!(project.told().await, [(file.to_owned(), SAVED, Content::Same)]);
        project.spawn();
        project.write(file, "modified");
        project.save(file);
        assert!(project.told().await.contains(&(file.to_owned(), SAVED, Content::New)));
    }
}

#[tokio::test]
async fn a_save_and_its_echo_are_one_change_in_either_order() {
    let mut project = Project::watched(&["main.go"], &["**/*.go"]).await;
    for round in 0..100 {
        project.write("main.go", &format!("round {round}"));
        project.save("main.go");
    }
    let told = project.told().await;
    assert_eq!(told.iter().filter(|told| told.1 == SAVED).count(), 100, "every save is reported");
    let last_save = told.iter().rposition(|told| told.1 == SAVED).unwrap();
    assert!(told[last_save..].iter().all(|told| told.1 == SAVED || told.2 == Content::New));
    let new = told.iter().filter(|told| told.2 == Content::New).count();
    assert!((1..=200).contains(&new), "a hundred contents, and the empty file between two of them: {new}");

    project.write("main.go", "once more");
    project.save("main.go");
    let told = project.told().await;
    let new: Vec<_> = told.iter().filter(|told| told.2 == Content::New).collect();
    assert!(!new.is_empty(), "{told:?}");
    project.save("main.go");
    assert_eq!(project.told().await, [("main.go".to_owned(), SAVED, Content::Same)]);
}

#[tokio::test]
async fn saves_count_without_any_watching() {
    let mut project = Project::new(&["main.go", "README.md"], &["**/*.go"]);
    project.plan.mode = Mode::Off;
    project.spawn();
    project.complete().await;
    assert_eq!(project.status.directories, 0);
    let save_and_ask = async |project: &mut Project, file: &str| {
        project.save(file);
        project.save("cookie-x");
        let reports =
            project.until(|report| matches!(report, Report::Changed(name, _) if name.as_str() == "cookie"));
        let reports = reports.await;
        project.of_api(&reports)
    };
    let told = |content| vec![("main.go".to_owned(), SAVED, content)];
    assert_eq!(save_and_ask(&mut project, "main.go").await, told(Content::New), "it was never seen");
    assert_eq!(save_and_ask(&mut project, "main.go").await, told(Content::Same));
    project.write("main.go", "modified");
    assert_eq!(save_and_ask(&mut project, "main.go").await, told(Content::New));
    fs::remove_file(project.path("main.go")).unwrap();
    assert_eq!(save_and_ask(&mut project, "main.go").await, told(Content::New), "it is gone");
    assert_eq!(save_and_ask(&mut project, "README.md").await, []);
    assert_eq!(save_and_ask(&mut project, "../elsewhere.go").await, []);
}

#[tokio::test]
async fn a_save_through_a_symlink_counts() {
    let mut project = Project::watched(&["src/main.go"], &["**/*.go"]).await;
    std::os::unix::fs::symlink(&project.root, project.directory.path().join("link")).unwrap();
    let through_link = project.directory.path().join("link/src/main.go");
    project.handle().saves().saved(through_link, SaveReason::FocusOut);
    let origin = Origin::Editor(SaveReason::FocusOut);
    assert_eq!(project.told().await, [("src/main.go".to_owned(), origin, Content::Same)]);
}

#[tokio::test]
async fn a_change_says_what_it_asks_for_and_who_reads_it() {
    let mut project = Project::new(&["main.go", "page.html"], &["**/*.go"]);
    let rule = watch::Rule {
        paths: vec!["*.html".to_owned()],
        action: Some(Action::Refresh),
        origin: "reload.toml:9".to_owned(),
    };
    project.plan.interests[0].rules.push(rule);
    project.plan.interests.push(interest("web", &["**/*.html"]));
    project.spawn();
    project.complete().await;
    project.sh("echo 2 > new.go && mv new.go main.go && echo 2 > new && mv new page.html");
    let reports = project.cookie().await;
    let changes: BTreeSet<_> = reports
        .iter()
        .filter_map(|report| match report {
            Report::Changed(service, change) if !change.path.ends_with("new.go") => {
                let name = change.path.file_name().unwrap().to_str().unwrap();
                Some((service.as_str(), name, change.action, change.compiled))
            }
            Report::Changed(..)
            | Report::Configuration
            | Report::Root { .. }
            | Report::Held { .. }
            | Report::Status(_)
            | Report::CaughtUp(_) => None,
        })
        .collect();
    let expected = [
        ("api", "main.go", Action::Rebuild, true),
        ("api", "page.html", Action::Refresh, false),
        ("web", "page.html", Action::Rebuild, false),
    ];
    assert_eq!(changes, BTreeSet::from(expected));
}

#[tokio::test]
async fn a_branch_switch_reports_what_differs_and_nothing_else() {
    let mut project = Project::new(&["same.go", "a/differs.go", "a/gone.go"], &["**/*.go"]);
    project.sh("git init -q -b main . && git config user.email a@b && git config user.name a
         git add . && git commit -qm 1 && git checkout -qb other
         echo 2 > a/differs.go && git rm -q a/gone.go && mkdir -p n/m && echo > n/m/new.go
         git add . && git commit -qm 2 && git checkout -q main");
    project.spawn();
    project.complete().await;
    let differing = set(&["a/differs.go", "a/gone.go", "n/m/new.go"]);
    for branch in ["other", "main", "other"] {
        project.sh(&format!("git checkout -q {branch}"));
        assert_eq!(project.changed().await, differing, "to {branch}");
    }
    project.sh("git stash -q; git status > /dev/null; git fetch -q . ; git gc -q");
    assert_eq!(project.changed().await, set(&[]));
}
