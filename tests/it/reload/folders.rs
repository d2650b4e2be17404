//! Several folders in one editor.

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::support::client::{Client, LIMIT, uri};
use crate::support::page::{ask, page, printed, ready};
use crate::support::project::Project;

fn folder(project: &Project) -> Value {
    json!({ "uri": uri(&project.root()), "name": "a folder" })
}

fn change_folders(client: &Client, added: &[&Project], removed: &[&Project]) {
    let all = |projects: &[&Project]| projects.iter().copied().map(folder).collect::<Value>();
    let event = json!({ "added": all(added), "removed": all(removed) });
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
}

#[tokio::test]
async fn folders_come_and_go_without_disturbing_each_other() {
    let [pages, notes] = [Project::page(), Project::note("")];
    let mut client = pages.open_as(json!({ "workspaceFolders": [folder(&pages)] })).await;
    let web = ready(&mut client, "web", 1).await;

    change_folders(&client, &[&notes], &[]);
    let note = ready(&mut client, "note", 1).await;
    pages.save(&client, "main.rs", &page("two"));
    let web_again = ready(&mut client, "web", 2).await;
    assert_ne!(web["run"]["pid"], web_again["run"]["pid"]);
    assert_eq!(ask(&web_again).await, "two");

    // A connection that nothing is said on: the service waits for that until it ends.
    let url = web_again["run"]["urls"][0].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let mut connection = TcpStream::connect(url.trim_end_matches('/')).await.unwrap();
    change_folders(&client, &[], &[&pages]);
    let ended = tokio::time::timeout(LIMIT, connection.read(&mut [0])).await.expect("the service ends");
    assert!(matches!(ended, Ok(0) | Err(_)));

    notes.save(&client, "note.txt", "two\n");
    assert_eq!(printed(&mut client, "two").await, 2);
    assert_ne!(ready(&mut client, "note", 2).await["run"]["pid"], note["run"]["pid"]);

    // The program of this content was built before, but whoever opens the folder again starts from the beginning.
    client.taken("reload/status");
    change_folders(&client, &[&pages], &[]);
    assert_eq!(ask(&ready(&mut client, "web", 1).await).await, "two");
    assert_eq!(client.shutdown().await, Some(0));
}
