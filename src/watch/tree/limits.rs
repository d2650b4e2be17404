//! What the system gives only so much of, and what to do about it, in words for people. Called by `tree` only.
//! Does not know: what is watched.

use std::fs::{self, File};
use std::time::Duration;

/// What there is no more of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// Watches on directories.
    Watches,
    /// Watchers, each of which has any number of watches.
    Watchers,
    /// Open files of this process.
    Files,
}

impl Limit {
    /// The limit that a refused watcher has run into: the system gives the same answer for two of them.
    pub(super) fn of_watchers() -> Self {
        if File::open("/dev/null").is_ok() { Self::Watchers } else { Self::Files }
    }

    /// What happened, the limit with its value, and the lines that raise it.
    pub(super) fn explain(self, interval: Duration) -> String {
        let instead =
            format!("what has no watch is looked at every {} instead", humantime::format_duration(interval));
        let (what, name, wanted) = match self {
            Self::Watches => ("watches", "max_user_watches", 1_048_576),
            Self::Watchers => ("watchers", "max_user_instances", 1_024),
            Self::Files => {
                return format!(
                    "this process has no more files to open: {instead} (help: raise `ulimit -n`)"
                );
            }
        };
        let (key, value) = sysctl(name);
        let is =
            value.map(|value| format!(", which is {value} for all programs of the user")).unwrap_or_default();
        let wanted = value.map_or(wanted, |value| wanted.max(value.saturating_mul(2)));
        format!(
            "the system gives no more {what} ({key}{is}): {instead} (help: sudo sysctl {key}={wanted}, and for good: \
             echo {key}={wanted} | sudo tee /etc/sysctl.d/60-inotify.conf)"
        )
    }
}

/// The setting behind a limit, and its value. A container may have a lower one of its own.
fn sysctl(name: &str) -> (String, Option<u64>) {
    let read = |path: String| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let of_all = read(format!("/proc/sys/fs/inotify/{name}"));
    let own_name = name.replace("max_user_", "max_inotify_");
    match (read(format!("/proc/sys/user/{own_name}")), of_all) {
        (Some(own), Some(all)) if own < all => (format!("user.{own_name}"), Some(own)),
        _ => (format!("fs.inotify.{name}"), of_all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_limit_its_value_and_the_remedy_are_named() {
        let value = fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").unwrap();
        let text = Limit::Watches.explain(Duration::from_secs(1));
        assert!(text.contains(&format!("max_user_watches, which is {}", value.trim())), "{text}");
        assert!(text.contains("every 1s instead (help: sudo sysctl fs.inotify.max_user_watches="), "{text}");
    }
}
