//! When is a run ready? One file for each kind. Called by `run`.
//! Does not know: processes. What listens below the run is brought by the caller; what waits here can always be dropped.

mod attempts;
mod auto;
mod http;
mod interval;
mod log;
mod notify;
mod tcp;
mod urls;

use std::net::SocketAddr;
use std::path::Path;

use super::Ready;
use super::port::Address;

pub(super) use http::Target;

/// Waits until a run is ready.
#[derive(Debug)]
pub(super) struct Probe {
    kind: Kind,
    /// It is ready or must not become so: nothing is asked any more.
    is_over: bool,
}

#[derive(Debug)]
enum Kind {
    Auto(auto::Auto),
    Http(http::Http),
    Tcp(tcp::Tcp),
    Log(log::Log),
    Notify(notify::Notify),
}

/// What speaks for a run that it is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// It said so itself, or has lived long enough.
    Own,
    /// Its port answered: whether the port is its own has yet to be seen.
    Port,
    /// Nothing yet; it is time to look at its listeners.
    Look,
}

impl Probe {
    /// A probe for a run that is about to start.
    pub(super) fn new(ready: &Ready) -> Result<Self, String> {
        let kind = match ready {
            Ready::Auto => Kind::Auto(auto::Auto::new()),
            Ready::Http(url) => Kind::Http(http::Http::new(url)?),
            Ready::Tcp(address) => Kind::Tcp(tcp::Tcp::new(address)?),
            Ready::Log(pattern) => Kind::Log(log::Log::new(pattern)?),
            Ready::Notify => Kind::Notify(notify::Notify::new()?),
        };
        Ok(Self { kind, is_over: false })
    }

    /// What the run finds in `NOTIFY_SOCKET`.
    pub(super) fn socket(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Notify(notify) => Some(notify.socket()),
            Kind::Auto(_) | Kind::Http(_) | Kind::Tcp(_) | Kind::Log(_) => None,
        }
    }

    /// The run was spawned: time counts from here.
    pub(super) fn begin(&mut self) {
        match &mut self.kind {
            Kind::Auto(auto) => auto.begin(),
            Kind::Http(http) => http.begin(),
            Kind::Tcp(tcp) => tcp.begin(),
            Kind::Log(_) | Kind::Notify(_) => {}
        }
    }

    /// The run printed this, perhaps only a part of a line.
    pub(super) fn see(&mut self, text: &str) {
        if let Kind::Log(log) = &mut self.kind
            && !self.is_over
        {
            log.see(text);
        }
    }

    /// Waits until it is worth calling `judge`. Dropping the future is safe.
    pub(super) async fn wait(&mut self) {
        match &mut self.kind {
            // What a run sends later is taken off the socket, or it would block once the queue is full.
            Kind::Notify(notify) if self.is_over => notify.drain().await,
            _ if self.is_over => std::future::pending().await,
            Kind::Auto(auto) => auto.wait().await,
            Kind::Http(http) => http.wait().await,
            Kind::Tcp(tcp) => tcp.wait().await,
            Kind::Log(log) => log.wait().await,
            Kind::Notify(notify) => notify.wait().await,
        }
    }

    /// The URLs of the run if it is ready now. `listeners` is where its processes listen, `opened` those it was not handed;
    /// `is_ours` tells whether an answer from an address can have come from it.
    pub(super) fn judge(
        &mut self,
        listeners: &[SocketAddr],
        opened: &[SocketAddr],
        is_ours: impl FnOnce(&[SocketAddr]) -> bool,
    ) -> Option<Vec<String>> {
        let sign = match &mut self.kind {
            _ if self.is_over => return None,
            Kind::Auto(auto) => Some(auto.sign()),
            Kind::Http(http) => http.sign(),
            Kind::Tcp(tcp) => tcp.sign(),
            Kind::Log(log) => log.sign(),
            Kind::Notify(notify) => notify.sign(),
        };
        let is_ready = match sign {
            Some(Sign::Own) => true,
            Some(Sign::Port) => is_ours(listeners),
            Some(Sign::Look) => !opened.is_empty(),
            None => false,
        };
        is_ready.then(|| {
            self.is_over = true;
            match &self.kind {
                Kind::Http(http) => vec![http.url()],
                Kind::Tcp(tcp) => vec![tcp.url()],
                Kind::Auto(_) | Kind::Log(_) | Kind::Notify(_) => urls::of(listeners),
            }
        })
    }

    /// The run is to stop: it can't become ready any more.
    pub(super) fn end(&mut self) {
        self.is_over = true;
        match &mut self.kind {
            Kind::Http(http) => http.end(),
            Kind::Tcp(tcp) => tcp.end(),
            Kind::Auto(_) | Kind::Log(_) | Kind::Notify(_) => {}
        }
    }
}

/// Where the answer is expected from, for the kinds that name a port.
pub(super) fn address(ready: &Ready) -> Option<Address> {
    match ready {
        Ready::Http(url) => Target::parse(url).ok().map(|target| target.address),
        Ready::Tcp(address) => Address::parse(address).ok(),
        Ready::Auto | Ready::Log(_) | Ready::Notify => None,
    }
}

/// Whether a probe can be made of this; the text names what is wrong and the remedy.
pub(super) fn check(ready: &Ready) -> Result<(), String> {
    match ready {
        Ready::Http(url) => Target::parse(url).map(drop),
        Ready::Tcp(address) => Address::parse(address).map(drop),
        Ready::Log(pattern) => log::Log::new(pattern).map(drop),
        Ready::Auto | Ready::Notify => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn nothing_is_asked_any_more_once_the_run_is_ready() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let mut probe = Probe::new(&Ready::Tcp(address.to_string())).unwrap();
        probe.begin();
        probe.wait().await;
        assert_eq!(probe.judge(&[address], &[address], |_| false), None);
        probe.wait().await;
        assert_eq!(probe.judge(&[address], &[address], |_| true), Some(vec![format!("http://{address}")]));
        let _both = (listener.accept().unwrap(), listener.accept().unwrap());
        // Nothing real is waited for from here.
        tokio::time::pause();
        tokio::time::timeout(Duration::from_secs(60), probe.wait()).await.unwrap_err();
        assert_eq!(probe.judge(&[address], &[address], |_| true), None);
        assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}
