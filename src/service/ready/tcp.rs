//! `ready = { tcp = "host:port" }`: the address accepts a connection.

use tokio::net::TcpStream;

use super::Sign;
use super::attempts::Attempts;
use crate::service::port::Address;

/// Connects, and hangs up.
#[derive(Debug)]
pub(super) struct Tcp {
    address: Address,
    attempts: Attempts,
}

impl Tcp {
    pub(super) fn new(address: &str) -> Result<Self, String> {
        Ok(Self { address: Address::parse(address)?, attempts: Attempts::new() })
    }

    pub(super) fn begin(&mut self) {
        self.attempts = Attempts::new();
    }

    pub(super) async fn wait(&mut self) {
        let address = &self.address;
        self.attempts.wait(|| accepts(address.clone())).await;
    }

    pub(super) fn sign(&mut self) -> Option<Sign> {
        self.attempts.sign()
    }

    pub(super) fn end(&mut self) {
        self.attempts.end();
    }

    pub(super) fn url(&self) -> String {
        self.address.url()
    }
}

async fn accepts(address: Address) -> bool {
    TcpStream::connect((address.host.as_str(), address.port)).await.is_ok()
}
