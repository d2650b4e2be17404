//! Rules with tasks, by real commands.

use std::fs;

use serde_json::{Value, json};

use crate::support::page::{ready, service};
use crate::support::project::Project;

const SERVE: &str = "[services.web]\nrun = \"echo ready; exec tail -f /dev/null\"\nwatch = [\"web.txt\"]\nready = { log = \"^ready\" }\n";

fn project(rule: &str, files: &[(&str, &str)]) -> Project {
    let toml = format!("{SERVE}\n[[services.web.rules]]\n{rule}");
    let mut all = vec![("reload.toml", toml.as_str())];
    all.extend_from_slice(files);
    Project::of(&all)
}

/// The first task, when it has run so often and nothing more is to come.
fn rests(web: &Value, runs: u32) -> bool {
    let task = &web["tasks"][0];
    let is_over = task["last"]["phase"] == "passed" || task["last"]["phase"] == "failed";
    is_over && task["last"]["generation"] == runs && task["pending"] == false && web["waiting"].is_null()
}

#[tokio::test]
async fn a_formatter_that_rewrites_what_it_was_started_for_comes_to_rest() {
    let rule = "paths = [\"*.css\"]\nrun = \"echo >> runs; tr A-Z a-z < a.css > half; mv half a.css\"\n";
    let project = project(rule, &[("a.css", "a {}\n"), ("b.css", "b {}\n")]);
    let mut client = project.open().await;
    ready(&mut client, "web", 1).await;

    project.save(&client, "a.css", "A {}\n");
    // Once for the save, once more for what it has written itself; that time it writes what is there.
    service(&mut client, "web", |web| rests(web, 2)).await;
    assert_eq!(fs::read_to_string(project.path("a.css")).unwrap(), "a {}\n");
    // What comes after it is told after it: so nothing else was.
    project.save(&client, "b.css", "b { }\n");
    service(&mut client, "web", |web| rests(web, 3)).await;
    assert_eq!(fs::read_to_string(project.path("runs")).unwrap().lines().count(), 3);
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn what_a_task_finds_is_shown_until_its_next_run_and_what_it_prints_is_named() {
    let rule = "paths = [\"*.c\"]\nrun = \"cat said >&2; exit $(cat code)\"\n";
    let said = "a.c:1:1: error: expected identifier\n";
    let project = project(rule, &[("a.c", "int 1;\n"), ("said", said), ("code", "1")]);
    let mut client = project.open().await;
    ready(&mut client, "web", 1).await;

    project.save(&client, "a.c", "int 2;\n");
    let shown = project.diagnostic_of(&mut client, &project.path("a.c"), "expected identifier").await;
    assert_eq!(shown["source"], "reload: gcc");
    let failed = service(&mut client, "web", |web| rests(web, 1)).await;
    assert_eq!((&failed["state"], &failed["tasks"][0]["last"]["errors"]), (&json!("ready"), &json!(1)));
    assert!(failed["message"].as_str().unwrap().contains("` failed"), "{failed}");
    let is_of_task = |log: &Value| {
        let mut entries = log["entries"].as_array().unwrap().iter();
        entries.any(|entry| entry["from"] == "task" && entry["task"].as_str().unwrap().contains("cat said"))
    };
    client.wait("reload/log", is_of_task).await;

    fs::write(project.path("said"), "").unwrap();
    project.save(&client, "a.c", "int 3;\n");
    client.wait_diagnostics(&project.path("a.c"), <[Value]>::is_empty).await;
    // Without a place of its own it is shown at the command.
    let nameless = project.diagnostic(&mut client, "failed with exit code 1").await;
    assert_eq!(nameless["range"]["start"]["line"], project.line_with("cat said"));
    fs::write(project.path("code"), "0").unwrap();
    project.save(&client, "a.c", "int 4;\n");
    project.no_diagnostics(&mut client).await;
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn what_the_rule_says_follows_a_task_that_passed_for_each_service_by_itself() {
    let toml = format!(
        "{SERVE}[[services.web.rules]]\npaths = [\"site/**\"]\nrun = \"cp site/in out\"\naction = \"restart\"\n\n\
         [[services.web.rules]]\npaths = [\"**\"]\naction = \"ignore\"\n\n{}\
         [[services.other.rules]]\npaths = [\"site/in\"]\nrun = \"false\"\naction = \"restart\"\n",
        SERVE.replace("web", "other")
    );
    let project = Project::of(&[("reload.toml", &toml), ("site/in", "one")]);
    let mut client = project.open().await;
    let is_ready = |service: &Value| service["state"] == "ready";
    let both = |status: &Value| {
        status["services"].as_array().unwrap().iter().filter(|one| is_ready(one)).count() == 2
    };
    let status = client.wait("reload/status", both).await;
    let (first, before) = (&status["services"][0], &status["services"][1]);

    project.save(&client, "site/in", "two");
    let is_new = |web: &Value| is_ready(web) && web["run"]["pid"] != first["run"]["pid"];
    let over = |status: &Value| is_new(&status["services"][0]) && rests(&status["services"][1], 1);
    let status = client.wait("reload/status", over).await;
    assert_eq!(status["services"][1]["run"]["pid"], before["run"]["pid"], "its task failed");
    assert_eq!(fs::read_to_string(project.path("out")).unwrap(), "two");
    assert_eq!(client.shutdown().await, Some(0));
}
