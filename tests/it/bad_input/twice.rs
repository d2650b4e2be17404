//! Two sessions of one project: the second says who was first, and takes over when that one has ended.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use crate::support::client::Client;
use crate::support::project::{Project, Terminal, state};

const CONFIGURATION: &str = "[services.api]\nbuild = \"cp serve.sh {out}\"\nrun = \"sh {out}\"\n\
    ready = { log = \"serving\" }\nwatch = [\"*.txt\"]\n";

/// Waits until this session says that the other one has the service.
async fn is_second(project: &Project, client: &mut Client, first: &Client) {
    let diagnostic = project.diagnostic(client, "looks after `api` of this project already").await;
    let message = diagnostic["message"].as_str().unwrap();
    assert!(
        message.contains(&format!("(pid {})", first.pid().unwrap())) && message.contains("help: "),
        "{message}"
    );
    let status = client.wait("reload/status", |status| status["state"] == "misconfigured").await;
    assert!(status["message"].as_str().unwrap().contains("another reload-lsp"), "{status}");
    assert_eq!(status["services"], json!([]), "nothing of it runs");
    let refused = client.request("reload/build", json!({})).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("another reload-lsp"), "{refused}");
}

#[tokio::test]
async fn a_second_session_leaves_everything_to_the_first_and_takes_over_when_it_ends() {
    let project = Project::new(CONFIGURATION);
    let mut first = project.open().await;
    state(&mut first, "ready").await;
    let program = std::fs::metadata(project.path(".reload/api/1/api")).unwrap();

    let mut second = project.open().await;
    is_second(&project, &mut second, &first).await;
    let same = std::fs::metadata(project.path(".reload/api/1/api")).unwrap();
    assert_eq!(same.modified().unwrap(), program.modified().unwrap(), "nobody else writes what runs");

    // A save in the second editor is a change on disk for the first.
    second.save(&project.write("word.txt", "two\n"));
    first.wait("reload/log", |log| log["entries"].to_string().contains("serving two")).await;

    first.shutdown().await;
    state(&mut second, "ready").await;
    project.no_diagnostics(&mut second).await;
    second.shutdown().await;
}

#[tokio::test]
async fn a_session_that_was_killed_is_succeeded_by_the_one_that_waits() {
    let project = Project::new(CONFIGURATION);
    let mut first = project.open().await;
    state(&mut first, "ready").await;
    let mut second = project.open().await;
    is_second(&project, &mut second, &first).await;
    let pid = i32::try_from(first.pid().unwrap()).unwrap();
    kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    first.ended().await;
    state(&mut second, "ready").await;
    second.shutdown().await;
}

#[tokio::test]
async fn a_folder_that_is_closed_is_free_for_another_session() {
    let project = Project::new(CONFIGURATION);
    let mut first = project.open().await;
    state(&mut first, "ready").await;
    let mut second = project.open().await;
    is_second(&project, &mut second, &first).await;
    let uri = crate::support::client::uri(&project.root());
    let folder = json!([{ "uri": uri, "name": "project" }]);
    let closed = json!({ "event": { "added": [], "removed": folder } });
    first.notify("workspace/didChangeWorkspaceFolders", closed);
    state(&mut second, "ready").await;
    // The first one comes back, and is second now.
    let opened = json!({ "event": { "added": folder, "removed": [] } });
    first.notify("workspace/didChangeWorkspaceFolders", opened);
    is_second(&project, &mut first, &second).await;
    first.shutdown().await;
    second.shutdown().await;
}

#[tokio::test]
async fn a_terminal_beside_an_editor_says_so_and_goes_on_when_the_editor_is_closed() {
    let project = Project::new(CONFIGURATION);
    let mut editor = project.open().await;
    state(&mut editor, "ready").await;
    let mut terminal = project.run();
    let line = terminal.line("looks after `api` of this project already").await;
    assert!(line.contains(&format!("(pid {})", editor.pid().unwrap())), "{line}");
    terminal.line("help: end it").await;
    editor.shutdown().await;
    terminal.line("✓ api ready").await;
    terminal.quit().await;
}

#[tokio::test]
async fn two_terminals_may_run_different_services_of_one_project() {
    let service =
        |name: &str| format!("[services.{name}]\nrun = \"sh serve.sh\"\nready = {{ log = \"serving\" }}\n");
    let project = Project::new(&(service("api") + &service("web")));
    let mut terminals = Vec::new();
    for name in ["api", "web"] {
        let mut terminal = Terminal::start(project.command(&["run", name]));
        terminal.line(&format!("✓ {name} ready")).await;
        terminals.push(terminal);
    }
    for terminal in terminals {
        terminal.quit().await;
    }
    let ignored = std::fs::read_to_string(project.path(".reload/.gitignore")).unwrap();
    assert_eq!(ignored, "*\n", "git ignores what is ours also without a build");
}
