//! Sockets that outlive runs.

use std::io::Read;
use std::net::TcpStream;

use super::*;

/// Answers one connection after another on the socket that it was handed, with the number of its run.
const SERVE: &str = r#"
import os, socket
assert os.environ["LISTEN_FDS"] == "1" and os.environ["LISTEN_PID"] == str(os.getpid())
listener = socket.socket(fileno=3)
while True:
    connection, _ = listener.accept()
    connection.sendall(os.environ["RELOAD_RUN"].encode())
    connection.close()
"#;

fn project(address: SocketAddr) -> Project {
    let mut project = Project::new("exec python3 serve.py").file("serve.py", SERVE);
    project.request.listen = vec![address];
    project.ready(Ready::Tcp(address.to_string()))
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn answer(mut connection: TcpStream) -> String {
    let mut text = String::new();
    connection.read_to_string(&mut text).unwrap();
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_comes_between_two_runs_is_answered_by_the_next() {
    let address = free_address();
    let mut project = project(address);
    let mut first = project.start();
    first.ready().await;
    assert_eq!(answer(TcpStream::connect(address).unwrap()), "7");
    first.stop(GRACE);
    first.ended().await;

    let waiting = TcpStream::connect(address).unwrap();
    project.request.run = RunId(8);
    let second = project.start();
    assert_eq!(answer(waiting), "8");
    second.stop(GRACE);
    second.ended().await;
}

#[tokio::test]
async fn an_address_that_somebody_else_has_is_named_with_its_holder() {
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = stranger.local_addr().unwrap();
    let ended = project(address).run().await;
    let RunExit::NotStarted(why) = ended.exit else { panic!("it began: {:?}", ended.exit) };
    assert!(why.contains(&format!("can't listen on {address}")), "{why}");
    assert!(why.contains(&format!("pid {}", std::process::id())), "{why}");
    assert!(why.contains("help:"), "{why}");
}
