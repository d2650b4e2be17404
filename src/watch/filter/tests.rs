//! What counts and what does not, as tables.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::watch::{Mode, Rule, Sources};

/// A project with the given files, and a plan of one service `api` for it.
struct Project {
    directory: tempfile::TempDir,
    plan: Plan,
}

impl Project {
    fn new(files: &[(&str, &str)], watch: &[&str], ignore: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        for (path, content) in files {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), content).unwrap();
        }
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let interest = Interest {
            service: "api".into(),
            rules: Vec::new(),
            watch: owned(watch),
            ignore: owned(ignore),
            action: Action::Rebuild,
            literal: Vec::new(),
            origin: "reload.toml:7".to_owned(),
            sources: None,
            places: Places::new(),
        };
        let plan = Plan {
            root,
            mode: Mode::Native,
            poll_interval: crate::watch::POLL_INTERVAL,
            gitignore: true,
            interests: vec![interest],
            configuration: Vec::new(),
        };
        Self { directory, plan }
    }

    fn with_rule(mut self, paths: &str, action: Option<Action>) -> Self {
        let origin = "reload.toml:12".to_owned();
        self.plan.interests[0].rules.push(Rule { paths: vec![paths.to_owned()], action, origin });
        self
    }

    fn with_literal(mut self, path: &str) -> Self {
        let literal = self.plan.root.join(path);
        self.plan.interests[0].literal.push(literal);
        self
    }

    /// A toolchain has said what the build reads. `watch` and `ignore` are a guess then, but for these.
    fn with_inputs(mut self, files: &[&str], others: &[&str], is_whole: bool) -> Self {
        let outside = self.plan.root.parent().unwrap();
        let place = |path: &&str| match path.strip_prefix("../") {
            Some(path) => outside.join(path),
            None => self.path(path),
        };
        let others: Vec<PathBuf> = others.iter().map(place).collect();
        let listing = |directory: &Path| {
            let here = others.iter().filter(|path| path.parent() == Some(directory));
            here.filter_map(|path| path.file_name().map(OsStr::to_owned)).collect()
        };
        let files: Vec<PathBuf> = files.iter().map(place).collect();
        let inputs = Inputs::new("go list", files, BTreeSet::new(), is_whole, listing);
        self.plan.interests[0].sources = Some(Sources {
            kept: vec!["**/*.html".to_owned()],
            ignore: vec!["mine/**".to_owned()],
            inputs: Some(Arc::new(inputs)),
        });
        let written = (Key::Ignore, "mine/**".to_owned());
        self.plan.interests[0].places.insert(written, "reload.toml:9".to_owned());
        self
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.plan.root.join(relative)
    }

    /// Asserts action and reason for each path, and that `explain` and what really happens agree.
    fn expect(&self, rows: &[(&str, Option<Action>, &str)]) {
        let filter = Filter::new(&self.plan);
        for (relative, action, because) in rows {
            let path = self.path(relative);
            let verdicts = filter.explain(&path, false);
            assert_eq!(verdicts.len(), 1, "{relative}: {verdicts:?}");
            assert_eq!((verdicts[0].1, verdicts[0].2.as_str()), (*action, *because), "{relative}");
            let concern = filter.concern(&path);
            assert_eq!(concern.services.first().map(|(_, action)| *action), *action, "{relative}");
        }
    }
}

const REBUILD: Option<Action> = Some(Action::Rebuild);

