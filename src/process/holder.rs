//! Who listens on a port. Called before a run starts and when it says that its port is taken.

use std::net::SocketAddr;

/// The process that listens on a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its pid.
    pub pid: u32,
    /// Its command line, joined by blanks.
    pub command: String,
}

/// Who listens on `address`, if anybody does and we may know.
pub fn port_holder(_address: SocketAddr) -> Option<Holder> {
    None
}
