//! Single keys from the terminal, and the terminal as it was when nobody listens any more. Called by `control`.
//! Only echo and line buffering are turned off, so that Ctrl-C, Ctrl-Z and line ends go on to work as anywhere else.

use std::collections::VecDeque;
use std::io::{ErrorKind, stdin};

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::{getpgrp, tcgetpgrp, ttyname};
use tokio::net::unix::pipe::{OpenOptions, Receiver};

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Restart,
    Build,
    Pause,
    Clear,
    Quit,
    Help,
    /// Enter: people like to leave a gap.
    Gap,
}

impl Key {
    /// What is printed for `?`.
    pub(super) const HELP: [&str; 6] = [
        "r  restart the services from the last good build",
        "b  build now, then restart",
        "p  pause: collect changes; again: resume",
        "c  clear the screen",
        "q  quit",
        "?  this help",
    ];

    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            b'r' => Some(Self::Restart),
            b'b' => Some(Self::Build),
            b'p' => Some(Self::Pause),
            b'c' => Some(Self::Clear),
            // Ctrl-D ends what reads from a terminal.
            b'q' | 4 => Some(Self::Quit),
            b'?' | b'h' => Some(Self::Help),
            b'\n' | b'\r' => Some(Self::Gap),
            _ => None,
        }
    }
}

/// The keyboard. Dropping it gives the terminal back as it was, also while a panic unwinds.
pub(super) struct Keys {
    // Opened anew: what is set for it, such as not to block, must not reach the shell, which shares our stdin.
    terminal: Receiver,
    before: Termios,
    pressed: VecDeque<u8>,
}

impl Keys {
    /// Listens to the keyboard; `None` if stdin is not a terminal.
    pub(super) fn open() -> Option<Self> {
        let before = tcgetattr(stdin()).ok()?;
        let path = ttyname(stdin()).ok()?;
        // A terminal is read like a pipe: it need not be one.
        let terminal = OpenOptions::new().unchecked(true).open_receiver(path);
        let terminal = terminal.inspect_err(|error| tracing::debug!(%error, "no keys")).ok()?;
        let keys = Self { terminal, before, pressed: VecDeque::new() };
        keys.listen();
        Some(keys)
    }

    /// Makes the terminal hand over single keys. To be called again after the program was stopped and goes on.
    pub(super) fn listen(&self) {
        let mut wanted = self.before.clone();
        wanted.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
        set(&wanted);
    }

    /// The next key that means something; never while we are in the background, where a program that reads is stopped. To
    /// be called again after SIGCONT, which comes with every change between the two. Dropping the future loses no key.
    pub(super) async fn next(&mut self) -> Key {
        loop {
            while let Some(byte) = self.pressed.pop_front() {
                if let Some(key) = Key::from_byte(byte) {
                    return key;
                }
            }
            if is_in_background() || self.terminal.readable().await.is_err() {
                return std::future::pending().await;
            }
            let mut bytes = [0; 64];
            match self.terminal.try_read(&mut bytes) {
                Ok(count) if count > 0 => self.pressed.extend(&bytes[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // The terminal was closed: SIGHUP tells what that means.
                Ok(_) | Err(_) => return std::future::pending().await,
            }
        }
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        set(&self.before);
    }
}

/// A program in the background that sets the terminal is stopped.
fn set(wanted: &Termios) {
    if !is_in_background()
        && let Err(error) = tcsetattr(stdin(), SetArg::TCSADRAIN, wanted)
    {
        tracing::debug!(%error, "could not set the terminal");
    }
}

/// Whether somebody else has the terminal that controls us.
fn is_in_background() -> bool {
    tcgetpgrp(stdin()).is_ok_and(|group| group != getpgrp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_help_is_a_key() {
        for line in Key::HELP {
            assert!(Key::from_byte(line.as_bytes()[0]).is_some(), "{line}");
        }
    }
}
