//! Sockets that outlive runs: bound once, handed to every run, so that connections wait between two of them and none is
//! refused (product.md 2.6, `listen`). Held by `session`, asked by `run`. Does not know: who takes the sockets.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::socket::{Backlog, listen};

use crate::process;

/// How many connections may wait for the next run.
const BACKLOG: i32 = 4_096;

/// The sockets of a session. Dropping it closes them.
#[derive(Debug, Default)]
pub struct Listeners {
    // Held for a look-up or a `bind`, never over an await.
    held: Mutex<BTreeMap<SocketAddr, Arc<OwnedFd>>>,
}

impl Listeners {
    /// The sockets for these addresses, in this order; opens those that are not held yet. The error names the address, who
    /// has it, and the remedy.
    pub(super) fn hold(&self, addresses: &[SocketAddr]) -> Result<Vec<Arc<OwnedFd>>, String> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        addresses
            .iter()
            .map(|address| {
                if let Some(socket) = held.get(address) {
                    return Ok(socket.clone());
                }
                let socket = Arc::new(open(*address).map_err(|cause| explain(*address, &cause))?);
                held.insert(*address, socket.clone());
                Ok(socket)
            })
            .collect()
    }

    /// Closes what no service is configured to listen on any more.
    pub fn keep_only(&self, wanted: &[SocketAddr]) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|address, _| wanted.contains(address));
    }
}

/// Binds with `SO_REUSEADDR` and close-on-exec, as the standard library does; `process` hands it over by itself.
fn open(address: SocketAddr) -> std::io::Result<OwnedFd> {
    let socket = TcpListener::bind(address)?.into();
    listen(&socket, Backlog::new(BACKLOG).unwrap_or(Backlog::MAXCONN))?;
    Ok(socket)
}

fn explain(address: SocketAddr, cause: &std::io::Error) -> String {
    let holder = process::port_holder(address).filter(|_| cause.kind() == ErrorKind::AddrInUse);
    match holder {
        Some(holder) => format!(
            "can't listen on {address}: it is held by pid {} (`{}`) (help: end that program, or change `listen` in reload.toml)",
            holder.pid, holder.command
        ),
        None => format!("can't listen on {address}: {cause} (help: change `listen` in reload.toml)"),
    }
}
