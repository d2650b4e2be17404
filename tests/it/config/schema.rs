//! The schema, the reference and the explanation say what the reader does.

use std::fs;

use reload_lsp::config::{self, Config, Overrides};
use serde_json::{Value, json};

use super::Project;

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
        ("Options", "QQQQQQQQQQ = 1"),
        ("ServiceOptions", "[services.a]\nQQQQQQQQQQ = 1"),
        ("RuleOptions", "[[services.a.rules]]\nQQQQQQQQQQ = 1"),
        ("ReadyOptions", "[services.a.ready]\nQQQQQQQQQQ = 1"),
        ("WatchOptions", "[watch]\nQQQQQQQQQQ = 1"),
        ("TrustOptions", "[trust]\nQQQQQQQQQQ = 1"),
        ("MatcherOptions", "[[matcher]]\nQQQQQQQQQQ = 1"),
        ("StepOptions", "[[matcher]]\nthen = [{ QQQQQQQQQQ = 1 }]"),
        ("ColumnOptions", "[[matcher]]\ncolumn = { QQQQQQQQQQ = 1 }"),
        ("ProxyOptions", "[proxy]\nQQQQQQQQQQ = 1"),
    ];
    for (name, text) in tables {
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
    let mut written =
        String::from("gitignore = true\ntrust.pin = \"auto\"\nwatch.mode = \"auto\"\n[services.api]\n");
    written += "run = \"./serve\"\n";
    assert_eq!(service["ready"]["default"], "auto");
    for (key, property) in service {
        let value = match property.get("default") {
            Some(default) if default.is_object() => "{}".to_owned(),
            Some(_) if key == "ready" => format!("{{ timeout = {ready} }}"),
            Some(default) => default.to_string(),
            None => continue,
        };
        written.extend([key, " = ", &value, "\n"]);
    }
    let project = Project::new(&[("reload.toml", "[services.api]\nrun = \"./serve\"\n")]);
    let by_default = project.load().unwrap();
    project.write("reload.toml", &written);
    let by_hand = project.load().unwrap_or_else(|problems| panic!("{written}\n{}", project.told(&problems)));
    let bare = |config: &Config| {
        let service = &config.services[0];
        let interest =
            (service.interest.watch.clone(), service.interest.ignore.clone(), service.interest.action);
        (service.policy.clone(), service.ready.clone(), service.stop_signal, service.dir.clone(), interest)
    };
    assert_eq!(bare(&by_hand), bare(&by_default));
    assert_eq!(
        (by_hand.gitignore, by_hand.pin, by_hand.watch_mode),
        (true, config::Pin::Auto, by_default.watch_mode)
    );
}

#[test]
fn every_value_is_explained_and_no_variable_is_shown() {
    let project = Project::new(&[(
        "reload.toml",
        "[services.api]\nbuild = [\"make\", \"x\"]\nrun = \"./serve\"\nenv = { SECRET = \"hunter2\" }\nready = { tcp = \"127.0.0.1:1\" }\n",
    )]);
    let overrides = Overrides {
        editor: Some(json!({ "gitignore": false })),
        watch: vec!["x".into()],
        ..Overrides::default()
    };
    let rows = config::explain(&project.root, &overrides).unwrap();
    let row = |key: &str| {
        let row = rows.iter().find(|row| row.key == key).unwrap_or_else(|| panic!("{key} in {rows:?}"));
        (row.value.as_str(), row.from.as_str())
    };
    assert_eq!(row("services.api.build"), ("[\"make\", \"x\"]", "reload.toml:2"));
    assert_eq!(row("services.api.ready"), ("{ tcp = \"127.0.0.1:1\" }", "reload.toml:5"));
    assert_eq!(row("services.api.env"), ("{ SECRET = … }", "reload.toml:4"));
    assert_eq!(row("services.api.watch"), ("[\"x\"]", "--watch"));
    assert_eq!(row("services.api.grace"), ("\"5s\"", "default"));
    assert_eq!(row("gitignore"), ("false", "editor"));
    assert_eq!(row("watch.mode"), ("\"auto\"", "default"));
    assert_eq!(row("trust.pin"), ("\"auto\"", "default"));

    fs::remove_file(project.root.join("reload.toml")).unwrap();
    project.write("app.py", "");
    let rows = config::explain(&project.root, &Overrides::default()).unwrap();
    let of = |key: &str| rows.iter().find(|row| row.key == key).unwrap().from.clone();
    assert_eq!(
        (of("services.shop.run"), of("services.shop.watch")),
        ("guessed from app.py".into(), "default for Python".into())
    );
}

#[test]
fn the_reference_names_every_key_with_its_default() {
    let reference = config::reference();
    for line in [
        "| `build` | command | – |",
        "| `grace` | duration | `\"5s\"` |",
        "| `swap` | `\"stop-first\"` or `\"start-first\"` | `\"stop-first\"` |",
        "| `listen` | list of addresses | `[]` |",
        "| `ready` | `\"auto\"` or table | `\"auto\"` |",
        "| `gitignore` | boolean | `true` |",
        "| `paths` | list of strings | – |",
    ] {
        assert!(reference.contains(line), "{line} in\n{reference}");
    }
}

#[test]
fn the_extension_completes_by_the_same_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vscode-extension/schema/reload.json");
    let shipped: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(shipped, config::schema(), "write it anew by `reload-lsp schema > {path}`");
}
