//! A mistake in the configuration: where, what, and the remedy.

use std::fmt;
use std::path::PathBuf;

/// A range in a file: 0-based lines, columns in UTF-8 bytes, end exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spot {
    /// Absolute path.
    pub path: PathBuf,
    /// Line and byte column of the start.
    pub start: (u32, u32),
    /// Line and byte column of the end.
    pub end: (u32, u32),
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConfigProblem {
    /// Where, if it is in a file.
    pub spot: Option<Spot>,
    /// What is wrong: a lower-case fragment that names the key, path or command.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(spot) = &self.spot {
            write!(f, "{}:{}:{}: ", spot.path.display(), spot.start.0 + 1, spot.start.1 + 1)?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " (help: {help})"),
            None => Ok(()),
        }
    }
}
