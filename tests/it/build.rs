//! Builds of real commands: what the session hears of them, what people read, what is left behind.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reload_lsp::artifact;
use reload_lsp::build::{Handle, Purpose, Request, spawn};
use reload_lsp::engine::{BuildOutcome, Event, Exit, Generation, Problem, Severity};
use reload_lsp::output::{From, Output};
use reload_lsp::process::{CommandLine, use_guard_program};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// Only a bug reaches it.
const LIMIT: Duration = Duration::from_secs(60);

/// A project of one service in a folder of its own.
struct Project {
    folder: TempDir,
    exe: bool,
    running: Option<Generation>,
}

/// A build that was started.
struct Started {
    handle: Option<Handle>,
    events: UnboundedReceiver<Event>,
    output: Arc<Output>,
}

/// A build that has ended.
struct Ended {
    outcome: BuildOutcome,
    problems: Vec<Problem>,
    blocked: Vec<bool>,
    /// What the command printed.
    text: String,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        use_guard_program(env!("CARGO_BIN_EXE_reload-lsp").into());
        let project = Self { folder: tempfile::tempdir().unwrap(), exe: false, running: None };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn out(&self, generation: u32) -> PathBuf {
        artifact::out(self.folder.path(), &"api".into(), Generation(generation))
    }

    fn start(&self, generation: u32, command: CommandLine) -> Started {
        let root = self.folder.path().to_owned();
        let request = Request {
            service: "api".into(),
            generation: Generation(generation),
            purpose: Purpose::Build {
                running: self.running,
                needed: self.running.into_iter().collect(),
                exe: self.exe,
            },
            dir: root.clone(),
            root,
            command,
            env: vec![("GREETING".into(), "hello".into())],
            formats: vec![],
            matchers: Vec::new(),
        };
        let (inbox, events) = unbounded_channel();
        let output = Output::new();
        Started { handle: Some(spawn(request, inbox, output.clone())), events, output }
    }

    async fn build(&self, generation: u32, command: &str) -> Ended {
        self.start(generation, CommandLine::Shell(command.into())).end().await
    }
}

impl Started {
    async fn event(&mut self) -> Option<Event> {
        timeout(LIMIT, self.events.recv()).await.expect("the build is still silent")
    }

    /// Waits until the command has printed `text`.
    async fn printed(&mut self, text: &str) {
        let mut written = self.output.subscribe();
        let all = self.output.clone();
        let printed = written.wait_for(|_| read(&all, From::Build).contains(text));
        timeout(LIMIT, printed).await.expect("it is not printed").unwrap();
    }

    async fn end(mut self) -> Ended {
        let (mut problems, mut blocked, mut outcome) = (vec![], vec![], None);
        while let Some(event) = self.event().await {
            assert_eq!(outcome, None, "nothing follows the end of a build");
            if let Event::ProblemsFound { problems: found, .. } = event {
                problems.extend(found);
            } else if let Event::BuildBlocked { blocked: is, .. } = event {
                blocked.push(is);
            } else if let Event::BuildExited { outcome: how, .. } = event {
                outcome = Some(how);
            } else {
                panic!("{event:?}");
            }
        }
        let text = read(&self.output, From::Build);
        Ended { outcome: outcome.expect("every build ends"), problems, blocked, text }
    }
}

fn read(output: &Output, from: From) -> String {
    let lines = output.read(0, usize::MAX).lines;
    lines.iter().filter(|line| line.from == from).map(|line| line.text.as_str()).collect()
}

#[tokio::test]
async fn a_build_that_writes_its_result_passes() {
    let project = Project::new(&[]);
    let ended =
        project.build(1, "echo $GREETING $RELOAD_GENERATION; printf '\\033[32mok'; echo x > {out}").await;
    assert_eq!(ended.outcome, BuildOutcome::Passed { same_as: None });
    assert_eq!(ended.text, "hello 1\n\x1b[32mok");
    assert!(project.out(1).exists() && project.folder.path().join(".reload/.gitignore").exists());
}

#[tokio::test]
async fn a_build_that_does_not_write_its_result_fails_and_says_which() {
    let project = Project::new(&[]);
    let ended = project.build(1, "true {out}").await;
    assert_eq!(ended.outcome, BuildOutcome::Failed(Exit::Code(0)));
    assert!(ended.problems[0].message.contains(project.out(1).to_str().unwrap()), "{:?}", ended.problems);
}

