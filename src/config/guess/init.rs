//! The guessed plan as the text of a `reload.toml`, for `reload-lsp init`. Called by `cli`, which writes it.

use std::path::Path;

use super::{guess, kind};
use crate::config::{ConfigProblem, FILE};

/// The text of a `reload.toml` for `root`. A problem if there is one already, or nothing to guess from.
pub fn init(root: &Path) -> Result<String, ConfigProblem> {
    let path = root.join(FILE);
    if path.exists() {
        return Err(ConfigProblem {
            spot: None,
            message: format!("{} is there already", path.display()),
            help: Some("change it, or remove it first".to_owned()),
        });
    }
    let guess = guess(root)?;
    let kind = kind::defaults(None, None, root, root).kind.name();
    let (from, text) = (guess.from, guess.text);
    Ok(format!(
        "# What reload-lsp builds and runs when a file is saved. Guessed from {from}; change it as you like.\n\n\
         {text}\
         # watch = [\"src\", \"*.yaml\"]                          # default: what is usual for {kind}\n\
         # ready = {{ http = \"http://127.0.0.1:8080/health\" }}   # default: when it listens on a port\n"
    ))
}
