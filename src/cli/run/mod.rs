//! `reload-lsp run`: the loop of the editor, in a terminal, with the file system as the trigger. Called by `cli` and `demo`.
//! Does not know: processes; what is decided.

mod control;
mod keys;
mod outcome;
mod screen;
pub(super) mod view;
pub(super) mod words;

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;
use tokio::io::{AsyncWriteExt, Stdout};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::args::Run;
use super::exit::{Error, ExitStatus};
use super::print::{self, Paint};
use crate::config::{self, Overrides};
use crate::session::{self, Handle, Picture, Setup};
use crate::trust::Voucher;
use control::{Control, Note};
use screen::Screen;
use view::{Line, Mark};

/// How long the last words may take when the terminal does not take them.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How many lines of output are taken at once.
const BATCH: usize = 1_000;

/// Runs the services of a project until somebody quits. What can be mended by an edit of the configuration does not end it.
pub(super) fn run(args: &Run) -> Result<ExitStatus, Error> {
    let root = args.project.root()?;
    let overrides = args.overrides();
    check(&root, &overrides, &args.services)?;
    // Who types the command has said that it may run.
    let setup = Setup { root, overrides, voucher: Voucher::Person, allow: None, only: args.services.clone() };
    super::block_on(live(setup, args.once))?
}

/// Refuses what no edit of a file can mend: flags, and names of services.
fn check(root: &Path, overrides: &Overrides, services: &[String]) -> Result<(), Error> {
    let config = match config::load(root, overrides) {
        Ok(config) => config,
        Err(problems) if problems.iter().any(|problem| problem.spot.is_some()) => return Ok(()),
        Err(problems) => return Err(Error::Configuration(problems)),
    };
    let names: Vec<_> = config.services.iter().map(|service| service.name.as_str()).collect();
    match services.iter().find(|name| !names.contains(&name.as_str())) {
        Some(name) => {
            Err(Error::UnknownService { name: name.clone(), known: format!("there is {}", names.join(", ")) })
        }
        None => Ok(()),
    }
}

async fn live(setup: Setup, once: bool) -> Result<ExitStatus, Error> {
    let (notes, inbox) = mpsc::unbounded_channel();
    let control = Control::listen(notes).map_err(Error::Runtime)?;
    let paint = Paint::for_stdout();
    print::out(&heading(&setup.root, control.has_keys(), paint));
    let handle = session::start(setup);
    let mut view = pin!(show(&handle, inbox, Screen::new(paint, TimeZone::system())));
    let mut control = pin!(control.serve(&handle, once));
    tokio::select! {
        status = &mut control => {
            let _ = tokio::time::timeout(LAST_WORDS, view).await;
            Ok(status)
        }
        shown = &mut view => {
            // Nobody reads us any more (`| head`): that is a wish to quit.
            if let Err(error) = shown {
                tracing::debug!(%error, "stdout is gone");
                handle.shutdown(None);
            }
            Ok(control.await)
        }
    }
}

fn heading(root: &Path, has_keys: bool, paint: Paint) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let title = paint.bold(&format!("reload-lsp {version}"));
    let keys = if has_keys { "r restart · b build · p pause · c clear · q quit · ? help\n" } else { "" };
    format!("{title} in {}\n{}", root.display(), paint.dim(keys))
}

/// Shows what happens until the session has ended, or until stdout is gone.
async fn show(
    handle: &Handle,
    mut notes: UnboundedReceiver<Note>,
    mut screen: Screen,
) -> std::io::Result<()> {
    let mut stdout = tokio::io::stdout();
    let mut pictures = handle.picture();
    let mut written = handle.output().subscribe();
    let mut shown = nothing_yet(&pictures.borrow());
    let mut mentioned = Vec::new();
    let mut next = 0;
    loop {
        let picture = pictures.borrow_and_update().clone();
        written.borrow_and_update();
        screen.set_services(picture.status.services.iter().map(|service| service.name.clone()));
        // What a tool has printed comes before the verdict on it.
        next = drain(handle, next, &mut screen, &mut stdout).await?;
        let mut text = String::new();
        for line in view::lines(&shown, &picture).into_iter().chain(overdue(&picture, &mut mentioned)) {
            text.push_str(&screen.line(&line));
        }
        write(&mut stdout, &text).await?;
        if picture.ended {
            return write(&mut stdout, &screen.close()).await;
        }
        shown = picture;
        tokio::select! {
            _ = pictures.changed() => {}
            _ = written.changed() => {}
            Some(note) = notes.recv() => write(&mut stdout, &note_text(&mut screen, note)).await?,
            () = patience_ends(&shown, &mentioned) => {}
        }
    }
}

