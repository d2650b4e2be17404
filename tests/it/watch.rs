//! Watching real files, written by real programs, as the session sees it: which changes are reported, and which not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use reload_lsp::engine::{Action, Content, Origin, SaveReason};
use reload_lsp::watch::{self, Handle, Interest, Mode, Plan, Report, Status};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Reached only by a bug.
const LIMIT: Duration = Duration::from_secs(60);
const SAVED: Origin = Origin::Editor(SaveReason::Manual);

/// A project that is watched for the service `api`, and for the service `cookie` of the test itself.
struct Project {
    directory: tempfile::TempDir,
    root: PathBuf,
    plan: Plan,
    session: Option<(Handle, UnboundedReceiver<Report>)>,
    status: Status,
    cookies: usize,
}

/// What `api` is told: path relative to the root, origin, content.
type Told = (String, Origin, Content);

impl Project {
    /// A project of these files, each with its own path as content. Nothing is watched yet.
    fn new(files: &[&str], watch: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let outer = directory.path().canonicalize().unwrap();
        let root = outer.join("project");
        fs::create_dir(&root).unwrap();
        let plan = Plan {
            root: root.clone(),
            mode: Mode::Native,
            gitignore: true,
            interests: vec![interest("api", watch), interest("cookie", &["cookie-*"])],
            configuration: vec![root.join("reload.toml")],
        };
        let project = Self { directory, root, plan, session: None, status: Status::default(), cookies: 0 };
        for file in files {
            project.write(file, file);
        }
        project
    }

    /// The same, watched, and walked to the end.
    async fn watched(files: &[&str], watch: &[&str]) -> Self {
        let mut project = Self::new(files, watch);
        project.spawn();
        project.complete().await;
        project
    }

    fn spawn(&mut self) {
        let (inbox, reports) = unbounded_channel();
        self.session = Some((watch::spawn(self.plan.clone(), inbox), reports));
    }

