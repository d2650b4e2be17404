//! The port that a run is to take: whether a stranger has it, and whose an answer from it is. Called by `run` and `ready`.
//! Never ends anybody. Does not know: probes, HTTP.

mod address;
mod said;

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::engine::{Problem, Severity};
use crate::process::{self, Holder};

pub(super) use address::Address;
pub(super) use said::problem as problem_in;

/// How long the look before a start may take for a name, and for a connection. When it elapses, the name is not one of this
/// machine, and somebody listens but does not accept.
const LOOK: Duration = Duration::from_millis(100);

/// Programs that listen for a container outside the tree of the run that asked for it.
const FORWARDERS: [&str; 6] =
    ["docker-proxy", "rootlesskit", "rootlessport", "slirp4netns", "pasta", "gvproxy"];

/// Who had the port before the run began.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Before {
    Nobody,
    Stranger(Holder),
    /// Somebody whom we may not look at: another user's process, or a container.
    Unknown,
}

/// A port of this machine, as it was before the run began.
#[derive(Debug)]
pub(super) struct Port {
    addresses: Vec<SocketAddr>,
    number: u16,
    before: Before,
    /// Who has answered in the place of the run, and whether that has been said.
    stranger: Option<(Holder, bool)>,
}

impl Port {
    /// Looks who has the port; `None` if it is not on this machine. Costs a refused connection when it is free.
    pub(super) async fn look(address: &Address) -> Option<Self> {
        let lookup = tokio::net::lookup_host((address.host.as_str(), address.port));
        let addresses = timeout(LOOK, lookup).await.ok()?.ok()?;
        let addresses: Vec<SocketAddr> = addresses.filter(|address| is_local(address.ip())).collect();
        if addresses.is_empty() {
            return None;
        }
        let mut before = Before::Nobody;
        for address in &addresses {
            let connected = timeout(LOOK, TcpStream::connect(address)).await;
            let is_refused = connected.is_ok_and(|connected| connected.is_err());
            if !is_refused {
                before = holder(*address).await.map_or(Before::Unknown, Before::Stranger);
                break;
            }
        }
        Some(Self { addresses, number: address.port, before, stranger: None })
    }

    /// Whether an answer from the port can have come from the run, whose processes have these `listeners`.
    ///
    /// It has, if they listen there. If not, it may still come from a container that the run has started: accepted if
    /// nobody had the port before and its holder is unknown to us or is known to forward ports.
    pub(super) fn is_of(&mut self, listeners: &[SocketAddr]) -> bool {
        if listeners.iter().any(|listener| self.is_reached_by(*listener)) {
            return true;
        }
        if self.before != Before::Nobody {
            return false;
        }
        let holder = self.addresses.iter().find_map(|address| process::port_holder(*address));
        let stranger = holder.filter(|holder| !is_forwarder(holder));
        let is_of = stranger.is_none();
        self.stranger = self.stranger.take().or(stranger.map(|holder| (holder, false)));
        is_of
    }

    /// The port itself.
    pub(super) fn number(&self) -> u16 {
        self.number
    }

    /// What to say before the start, if somebody has the port.
    pub(super) fn warning(&self) -> Option<String> {
        self.taken().map(|text| format!("{text}; an answer from there does not make this run ready"))
    }

    /// What to say once a stranger has answered in the place of the run.
    pub(super) fn news(&mut self) -> Option<String> {
        let (holder, is_said) = self.stranger.as_mut()?;
        let text = format!("{}, which is no part of this run", held(self.number, holder));
        (!std::mem::replace(is_said, true)).then_some(text)
    }

    /// The problem, if the port was taken before the run began.
    pub(super) fn problem(&self) -> Option<Problem> {
        self.taken().map(|text| problem(&text))
    }

    fn taken(&self) -> Option<String> {
        match &self.before {
            Before::Nobody => None,
            Before::Stranger(holder) => Some(held(self.number, holder)),
            Before::Unknown => {
                Some(format!("port {} is held by a process that cannot be looked at", self.number))
            }
        }
    }

    fn is_reached_by(&self, listener: SocketAddr) -> bool {
        let is_same =
            |ip: IpAddr| ip == listener.ip() || ip.is_unspecified() || listener.ip().is_unspecified();
        listener.port() == self.number && self.addresses.iter().any(|address| is_same(address.ip()))
    }
}

fn problem(text: &str) -> Problem {
    let help = "(help: end that process, or give the service another port)";
    Problem::new(Severity::Error, "reload", format!("{text} {help}"))
}

fn held(port: u16, holder: &Holder) -> String {
    format!("port {port} is held by pid {} (`{}`)", holder.pid, holder.command)
}

fn is_forwarder(holder: &Holder) -> bool {
    let program = holder.command.split(' ').next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    FORWARDERS.iter().any(|forwarder| name.starts_with(forwarder))
}

/// Reads all of `/proc`, so not on the threads that everything else needs.
async fn holder(address: SocketAddr) -> Option<Holder> {
    tokio::task::spawn_blocking(move || process::port_holder(address)).await.ok().flatten()
}

/// Only an address of this machine can be bound.
fn is_local(ip: IpAddr) -> bool {
    ip.is_loopback() || ip.is_unspecified() || UdpSocket::bind((ip, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(before: Before) -> Port {
        Port { addresses: vec!["127.0.0.1:1".parse().unwrap()], number: 1, before, stranger: None }
    }

    #[test]
    fn an_answer_counts_only_if_the_run_listens_or_nobody_else_can_have_given_it() {
        let own: SocketAddr = "0.0.0.0:1".parse().unwrap();
        let other: SocketAddr = "127.0.0.1:2".parse().unwrap();
        let stranger = Before::Stranger(Holder { pid: 1, command: "node old.js".into() });
        assert!(port(Before::Nobody).is_of(&[other, own]));
        assert!(port(stranger.clone()).is_of(&[own]));
        assert!(!port(stranger).is_of(&[other]));
        assert!(!port(Before::Unknown).is_of(&[]));
    }

    #[test]
    fn forwarders_of_containers_are_known_by_their_program() {
        let holder = |command: &str| Holder { pid: 1, command: command.into() };
        assert!(is_forwarder(&holder("/usr/bin/docker-proxy -proto tcp")));
        assert!(!is_forwarder(&holder("node docker-proxy")));
    }
}