#[tokio::test]
async fn a_failed_build_tells_its_problems() {
    let project = Project::new(&[("a.c", "int f(void) { return q; }\n")]);
    let ended = project.build(1, "gcc -c a.c -o {out}").await;
    assert_eq!(ended.outcome, BuildOutcome::Failed(Exit::Code(1)));
    let place = ended.problems[0].place.clone().unwrap();
    assert_eq!((place.path, place.start.line), (project.folder.path().join("a.c"), 1));
    assert_eq!(ended.problems.len(), 1);
}

#[tokio::test]
async fn a_build_that_fails_without_saying_why_is_quoted() {
    let ended = Project::new(&[]).build(1, "echo first; echo 'the disk is on fire' >&2; exit 7").await;
    assert_eq!(ended.outcome, BuildOutcome::Failed(Exit::Code(7)));
    let [problem] = &ended.problems[..] else { panic!("{:?}", ended.problems) };
    assert_eq!(problem.message.lines().next(), Some("build failed with exit code 7"));
    assert!(problem.message.contains("the disk is on fire"));
    assert_eq!((problem.severity, &problem.place), (Severity::Error, &None));
}

#[tokio::test]
async fn the_first_problem_is_told_while_the_build_goes_on() {
    let project = Project::new(&[("a.c", "")]);
    let mut started = project
        .start(1, CommandLine::Shell("echo 'a.c:1:1: error: one'; mkfifo wait; read -r line < wait".into()));
    let Some(Event::ProblemsFound { problems, .. }) = started.event().await else { panic!("no problem") };
    assert_eq!(problems[0].message, "one");
    fs::write(project.folder.path().join("wait"), "go on\n").unwrap();
    assert_eq!(started.end().await.outcome, BuildOutcome::Passed { same_as: None });
}

#[tokio::test]
async fn a_question_without_a_line_end_is_shown() {
    let project = Project::new(&[]);
    let mut started =
        project.start(1, CommandLine::Shell("mkfifo wait; printf 'Password: '; read -r line < wait".into()));
    started.printed("Password: ").await;
    fs::write(project.folder.path().join("wait"), "secret\n").unwrap();
    assert_eq!(started.end().await.text, "Password: ");
}

#[tokio::test]
async fn a_stopped_build_says_so() {
    let project = Project::new(&[]);
    let mut started = project.start(1, CommandLine::Shell("echo begun; exec sleep 1000".into()));
    started.printed("begun").await;
    started.handle.as_ref().unwrap().stop();
    let ended = started.end().await;
    assert_eq!((ended.outcome, ended.problems), (BuildOutcome::Stopped, vec![]));
}

#[tokio::test]
async fn a_build_that_ignores_being_asked_is_killed() {
    let project = Project::new(&[]);
    let command = "trap '' TERM; echo begun; while :; do sleep 1000; done";
    let mut started = project.start(1, CommandLine::Shell(command.into()));
    started.printed("begun").await;
    started.handle.as_ref().unwrap().stop();
    assert_eq!(started.end().await.outcome, BuildOutcome::Stopped);
}

#[tokio::test]
async fn dropping_the_handle_stops_the_build() {
    let project = Project::new(&[]);
    let mut started = project.start(1, CommandLine::Shell("echo begun; exec sleep 1000".into()));
    started.printed("begun").await;
    started.handle = None;
    assert_eq!(started.end().await.outcome, BuildOutcome::Stopped);
}

#[tokio::test]
async fn a_stop_before_it_has_begun_stops_it() {
    let project = Project::new(&[]);
    let started = project.start(1, CommandLine::Shell("touch ran".into()));
    started.handle.as_ref().unwrap().stop();
    assert_eq!(started.end().await.outcome, BuildOutcome::Stopped);
    assert!(!project.folder.path().join("ran").exists());
}

#[tokio::test]
async fn a_stop_that_comes_too_late_changes_nothing() {
    let project = Project::new(&[]);
    let mut started = project.start(1, CommandLine::Shell("true".into()));
    let exited = started.event().await;
    started.handle.as_ref().unwrap().stop();
    let passed = BuildOutcome::Passed { same_as: None };
    assert!(matches!(exited, Some(Event::BuildExited { outcome, .. }) if outcome == passed));
    assert_eq!(started.event().await, None);
}

