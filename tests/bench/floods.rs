//! Many changes at once: none may be lost, and few builds must do. Called by `main`.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::client::{Client, generation};
use crate::figures::Row;
use crate::project::{Project, Start};

/// `saves` saves without waiting for anything. The last content must be the one that runs.
pub(crate) fn burst(saves: usize) -> io::Result<Vec<Row>> {
    let project = Project::new(0)?;
    let (mut client, _) = Client::open(&project)?;
    let first = client.ready()?;
    let before = project.starts()?.len();
    for number in 1..=saves {
        // In turns, as editors differ.
        let content = number.to_string();
        if number % 2 == 0 {
            project.write(&content)?;
        } else {
            project.replace(&content)?;
        }
        client.saved(&project.source())?;
    }
    let (is_last_running, last) = runs_in_the_end(&mut client, &project, &saves.to_string());
    let starts = project.starts()?.split_off(before);
    let (builds, runs) = count(&starts);
    client.close()?;
    Ok(vec![
        Row::judged(
            format!("{saves} saves in one burst: last content runs"),
            if is_last_running { "yes" } else { "NO" },
            "yes",
            is_last_running,
        ),
        Row::told(
            format!("{saves} saves in one burst: what was started"),
            format!(
                "{} generations, {builds} of which got to build, {runs} runs",
                last.saturating_sub(first)
            ),
        ),
    ])
}

/// Whether the run that is ready, once there is a ready one with this content or nothing comes any more, has this content;
/// and its generation.
fn runs_in_the_end(client: &mut Client, project: &Project, content: &str) -> (bool, u64) {
    let is_running = |project: &Project| {
        let starts = project.starts().unwrap_or_default();
        starts.iter().rev().find(|start| !start.is_build).is_some_and(|start| start.content == content)
    };
    let mut last = 0;
    while let Ok(status) = client.reloaded(last) {
        last = generation(&status);
        if is_running(project) {
            break;
        }
    }
    (is_running(project), last)
}

/// A repository of `files` files whose other branch differs in all of them. The other branch is checked out.
pub(crate) fn repository(files: usize) -> io::Result<Project> {
    let project = Project::new(files)?;
    let root = project.root();
    git(&root, &["init", "--quiet"])?;
    commit(&root, "one")?;
    git(&root, &["checkout", "--quiet", "-b", "other"])?;
    for path in project.files(files) {
        fs::write(path, "other")?;
    }
    project.write("other")?;
    commit(&root, "two")?;
    Ok(project)
}

/// Checks out the branch that is not checked out.
pub(crate) fn switch(project: &Project) -> io::Result<()> {
    git(&project.root(), &["checkout", "--quiet", "-"])
}

/// A branch switch of `files` files: one build.
pub(crate) fn branch_switch(files: usize) -> io::Result<Vec<Row>> {
    let project = repository(files)?;
    let (mut client, _) = Client::open(&project)?;
    let mut last = client.ready()?;
    let before = project.starts()?.len();
    switch(&project)?;
    last = generation(&client.reloaded(last)?);
    // A save through the same stream: what came before it has been seen when its run is ready.
    project.write("end")?;
    client.saved(&project.source())?;
    client.reloaded(last)?;
    let starts = project.starts()?.split_off(before);
    let builds = starts.iter().filter(|start| start.is_build && start.content != "end").count();
    client.close()?;
    let what = format!("builds for a branch switch of {files} files");
    Ok(vec![Row::judged(what, builds.to_string(), "1", builds == 1)])
}

fn count(starts: &[Start]) -> (usize, usize) {
    let builds = starts.iter().filter(|start| start.is_build).count();
    (builds, starts.len() - builds)
}

fn commit(root: &Path, message: &str) -> io::Result<()> {
    git(root, &["add", "--all"])?;
    git(
        root,
        &["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "--quiet", "-m", message],
    )
}

fn git(root: &Path, arguments: &[&str]) -> io::Result<()> {
    let status = Command::new("git").arg("-C").arg(root).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("git {arguments:?} failed"))) }
}
