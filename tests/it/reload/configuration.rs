//! `reload.toml` edited while everything runs.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::page::service;
use crate::support::project::Project;

const TOML: &str = r#"[services.a]
run = "echo ready; exec tail -f /dev/null"
watch = ["a.txt"]
ready = { log = "^ready" }

[services.b]
run = "echo ready; exec tail -f /dev/null"
watch = ["b.txt"]
ready = { log = "^ready" }
"#;

/// Waits until both services are ready in the same status, and gives their runs.
async fn both(client: &mut Client, fits: impl Fn([&Value; 2]) -> bool) -> [Value; 2] {
    let runs = |status: &Value| {
        let [a, b] = [0, 1].map(|at| &status["services"][at]);
        let is_ready = a["state"] == "ready" && b["state"] == "ready";
        is_ready.then(|| [a["run"].clone(), b["run"].clone()])
    };
    let fits = |status: &Value| runs(status).is_some_and(|[a, b]| fits([&a, &b]));
    runs(&client.wait("reload/status", fits).await).unwrap()
}

#[tokio::test]
async fn an_edit_restarts_the_service_that_it_is_about_and_no_other() {
    let project = Project::of(&[("reload.toml", TOML)]);
    let mut client = project.open().await;
    let [first_a, first_b] = both(&mut client, |_| true).await;

    let (of_a, of_b) = TOML.split_at(TOML.find("[services.b]").unwrap());
    let edited = of_a.to_owned() + &of_b.replace("run = \"", "run = \"echo new; ");
    project.save(&client, "reload.toml", &edited);
    let [a, _] = both(&mut client, |[_, b]| b["pid"] != first_b["pid"]).await;
    assert_eq!([&a["id"], &a["pid"]], [&first_a["id"], &first_a["pid"]]);

    // A service that is removed ends, one that is added begins.
    project.save(&client, "reload.toml", &(of_a.to_owned() + &of_b.replace("services.b", "services.c")));
    let gone = |status: &Value| {
        let services = status["services"].as_array().unwrap();
        let names = services.iter().map(|service| service["name"].as_str().unwrap());
        names.eq(["a", "c"]) && services[1]["state"] == "ready"
    };
    let status = client.wait("reload/status", gone).await;
    assert_eq!(status["services"][0]["run"]["pid"], first_a["pid"]);
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_broken_edit_is_shown_where_it_is_and_what_runs_goes_on() {
    let project = Project::of(&[("reload.toml", TOML)]);
    let toml = project.path("reload.toml");
    let mut client = project.open().await;
    let before = both(&mut client, |_| true).await;
    let is_same = |[a, b]: [&Value; 2]| [&a["pid"], &b["pid"]] == [&before[0]["pid"], &before[1]["pid"]];

    for (broken, from, to) in [
        (TOML.replacen("watch = [\"a.txt\"]", "wacth = [\"a.txt\"]", 1), (2, 0), (2, 5)),
        (TOML.replacen("watch = [\"b.txt\"]", "watch = \"b.txt\"", 1), (7, 8), (7, 15)),
        (TOML.replacen("[services.b]", "[services.b", 1), (5, 11), (5, 11)),
    ] {
        project.save(&client, "reload.toml", &broken);
        let place = |(line, character)| json!({ "line": line, "character": character });
        let range = json!({ "start": place(from), "end": place(to) });
        let is_shown = |shown: &[Value]| shown.iter().any(|diagnostic| diagnostic["range"] == range);
        client.wait_diagnostics(&toml, is_shown).await;
        let status = client.request("reload/getStatus", json!({})).await.unwrap()["statuses"][0].take();
        assert!(!status["errors"].as_array().unwrap().is_empty(), "{status}");
        let runs = [0, 1].map(|at| &status["services"][at]["run"]);
        assert!(is_same(runs), "{status}");
    }
    project.save(&client, "a.txt", "new");
    let restarted = service(&mut client, "a", |a| a["trigger"]["count"] == 1 && a["state"] == "ready").await;
    assert_ne!(restarted["run"]["pid"], before[0]["pid"], "what was valid last holds, and works");

    project.save(&client, "reload.toml", TOML);
    client.wait_diagnostics(&toml, <[_]>::is_empty).await;
    let status = client.request("reload/getStatus", json!({})).await.unwrap()["statuses"][0].take();
    assert_eq!(status["errors"], json!([]));
    let pids = [0, 1].map(|at| &status["services"][at]["run"]["pid"]);
    assert_eq!(pids, [&restarted["run"]["pid"], &before[1]["pid"]], "a repair restarts nothing");
    assert_eq!(client.shutdown().await, Some(0));
}
