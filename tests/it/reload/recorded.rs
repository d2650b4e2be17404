//! What real editors have sent, sent again: sessions that were recorded with another server, in which an editor saves a file
//! with an error and repairs it (`tests/fixtures/lsp/records`).

use std::path::Path;

use serde_json::{Value, json};

use crate::support::project::Project;

/// The command of the server that the sessions were recorded with.
const THEIR_RESTART: &str = "toy.restart";
/// What editors ask for although nobody has offered it.
const NOT_OFFERED: i64 = -32601;

/// One message of a record.
#[derive(serde::Deserialize)]
struct Line {
    dir: String,
    msg: Value,
}

fn record(path: &Path, root: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("/w/ws", root.to_str().unwrap()).replace(THEIR_RESTART, "reload-lsp.restart");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Whether the file was saved with an error: what the other server published next tells.
fn is_broken(after: &[Line], file: &str) -> bool {
    let published = after.iter().find(|line| {
        line.msg["method"] == "textDocument/publishDiagnostics" && line.msg["params"]["uri"] == file
    });
    published.is_some_and(|line| line.msg["params"]["diagnostics"] != json!([]))
}

/// Gives the number of saves.
async fn replay(path: &Path) -> usize {
    let build = "if grep BOOM *.t*xt; then echo \"$(echo *.t*xt):1:1: error: BOOM\"; exit 1; fi";
    let project = Project::of(&[(
        "reload.toml",
        &format!("[services.it]\nbuild = {build:?}\nproblems = [\"gcc\"]\nwatch = [\"*.t*xt\"]\n"),
    )]);
    let lines = record(path, &project.root());
    assert!(project.command(&["allow"]).output().await.unwrap().status.success());
    let mut client = project.editor();
    let (mut saves, mut was_broken) = (0, false);
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.dir == "c2s") {
        let message = &line.msg;
        let Some(method) = message["method"].as_str() else { continue };
        if method == "textDocument/didSave" {
            let uri = message["params"]["textDocument"]["uri"].as_str().unwrap();
            let file = Path::new(uri.strip_prefix("file://").unwrap());
            let is_broken = is_broken(&lines[number..], uri);
            saves += 1;
            was_broken |= is_broken;
            std::fs::write(file, format!("{saves} {}\n", if is_broken { "BOOM" } else { "fine" })).unwrap();
            client.send(message);
            client.wait_diagnostics(file, |shown| shown.is_empty() != is_broken).await;
            continue;
        }
        client.send(message);
        let Some(id) = message["id"].as_u64() else { continue };
        let answer = client.answer_to(id).await;
        let is_as_offered = match &answer {
            Ok(_) => true,
            Err(error) => error["code"] == NOT_OFFERED && method.starts_with("textDocument/"),
        };
        assert!(is_as_offered, "{}: {method}: {answer:?}", path.display());
    }
    client.hang_up();
    client.ended().await;
    // It is told once in words, and not for each save.
    assert_eq!(client.taken("window/showMessage").len(), usize::from(was_broken), "{}", path.display());
    saves
}

#[tokio::test]
async fn what_real_editors_have_sent_is_understood() {
    let records = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/lsp/records");
    let mut count = 0;
    for entry in std::fs::read_dir(records).unwrap() {
        let path = entry.unwrap().path();
        assert!(replay(&path).await >= 1, "{}: nothing is saved", path.display());
        count += 1;
    }
    assert_eq!(count, 14);
}
