//! What the person at the terminal wants: keys and signals become requests to the session. Called by `run`.
//! Does not know: what is shown.

use std::time::{Duration, SystemTime};

use nix::sys::signal;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::UnboundedSender;

use super::keys::{Key, Keys};
use super::outcome;
use super::view::{Line, Mark};
use crate::cli::ExitStatus;
use crate::engine::{Request, State};
use crate::session::Handle;

/// How long services may take to end once the terminal is gone.
const GRACE_WITHOUT_TERMINAL: Duration = Duration::from_millis(1500);

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

/// The signals that end us, and the one that says that we go on after Ctrl-Z.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    go_on: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            go_on: signal(SignalKind::from_raw(signal::Signal::SIGCONT as i32))?,
        })
    }
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
    keys: Option<Keys>,
    notes: UnboundedSender<Note>,
}

impl Control {
    /// Listens to signals, and to keys if stdin is a terminal.
    pub(super) fn listen(notes: UnboundedSender<Note>) -> std::io::Result<Self> {
        Ok(Self { signals: Signals::listen()?, keys: Keys::open(), notes })
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
        let lives = handle.picture().borrow().status.services.iter().any(|service| service.run.is_some());
        handle.shutdown(grace);
        if lives {
            self.say(Mark::Note, "stopping everything; Ctrl-C kills at once");
        }
        loop {
            tokio::select! {
                () = handle.ended() => return status,
                wish = self.wish() => match wish {
                    Wish::Key(Key::Quit) | Wish::End(_) => handle.shutdown(Some(Duration::ZERO)),
                    Wish::GoOn => self.go_on(),
                    Wish::Key(_) => {}
                },
            }
        }
    }

    async fn wish(&mut self) -> Wish {
        let Self { signals, keys, .. } = self;
        let key = async {
            match keys {
                Some(keys) => keys.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = signals.interrupt.recv() => Wish::End(ExitStatus::Interrupted),
            _ = signals.terminate.recv() => Wish::End(ExitStatus::Terminated),
            _ = signals.hang_up.recv() => Wish::End(ExitStatus::HangUp),
            _ = signals.go_on.recv() => Wish::GoOn,
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
