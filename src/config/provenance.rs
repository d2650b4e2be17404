//! Where a value of the configuration came from. Every value carries it, so that each mistake has a place and `explain`
//! can say who decided. Used everywhere in `config`.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use super::{ConfigProblem, Spot};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// A flag of the command line, such as `--build`.
    Flag(&'static str),
    /// The editor's `initializationOptions.reload.config`, with the dotted key in it.
    Editor(String),
    /// A place in a file.
    File(Spot),
    /// A guess, with the file that led to it.
    Guessed(&'static str),
}

impl Provenance {
    /// A mistake at this place.
    pub(super) fn problem(&self, message: impl Into<String>, help: impl Into<String>) -> ConfigProblem {
        let (message, help) = (message.into(), Some(help.into()));
        match self {
            Self::File(spot) => ConfigProblem { spot: Some(spot.clone()), message, help },
            Self::Editor(key) => {
                let key = if key.is_empty() { String::new() } else { format!(".{key}") };
                let message = format!("initializationOptions.reload.config{key}: {message}");
                ConfigProblem { spot: None, message, help }
            }
            Self::Flag(flag) => ConfigProblem { spot: None, message: format!("{flag}: {message}"), help },
            Self::Guessed(_) => ConfigProblem { spot: None, message, help },
        }
    }

    /// The place in a file, if there is one.
    pub(super) fn spot(&self) -> Option<&Spot> {
        match self {
            Self::File(spot) => Some(spot),
            Self::Flag(_) | Self::Editor(_) | Self::Guessed(_) => None,
        }
    }
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Editor(_) => f.write_str("editor"),
            Self::File(spot) => {
                let name = spot.path.file_name().unwrap_or(spot.path.as_os_str());
                write!(f, "{}:{}", name.display(), spot.start.0 + 1)
            }
            Self::Guessed(from) => write!(f, "guessed from {from}"),
        }
    }
}

impl Spot {
    /// The first character of a file.
    pub(super) fn top(path: &Path) -> Self {
        Self { path: path.to_owned(), start: (0, 0), end: (0, 0) }
    }
}

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Lines(Vec<usize>);

impl Lines {
    /// Finds them.
    pub(super) fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// A range of bytes as a spot.
    pub(super) fn spot(&self, path: &Path, range: &Range<usize>) -> Spot {
        Spot { path: path.to_owned(), start: self.position(range.start), end: self.position(range.end) }
    }

    fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.0.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.0.get(line).copied().unwrap_or_default();
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        (short(line), short(offset.saturating_sub(start)))
    }
}
