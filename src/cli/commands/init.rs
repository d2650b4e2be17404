//! `reload-lsp init`: writes down what would be guessed, so that it can be changed.

use std::fs::OpenOptions;
use std::io::Write;

use crate::cli::args::{Init, Project};
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print;
use crate::config;

/// Writes `reload.toml`, or prints what it would write. A file that is there stays as it is.
pub(in crate::cli) fn init(init: &Init) -> Result<ExitStatus, Error> {
    let root = init.root.clone().map_or_else(Project::default, Project::at).root()?;
    let text = config::init(&root).map_err(|problem| Error::Configuration(vec![problem]))?;
    if init.print {
        print::out(&text);
        return Ok(ExitStatus::Success);
    }
    let path = root.join(config::FILE);
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|cause| Error::File { action: "write", path: path.clone(), cause, help: "" })?;
    print::out(&format!(
        "wrote {}:\n\n{text}\nnext: `reload-lsp run`, or open the folder in your editor\n",
        path.display()
    ));
    Ok(ExitStatus::Success)
}
