//! How the disk is to be watched, as far as that is possible here. Called by `resolve`.

use std::time::Duration;

use super::Project;
use crate::config::ConfigProblem;
use crate::config::options::{Options, WatchMode};
use crate::watch;

/// More often than this costs too much; more seldom is no reloading.
const INTERVALS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// What holds of what is written. An editor that watches nothing leaves the work to us.
pub(super) fn mode(options: &Options, project: &Project) -> watch::Mode {
    match options.watch.mode.value().copied().unwrap_or(WatchMode::Auto) {
        WatchMode::Client if !project.client_watches => watch::Mode::Auto,
        WatchMode::Auto => watch::Mode::Auto,
        WatchMode::Native => watch::Mode::Native,
        WatchMode::Poll => watch::Mode::Poll,
        WatchMode::Client => watch::Mode::Client,
        WatchMode::Watchman => watch::Mode::Watchman,
        WatchMode::Off => watch::Mode::Off,
    }
}

/// The pause between two looks.
pub(super) fn interval(options: &Options) -> Duration {
    let written = options.watch.poll_interval.value().map_or(watch::POLL_INTERVAL, |time| time.0);
    written.clamp(INTERVALS[0], INTERVALS[1])
}

/// That the editor can't do what is wanted of it.
pub(super) fn warning(options: &Options, project: &Project) -> Option<ConfigProblem> {
    let mode = options.watch.mode.given()?;
    if mode.value != WatchMode::Client || project.client_watches {
        return None;
    }
    let message = "nobody watches files for reload-lsp here, so `watch.mode` = `client` means `auto`";
    Some(
        mode.from.problem(message, "write \"auto\", or use an editor that registers watched files on demand"),
    )
}
