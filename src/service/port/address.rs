//! `host:port` as the configuration has it. Called by `port` and `ready`.

use std::net::IpAddr;

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::service) struct Address {
    /// A name or an IP address, without brackets.
    pub(in crate::service) host: String,
    pub(in crate::service) port: u16,
}

impl Address {
    /// Reads `host:port`; no host means this machine. An error names the text and the remedy.
    pub(in crate::service) fn parse(text: &str) -> Result<Self, String> {
        let parsed = text.rsplit_once(':').and_then(|(host, port)| {
            let host = host.strip_prefix('[').map_or(host, |host| host.strip_suffix(']').unwrap_or(""));
            let is_host = !host.contains(['/', ' ', '@', '[', ']']);
            let port = port.parse().ok().filter(|port| *port != 0 && is_host)?;
            let host = if host.is_empty() { "127.0.0.1" } else { host };
            Some(Self { host: host.to_owned(), port })
        });
        parsed.ok_or_else(|| {
            format!("`{text}` is no address (help: write it like \"127.0.0.1:8080\", without http://)")
        })
    }

    /// Where a browser finds it.
    pub(in crate::service) fn url(&self) -> String {
        match self.host.parse::<IpAddr>() {
            Ok(ip) if ip.is_unspecified() => format!("http://127.0.0.1:{}", self.port),
            Ok(ip @ IpAddr::V6(_)) => format!("http://[{ip}]:{}", self.port),
            Ok(IpAddr::V4(_)) | Err(_) => format!("http://{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        let cases = [
            ("127.0.0.1:8080", Some(("127.0.0.1", 8080, "http://127.0.0.1:8080"))),
            ("localhost:80", Some(("localhost", 80, "http://localhost:80"))),
            (":3000", Some(("127.0.0.1", 3000, "http://127.0.0.1:3000"))),
            ("0.0.0.0:3000", Some(("0.0.0.0", 3000, "http://127.0.0.1:3000"))),
            ("[::1]:3000", Some(("::1", 3000, "http://[::1]:3000"))),
            ("http://localhost:80/", None),
            ("localhost", None),
            ("localhost:0", None),
            ("localhost:70000", None),
        ];
        for (text, expected) in cases {
            let found = Address::parse(text).ok();
            let found = found.as_ref().map(|found| (found.host.clone(), found.port, found.url()));
            assert_eq!(
                found,
                expected.map(|(host, port, url)| (host.to_owned(), port, url.to_owned())),
                "{text}"
            );
        }
    }
}
