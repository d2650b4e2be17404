//! `reload-lsp run`: the loop of the editor, in a terminal, with the file system as the trigger. Called by `cli` and `demo`.
//! Does not know: processes; what is decided.

mod control;
mod keys;
mod outcome;
mod screen;
mod show;
pub(super) mod view;
pub(super) mod words;

use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::args::Run;
use super::exit::{Error, ExitStatus};
use super::print::{self, Paint};
use crate::config::{self, Overrides};
use crate::session::Setup;
use crate::trust::Voucher;
use control::Control;
use screen::Screen;
pub(super) use screen::strip;
use show::show;

/// How long the last words may take when the terminal does not take them.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Runs the services of a project until somebody quits. What can be mended by an edit of the configuration does not end it.
pub(super) fn run(args: &Run) -> Result<ExitStatus, Error> {
    let root = args.project.root()?;
    let overrides = args.overrides();
    check(&root, &overrides, &args.services)?;
    // Who types the command has said that it may run.
    let setup = Setup { root, overrides, voucher: Voucher::Person, allow: None, only: args.services.clone() };
    super::block_on(live(setup, args.once))?
}

/// Refuses what no edit of a file can mend: flags, and names of services.
fn check(root: &Path, overrides: &Overrides, services: &[String]) -> Result<(), Error> {
    let config = match config::load(root, overrides) {
        Ok(config) => config,
        Err(problems) if problems.iter().any(|problem| problem.spot.is_some()) => return Ok(()),
        Err(problems) => return Err(Error::Configuration(problems)),
    };
    let names: Vec<_> = config.services.iter().map(|service| service.name.as_str()).collect();
    match services.iter().find(|name| !names.contains(&name.as_str())) {
        Some(name) => {
            Err(Error::UnknownService { name: name.clone(), known: format!("there is {}", names.join(", ")) })
        }
        None => Ok(()),
    }
}

async fn live(setup: Setup, once: bool) -> Result<ExitStatus, Error> {
    let (notes, inbox) = mpsc::unbounded_channel();
    let control = Control::listen(notes).map_err(Error::Runtime)?;
    let paint = Paint::for_stdout();
    print::out(&heading(&setup.root, control.has_keys(), paint));
    let handle = crate::control::start(setup);
    let mut view = pin!(show(&handle, inbox, Screen::new(paint, TimeZone::system())));
    let mut control = pin!(control.serve(&handle, once));
    tokio::select! {
        status = &mut control => {
            let _ = tokio::time::timeout(LAST_WORDS, view).await;
            Ok(status)
        }
        shown = &mut view => {
            // Nobody reads us any more (`| head`): that is a wish to quit.
            if let Err(error) = shown {
                tracing::debug!(%error, "stdout is gone");
                handle.shutdown(None);
            }
            Ok(control.await)
        }
    }
}

fn heading(root: &Path, has_keys: bool, paint: Paint) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let title = paint.bold(&format!("reload-lsp {version}"));
    let keys = if has_keys { "r restart · b build · p pause · c clear · q quit · ? help\n" } else { "" };
    format!("{title} in {}\n{}", root.display(), paint.dim(keys))
}
