//! What the person at the terminal wants: keys and signals become requests to the session. Called by `run`.
//! Does not know: what is shown.

use std::pin::pin;
use std::time::{Duration, SystemTime};

use nix::sys::signal;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::UnboundedSender;

use super::keys::{Key, Keys};
use super::outcome;
use super::view::{Line, Mark};
use crate::cli::ExitStatus;
use crate::cli::signals::Signals;
use crate::engine::{Request, State};
use crate::session::Handle;

/// How long services may take to end once the terminal is gone.
const GRACE_WITHOUT_TERMINAL: Duration = Duration::from_millis(1500);

/// An end within this time needs no explanation.
const QUICK: Duration = Duration::from_millis(300);

/// What the view is to show besides what happens in the session.
#[derive(Debug)]
pub(super) enum Note {
    /// A line of ours.
    Line(Line),
    /// An empty line.
    Gap,
    /// An empty screen.
    Clear,
}

/// Something that the person did.
enum Wish {
    Key(Key),
    End(ExitStatus),
    GoOn,
}

/// The person at the terminal.
pub(super) struct Control {
    signals: Signals,
    /// Says that we go on after Ctrl-Z.
    resumed: Signal,
    keys: Option<Keys>,
    notes: UnboundedSender<Note>,
}

impl Control {
    /// Listens to signals, and to keys if stdin is a terminal.
    pub(super) fn listen(notes: UnboundedSender<Note>) -> std::io::Result<Self> {
        let resumed = signal(SignalKind::from_raw(signal::Signal::SIGCONT as i32))?;
        Ok(Self { signals: Signals::listen()?, resumed, keys: Keys::open(), notes })
    }

    /// Whether there is a keyboard.
    pub(super) fn has_keys(&self) -> bool {
        self.keys.is_some()
    }

    /// Does what the person wants until the session has ended. With `once` it ends by itself as soon as all is ready or
    /// something has failed.
    pub(super) async fn serve(mut self, handle: &Handle, once: bool) -> ExitStatus {
        let status = self.until_end(handle, once).await;
        self.end(handle, status).await
    }

    async fn until_end(&mut self, handle: &Handle, once: bool) -> ExitStatus {
        loop {
            tokio::select! {
                () = handle.ended() => return ExitStatus::Success,
                status = outcome::reached(handle), if once => return status,
                wish = self.wish() => match wish {
                    Wish::Key(Key::Quit) => return ExitStatus::Success,
                    Wish::Key(key) => self.press(handle, key),
                    Wish::End(status) => return status,
                    Wish::GoOn => self.go_on(),
                },
            }
        }
    }

    /// First asks everything to stop; whoever cannot wait and says so again has it killed.
    async fn end(&mut self, handle: &Handle, status: ExitStatus) -> ExitStatus {
        let grace = (status == ExitStatus::HangUp).then_some(GRACE_WITHOUT_TERMINAL);
        handle.shutdown(grace);
        let mut is_slow = pin!(tokio::time::sleep(QUICK));
        let mut is_told = false;
        loop {
            tokio::select! {
                () = handle.ended() => return status,
                () = &mut is_slow, if !is_told => {
                    self.say(Mark::Note, "stopping everything; Ctrl-C kills at once");
                    is_told = true;
                }
                wish = self.wish() => match wish {
                    Wish::Key(Key::Quit) | Wish::End(_) => handle.shutdown(Some(Duration::ZERO)),
                    Wish::GoOn => self.go_on(),
                    Wish::Key(_) => {}
                },
            }
        }
    }

    async fn wish(&mut self) -> Wish {
        let Self { signals, resumed, keys, .. } = self;
        let key = async {
            match keys {
                Some(keys) => keys.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            number = signals.next() => Wish::End(ExitStatus::of_signal(number)),
            _ = resumed.recv() => Wish::GoOn,
            key = key => Wish::Key(key),
        }
    }

    fn press(&self, handle: &Handle, key: Key) {
        match key {
            Key::Restart => self.request(handle, Request::Restart),
            Key::Build => self.request(handle, Request::Build),
            Key::Pause => {
                self.request(handle, if is_paused(handle) { Request::Resume } else { Request::Pause });
            }
            Key::Clear => self.note(Note::Clear),
            Key::Gap => self.note(Note::Gap),
            Key::Help => {
                let mut line = Line::new(SystemTime::now(), Mark::Note, "keys:");
                line.details = Key::HELP.map(str::to_owned).into();
                self.note(Note::Line(line));
            }
            Key::Quit => {}
        }
    }

    fn request(&self, handle: &Handle, request: Request) {
        if let Err(refusal) = handle.request(None, request) {
            self.say(Mark::Bad, &refusal.to_string());
        }
    }

    fn go_on(&self) {
        if let Some(keys) = &self.keys {
            keys.listen();
        }
    }

    fn say(&self, mark: Mark, text: &str) {
        self.note(Note::Line(Line::new(SystemTime::now(), mark, text)));
    }

    fn note(&self, note: Note) {
        // The view ends first when stdout is gone.
        let _ = self.notes.send(note);
    }
}

fn is_paused(handle: &Handle) -> bool {
    handle.picture().borrow().status.services.iter().any(|service| service.state == State::Paused)
}
