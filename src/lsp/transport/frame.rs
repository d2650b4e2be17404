//! Messages in a stream of bytes: a header with `Content-Length`, an empty line, the body. Called by `transport`.
//! Does not know: JSON.

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest body that is accepted, in bytes.
pub const LONGEST_BODY: usize = 64 * 1024 * 1024;
/// The longest header that is accepted, in bytes.
const LONGEST_HEADER: usize = 16 * 1024;

/// Why no further message can be read from a stream.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The length of the next message is unknown, so its end is too.
    #[error("{0} (help: this stream must carry LSP messages, nothing else)")]
    Lost(String),
    /// The stream failed.
    #[error("the stream from the client failed: {0}")]
    Read(#[from] std::io::Error),
}

/// Takes one message after the other from a stream.
#[derive(Debug)]
pub struct Frames<R> {
    reader: R,
    bytes: Vec<u8>,
    // How many of them were given out.
    taken: usize,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader, bytes: Vec::new(), taken: 0 }
    }

    /// The body of the next message; `None` at the end of the stream. Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// After an error the stream is of no further use.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        loop {
            if let Some(body) = self.take()? {
                return Ok(Some(body));
            }
            self.bytes.drain(..self.taken);
            self.taken = 0;
            // Memory grows with what arrives, never with what a header promises.
            if self.reader.read_buf(&mut self.bytes).await? == 0 {
                return Ok(None);
            }
        }
    }

    fn take(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let bytes = &self.bytes[self.taken..];
        let Some((header, start)) = split_header(bytes) else {
            if bytes.len() > LONGEST_HEADER {
                return Err(FrameError::Lost("a header has no end".into()));
            }
            return Ok(None);
        };
        let end = start + content_length(header)?;
        let body = bytes.get(start..end).map(<[u8]>::to_vec);
        if body.is_some() {
            self.taken += end;
        }
        Ok(body)
    }
}

/// One message as it goes over the wire.
pub fn encode(body: &[u8]) -> Vec<u8> {
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.extend_from_slice(body);
    frame
}

/// The header and where the body starts, once the header is complete.
fn split_header(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let window = &bytes[..bytes.len().min(LONGEST_HEADER)];
    window.windows(4).position(|four| four == b"\r\n\r\n").map(|end| (&bytes[..end], end + 4))
}

/// The length that a header names. Other fields, and how the names are written, do not matter.
fn content_length(header: &[u8]) -> Result<usize, FrameError> {
    let header = String::from_utf8_lossy(header);
    let value = header
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.trim())
        .ok_or_else(|| FrameError::Lost("a header has no `Content-Length`".into()))?;
    match value.parse::<usize>() {
        Ok(length) if length <= LONGEST_BODY => Ok(length),
        Ok(length) => Err(FrameError::Lost(format!(
            "`Content-Length: {length}` is above the limit of {LONGEST_BODY} bytes"
        ))),
        Err(_) => Err(FrameError::Lost(format!("`Content-Length: {value}` is not a length"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Result<Option<Vec<u8>>, FrameError> {
        Frames::new(bytes).next().await
    }

    #[tokio::test]
    async fn a_header_is_read_however_it_is_written() {
        for header in [
            "Content-Length: 2",
            "content-length:2",
            "CONTENT-LENGTH: 2",
            "Content-Type: application/vscode-jsonrpc\r\nContent-Length: 2",
            "Content-Length: 2\r\nX-A: b\r\nX-C: d",
        ] {
            let stream = format!("{header}\r\n\r\n{{}}");
            assert_eq!(read(stream.as_bytes()).await.unwrap().as_deref(), Some(&b"{}"[..]), "{header}");
        }
    }

    #[tokio::test]
    async fn a_length_that_is_none_ends_the_reading() {
        for header in ["Content-Length: x", "Content-Length: -1", "Content-Length: 67108865", "A: b"] {
            let stream = format!("{header}\r\n\r\n{{}}");
            assert!(matches!(read(stream.as_bytes()).await, Err(FrameError::Lost(_))), "{header}");
        }
    }

    #[tokio::test]
    async fn a_promised_length_allocates_nothing() {
        let mut frames = Frames::new(&b"Content-Length: 67108864\r\n\r\n"[..]);
        assert!(frames.next().await.unwrap().is_none());
        assert!(frames.bytes.capacity() < 64 * 1024);
    }

    #[tokio::test]
    async fn messages_in_one_piece_come_out_one_by_one() {
        let stream = [encode(b"1"), encode(b"22"), encode(b"")].concat();
        let mut frames = Frames::new(&stream[..]);
        let mut bodies = Vec::new();
        while let Some(body) = frames.next().await.unwrap() {
            bodies.push(body);
        }
        assert_eq!(bodies, [b"1".to_vec(), b"22".to_vec(), Vec::new()]);
    }
}
