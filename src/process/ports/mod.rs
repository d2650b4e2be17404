//! Which TCP sockets listen, and which of them a process holds, from the kernel and `/proc`. Called by `child`, `build` and `service`.
//! Does not know: other network namespaces. Without `/proc` (macOS) it finds nothing.

#[cfg(target_os = "linux")]
mod diag;
mod holder;

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use nix::unistd::Pid;

pub use holder::{Holder, port_holder};

use super::tree;

/// The state of a listening socket in `/proc/net/tcp`.
const LISTEN: &str = "0A";

/// The addresses on which anything below `root` listens.
pub(super) fn listeners(root: Pid) -> Vec<SocketAddr> {
    let inodes: BTreeSet<u64> = tree::below(root).into_iter().flat_map(sockets).collect();
    if inodes.is_empty() {
        return Vec::new();
    }
    let mut addresses: Vec<_> = listening()
        .into_iter()
        .filter(|(inode, _)| inodes.contains(inode))
        .map(|(_, address)| address)
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// All sockets that listen, with their inodes.
fn listening() -> Vec<(u64, SocketAddr)> {
    #[cfg(target_os = "linux")]
    if let Ok(found) = diag::listening() {
        return found;
    }
    let mut found = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = fs::read_to_string(table).unwrap_or_default();
        found.extend(text.lines().skip(1).filter_map(parse));
    }
    found
}

/// The inodes of the sockets that `pid` holds. Empty if we may not look.
fn sockets(pid: Pid) -> Vec<u64> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    let inode = |entry: fs::DirEntry| {
        let target = fs::read_link(entry.path()).ok()?;
        target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
    };
    entries.flatten().filter_map(inode).collect()
}

/// The inode and the local address of a row, if it listens.
fn parse(row: &str) -> Option<(u64, SocketAddr)> {
    let fields: Vec<&str> = row.split_ascii_whitespace().collect();
    let (ip, port) = fields.get(1)?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    // Each group of eight digits is a number as this processor reads it from memory, of bytes in network order.
    let word = |at: usize| Some(u32::from_str_radix(ip.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    let ip: IpAddr = if ip.len() == 8 {
        Ipv4Addr::from(word(0)?).into()
    } else {
        let mut bytes = [0; 16];
        for (group, place) in bytes.chunks_exact_mut(4).enumerate() {
            place.copy_from_slice(&word(group * 8)?);
        }
        Ipv6Addr::from(bytes).into()
    };
    (*fields.get(3)? == LISTEN).then_some((fields.get(9)?.parse().ok()?, SocketAddr::new(ip, port)))
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    #[test]
    fn rows_of_both_tables_are_understood() {
        let four = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0";
        assert_eq!(parse(four), Some((4711, "127.0.0.1:8080".parse().unwrap())));
        let six = "   1: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4712 1";
        assert_eq!(parse(six), Some((4712, "[::1]:8080".parse().unwrap())));
        assert_eq!(parse(&four.replace(" 0A ", " 01 ")), None);
    }
}
