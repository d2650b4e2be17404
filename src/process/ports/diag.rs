//! Asks the kernel for the TCP sockets that listen, by `NETLINK_SOCK_DIAG`: a few microseconds, where `/proc/net/tcp` takes
//! milliseconds to walk through all connections. Called by `ports`, which reads the files where this is not allowed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::libc::{AF_INET, AF_INET6, IPPROTO_TCP, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, socket};
use nix::unistd::write;

/// `SOCK_DIAG_BY_FAMILY` of `linux/sock_diag.h`.
const BY_FAMILY: u16 = 20;
/// The bit of `TCP_LISTEN`.
const LISTENING: u32 = 1 << 10;
/// The size of `struct nlmsghdr`.
const HEADER: usize = 16;
/// The size of a header with `struct inet_diag_req_v2`.
const REQUEST: usize = HEADER + 56;
/// The kernel puts at most this much into one answer.
const ANSWER: usize = 32 * 1024;

/// All sockets that listen, with their inodes.
pub(super) fn listening() -> nix::Result<Vec<(u64, SocketAddr)>> {
    let flags = SockFlag::SOCK_CLOEXEC;
    let kernel = socket(AddressFamily::Netlink, SockType::Datagram, flags, SockProtocol::NetlinkSockDiag)?;
    let mut found = Vec::new();
    for family in [AF_INET, AF_INET6] {
        ask(&kernel, family)?;
        while read(&kernel, &mut found)? {}
    }
    Ok(found)
}

fn ask(kernel: &OwnedFd, family: i32) -> nix::Result<()> {
    let mut request = [0; REQUEST];
    let flags = u16::try_from(NLM_F_REQUEST | NLM_F_DUMP).unwrap_or(0);
    request[..4].copy_from_slice(&u32::try_from(REQUEST).unwrap_or(0).to_ne_bytes());
    request[4..6].copy_from_slice(&BY_FAMILY.to_ne_bytes());
    request[6..8].copy_from_slice(&flags.to_ne_bytes());
    request[HEADER] = u8::try_from(family).unwrap_or(0);
    request[HEADER + 1] = u8::try_from(IPPROTO_TCP).unwrap_or(0);
    request[HEADER + 4..HEADER + 8].copy_from_slice(&LISTENING.to_ne_bytes());
    write(kernel, &request).map(drop)
}

/// Reads one answer. `false` when it was the last one.
fn read(kernel: &OwnedFd, found: &mut Vec<(u64, SocketAddr)>) -> nix::Result<bool> {
    let mut answer = vec![0; ANSWER];
    let size = recv(kernel.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    let mut rest = &answer[..size];
    while let (Some(length), Some(kind)) = (number(rest, 0), number(rest, 4)) {
        let length = (length as usize).clamp(HEADER, rest.len());
        // The upper half are flags.
        match (kind & 0xffff).cast_signed() {
            NLMSG_DONE => return Ok(false),
            NLMSG_ERROR => return Err(Errno::EOPNOTSUPP),
            _ => found.extend(parse(&rest[HEADER..length])),
        }
        rest = &rest[length.next_multiple_of(4).min(rest.len())..];
    }
    Ok(true)
}

/// The inode and the local address of a `struct inet_diag_msg`.
fn parse(message: &[u8]) -> Option<(u64, SocketAddr)> {
    let port = u16::from_be_bytes(message.get(4..6)?.try_into().ok()?);
    let ip: IpAddr = if i32::from(*message.first()?) == AF_INET {
        Ipv4Addr::from(<[u8; 4]>::try_from(message.get(8..12)?).ok()?).into()
    } else {
        Ipv6Addr::from(<[u8; 16]>::try_from(message.get(8..24)?).ok()?).into()
    };
    Some((number(message, 68)?.into(), SocketAddr::new(ip, port)))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn listeners_of_both_families_are_found() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let address = listener.local_addr().unwrap();
            let link = std::fs::read_link(format!("/proc/self/fd/{}", listener.as_raw_fd())).unwrap();
            let (inode, _) = *listening().unwrap().iter().find(|(_, it)| *it == address).unwrap();
            assert_eq!(link.to_str().unwrap(), format!("socket:[{inode}]"));
        }
    }
}