#[test]
fn editor_noise_and_the_folders_of_tools_never_count() {
    let project = Project::new(&[], &["**"], &[]);
    project.expect(&[
        ("main.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("main.go~", None, "editor noise `*~`"),
        ("src/.main.go.swp", None, "editor noise `.*.sw?`"),
        ("src/.main.go.swx", None, "editor noise `.*.sw?`"),
        ("src/.main.go.kate-swp", None, "editor noise `.*.kate-swp`"),
        ("src/main.go___jb_tmp___", None, "editor noise `*___jb_*`"),
        (".swc", REBUILD, "reload.toml:7 `watch` `**`"),
        ("src/a.swift", REBUILD, "reload.toml:7 `watch` `**`"),
        ("src/.a.swift", REBUILD, "reload.toml:7 `watch` `**`"),
        ("main.swp", REBUILD, "reload.toml:7 `watch` `**`"),
        ("4913", None, "editor noise `4913`"),
        ("49134", REBUILD, "reload.toml:7 `watch` `**`"),
        (".#main.go", None, "editor noise `.#*`"),
        ("#main.go#", None, "editor noise `#*#`"),
        ("#main.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("x.tmp", None, "editor noise `*.tmp`"),
        ("x.tmpl", REBUILD, "reload.toml:7 `watch` `**`"),
        ("x.bak", None, "editor noise `*.bak`"),
        ("a/.DS_Store", None, "editor noise `.DS_Store`"),
        ("___jb_tmp___", None, "editor noise `*___jb_*`"),
        (".git/HEAD", None, "inside `.git`"),
        ("sub/.git/HEAD", None, "inside `.git`"),
        (".hg/x", None, "inside `.hg`"),
        (".jj/x", None, "inside `.jj`"),
        (".svn/x", None, "inside `.svn`"),
        (".reload/api/1/main", None, "inside `.reload`"),
        (".github/x.yml", REBUILD, "reload.toml:7 `watch` `**`"),
        (".gitignore", REBUILD, "reload.toml:7 `watch` `**`"),
    ]);
}

#[test]
fn what_lies_elsewhere_does_not_count() {
    let project = Project::new(&[], &["**"], &[]);
    let root = &project.plan.root;
    let because = format!("outside of the root `{}`", root.display());
    for path in [root.parent().unwrap().join("x.go"), PathBuf::from(format!("{}2/x.go", root.display()))] {
        assert_eq!(Filter::new(&project.plan).explain(&path, false), vec![(None, None, because.clone())]);
        assert!(Filter::new(&project.plan).concern(&path).is_none());
    }
}

#[test]
fn rules_come_before_ignore_and_ignore_before_watch() {
    let project = Project::new(&[], &["**/*.go", "go.mod", "web/"], &["**/*_test.go", "vendor"])
        .with_rule("web/*.css", Some(Action::Refresh))
        .with_rule("web/gen/**", None)
        .with_rule("vendor/local/**", Some(Action::Restart));
    project.expect(&[
        ("cmd/main.go", REBUILD, "reload.toml:7 `watch` `**/*.go`"),
        ("cmd/main_test.go", None, "reload.toml:7 `ignore` `**/*_test.go`"),
        ("vendor/a/a.go", None, "reload.toml:7 `ignore` `vendor`"),
        ("vendor/local/a.go", Some(Action::Restart), "reload.toml:12 rules[2] `vendor/local/**`"),
        ("web/a.css", Some(Action::Refresh), "reload.toml:12 rules[0] `web/*.css`"),
        ("web/gen/a.css", None, "reload.toml:12 rules[1] `web/gen/**`"),
        ("web/x/a.css", REBUILD, "reload.toml:7 `watch` `web/`"),
        ("go.mod", REBUILD, "reload.toml:7 `watch` `go.mod`"),
        ("sub/go.mod", None, "no `watch` glob matches"),
        ("README.md", None, "no `watch` glob matches"),
        ("cmd/MAIN.GO", None, "no `watch` glob matches"),
    ]);
}

#[test]
fn ignore_files_count_as_git_and_ripgrep_read_them() {
    let files = [
        (".git/info/exclude", "excluded.go\n"),
        (".gitignore", "# build\n\ntarget/\n*.gen.go\n/only_here.go\n!keep.gen.go\nlog/**\n!log/a.go\n"),
        ("sub/.gitignore", "!mine.gen.go\nlocal.go\n"),
        ("sub/.ignore", "quiet.go\n!loud.gen.go\n"),
        ("target/.gitignore", "!a.go\n"),
    ];
    let project = Project::new(&files, &["**"], &[]);
    project.expect(&[
        ("a.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("target/a.go", None, ".gitignore:3 `target/`"),
        ("x/target/deep/a.go", None, ".gitignore:3 `target/`"),
        ("target.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("x/target", REBUILD, "reload.toml:7 `watch` `**`"),
        ("x/a.gen.go", None, ".gitignore:4 `*.gen.go`"),
        ("x/keep.gen.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("only_here.go", None, ".gitignore:5 `/only_here.go`"),
        ("x/only_here.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("sub/mine.gen.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("sub/deep/mine.gen.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("mine.gen.go", None, ".gitignore:4 `*.gen.go`"),
        ("sub/local.go", None, "sub/.gitignore:2 `local.go`"),
        ("local.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("sub/quiet.go", None, "sub/.ignore:1 `quiet.go`"),
        ("sub/loud.gen.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("x/excluded.go", None, ".git/info/exclude:1 `excluded.go`"),
        ("log/b.go", None, ".gitignore:7 `log/**`"),
        ("log/a.go", REBUILD, "reload.toml:7 `watch` `**`"),
    ]);
}

#[test]
fn ignore_files_above_the_root_count_up_to_the_repository() {
    let files = [
        (".gitignore", "*.go\n"),
        ("repo/.git/HEAD", ""),
        ("repo/.gitignore", "*.log\n/app/out/\napp/\n"),
        ("repo/app/.gitignore", "*.o\n"),
    ];
    let mut project = Project::new(&files, &["**"], &[]);
    project.plan.root.push("repo/app");
    project.expect(&[
        (
            "a.log",
            None,
            &format!(
                "{}:1 `*.log`",
                project.directory.path().canonicalize().unwrap().join("repo/.gitignore").display()
            ),
        ),
        ("a.o", None, ".gitignore:1 `*.o`"),
        ("a.go", REBUILD, "reload.toml:7 `watch` `**`"),
        ("src/a.rs", REBUILD, "reload.toml:7 `watch` `**`"),
    ]);
    assert!(!Filter::new(&project.plan).enters(&project.path("out")));
}

#[test]
fn what_is_named_literally_counts_although_it_is_ignored() {
    let files = [(".gitignore", ".env\ngen/\n*.tmp\n")];
    let project = Project::new(&files, &["**/*.go", "gen/schema.json"], &["gen/x.json"])
        .with_literal(".env")
        .with_literal("gen/schema.json")
        .with_literal("gen/x.json")
        .with_literal("a.tmp");
    project.expect(&[
        (".env", REBUILD, "reload.toml:7 names it"),
        ("gen/schema.json", REBUILD, "reload.toml:7 `watch` `gen/schema.json`"),
        ("gen/x.json", None, "reload.toml:7 `ignore` `gen/x.json`"),
        ("gen/main.go", None, ".gitignore:2 `gen/`"),
        ("a.tmp", None, "editor noise `*.tmp`"),
    ]);
    let filter = Filter::new(&project.plan);
    assert!(filter.enters(&project.path("gen")), "it holds a path that is named");
    assert!(!filter.enters(&project.path("gen/deep")));
}

#[test]
fn ignore_files_can_be_switched_off() {
    let mut project = Project::new(&[(".gitignore", "*.go\n")], &["**"], &[]);
    project.plan.gitignore = false;
    project.expect(&[("a.go", REBUILD, "reload.toml:7 `watch` `**`")]);
}

#[test]
fn only_directories_that_can_hold_something_are_entered() {
    let files = [(".gitignore", "node_modules/\n!vendor/node_modules/\n")];
    let project =
        Project::new(&files, &["src/**/*.rs", "web/**", "vendor/**"], &["web/dist/", "web/x/*.css"])
            .with_rule("styles/*.css", Some(Action::Refresh))
            .with_rule("docs/**", None);
    let filter = Filter::new(&project.plan);
    for (directory, is_entered) in [
        ("", true),
        ("src", true),
        ("src/a/b", true),
        ("src/node_modules", false),
        ("src/node_modules/x", false),
        ("vendor/node_modules", true),
        ("web", true),
        ("web/dist", false),
        ("web/dist/x", false),
        ("web/x", true),
        ("styles", true),
        ("docs", false),
        ("other", false),
        (".git", false),
        ("src/.git/objects", false),
        ("../x", false),
    ] {
        assert_eq!(filter.enters(&project.path(directory)), is_entered, "{directory}");
    }
}

#[test]
fn each_service_has_its_own_verdict_and_no_service_has_one_too() {
    let mut project = Project::new(&[], &["api/**"], &[]);
    let mut web = project.plan.interests[0].clone();
    web.service = "web".into();
    web.watch = vec!["**/*.ts".to_owned()];
    web.action = Action::Restart;
    project.plan.interests.push(web);
    let filter = Filter::new(&project.plan);
    let both = filter.concern(&project.path("api/a.ts")).services;
    assert_eq!(both, [("api".into(), Action::Rebuild), ("web".into(), Action::Restart)]);
    let verdicts = filter.explain(&project.path("web/a.ts"), false);
    assert_eq!(verdicts[0], (Some("api".into()), None, "no `watch` glob matches".to_owned()));
    assert_eq!(verdicts[1].1, Some(Action::Restart));

    project.plan.interests.clear();
    let verdicts = Filter::new(&project.plan).explain(Path::new("/x"), false);
    assert_eq!(verdicts.len(), 1);
}

#[test]
fn configuration_and_ignore_files_concern_us_whatever_is_watched() {
    let mut project = Project::new(&[], &["src/**"], &[]);
    project.plan.configuration = vec![project.path("conf/reload.toml")];
    let filter = Filter::new(&project.plan);
    assert!(filter.concern(&project.path("conf/reload.toml")).is_configuration);
    assert!(!filter.concern(&project.path("reload.toml")).is_configuration);
    assert!(filter.concern(&project.path(".gitignore")).is_ignore_file);
    project.plan.configuration.clear();
    assert!(Filter::new(&project.plan).concern(&project.path("reload.toml")).is_configuration);
}

const GO: [&str; 3] = ["**/*.go", "**/*.html", "**/*_test.go"];

#[test]
fn what_the_build_reads_counts_in_the_place_of_the_guess() {
    let files =
        ["main.go", "web/logo.svg", "mine/a.go", "gen/a.go", "a_test.go", "../lib/lib.go", "doc/a.go"];
    let others = ["main_windows.go", "web/old.svg", "../lib/lib_windows.go"];
    let project = Project::new(&[(".gitignore", "gen/\n")], &GO[..2], &["mine/**", GO[2]])
        .with_rule("doc/**", None)
        .with_inputs(&files, &others, true);
    let unread = "the build does not read it (go list)";
    project.expect(&[
        ("main.go", REBUILD, "read by the build (go list)"),
        ("main_windows.go", None, unread),
        ("new.go", REBUILD, "new beside `main.go`, which the build reads (go list)"),
        ("other/x.go", None, unread),
        ("notes.txt", None, unread),
        ("web/logo.svg", REBUILD, "read by the build (go list)"),
        ("web/old.svg", None, unread),
        ("web/new.svg", REBUILD, "new beside `logo.svg`, which the build reads (go list)"),
        ("page.html", REBUILD, "reload.toml:7 `watch` `**/*.html`"),
        ("mine/a.go", None, "reload.toml:9 `ignore` `mine/**`"),
        ("gen/a.go", None, ".gitignore:1 `gen/`, although the build reads it"),
        ("doc/a.go", None, "reload.toml:12 rules[0] `doc/**`"),
        ("a_test.go", REBUILD, "read by the build (go list)"),
        ("new_test.go", None, "reload.toml:7 `ignore` `**/*_test.go`"),
    ]);
    let filter = Filter::new(&project.plan);
    let outside = project.plan.root.parent().unwrap().join("lib");
    for (name, action, because) in [
        ("lib.go", REBUILD, "read by the build (go list)"),
        ("new.go", REBUILD, "new beside `lib.go`, which the build reads (go list)"),
        ("lib_windows.go", None, unread),
        ("new_test.go", None, "reload.toml:7 `ignore` `**/*_test.go`"),
    ] {
        let verdicts = filter.explain(&outside.join(name), false);
        assert_eq!((verdicts[0].1, verdicts[0].2.as_str()), (action, because), "{name}");
    }
    for (directory, is_entered) in
        [(&*outside, true), (&*outside.join("deep"), false), (&*project.path("web"), true)]
    {
        assert_eq!(filter.enters(directory), is_entered, "{}", directory.display());
    }
    // A guess is good enough when the build fails: it may have read more than is known.
    for name in ["other/x.go", "new_test.go"] {
        let concern = filter.concern(&project.path(name));
        assert_eq!(
            (concern.services.len(), concern.unread.len(), concern.is_none()),
            (0, 1, false),
            "{name}"
        );
    }
    for name in ["notes.txt", "mine/a.go"] {
        assert!(filter.concern(&project.path(name)).is_none(), "{name}");
    }
}

#[test]
fn a_list_that_is_not_whole_adds_to_the_guess() {
    let project = Project::new(&[], &GO[..2], &[GO[2]]).with_inputs(&["main.go", "a.svg"], &["b.svg"], false);
    project.expect(&[
        ("main.go", REBUILD, "read by the build (go list)"),
        ("a.svg", REBUILD, "read by the build (go list)"),
        ("b.svg", None, "no `watch` glob matches"),
        ("other/x.go", REBUILD, "reload.toml:7 `watch` `**/*.go`"),
        ("x_test.go", None, "reload.toml:7 `ignore` `**/*_test.go`"),
    ]);
}
