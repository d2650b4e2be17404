//! Configurations as people write them: what holds, and what they are told about their mistakes.

use std::fs;
use std::path::{Path, PathBuf};

use reload_lsp::config::{self, Config, ConfigProblem, Overrides};
use serde_json::{Value, json};
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/config");

/// A project in a folder of its own.
struct Project {
    folder: TempDir,
    root: PathBuf,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("config").tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("shop");
        fs::create_dir(&root).unwrap();
        let project = Self { folder, root };
        files.iter().for_each(|(path, text)| project.write(path, text));
        project
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn load(&self) -> Result<Config, Vec<ConfigProblem>> {
        config::load(&self.root, &Overrides::default())
    }

    fn load_with(&self, overrides: &Overrides) -> Result<Config, Vec<ConfigProblem>> {
        config::load(&self.root, overrides)
    }

    /// Problems as people read them, with the root as `{root}`.
    fn told(&self, problems: &[ConfigProblem]) -> String {
        let lines = problems.iter().map(|problem| format!("{problem}\n"));
        lines.collect::<String>().replace(&self.root.display().to_string(), "{root}")
    }
}

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(FIXTURES).join(folder)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    found.sort();
    assert!(found.len() > 3, "the fixtures of {folder} are there");
    found
}

#[test]
fn every_configuration_that_was_ever_valid_still_loads() {
    for path in fixtures("valid") {
        let project = Project::new(&[("reload.toml", &fs::read_to_string(&path).unwrap())]);
        if let Err(problems) = project.load() {
            panic!("{}:\n{}", path.display(), project.told(&problems));
        }
    }
}

/// `UPDATE=1` writes what is said now beside each case.
#[test]
fn every_mistake_is_told_with_its_place_and_its_remedy() {
    let mut wrong = String::new();
    for path in fixtures("invalid") {
        let project = Project::new(&[("reload.toml", &fs::read_to_string(&path).unwrap())]);
        let problems = project.load().expect_err(&path.display().to_string());
        assert!(problems.iter().all(|problem| problem.help.is_some() && problem.spot.is_some()), "{problems:?}");
        let told = project.told(&problems).replace("{root}/reload.toml:", "");
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &told).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != told {
            wrong += &format!("{}:\n{told}\n", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_broken_file_that_no_editor_would_write_is_a_mistake_like_any_other() {
    let project = Project::new(&[("reload.toml", "")]);
    fs::write(project.root.join("reload.toml"), b"[services.api]\nrun = \"\xff\"\n").unwrap();
    let problems = project.load().unwrap_err();
    let expected = "{root}/reload.toml:2:8: the text is not UTF-8 (help: save it as UTF-8)\n";
    assert_eq!(project.told(&problems), expected);

    fs::remove_file(project.root.join("reload.toml")).unwrap();
    fs::create_dir(project.root.join("reload.toml")).unwrap();
    let problems = project.load().unwrap_err();
    assert!(project.told(&problems).contains("it is no regular file"), "{problems:?}");
}

#[test]
fn every_key_of_the_schema_is_read_and_every_key_that_is_read_is_in_the_schema() {
    let schema = config::schema();
    let help = |text: &str| -> Vec<String> {
        let problems = Project::new(&[("reload.toml", text)]).load().unwrap_err();
        let unknown = problems.iter().find(|problem| problem.message.contains("`QQQQQQQQQQ`")).unwrap();
        let words = unknown.help.as_ref().unwrap().split('`').skip(1).step_by(2);
        let mut keys: Vec<String> = words.map(str::to_owned).collect();
        keys.sort();
        keys
    };
    let keys = |object: &Value| -> Vec<String> {
        let mut keys: Vec<String> = object["properties"].as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let tables = [
        ("", "Options", "QQQQQQQQQQ = 1"),
        ("", "ServiceOptions", "[services.a]\nQQQQQQQQQQ = 1"),
        ("", "RuleOptions", "[[services.a.rules]]\nQQQQQQQQQQ = 1"),
        ("", "ReadyOptions", "[services.a.ready]\nQQQQQQQQQQ = 1"),
        ("", "WatchOptions", "[watch]\nQQQQQQQQQQ = 1"),
        ("", "TrustOptions", "[trust]\nQQQQQQQQQQ = 1"),
        ("", "ProxyOptions", "[proxy]\nQQQQQQQQQQ = 1"),
    ];
    for (_, name, text) in tables {
        let object = if name == "Options" { &schema } else { &schema["definitions"][name] };
        assert_eq!(help(text), keys(object), "{name}");
        assert_eq!(object["additionalProperties"], json!(false), "{name}");
        for (key, property) in object["properties"].as_object().unwrap() {
            assert!(property.get("description").is_some(), "{name}.{key} says what it means");
        }
    }
    assert_eq!(schema["definitions"].as_object().unwrap().len(), tables.len() - 1);
}

#[test]
fn what_the_schema_calls_the_default_is_what_holds_without_the_key() {
    let schema = config::schema();
    let service = schema["definitions"]["ServiceOptions"]["properties"].as_object().unwrap();
    let ready = &schema["definitions"]["ReadyOptions"]["properties"]["timeout"]["default"];
    let mut written = String::from("gitignore = true\ntrust.pin = \"auto\"\nwatch.mode = \"auto\"\n[services.api]\n");
    written += "run = \"./serve\"\n";
    for (key, property) in service {
        match property.get("default") {
            Some(default) if default.is_object() => written += &format!("{key} = {{}}\n"),
            Some(default) if key == "ready" => {
                assert_eq!(default, "auto");
                written += &format!("{key} = {{ timeout = {ready} }}\n");
            }
            Some(default) => written += &format!("{key} = {default}\n"),
            None => {}
        }
    }
    let project = Project::new(&[("reload.toml", "[services.api]\nrun = \"./serve\"\n")]);
    let by_default = project.load().unwrap();
    project.write("reload.toml", &written);
    let by_hand = project.load().unwrap_or_else(|problems| panic!("{written}\n{}", project.told(&problems)));
    let bare = |config: &Config| {
        let service = &config.services[0];
        let interest = (service.interest.watch.clone(), service.interest.ignore.clone(), service.interest.action);
        (service.policy.clone(), service.ready.clone(), service.stop_signal, service.dir.clone(), interest)
    };
    assert_eq!(bare(&by_hand), bare(&by_default));
    assert_eq!((by_hand.gitignore, by_hand.pin, by_hand.watch_mode), (true, config::Pin::Auto, by_default.watch_mode));
}
