//! What the tests share: waiting, temporary projects, clients.

pub(crate) mod client;
pub(crate) mod page;
pub(crate) mod project;

/// Says what can't be tested on this machine, past the capture of output; `tests/run` counts it. With `CI=true` that is a
/// failure.
pub(crate) fn skip(what: &str) {
    use std::io::Write;
    assert!(std::env::var("CI").as_deref() != Ok("true"), "SKIPPED: {what}");
    // Nobody may read stderr; that is no reason to fail.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
}
