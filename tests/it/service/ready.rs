//! When is a run ready, and whose answers count.

use super::*;

#[tokio::test]
async fn auto_is_ready_when_something_listens_and_names_every_port() {
    let project = Project::program("listens.py", "127.0.0.1:0 0.0.0.0:0 '::1:0'");
    let mut run = project.start();
    let urls = run.ready().await;
    // It may have been seen before it listened on the last.
    let mut wanted = Vec::new();
    for host in ["127.0.0.1", "127.0.0.1", "localhost"] {
        let port = run.line("port ").await.trim().strip_prefix("port ").unwrap().to_owned();
        wanted.push(format!("http://{host}:{port}"));
    }
    assert!(!urls.is_empty() && urls.iter().all(|url| wanted.contains(url)), "{urls:?} of {wanted:?}");
    run.stop(GRACE);
    assert_eq!(run.ended().await.exit, RunExit::Exited(Exit::Signal(15)));
}

#[tokio::test]
async fn auto_sees_what_a_grandchild_listens_on() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/services/listens.py");
    let project = Project::new(&format!("(setsid '{program}' 127.0.0.1:0; true); true"));
    let mut run = project.start();
    let urls = run.ready().await;
    let port = run.line("port ").await.trim().strip_prefix("port ").unwrap().to_owned();
    assert_eq!(urls, [format!("http://127.0.0.1:{port}")]);
    run.stop(Duration::ZERO);
    run.ended().await;
}

#[tokio::test]
async fn auto_is_ready_after_a_while_without_a_port() {
    let project = Project::new("exec tail -f /dev/null");
    let began = SystemTime::now();
    let mut run = project.start();
    assert_eq!(run.ready().await, [""; 0]);
    assert!(began.elapsed().unwrap() >= Duration::from_secs(1));
    drop(run.handle.take());
    assert_eq!(run.ended().await.exit, RunExit::Exited(Exit::Signal(9)));
}

#[tokio::test]
async fn http_is_ready_when_it_answers_with_success() {
    let (_reserved, port) = reserved_port();
    let url = format!("http://127.0.0.1:{port}/health");
    let project = Project::program("answers_http.py", &port.to_string()).ready(Ready::Http(url));
    let mut run = project.start();
    assert_eq!(run.ready().await, [format!("http://127.0.0.1:{port}")]);
    run.stop(GRACE);
    let ended = run.ended().await;
    let answers: Vec<&str> = ended.output.lines().collect();
    assert_eq!(answers, ["answered /health 503", "answered /health 503", "answered /health 200"]);
}

#[tokio::test]
async fn tcp_is_ready_when_it_accepts() {
    let (_reserved, port) = reserved_port();
    let ready = Ready::Tcp(format!("localhost:{port}"));
    let project = Project::program("listens.py", &format!("127.0.0.1:{port}")).ready(ready);
    let mut run = project.start();
    assert_eq!(run.ready().await, [format!("http://localhost:{port}")]);
    run.stop(GRACE);
    run.ended().await;
}

#[tokio::test]
async fn log_is_ready_when_a_line_matches_without_its_colors() {
    let project = Project::new(
        r"echo not listening on 80; printf '\033[32mlistening\033[0m on 8080'; exec tail -f /dev/null",
    )
    .ready(Ready::Log(r"^listening on \d+$".into()));
    let mut run = project.start();
    assert_eq!(run.ready().await, [""; 0]);
    run.stop(GRACE);
    assert!(run.ended().await.output.contains("\x1b[32mlistening\x1b[0m"));
}

#[tokio::test]
async fn notify_is_ready_when_anything_below_says_so_and_later_messages_block_nobody() {
    let project = Project::program("notifies_from_below.py", "").ready(Ready::Notify);
    let mut run = project.start();
    assert_eq!(run.ready().await, [""; 0]);
    run.line("mode 0o700").await;
    run.line("all sent").await;
    run.stop(GRACE);
    run.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_a_stranger_makes_nothing_ready() {
    let (address, answers) = stranger();
    for ready in [Ready::Http(format!("http://{address}/")), Ready::Tcp(address.to_string())] {
        let project = Project::new("exec tail -f /dev/null").ready(ready);
        let run = project.start();
        // One for the look before the start, the others for the probe.
        for _ in 0..4 {
            let answers = &answers;
            tokio::task::block_in_place(|| answers.recv_timeout(Duration::from_secs(60))).unwrap();
        }
        run.stop(GRACE);
        let ended = run.ended().await;
        assert!(!ended.was_ready, "{ended:?}");
        let holder = format!("port {} is held by pid {} (`", address.port(), std::process::id());
        assert!(ended.output.contains(&holder), "{ended:?}");
        while answers.try_recv().is_ok() {}
    }
}

#[tokio::test]
async fn a_stranger_that_takes_the_port_later_is_named() {
    let (reserved, port) = reserved_port();
    let project =
        Project::new("echo up; exec tail -f /dev/null").ready(Ready::Tcp(format!("127.0.0.1:{port}")));
    let mut run = project.start();
    run.line("up").await;
    let _listener = reserved.listen(10).unwrap();
    let line = run.line("no part of this run").await;
    assert!(line.starts_with(&format!("port {port} is held by pid {} (`", std::process::id())), "{line}");
    run.stop(GRACE);
    assert!(!run.ended().await.was_ready);
}

#[tokio::test]
async fn a_probe_never_outlives_the_run() {
    let (_reserved, port) = reserved_port();
    let project = Project::new("exit 0").ready(Ready::Tcp(format!("127.0.0.1:{port}")));
    let ended = project.run().await;
    assert_eq!((ended.exit, ended.was_ready), (RunExit::Exited(Exit::Code(0)), false));
}

#[test]
fn a_url_that_cannot_be_asked_is_refused_by_name() {
    assert_eq!(check_http("http://localhost:8080/health"), Ok(()));
    let error = check_http("https://localhost:8443/").unwrap_err();
    assert!(
        error.starts_with("`https://localhost:8443/` cannot be asked") && error.contains("help:"),
        "{error}"
    );
    assert!(Ready::Tcp("http://localhost:80".into()).check().is_err());
    assert!(Ready::Log("(".into()).check().is_err());
}
