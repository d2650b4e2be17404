//! Who listens on a port. Called before a run starts and when it says that its port is taken.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, SocketAddr};

use nix::unistd::Pid;

use super::{listening, sockets};
use crate::process::tree;

/// The process that listens on a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its pid.
    pub pid: u32,
    /// Its command line, joined by blanks.
    pub command: String,
}

/// Who listens on `address`, if anybody does and we may know: also on the wildcard address with the same port. Of several that
/// share the socket, the one whose parent has no part in it. It may be ourselves.
pub fn port_holder(address: SocketAddr) -> Option<Holder> {
    let wanted: BTreeSet<u64> = listening()
        .into_iter()
        .filter(|(_, taken)| is_in_the_way(*taken, address))
        .map(|(inode, _)| inode)
        .collect();
    if wanted.is_empty() {
        return None;
    }
    let holds = |pid: &Pid| sockets(*pid).iter().any(|inode| wanted.contains(inode));
    let holders: Vec<Pid> = tree::all().into_iter().filter(holds).collect();
    let is_first = |pid: &&Pid| tree::parent(**pid).is_none_or(|parent| !holders.contains(&parent));
    let holder = *holders.iter().find(is_first)?;
    Some(Holder { pid: holder.as_raw().cast_unsigned(), command: command(holder) })
}

fn is_in_the_way(taken: SocketAddr, address: SocketAddr) -> bool {
    let (taken_ip, ip): (IpAddr, IpAddr) = (taken.ip().to_canonical(), address.ip().to_canonical());
    taken.port() == address.port() && (taken_ip == ip || taken_ip.is_unspecified() || ip.is_unspecified())
}

/// The command line of `pid`, or its name in brackets if it has none.
fn command(pid: Pid) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<_> =
        line.split(|byte| *byte == 0).filter(|word| !word.is_empty()).map(String::from_utf8_lossy).collect();
    if words.is_empty() {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        return format!("[{}]", name.trim_end());
    }
    words.join(" ")
}
