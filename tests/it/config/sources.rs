//! Where a configuration comes from: files, flags, the editor.

use std::fs;
use std::time::Duration;

use reload_lsp::config::{self, Overrides};
use reload_lsp::engine::Action;
use serde_json::json;

use super::{Project, shell};

#[test]
fn the_nearest_file_above_counts_and_its_folder_becomes_the_root() {
    let project = Project::new(&[
        ("reload.toml", "[services.api]\nrun = \"./serve\"\ndir = \"api\"\nwatch = [\"api/*.x\"]\n"),
        ("api/deep/x", ""),
    ]);
    let config = config::load(&project.root.join("api/deep"), &Overrides::default()).unwrap();
    assert_eq!(config.root, project.root);
    assert_eq!(config.file, Some(project.root.join("reload.toml")));
    assert_eq!(config.services[0].dir, project.root.join("api"));
    assert_eq!(config.services[0].interest.watch, ["api/*.x"]);
    assert_eq!(config.watch_plan().configuration, [project.root.join("reload.toml")]);
}

#[test]
fn a_file_that_is_named_may_lie_below_the_root_but_not_elsewhere() {
    let text = "[services.api]\nrun = \"./serve\"\ndir = \"..\"\nwatch = [\"../src/*.x\", \"here.y\"]\nenv_files = [\".env\"]\n";
    let project = Project::new(&[("dev/reload.toml", text)]);
    fs::write(project.folder.path().join("other.toml"), "").unwrap();
    let overrides = Overrides { file: Some("dev/reload.toml".into()), ..Overrides::default() };
    let config = project.load_with(&overrides).unwrap();
    let interest = &config.services[0].interest;
    assert_eq!((&config.root, &config.services[0].dir), (&project.root, &project.root));
    assert_eq!(interest.watch, ["src/*.x", "dev/here.y", "dev/here.y/**"]);
    assert_eq!(interest.literal, [project.root.join("dev/here.y"), project.root.join("dev/.env")]);

    fs::create_dir(project.folder.path().join("elsewhere")).unwrap();
    fs::rename(project.folder.path().join("other.toml"), project.folder.path().join("elsewhere/reload.toml"))
        .unwrap();
    let overrides = Overrides { file: Some("../elsewhere/reload.toml".into()), ..Overrides::default() };
    let problems = project.load_with(&overrides).unwrap_err();
    assert!(problems[0].message.contains("lies outside of"), "{problems:?}");
    let overrides = Overrides { file: Some("none.toml".into()), ..Overrides::default() };
    assert!(
        project.load_with(&overrides).unwrap_err()[0]
            .message
            .contains("can't open the configuration file none.toml")
    );
}

#[test]
fn flags_with_a_command_are_a_whole_configuration() {
    let project = Project::new(&[("reload.toml", "[services.api]\nrun = \"./serve\"\n")]);
    let mut overrides = Overrides {
        build: Some("make".into()),
        exec: Some("{out} --x".into()),
        watch: vec!["src".into()],
        ..Overrides::default()
    };
    let problems = project.load_with(&overrides).unwrap_err();
    assert_eq!(
        project.told(&problems),
        "--exec: `services.shop.run` names {out}, which `build` never writes (help: let the build write there, such as \
         `build = \"go build -o {out} .\"`)\n"
    );
    overrides.exec = Some("./serve".into());
    let config = project.load_with(&overrides).unwrap();
    assert_eq!((config.file, config.services.len()), (None, 1));
    assert_eq!(config.services[0].name.as_str(), "shop");
    assert_eq!(
        (&config.services[0].build, &config.services[0].run),
        (&Some(shell("make")), &Some(shell("./serve")))
    );
    assert_eq!(config.services[0].interest.watch, ["src", "src/**"]);
    assert_eq!(config.services[0].interest.action, Action::Rebuild);
}

#[test]
fn watch_alone_replaces_the_globs_of_the_file() {
    let project = Project::new(&[("reload.toml", "[services.api]\nrun = \"./serve\"\nwatch = [\"a\"]\n")]);
    let overrides = Overrides { watch: vec!["*.b".into()], ..Overrides::default() };
    let config = project.load_with(&overrides).unwrap();
    assert_eq!(config.services[0].run, Some(shell("./serve")));
    assert_eq!(
        (config.services[0].interest.watch.as_slice(), config.services[0].interest.origin.as_str()),
        (["*.b".to_owned()].as_slice(), "--watch")
    );
}

#[test]
fn the_editor_wins_over_the_file_key_by_key() {
    let project = Project::new(&[(
        "reload.toml",
        "[services.api]\nrun = \"./serve\"\ngrace = \"1s\"\nenv = { A = \"1\", B = \"2\" }\n[services.db]\nrun = \"./db\"\n",
    )]);
    let editor = json!({ "services": { "api": { "grace": "9s", "env": { "B": "3" }, "dir": null } }, "gitignore": false });
    let mut overrides = Overrides { editor: Some(editor), ..Overrides::default() };
    let config = project.load_with(&overrides).unwrap();
    assert_eq!(config.services.len(), 2);
    assert_eq!((config.services[0].policy.grace, config.gitignore), (Duration::from_secs(9), false));
    assert_eq!(config.services[0].env, [("A".into(), "1".into()), ("B".into(), "3".into())]);

    overrides.editor = Some(json!("grace = 9"));
    let told = project.told(&project.load_with(&overrides).unwrap_err());
    assert!(told.contains("reload.config: the configuration must be a table, not a string"), "{told}");

    overrides.editor = Some(json!({ "services": { "api": { "grace": 9, "watch": ["!x"], "bulid": "x" } } }));
    let problems = project.load_with(&overrides).unwrap_err();
    let told = project.told(&problems);
    let key = "initializationOptions.reload.config.services.api";
    assert!(
        told.contains(&format!("{key}.grace: `services.api.grace` must be a duration, not a number")),
        "{told}"
    );
    assert!(told.contains(&format!("{key}.watch[0]: `!x`")), "{told}");
    assert!(
        told.contains(&format!(
            "{key}.bulid: unknown key `bulid` in `services.api` (help: did you mean `build`?)"
        )),
        "{told}"
    );
}

#[test]
fn the_editor_alone_can_make_a_configuration_or_add_to_a_guess() {
    let project = Project::new(&[("notes.txt", "")]);
    let overrides =
        Overrides { editor: Some(json!({ "services": { "x": { "run": "./x" } } })), ..Overrides::default() };
    assert_eq!(project.load_with(&overrides).unwrap().services[0].run, Some(shell("./x")));

    let project = Project::new(&[("app.py", "")]);
    let overrides = Overrides {
        editor: Some(json!({ "services": { "shop": { "grace": "9s" } } })),
        ..Overrides::default()
    };
    let config = project.load_with(&overrides).unwrap();
    assert_eq!(
        (&config.services[0].run, config.services[0].policy.grace),
        (&Some(shell("python3 app.py")), Duration::from_secs(9))
    );
}
