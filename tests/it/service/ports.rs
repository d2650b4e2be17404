//! Ports that somebody else has.

use super::*;

#[tokio::test]
async fn a_crash_because_the_port_is_taken_names_who_has_it() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let holder = format!("port {} is held by pid {} (`", address.port(), std::process::id());
    let by_probe =
        Project::program("listens.py", &address.to_string()).ready(Ready::Tcp(address.to_string()));
    let by_output =
        Project::new(&format!("echo 'listen tcp {address}: bind: address already in use' >&2; exit 1"));
    let silent = Project::new("exit 1").ready(Ready::Tcp(address.to_string()));
    for project in [by_probe, by_output, silent] {
        let ended = project.run().await;
        let first = ended.messages()[0];
        assert!(first.starts_with(&holder) && first.contains("help:"), "{ended:?}");
    }
}

#[tokio::test]
async fn a_port_that_was_never_in_the_way_is_not_blamed() {
    let (_reserved, port) = reserved_port();
    let project = Project::new("exit 3").ready(Ready::Tcp(format!("127.0.0.1:{port}")));
    assert_eq!(project.run().await.messages(), ["exited with code 3"]);
}
