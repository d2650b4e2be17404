//! A run that says that its address is in use → who has it. Called by `run` when the run has ended.
//! Does not know: how the port was before.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use regex::Regex;

use super::{held, holder};
use crate::engine::Problem;

/// The problem of a run whose output says that an address is in use: with its holder, if the output names the port or the
/// configuration does.
pub(in crate::service) async fn problem(output: &str, known: Option<u16>) -> Option<Problem> {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^.*(?:address (?:is )?already in use|EADDRINUSE|AddrInUse).*$")
            .expect("the pattern is fixed and valid")
    });
    // Two digits behind a colon are rather a time of day.
    static PORT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(?::(\d{3,5})|(?:port:? |', )(\d{1,5}))\b").expect("the pattern is fixed and valid")
    });
    let said = output.lines().rev().find(|line| SAID.is_match(line))?;
    let named =
        PORT.captures_iter(said).filter_map(|found| found.get(1).or(found.get(2))?.as_str().parse().ok());
    let port = named.last().or(known)?;
    let mut found = None;
    for ip in [IpAddr::from([127, 0, 0, 1]), IpAddr::from([0; 16])] {
        found = match found {
            None => holder(SocketAddr::new(ip, port)).await,
            found => found,
        };
    }
    let text = found.map_or_else(
        || format!("port {port} was taken, by a process that is gone or cannot be looked at"),
        |holder| held(port, &holder),
    );
    Some(super::problem(&text))
}
