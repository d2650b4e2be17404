//! What no client should send: the session lives on, and everybody else is served.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{Wire, opened};

#[tokio::test]
async fn lines_that_are_no_calls_are_refused_and_the_connection_lives_on() {
    let (project, mut client) = opened().await;
    let mut wire = Wire::open(&project).await;
    let lines: [(&[u8], Value); 9] = [
        (b"hello", json!(null)),
        (b"{", json!(null)),
        (b"\xff\xfe", json!(null)),
        (b"[]", json!(null)),
        (b"null", json!(null)),
        (b"{\"id\":3}", json!(3)),
        (b"{\"id\":-1,\"method\":\"status\"}", json!(null)),
        (b"{\"id\":4,\"method\":\"reboot\"}", json!(4)),
        (b"{\"id\":5,\"method\":\"build\",\"params\":{\"service\":7}}", json!(5)),
    ];
    for (line, id) in lines {
        wire.send(&[line, b"\n"].concat()).await;
        let answer = wire.line().await.expect("an answer");
        assert_eq!((&answer["error"]["kind"], &answer["id"]), (&json!("badCall"), &id), "{answer}");
    }
    // Empty lines are none, and several calls may come at once.
    wire.send(b"\n\r\n{\"id\":1,\"method\":\"status\"}\n{\"id\":2,\"method\":\"status\"}\n").await;
    for id in [1, 2] {
        let answer = wire.line().await.unwrap();
        assert_eq!((&answer["id"], &answer["result"]["state"]), (&json!(id), &json!("ready")));
    }
    assert_eq!(client.shutdown().await, Some(0));
    assert_eq!(wire.line().await, None, "the end of the session closes it");
}

#[tokio::test]
async fn a_line_without_an_end_and_one_that_is_far_too_long_cost_nothing() {
    let (project, mut client) = opened().await;
    let mut half = Wire::open(&project).await;
    half.send(b"{\"id\":1,\"meth").await;
    half.0.get_mut().shutdown().await.unwrap();
    assert_eq!(half.line().await.unwrap()["error"]["kind"], "badCall");
    assert_eq!(half.line().await, None);

    let mut long = Wire::open(&project).await;
    // The other end stops reading, and closes.
    let _ = long.0.write_all(&vec![b'x'; 10 * 1024 * 1024]).await;
    let answer = long.line().await;
    assert!(answer.is_none_or(|answer| answer["error"]["kind"] == "badCall"));

    let mut wire = Wire::open(&project).await;
    assert_eq!(wire.call("status", json!({})).await["result"]["state"], "ready");
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_client_that_never_reads_holds_up_nobody() {
    let (project, mut client) = opened().await;
    let mut deaf = Wire::open(&project).await;
    let call = b"{\"id\":1,\"method\":\"status\"}\n".repeat(1_000);
    // Until the session takes no more: it waits for the answers to be read.
    for _ in 0..1_000 {
        match tokio::time::timeout(std::time::Duration::from_millis(200), deaf.0.write_all(&call)).await {
            Ok(written) => written.unwrap(),
            Err(_) => break,
        }
    }
    let mut wire = Wire::open(&project).await;
    assert_eq!(wire.call("status", json!({})).await["result"]["state"], "ready");
    project.save_word(&client, "two");
    assert_eq!(wire.call("wait", json!({})).await["result"]["verdict"], "ready");
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn more_clients_than_anybody_has_are_sent_away() {
    let (project, mut client) = opened().await;
    let mut wires = Vec::new();
    for _ in 0..64 {
        let mut wire = Wire::open(&project).await;
        wire.call("status", json!({})).await;
        wires.push(wire);
    }
    let mut late = Wire::open(&project).await;
    let answer = late.line().await.unwrap();
    assert_eq!((&answer["error"]["kind"], &answer["id"]), (&json!("busy"), &json!(null)));
    assert_eq!(late.line().await, None);
    assert_eq!(client.shutdown().await, Some(0));
}
