//! Shows a session on stdout while it lives: pictures become lines, output follows, waits are mentioned. Called by `run`.
//! Does not know: keys and signals, what is decided.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::io::{AsyncWriteExt, Stdout};
use tokio::sync::mpsc::UnboundedReceiver;

use super::control::Note;
use super::screen::Screen;
use super::view::{self, Line, Mark};
use super::words;
use crate::engine::{Moment, ServiceName, ServiceStatus};
use crate::session::{Handle, Picture};

/// How many lines of output are taken at once.
const BATCH: usize = 1_000;

/// Shows what happens until the session has ended, or until stdout is gone.
pub(super) async fn show(
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
        let printed = *written.borrow_and_update();
        screen.set_services(picture.status.services.iter().map(|service| service.name.clone()));
        screen.set_width(width());
        // What a tool prints comes between the news that it was started and the verdict on it.
        let (begun, over): (Vec<_>, Vec<_>) =
            view::lines(&shown, &picture).into_iter().partition(|line| line.mark == Mark::Begin);
        write(&mut stdout, &begun.iter().map(|line| screen.line(line)).collect::<String>()).await?;
        next = drain(handle, next..printed, &mut screen, &mut stdout).await?;
        let over = over.into_iter().chain(overdue(&picture, &mut mentioned));
        write(&mut stdout, &over.map(|line| screen.line(&line)).collect::<String>()).await?;
        if picture.ended {
            return write(&mut stdout, &screen.close()).await;
        }
        shown = picture;
        tokio::select! {
            // An error means that the loop is gone, and everything it held with it.
            changed = pictures.changed() => if changed.is_err() { return Ok(()) },
            _ = written.changed() => {}
            Some(note) = notes.recv() => write(&mut stdout, &note_text(&mut screen, note)).await?,
            () = patience_ends(&shown, &mentioned) => {}
        }
    }
}

/// Prints the lines with these numbers, less those that are lost; returns what to ask for next. Who prints without end
/// does not get more than this turn.
async fn drain(
    handle: &Handle,
    numbers: Range<u64>,
    screen: &mut Screen,
    stdout: &mut Stdout,
) -> std::io::Result<u64> {
    let mut next = numbers.start;
    while next < numbers.end {
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
        write(stdout, &text).await?;
    }
    Ok(next)
}

fn lost(lines: u64) -> usize {
    usize::try_from(lines).unwrap_or(usize::MAX)
}

/// The columns of the terminal; `None` in a pipe.
fn width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0.into())
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
type Mentioned = (ServiceName, Moment);

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
        let same = |service: &ServiceStatus| {
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
