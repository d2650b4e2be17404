//! What a configuration means for the engine and the watching.

use std::fs;

use reload_lsp::engine::Action;

use super::Project;

#[test]
fn a_changed_env_file_restarts_although_it_is_ignored_unless_a_rule_says_otherwise() {
    let text = "[services.api]\nrun = \"./serve\"\nenv_files = [\".env\", \"../x.env\"]\n[[services.api.rules]]\npaths = [\"*.md\"]\naction = \"ignore\"\n";
    let project = Project::new(&[("reload.toml", text)]);
    let config = project.load().unwrap();
    let [service] = config.services.as_slice() else { panic!("one service") };
    assert_eq!(service.env_files, [project.root.join(".env"), project.root.with_file_name("x.env")]);
    assert_eq!(service.interest.literal, service.env_files);
    let rules = &service.interest.rules;
    assert_eq!((rules[0].paths.as_slice(), rules[0].action), (["*.md".to_owned()].as_slice(), None));
    assert_eq!(rules[0].origin, "reload.toml:4");
    assert_eq!(
        (rules[1].paths.as_slice(), rules[1].action),
        ([".env".to_owned()].as_slice(), Some(Action::Restart))
    );
}

#[test]
fn only_what_a_build_or_a_run_is_made_from_changes_its_key() {
    let text = "[services.api]\nbuild = \"make\"\nrun = \"./serve\"\n";
    let project = Project::new(&[("reload.toml", text), ("sub/x", "")]);
    let keys = |text: &str| {
        project.write("reload.toml", text);
        let config = project.load().unwrap_or_else(|problems| panic!("{}", project.told(&problems)));
        let spec = config.specs().remove(0);
        (spec.build, spec.run)
    };
    let before = keys(text);
    let both = ["dir = \"sub\"", "env = { A = \"1\" }"];
    let build = ["problems = [\"gcc\"]"];
    let run = ["env_files = [\".env\"]", "ready = { tcp = \"127.0.0.1:1\" }", "listen = [\"127.0.0.1:0\"]"];
    let neither = [
        "grace = \"9s\"",
        "on_crash = \"wait\"",
        "on_save = \"never\"",
        "on_build_failure = \"stop\"",
        "watch = [\"x\"]",
        "ignore = [\"x\"]",
        "ready = { timeout = \"3s\" }",
        "[[services.api.rules]]\npaths = [\"x\"]\naction = \"ignore\"",
    ];
    let changed = |line: &str| {
        let after = keys(&format!("{text}{line}\n"));
        (after.0 != before.0, after.1 != before.1)
    };
    for line in both {
        assert_eq!(changed(line), (true, true), "{line}");
    }
    for line in build {
        assert_eq!(changed(line), (true, false), "{line}");
    }
    for line in run {
        assert_eq!(changed(line), (false, true), "{line}");
    }
    for line in neither {
        assert_eq!(changed(line), (false, false), "{line}");
    }
    assert_eq!(keys("[services.api]\nbuild = \"make\"\n"), (before.0, None));
    assert_ne!(
        keys("[services.api]\nbuild = [\"make\"]\nrun = \"./serve\"\n").0,
        before.0,
        "by a shell or directly"
    );
}

#[test]
fn named_services_come_with_what_they_depend_on() {
    let text = "[services.web]\nrun = \"x\"\ndepends_on = [\"api\"]\n[services.api]\nrun = \"x\"\ndepends_on = [\"db\"]\n\
        [services.db]\nrun = \"x\"\n[services.other]\nrun = \"x\"\n";
    let config = Project::new(&[("reload.toml", text)]).load().unwrap();
    let names = |names: &[&str]| -> Result<Vec<String>, String> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let chosen = config.clone().only(&names).map_err(|problem| problem.to_string())?;
        Ok(chosen.services.iter().map(|service| service.name.to_string()).collect())
    };
    assert_eq!(names(&["api"]), Ok(vec!["api".into(), "db".into()]));
    assert_eq!(names(&["web", "other"]).unwrap().len(), 4);
    assert_eq!(names(&[]).unwrap().len(), 4);
    assert_eq!(names(&["wbe"]), Err("there is no service `wbe` (help: did you mean `web`?)".into()));
}

#[test]
fn problems_without_a_place_are_shown_where_the_command_stands() {
    let project = Project::new(&[("reload.toml", "[services.api]\nrun = \"./serve\"\n"), ("app.py", "")]);
    let service = project.load().unwrap().services.remove(0);
    assert_eq!((service.run_spot.start, service.run_spot.end), ((1, 6), (1, 15)));
    assert_eq!(service.build_spot.start, (0, 10));
    fs::remove_file(project.root.join("reload.toml")).unwrap();
    let service = project.load().unwrap().services.remove(0);
    assert_eq!((service.run_spot.path, service.run_spot.start), (project.root.join("app.py"), (0, 0)));
}

#[test]
fn whatever_the_configuration_was_made_from_is_watched() {
    let project = Project::new(&[("package.json", r#"{"scripts": {"start": "node ."}}"#)]);
    let (file, manifest) = (project.root.join("reload.toml"), project.root.join("package.json"));
    assert_eq!(project.load().unwrap().watch_plan().configuration, [file.clone(), manifest]);
    project.write("reload.toml", "[services.api]\nrun = \"./serve\"\n");
    assert_eq!(project.load().unwrap().watch_plan().configuration, [file]);
}

#[test]
fn whoever_asks_why_is_told_the_line_of_the_glob_that_decides() {
    let text = "[services.api]\nrun = \"./serve\"\nwatch = [\n  \"**/*.go\",\n  \"web/**\",\n]\nignore = [\"**/*_test.go\"]\n\n\
        [[services.api.rules]]\npaths = [\"web/*.css\"]\nrun = \"css\"\n";
    let files = [("reload.toml", text), (".gitignore", "bin/\n\n*.log\n"), ("a/.gitignore", "*.gen.go\n")];
    let project = Project::new(&files);
    project.write(".git/info/exclude", "# mine\nmine.go\n");
    let plan = project.load().unwrap().watch_plan();
    let because = |path: &str| {
        let verdicts = reload_lsp::watch::explain(&plan, &project.root.join(path));
        let [verdict] = verdicts.as_slice() else { panic!("one verdict: {verdicts:?}") };
        verdict.because.clone()
    };
    for (path, expected) in [
        ("main.go", "reload.toml:4 `watch` `**/*.go`"),
        ("web/x.html", "reload.toml:5 `watch` `web/**`"),
        ("main_test.go", "reload.toml:7 `ignore` `**/*_test.go`"),
        ("web/x.css", "reload.toml:9 rules[0] `web/*.css`"),
        ("bin/x.go", ".gitignore:1 `bin/`"),
        ("web/x.log", ".gitignore:3 `*.log`"),
        ("a/b.gen.go", "a/.gitignore:1 `*.gen.go`"),
        ("mine.go", ".git/info/exclude:2 `mine.go`"),
        ("README.md", "no `watch` glob matches"),
        ("main.go~", "editor noise `*~`"),
        (".reload/api/1/main.go", "inside `.reload`"),
    ] {
        assert_eq!(because(path), expected, "{path}");
    }
    assert!(because("/etc/hosts").starts_with("outside of the root"));
    std::os::unix::fs::symlink(project.root.join("main.go"), project.root.join("link.go")).unwrap();
    assert_eq!(because("link.go"), "reload.toml:4 `watch` `**/*.go`");
}
