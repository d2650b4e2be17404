//! `reload-lsp check`: is the configuration right? Everything that is wrong, not only the first.

use crate::cli::args::Project;
use crate::cli::exit::{Error, ExitStatus};
use crate::cli::print::{self, Paint};
use crate::cli::report;
use crate::cli::run::words;
use crate::config::{self, Config};

/// Prints all problems, and whether the configuration holds.
pub(in crate::cli) fn check(project: &Project) -> Result<ExitStatus, Error> {
    let paint = Paint::for_stdout();
    let (text, status) = match config::load(&project.root()?, &project.overrides()) {
        Ok(config) => {
            let warnings = report::problems(&[], &config.warnings, paint);
            (format!("{warnings}{}\n", summary(&config)), ExitStatus::Success)
        }
        Err(errors) => {
            let count = words::count(errors.len(), "error");
            (format!("{}{count}\n", report::problems(&errors, &[], paint)), ExitStatus::Configuration)
        }
    };
    print::out(&text);
    Ok(status)
}

fn summary(config: &Config) -> String {
    let names: Vec<_> = config.services.iter().map(|service| service.name.as_str()).collect();
    let services = format!("{} ({})", words::count(names.len(), "service"), names.join(", "));
    let warnings = match config.warnings.len() {
        0 => String::new(),
        warnings => format!(", {}", words::count(warnings, "warning")),
    };
    match &config.file {
        Some(file) => format!("{} is right: {services}{warnings}", file.display()),
        None => format!(
            "no configuration file: guessed {services}{warnings} (help: `reload-lsp init` writes it down)"
        ),
    }
}
