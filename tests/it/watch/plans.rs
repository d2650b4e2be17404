//! What is to be watched, and what decides it.

use super::*;

#[tokio::test]
async fn ignored_directories_take_no_watch_until_they_are_no_longer_ignored() {
    let files = &["src/main.go", "out/deep/gen.go", "node_modules/a/b/c.go"];
    let mut project = Project::new(files, &["**/*.go"]);
    project.write(".gitignore", "/out/\nnode_modules/\n");
    project.spawn();
    project.complete().await;
    assert_eq!(project.status.directories, 2, "the root and src");
    project.sh(
        "echo 2 > out/deep/gen.go; echo 2 > node_modules/a/b/c.go; mkdir -p out/more; echo > out/more/x.go",
    );
    assert_eq!(project.changed().await, set(&[]));

    project.write(".gitignore", "node_modules/\n");
    project
        .until(
            |report| matches!(report, Report::Status(status) if status.complete && status.directories == 5),
        )
        .await;
    assert_eq!(project.changed().await, set(&[]), "that it is visible now is no change");
    project.sh("echo 3 > out/deep/gen.go; echo 3 > node_modules/a/b/c.go");
    assert_eq!(project.changed().await, set(&["out/deep/gen.go"]));

    project.write("src/.ignore", "*.gen.go\n");
    project.write(".gitignore", "node_modules/\n/out\n");
    project
        .until(
            |report| matches!(report, Report::Status(status) if status.complete && status.directories == 2),
        )
        .await;
    project.sh("echo 4 > out/deep/gen.go; echo 4 > src/x.gen.go; echo 4 > src/main.go");
    assert_eq!(project.changed().await, set(&["src/main.go"]));
}

#[tokio::test]
async fn a_path_that_is_named_is_seen_in_an_ignored_directory() {
    let mut project = Project::new(&["out/schema.json", "out/x/y.go", "main.go"], &["**/*.go"]);
    project.write(".gitignore", "out/\n.env\n");
    project.plan.interests[0].literal = vec![project.path("out/schema.json"), project.path(".env")];
    project.spawn();
    project.complete().await;
    assert_eq!(project.status.directories, 2, "the root and out, but not out/x");
    project.sh("echo 2 > out/schema.json; echo A=1 > .env; echo > out/a.go");
    assert_eq!(project.changed().await, set(&["out/schema.json", ".env"]));
}

#[tokio::test]
async fn another_plan_keeps_what_is_watched_and_adds_to_it() {
    let mut project = Project::watched(&["main.go", "web/a.ts", "web/x/b.ts"], &["*.go"]).await;
    assert_eq!(project.status.directories, 1);
    project.plan.interests[0].watch.push("web/**".to_owned());
    project.handle().replan(project.plan.clone());
    project.write("main.go", "modified while the plan was taken over");
    project
        .until(
            |report| matches!(report, Report::Status(status) if status.complete && status.directories == 3),
        )
        .await;
    project.sh("echo 2 > web/x/b.ts");
    let told = project.changed().await;
    assert!(told.contains("web/x/b.ts") && !told.contains("web/a.ts"), "{told:?}");
    project.sh("touch main.go; echo 3 > main.go");
    assert_eq!(project.changed().await, set(&["main.go"]));

    project.plan.interests[0].watch = vec!["*.go".to_owned()];
    project.handle().replan(project.plan.clone());
    project
        .until(
            |report| matches!(report, Report::Status(status) if status.complete && status.directories == 1),
        )
        .await;
    project.sh("echo 4 > web/x/b.ts");
    assert_eq!(project.changed().await, set(&[]));
}

#[tokio::test]
async fn a_walk_that_goes_on_watches_nothing_more_once_only_saves_count() {
    let mut projects = Vec::new();
    for _ in 0..40 {
        let mut project = Project::new(&["main.go", "a/b/c/x.go"], &["**/*.go"]);
        project.spawn();
        project.plan.mode = Mode::Off;
        project.handle().replan(project.plan.clone());
        project.save("cookie-taken-over");
        project.until(is_saved).await;
        project.write("main.go", "modified behind the back of the editor");
        projects.push(project);
    }
    // By now whatever the disk had to tell the first of them has been told.
    for mut project in projects {
        project.save("cookie-last");
        let reports = project.until(is_saved).await;
        assert_eq!(project.of_api(&reports), []);
        assert_eq!(project.status.directories, 0);
    }
}

