//! What a run prints, and how it ends.

use super::*;

#[tokio::test]
async fn a_flood_that_nobody_reads_blocks_nothing_and_fills_no_memory() {
    let project = Project::program("floods.py", "").ready(Ready::Log("^done$".into()));
    let mut run = project.start();
    run.ready().await;
    let output = run.output.clone();
    run.stop(GRACE);
    assert!(run.ended().await.output.len() <= Output::BYTES);
    let batch = output.read(0, usize::MAX);
    assert!(batch.dropped > 0 && batch.lines.iter().all(|line| line.text.len() <= Output::LINE));
}

#[tokio::test]
async fn a_prompt_without_a_line_end_is_shown() {
    let project = Project::new("printf 'name? '; exec tail -f /dev/null");
    let mut run = project.start();
    assert_eq!(run.line("name").await, "name? ");
    run.stop(GRACE);
    assert_eq!(run.ended().await.output, "name? ");
}

#[tokio::test]
async fn the_last_words_of_a_crash_are_kept() {
    let project = Project::new("head -c 60000 /dev/zero; printf 'caf\\303' >&2; printf 'last words'; exit 3");
    for _ in 0..20 {
        let ended = project.run().await;
        let end = ended.output.trim_start_matches('\0');
        assert!(end.contains("last words") && end.contains("caf\u{fffd}"), "{end}");
    }
}

#[tokio::test]
async fn an_exit_with_0_is_no_problem() {
    let ended = Project::new("exit 0").run().await;
    assert_eq!((ended.exit, ended.problems), (RunExit::Exited(Exit::Code(0)), vec![]));
}

#[tokio::test]
async fn a_crash_without_a_trace_is_named_by_its_code_or_signal() {
    let cases = [
        ("exit 3", Exit::Code(3), "exited with code 3"),
        ("kill -SEGV $$", Exit::Signal(11), "killed by SIGSEGV"),
        ("echo words >&2; exit 3", Exit::Code(3), "exited with code 3\nwords"),
        ("no-such-program", Exit::Code(127), "exited with code 127: the shell did not find a command (help:"),
    ];
    for (command, exit, message) in cases {
        let ended = Project::new(command).run().await;
        assert_eq!(ended.exit, RunExit::Exited(exit));
        assert!(matches!(ended.messages()[..], [said] if said.starts_with(message)), "{ended:?}");
    }
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_named() {
    let mut project = Project::new("");
    project.request.command = CommandLine::Argv(vec!["no-such-program".into()]);
    let ended = project.run().await;
    assert!(
        matches!(&ended.exit, RunExit::NotStarted(text) if text.contains("no-such-program")),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_grandchild_that_holds_the_output_open_does_not_outlive_the_run() {
    let project = Project::new("setsid tail -f /dev/null & echo started; exit 0");
    let ended = project.run().await;
    assert_eq!(ended.exit, RunExit::Exited(Exit::Code(0)));
    assert_eq!(ended.output, "started\n1 process outlived the service and had to be killed\n");
}

#[tokio::test]
async fn a_run_that_ignores_the_signal_is_killed_when_the_grace_is_over() {
    let project = Project::new("trap '' TERM; tail -f /dev/null & echo deaf; wait");
    let mut run = project.start();
    run.line("deaf").await;
    run.stop(GRACE);
    // The shorter grace wins.
    run.stop(Duration::from_millis(100));
    let ended = run.ended().await;
    assert_eq!((ended.exit, ended.problems), (RunExit::Exited(Exit::Signal(9)), vec![]));
    assert!(ended.output.contains("did not end within the grace"), "{}", ended.output);
}

#[tokio::test]
async fn the_signal_that_asks_it_to_end_can_be_chosen() {
    let mut project = Project::new("trap 'echo int; exit 0' INT; trap '' TERM; echo up; while :; do :; done");
    project.request.stop_signal = Signal::SIGINT;
    let mut run = project.start();
    run.line("up").await;
    run.stop(GRACE);
    let ended = run.ended().await;
    assert_eq!((ended.exit, ended.output.as_str()), (RunExit::Exited(Exit::Code(0)), "up\nint\n"));
}

#[tokio::test]
async fn a_run_that_is_stopped_before_it_began_ends_once() {
    let project = Project::new("echo started; exec tail -f /dev/null");
    let run = project.start();
    run.stop(GRACE);
    assert!(!run.ended().await.was_ready);
    let mut run = project.start();
    drop(run.handle.take());
    run.ended().await;
}
