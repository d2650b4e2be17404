//! What users describe of the output of their tools, from the file to the problem.

use reload_lsp::build::parse::{Dirs, Hints, Parser};
use reload_lsp::config::{Config, Overrides};
use reload_lsp::engine::Problem;
use reload_lsp::output::Stream;
use serde_json::json;

use super::Project;

const FILE: &str = r#"
[services.api]
build = "make"
run = "./api"

[services.web]
build = "make web"
run = "./web"
problems = ["acme"]

[services.jobs]
build = "make jobs"
run = "./jobs"
problems = ["gcc"]

[[matcher]]
name = "acme"
start = '^(?<severity>\w+)\|(?<file>[^|]+)\|(?<line>\d+)\|(?<message>.*)$'
severity = { OOPS = "warning" }
default_severity = "hint"

[[matcher]]
name = "copied"
[matcher.vscode]
owner = "copied"
base = "$gcc"
pattern = { regexp = '^@(.*):(\d+) (.*)$', file = 1, line = 2, message = 3 }
"#;

fn names(config: &Config, service: usize) -> Vec<&str> {
    config.services[service].matchers.iter().map(|matcher| matcher.name.as_str()).collect()
}

fn problems(config: &Config, service: usize, text: &str) -> Vec<Problem> {
    let service = &config.services[service];
    let hints =
        Hints { formats: service.problems.clone(), commands: vec![], matchers: service.matchers.clone() };
    let dirs = Dirs { root: config.root.clone(), dir: service.dir.clone() };
    let mut parser = Parser::new(&hints, dirs, std::path::Path::is_file);
    parser.feed(Stream::Stdout, text.as_bytes()).problems
}

#[test]
fn a_service_reads_with_the_matchers_it_names_or_with_all() {
    let config = Project::new(&[("reload.toml", FILE)]).load().unwrap();
    assert_eq!(names(&config, 0), ["acme", "copied"]);
    assert_eq!(names(&config, 1), ["acme"]);
    assert!(names(&config, 2).is_empty());
}

#[test]
fn what_a_matcher_describes_becomes_a_problem() {
    let project = Project::new(&[("reload.toml", FILE), ("a.c", "")]);
    let config = project.load().unwrap();
    let text = "OOPS|a.c|3|no\nodd|a.c|4|yes\n@a.c:5 copied\n@10:20 a clock\n";
    let found = problems(&config, 0, text);
    let shown: Vec<String> = found
        .iter()
        .map(|problem| {
            let line = problem.place.as_ref().map_or(0, |place| place.start.line);
            format!("{} {:?} {line} {}", problem.tool, problem.severity, problem.message)
        })
        .collect();
    assert_eq!(shown, ["acme Warning 3 no", "acme Hint 4 yes", "gcc Error 5 copied"]);
    assert_eq!(problems(&config, 1, text).len(), 2);
}

#[test]
fn another_matcher_makes_another_build() {
    let project = Project::new(&[("reload.toml", FILE)]);
    let keys = |text: &str| {
        project.write("reload.toml", text);
        let specs = project.load().unwrap().specs();
        (specs[0].build, specs[1].build, specs[2].build, specs[0].run)
    };
    let before = keys(FILE);
    let after = keys(&FILE.replace("OOPS", "ALAS"));
    assert!(before.0 != after.0 && before.1 != after.1);
    assert_eq!((before.2, before.3), (after.2, after.3));
    assert_eq!(before, keys(FILE));
}

#[test]
fn the_editor_may_set_them_too() {
    let project = Project::new(&[("reload.toml", "[services.api]\nbuild = \"make\"\nrun = \"./api\"\n")]);
    let editor = json!({ "matcher": [{ "name": "vim", "efm": ["%f:%l: %m"] }] });
    let config = project.load_with(&Overrides { editor: Some(editor), ..Overrides::default() }).unwrap();
    assert_eq!(names(&config, 0), ["vim"]);
    let editor = json!({ "matcher": [{ "name": "vim", "efm": ["%f:%y"] }] });
    let told = project.load_with(&Overrides { editor: Some(editor), ..Overrides::default() }).unwrap_err();
    assert!(told[0].message.contains("`matcher.efm[0]` has `%y`"), "{told:?}");
}
