//! Which processes are below a process, read from `/proc`. Called by `guard` to end them and by `ports`.
//! Does not know: why. Without `/proc`, so on macOS, nothing is ever below anything: there only the group can be reached.

use std::fs;

use nix::unistd::Pid;

/// Whether anything can be read at all.
pub(super) fn is_known() -> bool {
    fs::exists("/proc/self/stat").unwrap_or(false)
}

/// The children of `parent`. One that comes or goes meanwhile may be missed, so callers that must not miss one repeat.
pub(super) fn children(parent: Pid) -> Vec<Pid> {
    let Ok(threads) = fs::read_dir(format!("/proc/{parent}/task")) else { return Vec::new() };
    let mut children = Vec::new();
    for thread in threads.flatten() {
        match fs::read_to_string(thread.path().join("children")) {
            Ok(text) => children.extend(text.split_ascii_whitespace().filter_map(to_pid)),
            // The thread has ended, or the kernel was built without these files (CONFIG_PROC_CHILDREN).
            Err(_) if thread.path().exists() => return children_by_parent(parent),
            Err(_) => {}
        }
    }
    children
}

/// Everything below `root`, parents before children.
pub(super) fn below(root: Pid) -> Vec<Pid> {
    let mut found = children(root);
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        for child in children(parent) {
            if !found.contains(&child) {
                found.push(child);
            }
        }
        next += 1;
    }
    found
}

/// Every process there is, the lowest pid first.
pub(super) fn all() -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let mut pids: Vec<Pid> =
        entries.flatten().filter_map(|entry| to_pid(entry.file_name().to_str()?)).collect();
    pids.sort_unstable();
    pids
}

/// Whether `pid` runs or could run again: it is there and no zombie.
pub(super) fn lives(pid: Pid) -> bool {
    stat(pid).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

/// The parent of `pid`, if that is there.
pub(super) fn parent(pid: Pid) -> Option<Pid> {
    stat(pid).map(|(_, parent)| parent)
}

fn children_by_parent(parent: Pid) -> Vec<Pid> {
    all().into_iter().filter(|pid| stat(*pid).is_some_and(|(_, its)| its == parent)).collect()
}

/// The state of `pid` and its parent.
fn stat(pid: Pid) -> Option<(char, Pid)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program comes before and may itself have parentheses and blanks in it.
    let mut fields = text.get(text.rfind(')')? + 1..)?.split_ascii_whitespace();
    Some((fields.next()?.chars().next()?, to_pid(fields.next()?)?))
}

fn to_pid(text: &str) -> Option<Pid> {
    text.parse().ok().map(Pid::from_raw)
}