#[tokio::test]
async fn a_command_that_does_not_exist_is_named() {
    let project = Project::new(&[]);
    let ended = project.start(1, CommandLine::Argv(vec!["no-such-compiler".into(), "x".into()])).end().await;
    let BuildOutcome::NotStarted(text) = ended.outcome else { panic!("{:?}", ended.outcome) };
    assert!(text.contains("`no-such-compiler x`") && text.contains("(help: "), "{text}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let project = Project::new(&[(".reload", "a file")]);
    let BuildOutcome::NotStarted(text) = project.build(1, "true").await.outcome else { panic!("it began") };
    assert!(text.contains(".reload/api/1") && text.contains("(help: "), "{text}");
}

#[tokio::test]
async fn the_same_result_is_recognized() {
    let mut project = Project::new(&[]);
    project.build(1, "echo one > {out}").await;
    project.running = Some(Generation(1));
    let same = project.build(2, "echo one > {out}").await;
    assert_eq!(same.outcome, BuildOutcome::Passed { same_as: Some(Generation(1)) });
    let other = project.build(3, "echo two > {out}").await;
    assert_eq!(other.outcome, BuildOutcome::Passed { same_as: None });
    let nothing = project.build(4, "true").await;
    assert_eq!(nothing.outcome, BuildOutcome::Passed { same_as: None });
}

#[tokio::test]
async fn what_runs_is_kept_however_often_it_is_built_anew() {
    let mut project = Project::new(&[]);
    project.build(1, "echo 1 > {out}").await;
    project.running = Some(Generation(1));
    for generation in 2..8 {
        project.build(generation, "echo $RELOAD_GENERATION > {out}").await;
    }
    assert!(project.out(1).exists() && project.out(7).exists());
}

#[tokio::test]
async fn a_wait_for_a_lock_is_told_and_its_end_too() {
    let command = "echo '    Blocking waiting for file lock on build directory' >&2; echo next >&2";
    let ended = Project::new(&[]).build(1, command).await;
    assert_eq!(ended.blocked, [true, false]);
}

#[tokio::test]
async fn a_flood_of_problems_ends_with_their_number() {
    let files: &[(&str, &str)] = &[("a.c", "")];
    let ended = Project::new(files).build(1, "seq 1500 | sed 's/.*/a.c:&:1: error: x/'; exit 1").await;
    assert_eq!(ended.problems.len(), 1001);
    assert_eq!(ended.problems[1000].message, "500 more problems were not listed");
}

#[tokio::test]
async fn a_long_line_is_shown_in_pieces() {
    let ended = Project::new(&[]).build(1, "head -c 300000 /dev/zero | tr '\\0' x; echo").await;
    assert_eq!(ended.text.len(), 300_001);
}

#[tokio::test]
async fn cargo_tells_its_problems_and_people_read_its_text() {
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n";
    let project =
        Project::new(&[("Cargo.toml", manifest), ("src/main.rs", "fn main() { let x: u8 = \"s\"; }\n")]);
    let ended = project.build(1, "cargo build --offline").await;
    assert_eq!(ended.outcome, BuildOutcome::Failed(Exit::Code(101)));
    assert_eq!(ended.problems.len(), 1, "{:?}", ended.problems);
    assert_eq!(ended.problems[0].code.as_deref(), Some("E0308"));
    assert!(ended.text.contains("mismatched types") && !ended.text.contains("\"reason\""), "{}", ended.text);
}

#[tokio::test]
async fn the_program_that_cargo_made_becomes_the_result() {
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n";
    let mut project = Project::new(&[("Cargo.toml", manifest), ("src/main.rs", "fn main() {}\n")]);
    project.exe = true;
    assert_eq!(
        project.build(1, "cargo build --offline").await.outcome,
        BuildOutcome::Passed { same_as: None }
    );
    let exe = artifact::exe(project.folder.path(), &"api".into(), Generation(1));
    assert!(fs::metadata(&exe).unwrap().permissions().mode() & 0o100 != 0);
    project.running = Some(Generation(1));
    project.write("src/main.rs", "fn main() {} // The same program.\n");
    let ended = project.build(2, "cargo build --offline").await;
    assert_eq!(ended.outcome, BuildOutcome::Passed { same_as: Some(Generation(1)) });
    project.write("src/bin/other.rs", "fn main() {}\n");
    let ended = project.build(3, "cargo build --offline").await;
    assert!(
        ended.problems[0].message.contains("`--bin NAME`")
            || ended.problems[0].message.contains("--bin NAME")
    );
    let ended = project.build(4, "cargo build --offline --bin app").await;
    assert_eq!(ended.outcome, BuildOutcome::Passed { same_as: Some(Generation(1)) });
}
