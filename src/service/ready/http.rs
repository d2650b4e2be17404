//! `ready = { http = "http://…" }`: the URL answers with 2xx.

use std::pin::pin;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Sign;
use super::attempts::Attempts;
use crate::service::port::Address;

/// How long, and how many bytes of, an answer is read behind its status. A stream without end is an answer too.
const BODY: Duration = Duration::from_millis(100);
const BODY_SIZE: usize = 64 * 1024;

/// What is asked, and where.
#[derive(Debug, Clone)]
pub(in crate::service) struct Target {
    pub(in crate::service) address: Address,
    authority: String,
    path: String,
}

impl Target {
    /// Reads `http://host[:port][/path]`; an error names the URL and the remedy.
    pub(in crate::service) fn parse(url: &str) -> Result<Self, String> {
        const HELP: &str = "(help: write it like \"http://127.0.0.1:8080/health\")";
        let uri: Uri = url.parse().map_err(|error| format!("`{url}` is no URL: {error} {HELP}"))?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                let plain = url.replacen("https", "http", 1);
                return Err(format!(
                    "`{url}` cannot be asked: only http:// is spoken here (help: try \"{plain}\", or `ready = {{ tcp = … }}`)"
                ));
            }
            Some(_) | None => return Err(format!("`{url}` does not begin with http:// {HELP}")),
        }
        let host = uri.host().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| format!("`{url}` names no host {HELP}"))?;
        let authority = uri.authority().map_or(host, |authority| authority.as_str());
        let authority = authority.rsplit_once('@').map_or(authority, |(_, authority)| authority);
        let port = match authority.strip_prefix(host).unwrap_or_default().strip_prefix(':') {
            None => 80,
            Some(port) => match port.parse() {
                Ok(0) | Err(_) => return Err(format!("`{url}` has no valid port {HELP}")),
                Ok(port) => port,
            },
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { address: Address { host, port }, authority: authority.to_owned(), path })
    }

    /// Whether it answers with 2xx.
    async fn answers(self) -> bool {
        let Ok(stream) = TcpStream::connect((self.address.host.as_str(), self.address.port)).await else {
            return false;
        };
        let Ok((mut sender, connection)) = http1::handshake(TokioIo::new(stream)).await else { return false };
        let request = Request::get(&self.path)
            .header(header::HOST, &self.authority)
            .header(header::USER_AGENT, "reload-lsp")
            .header(header::CONNECTION, "close")
            .body(Empty::<Bytes>::new());
        let Ok(request) = request else { return false };
        let mut exchange = pin!(async {
            let Ok(response) = sender.send_request(request).await else { return false };
            let is_success = response.status().is_success();
            // Some programs complain of a client that hangs up in the middle of an answer.
            let _ = timeout(BODY, Limited::new(response.into_body(), BODY_SIZE).collect()).await;
            is_success
        });
        tokio::select! {
            biased;
            answer = &mut exchange => answer,
            // The connection may end in the same moment in which it has delivered the answer.
            _ = connection => exchange.await,
        }
    }
}

/// Asks the URL.
#[derive(Debug)]
pub(super) struct Http {
    target: Target,
    attempts: Attempts,
}

impl Http {
    pub(super) fn new(url: &str) -> Result<Self, String> {
        Ok(Self { target: Target::parse(url)?, attempts: Attempts::new() })
    }

    pub(super) fn begin(&mut self) {
        self.attempts = Attempts::new();
    }

    pub(super) async fn wait(&mut self) {
        let target = &self.target;
        self.attempts.wait(|| target.clone().answers()).await;
    }

    pub(super) fn sign(&mut self) -> Option<Sign> {
        self.attempts.sign()
    }

    pub(super) fn end(&mut self) {
        self.attempts.end();
    }

    /// Scheme, host and port.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.target.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_cannot_be_asked_is_refused_with_a_remedy() {
        let cases = [
            ("http://127.0.0.1:8080/health?x=1", Ok("127.0.0.1:8080/health?x=1")),
            ("http://localhost", Ok("localhost/")),
            ("http://[::1]:80/", Ok("[::1]:80/")),
            ("https://localhost:8443", Err("only http:// is spoken here")),
            ("localhost:8080", Err("does not begin with http://")),
            ("/health", Err("does not begin with http://")),
            ("http://", Err("is no URL")),
            ("http://localhost:99999/", Err("no valid port")),
            ("http://localhost:0/", Err("no valid port")),
            ("http://localhost:/", Err("no valid port")),
            ("http://a b/", Err("is no URL")),
        ];
        for (url, expected) in cases {
            match (Target::parse(url), expected) {
                (Ok(target), Ok(text)) => assert_eq!(format!("{}{}", target.authority, target.path), text),
                (Err(error), Err(text)) => {
                    assert!(error.contains(text) && error.contains("help:"), "{url}: {error}");
                }
                (found, _) => panic!("{url}: {found:?}"),
            }
        }
    }
}
