//! What a run finds in its environment, and where it runs.

use super::*;

#[tokio::test]
async fn env_wins_over_our_environment_and_that_over_env_files() {
    let project = Project::new(
        r#"echo "$A|$B|$C|$CARGO_MANIFEST_DIR|$RELOAD_GENERATION|$RELOAD_RUN|${NOTIFY_SOCKET-none}""#,
    )
    .file(".env", "export A=first\nB=file # comment\nCARGO_MANIFEST_DIR=/other\n")
    .file(".env.local", "A=\"local ${B}\"\nC=${CARGO_MANIFEST_DIR}\n")
    .env_file(".env")
    .env_file(".env.local")
    .env("B", "config");
    let ours = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let ended = project.run().await;
    assert_eq!(ended.output, format!("local file|config|{ours}|{ours}|3|7|none\n"));
    assert!(!format!("{:?}", project.request).contains("config\""));
}

#[tokio::test]
async fn env_files_are_read_again_for_every_run() {
    let project = Project::new("echo $A").file(".env", "A=1").env_file(".env");
    assert_eq!(project.run().await.output, "1\n");
    let project = project.file(".env", "A=2");
    assert_eq!(project.run().await.output, "2\n");
}

#[tokio::test]
async fn a_missing_env_file_is_a_warning() {
    let project = Project::new("echo started").env_file(".env");
    let run = project.start();
    let output = run.output.clone();
    let ended = run.ended().await;
    assert_eq!(
        ended.output,
        "`.env` does not exist (help: create it, or take it out of `env_files`)\nstarted\n"
    );
    let lines = output.read(0, 2).lines;
    assert_eq!((&lines[0].from, &lines[1].from), (&From::Reload, &From::Run));
}

#[tokio::test]
async fn a_mistake_in_an_env_file_names_its_line_and_starts_nothing() {
    let project = Project::new("echo started").file("api/.env", "A=1\nB=\"secret\n").env_file("api/.env");
    let ended = project.run().await;
    let expected = "api/.env:2: the \" that begins here is never closed (help: close it, or put the value into other quotes)";
    assert_eq!(ended.exit, RunExit::NotStarted(expected.into()));
    assert_eq!(ended.output, "");
}

#[tokio::test]
async fn a_python_save_of_equal_size_within_one_second_is_what_runs() {
    let second = SystemTime::now() - Duration::from_secs(1000);
    let save = |project: &Project, text: &str| {
        let path = project.root().join("answer.py");
        fs::write(&path, text).unwrap();
        fs::File::options().write(true).open(path).unwrap().set_modified(second).unwrap();
    };
    let project = Project::new("python3 main.py")
        .file("main.py", "import answer\nprint(answer.N)\n")
        .env("PYTHONDONTWRITEBYTECODE", "");
    save(&project, "N = 1\n");
    assert_eq!(project.run().await.output, "1\n");
    save(&project, "N = 2\n");
    assert_eq!(project.run().await.output, "2\n");
}

#[tokio::test]
async fn the_command_runs_the_artifact_of_its_generation_in_its_directory() {
    let mut project =
        Project::new("").file("sub/x", "").file(".reload/api/3/api", "#!/bin/sh\npwd; echo $1\n");
    let program = project.root().join(".reload/api/3/api");
    fs::set_permissions(program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    project.request.dir = project.root().join("sub");
    for command in
        [CommandLine::Shell("{out} arg".into()), CommandLine::Argv(vec!["{out}".into(), "arg".into()])]
    {
        project.request.command = command;
        assert_eq!(project.run().await.output, format!("{}/sub\narg\n", project.root().display()));
    }
}
