//! Words to the terminal: whole texts to stdout and stderr, and colors where they are wanted. Used by every subcommand;
//! the language server itself never comes here, for stdout is its wire.

use std::io::{ErrorKind, IsTerminal, Write};

/// Prints to stdout. A reader who has gone away (`| head`) is no error: there is nobody left to tell.
pub(crate) fn out(text: &str) {
    ignore_gone(std::io::stdout().lock().write_all(text.as_bytes()), "stdout");
}

/// Prints to stderr.
pub(crate) fn err(text: &str) {
    ignore_gone(std::io::stderr().lock().write_all(text.as_bytes()), "stderr");
}

fn ignore_gone(written: std::io::Result<()>, stream: &str) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        tracing::warn!(%error, stream, "could not print");
    }
}

/// The colors we use, by the number of the terminal's palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Color {
    Red = 31,
    Green = 32,
    Yellow = 33,
    Blue = 34,
    Magenta = 35,
    Cyan = 36,
}

/// Whether text gets colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Colors,
    Plain,
}

impl Paint {
    /// Colors on a terminal, unless `NO_COLOR` is set or the terminal is dumb.
    pub(crate) fn for_stdout() -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let has_colors = std::io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb;
        if has_colors { Self::Colors } else { Self::Plain }
    }

    /// `text` in a color.
    pub(crate) fn color(self, color: Color, text: &str) -> String {
        self.wrap(&(color as u8).to_string(), text)
    }

    /// `text` in a color, bold.
    pub(crate) fn strong(self, color: Color, text: &str) -> String {
        self.wrap(&format!("1;{}", color as u8), text)
    }

    /// `text` in bold.
    pub(crate) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// `text` that may be overlooked.
    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        match self {
            Self::Colors if !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            Self::Colors | Self::Plain => text.to_owned(),
        }
    }
}
