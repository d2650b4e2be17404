//! `reload-lsp demo`: plays one session with a small web service over a real LSP connection, then leaves it to the person.
//! Called by `cli`. Does not know: processes, LSP's types.

mod editor;
mod project;
mod script;
mod tell;
mod timeline;

use std::pin::pin;
use std::time::{Duration, SystemTime};

use tokio::io::split;

use super::args::{Demo, Project as Location, Run};
use super::exit::{Error, ExitStatus};
use super::print::{self, Paint};
use super::run::words;
use super::signals::Signals;
use super::{block_on, run};
use crate::lsp;
use editor::Editor;
use project::Project;
use script::Script;
use tell::Tell;

/// How much of the conversation may be under way. Whoever writes more waits for the reader.
const PIPE: usize = 64 * 1024;

/// How long the language server may take to end.
const GOODBYE: Duration = Duration::from_secs(10);

/// Plays the session. Goes on with `run` in the project's folder, unless `--once`.
pub(super) fn demo(args: &Demo) -> Result<ExitStatus, Error> {
    let paint = Paint::for_stdout();
    let project = Project::write(args.dir.as_deref())?;
    print::out(&heading(&project, paint));
    let began = SystemTime::now();
    let status = block_on(play(&project, paint))??;
    if status == ExitStatus::Success {
        let took = words::duration(began.elapsed().unwrap_or_default());
        print::out(&format!("\n {}\n", paint.dim(&format!("played in {took}; everything is stopped"))));
    }
    if args.once && args.dir.is_none() {
        // Nobody asked for the folder, and nobody has seen it.
        let _ = std::fs::remove_dir_all(&project.root);
    }
    if args.once || status != ExitStatus::Success {
        return Ok(status);
    }
    print::out(&invitation(&project, paint));
    run::run(&Run { project: Location::at(project.root), ..Run::default() })
}

async fn play(project: &Project, paint: Paint) -> Result<ExitStatus, Error> {
    // A pipe within this process: the same language server, the same messages as over stdio.
    let (client, server) = tokio::io::duplex(PIPE);
    let (reader, writer) = split(server);
    let mut signals = Signals::listen().map_err(Error::Runtime)?;
    let host = super::host(project.root.clone());
    let mut serve = pin!(lsp::serve(reader, writer, host, signals.next()));
    let played = {
        let (reader, writer) = split(client);
        let script = Script { project, editor: Editor::new(reader, writer), tell: Tell(paint) };
        tokio::select! {
            played = script.play() => played.map_err(|error| failed(&error, project)),
            ended = &mut serve => return Ok(ended.into()),
        }
        // The editor's end is gone here, however it ended: the language server stops what it has started.
    };
    let ended = tokio::time::timeout(GOODBYE, serve).await;
    played.map(|()| ended.map_or(ExitStatus::Failure, ExitStatus::from))
}

fn failed(error: &editor::Disappointed, project: &Project) -> Error {
    let help = format!("the project is still in {}; RELOAD_LSP_LOG=debug tells more", project.root.display());
    Error::Refused(format!("the demo stopped at {error} (help: {help})"))
}

fn heading(project: &Project, paint: Paint) -> String {
    let title = paint.bold("reload-lsp demo");
    let what = paint.dim("an editor's session, played over the language server protocol");
    let label = |label| paint.dim(label);
    format!(
        "{title}  {what}\n\n {} {}\n {} {}\n",
        label("project"),
        project.root.display(),
        label("page   "),
        project.url()
    )
}

fn invitation(project: &Project, paint: Paint) -> String {
    format!(
        "\n{}\n   open  {}\n   edit  {}\n   save, and the page follows\n\n",
        paint.bold("Now it is yours."),
        project.url(),
        project.main().display()
    )
}