    fn handle(&self) -> &Handle {
        &self.session.as_ref().expect("nothing is watched").0
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    fn write(&self, relative: &str, content: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A shell script in the root.
    fn sh(&self, script: &str) {
        sh(&self.root, script);
    }

    fn save(&self, relative: &str) {
        self.handle().saved(self.path(relative), SaveReason::Manual);
    }

    async fn next(&mut self) -> Report {
        let reports = &mut self.session.as_mut().expect("nothing is watched").1;
        let report = tokio::time::timeout(LIMIT, reports.recv()).await;
        let report = report.expect("no report in a minute").expect("the watching has ended");
        if let Report::Status(status) = &report {
            self.status = status.clone();
        }
        report
    }

    /// Waits until a report is as wanted, and returns all before it and itself.
    async fn until(&mut self, is_wanted: impl Fn(&Report) -> bool) -> Vec<Report> {
        let mut all = Vec::new();
        loop {
            all.push(self.next().await);
            if is_wanted(&all[all.len() - 1]) {
                return all;
            }
        }
    }

    async fn complete(&mut self) -> Vec<Report> {
        self.until(|report| matches!(report, Report::Status(status) if status.complete)).await
    }

    /// Waits until all that happened before has been reported, and returns it: a marker is written, and removed when
    /// it has been reported. A removal is reported last, since it is waited out whether the file comes back.
    async fn cookie(&mut self) -> Vec<Report> {
        self.cookies += 1;
        let marker = self.path(&format!("cookie-{}", self.cookies));
        let is_marker =
            |report: &Report| matches!(report, Report::Changed(_, change) if *change.path == marker);
        fs::write(&marker, "cookie").unwrap();
        let mut all = self.until(is_marker).await;
        fs::remove_file(&marker).unwrap();
        all.extend(self.until(is_marker).await);
        all.retain(|report| !is_marker(report));
        all
    }

    /// What `api` was told of all that happened before.
    async fn told(&mut self) -> Vec<Told> {
        let reports = self.cookie().await;
        self.of_api(&reports)
    }

    /// The paths that `api` was told about, and that all of them came from the disk.
    async fn changed(&mut self) -> BTreeSet<String> {
        let told = self.told().await.into_iter();
        told.map(|(path, origin, content)| {
            assert_eq!((origin, content), (Origin::Disk, Content::New), "{path}");
            path
        })
        .collect()
    }

    fn of_api(&self, reports: &[Report]) -> Vec<Told> {
        let told = reports.iter().filter_map(|report| match report {
            Report::Changed(service, change) if service.as_str() == "api" => Some(change),
            Report::Changed(..) | Report::Configuration | Report::Root { .. } | Report::Status(_) => None,
        });
        told.map(|change| {
            let relative = change.path.strip_prefix(&self.root).unwrap().to_str().unwrap();
            (relative.to_owned(), change.origin, change.content)
        })
        .collect()
    }
}

fn interest(service: &str, watch: &[&str]) -> Interest {
    Interest {
        service: service.into(),
        rules: Vec::new(),
        watch: watch.iter().map(|glob| (*glob).to_owned()).collect(),
        ignore: Vec::new(),
        action: Action::Rebuild,
        literal: Vec::new(),
        origin: "reload.toml:1".to_owned(),
    }
}

fn set(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the programs that write files in these tests are not ours to stop"
)]
fn sh(directory: &Path, script: &str) {
    let output = std::process::Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(directory)
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn what_is_simply_there_is_not_reported() {
    let mut project = Project::watched(&["main.go", "a/b.go", "a/b/c.go"], &["**/*.go"]).await;
    assert_eq!(project.told().await, []);
}

#[tokio::test]
async fn what_is_modified_as_soon_as_watching_is_asked_for_is_reported() {
    let files: Vec<_> = (0..200).map(|number| format!("{}/{number}.go", number % 20)).collect();
    let names: Vec<_> = files.iter().map(String::as_str).collect();
    let mut project = Project::new(&names, &["**/*.go"]);
    project.spawn();
    // What is written within the same tick of the file system's clock belongs to what was there.
    let spawned = SystemTime::now();
    let time_of_tick = || fs::metadata(project.path("tick")).unwrap().modified().unwrap();
    project.write("tick", "");
    while time_of_tick() <= spawned {
        project.write("tick", "");
    }
    project.write("19/199.go", "modified");
    project.write("0/new.go", "new");
    let mut told = project.complete().await;
    told.extend(project.cookie().await);
    let told: BTreeSet<_> = project.of_api(&told).into_iter().map(|(path, ..)| path).collect();
    assert_eq!(told, set(&["0/new.go", "19/199.go"]));
}

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
async fn creation_removal_and_rename_are_changes() {
    let mut project = Project::watched(&["a.go", "b.go", "c.go"], &["**/*.go"]).await;
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
    let mut project = Project::watched(&["main.go"], &["**/*.go"]).await;
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
    let mut script = String::new();
    for number in 0..100 {
        script += &format!("mkdir -p {number}/a/b/c\n");
        for directory in ["", "a/", "a/b/", "a/b/c/"] {
            script += &format!("echo {number} > {number}/{directory}x.go\n");
            all.insert(format!("{number}/{directory}x.go"));
        }
    }
    project.sh(&script);
    assert_eq!(project.changed().await, all);
    project.sh("rm -r [0-9]*");
    assert_eq!(project.changed().await, all);
}

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
    project.handle().saved(through_link, SaveReason::FocusOut);
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
            Report::Changed(..) | Report::Configuration | Report::Root { .. } | Report::Status(_) => None,
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

/// A small generator of the same sequence every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn do_anything(root: &Path, dice: &mut Dice, round: usize) {
    const DIRECTORIES: [&str; 5] = ["", "a", "a/b", "c", "c/d"];
    let directory = root.join(DIRECTORIES[dice.roll(5)]);
    let file = directory.join(format!("{}.go", dice.roll(4)));
    let other = root.join(DIRECTORIES[dice.roll(5)]).join(format!("{}.go", dice.roll(4)));
    let content = format!("{round}");
    // Whatever does not work at the moment is left out.
    let _ = match dice.roll(12) {
        0..4 => fs::write(&file, content),
        4..6 => {
            fs::write(root.join("scratch"), content).and_then(|()| fs::rename(root.join("scratch"), &file))
        }
        6 => fs::remove_file(&file),
        7 => fs::rename(&file, &other),
        8 => fs::create_dir_all(root.join("a/b")).and_then(|()| fs::create_dir_all(root.join("c/d"))),
        9 => fs::rename(root.join("a"), root.join("c/moved"))
            .and_then(|()| fs::rename(root.join("c/moved"), root.join("a"))),
        10 => fs::rename(root.join("c"), root.join("e")).and_then(|()| fs::create_dir(root.join("c"))),
        _ => fs::remove_dir_all(root.join("e")),
    };
}

fn content_of_all(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                directories.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "go") {
                all.insert(entry.path(), fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    all
}

#[tokio::test]
async fn after_thousands_of_random_operations_every_last_content_has_been_reported() {
    for seed in 0..8 {
        let mut project = Project::watched(&["a/b/0.go", "c/d/1.go", "2.go"], &["**/*.go"]).await;
        let mut believed = content_of_all(&project.root);
        let root = project.root.clone();
        let operations = tokio::task::spawn_blocking(move || {
            let mut dice = Dice(seed);
            for round in 0..1_000 {
                do_anything(&root, &mut dice, round);
            }
        });
        let mut believe = |report: &Report| {
            if let Report::Changed(_, change) = report {
                // What is there when the report comes; if it is another thing later, there has to be another report.
                match fs::read_to_string(&change.path) {
                    Ok(content) => believed.insert(change.path.to_path_buf(), content),
                    Err(_) => believed.remove(&*change.path),
                };
            }
        };
        while !operations.is_finished() {
            let reports = &mut project.session.as_mut().unwrap().1;
            while let Ok(report) = reports.try_recv() {
                believe(&report);
            }
            tokio::task::yield_now().await;
        }
        operations.await.unwrap();
        project.cookie().await.iter().for_each(&mut believe);
        let there = content_of_all(&project.root);
        believed.retain(|path, _| !there.contains_key(path));
        // What the worker has taken note of is exactly what is there: saves of it are all `Same`.
        for path in there.keys() {
            project.handle().saved(path.clone(), SaveReason::Manual);
        }
        let told = project.told().await;
        let not_seen: Vec<_> = told.iter().filter(|told| told.2 == Content::New).collect();
        assert_eq!((told.len(), not_seen), (there.len(), Vec::new()), "seed {seed}");
        // And that the others are gone: were they still known, their last content would be no change.
        for (path, content) in &believed {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let told: BTreeSet<_> = project.changed().await.into_iter().map(|path| project.path(&path)).collect();
        assert_eq!(told, believed.into_keys().collect(), "seed {seed}");
    }
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
