//! Sets up tracing: to stderr or a file, never to stdout, which is the LSP wire. Called by `cli`.
//! Does not know: anything else.

use std::fs::OpenOptions;
use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing::Level;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

/// The variable that chooses the level: `error`, `warn`, `info`, `debug`, `trace`, `off`, or directives such as
/// `reload_lsp::watch=debug`.
pub const VARIABLE: &str = "RELOAD_LSP_LOG";

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file cannot be written.
    #[error(
        "could not open the log file {path}: {cause} (help: give --log a file in a folder that you may write)"
    )]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
}

/// Sends traces and panics to `file`, which is appended to, or else to stderr. The level is `warn` unless `VARIABLE` says
/// otherwise; what cannot be read there counts as not set. To be called once, before anything is traced.
pub fn begin(file: Option<&Path>) -> Result<(), LogError> {
    let writer = match file {
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(path);
            let file = file.map_err(|cause| LogError::File { path: path.to_owned(), cause })?;
            BoxMakeWriter::new(Mutex::new(file))
        }
        None => BoxMakeWriter::new(std::io::stderr),
    };
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new("warn"));
    let has_colors = file.is_none() && std::io::stderr().is_terminal();
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(has_colors);
    // Only a second call can fail, and then the first one holds.
    let _ = subscriber.try_init();
    log_panics();
    Ok(())
}

/// A panic goes where the log goes, with its place; without a log it goes where it always went.
fn log_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !tracing::enabled!(Level::ERROR) {
            return print(panic);
        }
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let backtrace = std::backtrace::Backtrace::capture();
        tracing::error!(%place, %backtrace, "panicked: {}", message(panic));
    }));
}

fn message<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}