/// Prints the output that has not been shown; returns what to ask for next.
async fn drain(
    handle: &Handle,
    mut next: u64,
    screen: &mut Screen,
    stdout: &mut Stdout,
) -> std::io::Result<u64> {
    loop {
        let batch = handle.output().read(next, BATCH);
        let mut text = String::new();
        if batch.dropped > 0 {
            let lost =
                format!("{} of output came too fast to be shown", words::count(lost(batch.dropped), "line"));
            text.push_str(&screen.line(&Line::new(SystemTime::now(), Mark::Odd, lost)));
        }
        for line in &batch.lines {
            text.push_str(&screen.output(line));
        }
        next = batch.next;
        if batch.lines.is_empty() {
            return Ok(next);
        }
        write(stdout, &text).await?;
    }
}

fn lost(lines: u64) -> usize {
    usize::try_from(lines).unwrap_or(usize::MAX)
}

async fn write(stdout: &mut Stdout, text: &str) -> std::io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    stdout.write_all(text.as_bytes()).await?;
    stdout.flush().await
}

fn note_text(screen: &mut Screen, note: Note) -> String {
    match note {
        Note::Line(line) => screen.line(&line),
        Note::Gap => screen.close() + "\n",
        // The screen and what has scrolled out of it.
        Note::Clear => screen.close() + "\x1b[H\x1b[2J\x1b[3J",
    }
}

/// The picture before the first one, so that everything in the first one is news.
fn nothing_yet(picture: &Picture) -> Arc<Picture> {
    Arc::new(Picture { began: picture.began, now: picture.now, ..Picture::blank(&picture.root) })
}

/// A wait that was mentioned is known by whose it is and when it began.
type Mentioned = (crate::engine::ServiceName, crate::engine::Moment);

/// Lines for the waits that have lasted too long by now and have not been mentioned.
fn overdue(picture: &Picture, mentioned: &mut Vec<Mentioned>) -> Vec<Line> {
    let now = SystemTime::now();
    let mut lines = Vec::new();
    for service in &picture.status.services {
        let Some(waiting) = service.waiting else { continue };
        let wait = (service.name.clone(), waiting.since);
        let is_due = now >= picture.began + waiting.since.0 + view::PATIENCE;
        if is_due && !mentioned.contains(&wait) {
            lines.extend(view::overdue(service, now));
            mentioned.push(wait);
        }
    }
    mentioned.retain(|(name, since)| {
        let same = |service: &crate::engine::ServiceStatus| {
            service.name == *name && service.waiting.is_some_and(|waiting| waiting.since == *since)
        };
        picture.status.services.iter().any(same)
    });
    lines
}

/// Waits until a wait has lasted too long; for ever if nothing is waited for, so that an idle terminal does not wake.
async fn patience_ends(picture: &Picture, mentioned: &[Mentioned]) {
    let waits = picture.status.services.iter().filter_map(|service| {
        let waiting = service.waiting?;
        let is_known = mentioned.contains(&(service.name.clone(), waiting.since));
        (!is_known).then(|| picture.began + waiting.since.0 + view::PATIENCE)
    });
    match waits.min() {
        Some(due) => tokio::time::sleep(due.duration_since(SystemTime::now()).unwrap_or_default()).await,
        None => std::future::pending().await,
    }
}
