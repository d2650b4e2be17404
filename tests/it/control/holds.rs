//! Holds over the socket.

use serde_json::json;

use super::{Wire, opened, run};

#[tokio::test]
async fn a_hold_ends_in_one_trip_for_all_that_came() {
    let (project, mut client) = opened().await;
    let one = run(&project, &["hold", "--ttl", "10m"], 0).await;
    let two = run(&project, &["hold"], 0).await;
    for word in ["two", "three", "four"] {
        project.write("word.txt", format!("{word}\n"));
        run(&project, &["wait", "--timeout", "1ms"], 5).await;
    }
    let said = run(&project, &["status"], 0).await;
    assert!(said.contains("held") && said.contains("waits: hold until 20"), "{said}");
    run(&project, &["release", one.trim()], 0).await;
    run(&project, &["wait", "--timeout", "1ms"], 5).await;
    run(&project, &["release", two.trim()], 0).await;
    run(&project, &["wait"], 0).await;
    let logs = run(&project, &["logs"], 0).await;
    assert!(logs.contains("api 2 │ serving four") && !logs.contains("serving t"), "{logs}");
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_command_under_a_hold_ends_as_it_would_and_so_does_the_hold() {
    let (project, mut client) = opened().await;
    let script =
        "for word in two three four; do echo $word > word.txt; \"$0\" wait --timeout 1ms; done; exit 7";
    let program = crate::support::project::PROGRAM;
    // Shorter than the command: it is held again while the command runs.
    run(&project, &["hold", "--ttl", "300ms", "--", "sh", "-c", script, program], 7).await;
    run(&project, &["wait"], 0).await;
    let logs = run(&project, &["logs"], 0).await;
    assert!(logs.contains("api 2 │ serving four") && !logs.contains("serving t"), "{logs}");
    let said = run(&project, &["hold", "--", "no-such-program"], 1).await;
    assert!(said.contains("could not start `no-such-program`") && said.contains("help:"), "{said}");
    let said = run(&project, &["status"], 0).await;
    assert!(!said.contains("held"), "{said}");
    assert_eq!(client.shutdown().await, Some(0));
}

#[tokio::test]
async fn a_hold_has_a_limit_and_ends_by_itself() {
    let (project, mut client) = opened().await;
    for (ttl, token) in [(0, json!(null)), (3_600_001, json!(null)), (5, json!("no token"))] {
        let mut wire = Wire::open(&project).await;
        let answer = wire.call("hold", json!({ "ttlMs": ttl, "token": token })).await;
        assert_eq!(answer["error"]["kind"], "badCall", "{answer}");
    }
    run(&project, &["hold", "--ttl", "50ms"], 0).await;
    project.write("word.txt", "two\n");
    run(&project, &["wait"], 0).await;
    assert!(run(&project, &["logs"], 0).await.contains("serving two"));
    assert_eq!(client.shutdown().await, Some(0));
}