fn is_saved(report: &Report) -> bool {
    matches!(report, Report::Changed(_, change) if change.origin == SAVED)
}

#[tokio::test]
async fn explain_names_what_decides() {
    let mut project = Project::new(&["src/main.go", "target/x.go"], &["**/*.go"]);
    project.write(".gitignore", "\n\ntarget/\n");
    project.plan.configuration = vec![project.path("reload.toml")];
    let because = |path: &str| {
        let verdicts = watch::explain(&project.plan, &project.path(path));
        verdicts.into_iter().map(|verdict| verdict.because).collect::<Vec<_>>()
    };
    assert_eq!(because("src/main.go")[0], "reload.toml:1 `watch` `**/*.go`");
    assert_eq!(because("target/x.go")[0], ".gitignore:3 `target/`");
    assert_eq!(because("main.go~"), ["editor noise `*~`"]);
    assert!(because("../x.go")[0].starts_with("outside of the root"));
    assert!(because("reload.toml")[0].contains("configuration"));
}

/// The plan of `project` in which a toolchain has said that the build of `api` reads these files.
fn reading(project: &Project, files: &[PathBuf]) -> Plan {
    let inputs = watch::Inputs::new("make", files.to_vec(), BTreeSet::new(), true, |directory| {
        directory.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect()
    });
    let mut plan = project.plan.clone();
    plan.interests[0].sources =
        Some(watch::Sources { inputs: Some(Arc::new(inputs)), ..watch::Sources::default() });
    plan
}

#[tokio::test]
async fn what_a_build_reads_elsewhere_is_watched_and_what_it_does_not_read_is_no_news() {
    let mut project = Project::new(&["main.go", "other.go", "data/a.bin"], &["*.go"]);
    project.plan.interests[0].sources = Some(watch::Sources::default());
    project.spawn();
    project.complete().await;
    let lib = project.directory.path().canonicalize().unwrap().join("lib");
    fs::create_dir(&lib).unwrap();
    for name in ["lib.c", "unread.c"] {
        fs::write(lib.join(name), name).unwrap();
    }
    let files = [project.path("main.go"), project.path("data/a.bin"), lib.join("lib.c")];
    let plan = reading(&project, &files);
    project.handle().replan(plan);
    project
        .until(
            |report| matches!(report, Report::Status(status) if status.complete && status.directories == 3),
        )
        .await;
    project.sh(
        "echo 2 > main.go; echo 2 > other.go; echo 2 > data/a.bin; echo 2 > data/b; echo 2 > ../lib/lib.c",
    );
    let reports = project.cookie().await;
    let mut told: Vec<_> = reports
        .iter()
        .filter_map(|report| {
            let Report::Changed(service, change) = report else { return None };
            (service.as_str() == "api").then_some(change)
        })
        .map(|change| (change.path.file_name().unwrap().to_str().unwrap(), change.content()))
        .collect();
    told.sort_unstable_by_key(|(name, _)| *name);
    let expected = [
        ("a.bin", Content::New),
        ("lib.c", Content::New),
        ("main.go", Content::New),
        ("other.go", Content::Same),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_was_modified_before_it_was_known_to_be_read_is_told_when_it_is() {
    let mut project = Project::new(&["main.go", "early.bin", "late.go", "late.bin"], &["*.go"]);
    project.plan.interests[0].sources = Some(watch::Sources::default());
    project.spawn();
    project.complete().await;
    let plan = reading(&project, &[project.path("main.go")]);
    project.handle().replan(plan);
    assert_eq!(project.changed().await, set(&[]));
    let early = fs::metadata(project.path("early.bin")).unwrap().modified().unwrap();
    // The build begins; it may have read what was there before.
    let began = loop {
        project.write("tick", "");
        let now = fs::metadata(project.path("tick")).unwrap().modified().unwrap();
        if now > early {
            break now;
        }
    };
    project.write("late.go", "modified");
    project.write("late.bin", "modified");
    let not_read = project.told().await;
    assert_eq!(not_read, [("late.go".to_owned(), Origin::Disk, Content::Same)]);
    let files = ["main.go", "early.bin", "late.go", "late.bin"].map(|name| project.path(name));
    let plan = reading(&project, &files);
    project.handle().replan_since(plan, began - Duration::from_nanos(1));
    assert_eq!(project.changed().await, set(&["late.go", "late.bin"]));
}
