//! The last of what a stream printed, kept for when the run crashes. Called by `printer`.
//! Does not know: lines, crashes.

/// The last bytes of a stream.
#[derive(Debug, Default)]
pub(super) struct Tail {
    bytes: Vec<u8>,
}

impl Tail {
    /// How much text is looked at after a crash.
    const KEPT: usize = 64 * 1024;

    /// Takes in bytes; drops the oldest.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(Self::KEPT)..];
        // Twice the size, so that bytes are moved once for each `KEPT` that are printed.
        if self.bytes.len() + bytes.len() > 2 * Self::KEPT {
            self.bytes.drain(..self.bytes.len().saturating_sub(Self::KEPT));
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The last whole lines, without colors.
    pub(super) fn text(&self) -> String {
        let start = self.bytes.len().saturating_sub(Self::KEPT);
        let mut kept = &self.bytes[start..];
        if start > 0 {
            let line = kept.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            kept = &kept[line..];
        }
        let text = String::from_utf8_lossy(kept);
        text.split_inclusive('\n').map(super::plain::text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_memory_is_bounded() {
        let mut tail = Tail::default();
        for n in 0..100_000 {
            tail.push(format!("\x1b[1mline {n}\x1b[0m\n").as_bytes());
        }
        let text = tail.text();
        assert!(text.ends_with("line 99998\nline 99999\n"));
        assert!(text.starts_with("line ") && text.len() <= Tail::KEPT);
        assert!(tail.bytes.capacity() <= 4 * Tail::KEPT);
        tail.push(&vec![b'x'; 10 * Tail::KEPT]);
        assert!(tail.bytes.len() <= 2 * Tail::KEPT);
    }
}
