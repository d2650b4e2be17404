//! Which TCP sockets listen, and which of them a process holds, read from `/proc`. Called by `child` and `holder`.
//! Does not know: other network namespaces. Without `/proc` (macOS) it finds nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use nix::unistd::Pid;

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

/// All sockets that listen, by inode.
pub(super) fn listening() -> BTreeMap<u64, SocketAddr> {
    let mut found = BTreeMap::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let Ok(file) = File::open(table) else { continue };
        let rows = BufReader::new(file).lines().skip(1).map_while(Result::ok);
        // Listeners come first. The kernel takes milliseconds to list the connections, so they are not read.
        found.extend(rows.map_while(|row| parse(&row)));
    }
    found
}

/// The inodes of the sockets that `pid` holds. Empty if we may not look.
pub(super) fn sockets(pid: Pid) -> Vec<u64> {
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
