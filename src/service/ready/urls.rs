//! Where a browser finds what listens. Called by the probes.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

/// One URL for each port, sorted by port. A wildcard listener is reached by the loopback address.
pub(super) fn of(listeners: &[SocketAddr]) -> Vec<String> {
    let ports: BTreeSet<u16> = listeners.iter().map(SocketAddr::port).collect();
    ports.into_iter().map(|port| url(port, listeners)).collect()
}

fn url(port: u16, listeners: &[SocketAddr]) -> String {
    let hosts = || listeners.iter().filter(|address| address.port() == port).map(SocketAddr::ip);
    let is_v4_loopback = |ip: IpAddr| ip.is_unspecified() || ip == IpAddr::from([127, 0, 0, 1]);
    if hosts().any(is_v4_loopback) {
        return format!("http://127.0.0.1:{port}");
    }
    match hosts().min() {
        // Node and Vite listen on ::1 alone when they are told `localhost`: 127.0.0.1 would refuse.
        Some(ip) if ip.is_loopback() && ip.is_ipv6() => format!("http://localhost:{port}"),
        Some(ip) => format!("http://{}", SocketAddr::new(ip, port)),
        None => format!("http://127.0.0.1:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_has_one_url_that_a_browser_on_this_machine_can_open() {
        let cases: [(&[&str], &[&str]); 5] = [
            (
                &["0.0.0.0:8080", "[::]:8080", "127.0.0.1:300"],
                &["http://127.0.0.1:300", "http://127.0.0.1:8080"],
            ),
            (&["[::]:8080"], &["http://127.0.0.1:8080"]),
            (&["[::1]:5173"], &["http://localhost:5173"]),
            (&["[::1]:5173", "127.0.0.1:5173"], &["http://127.0.0.1:5173"]),
            (&["192.168.1.5:80"], &["http://192.168.1.5:80"]),
        ];
        for (listeners, expected) in cases {
            let listeners: Vec<SocketAddr> = listeners.iter().map(|text| text.parse().unwrap()).collect();
            assert_eq!(of(&listeners), expected);
        }
    }
}
