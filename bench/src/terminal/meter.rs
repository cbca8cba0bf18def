//! Counts what one viewer of a terminal gets: messages by their headers and beginnings.
//!
//! Texts are passed over; only the last bytes are kept, to see the marks that the program prints.

use super::dialect::{Dialect, Sort};

/// So much of the end of the stream is kept.
const TAIL: usize = 2048;

/// The longest beginning by which messages are told apart.
const BEGINNING: usize = 32;

/// What has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Bytes of text in messages of output, escaped as they came.
    pub(super) text: u64,
    /// Messages of output.
    pub(super) outputs: u64,
    /// Times that the terminal's state came anew.
    pub(super) resyncs: u64,
}

/// One viewer's place in its stream.
pub(super) struct Meter {
    dialect: Dialect,
    /// A header of which only a part has come.
    header: [u8; 10],
    have: usize,
    is_message: bool,
    size: u64,
    left: u64,
    beginning: Vec<u8>,
    tail: Vec<u8>,
    pub(super) counts: Counts,
}

impl Meter {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            header: [0; 10],
            have: 0,
            is_message: false,
            size: 0,
            left: 0,
            beginning: Vec::with_capacity(BEGINNING),
            tail: Vec::with_capacity(2 * TAIL),
            counts: Counts::default(),
        }
    }

    /// Takes in what was read.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.keep_tail(bytes);
        if self.dialect == Dialect::Bare {
            self.counts.text += bytes.len() as u64;
            self.counts.outputs += 1;
            return;
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.left > 0 {
                rest = self.pass(rest);
            } else {
                self.header[self.have] = rest[0];
                self.have += 1;
                rest = &rest[1..];
                let Some(size) = payload_size(&self.header[..self.have]) else { continue };
                self.is_message = matches!(self.header[0] & 0x0f, 1 | 2);
                (self.size, self.left, self.have) = (size, size, 0);
                self.beginning.clear();
            }
            if self.left == 0 && self.is_message {
                self.count();
            }
        }
    }

    /// Passes over the payload of the message under way; gives what is behind it.
    fn pass<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let passed = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let wanted = passed.min(BEGINNING - self.beginning.len());
        self.beginning.extend_from_slice(&bytes[..wanted]);
        self.left -= passed as u64;
        &bytes[passed..]
    }

    fn count(&mut self) {
        match self.dialect.sort(&self.beginning) {
            Sort::Output => {
                self.counts.outputs += 1;
                self.counts.text += self.size.saturating_sub(self.dialect.envelope_size() as u64);
            }
            Sort::Resync => self.counts.resyncs += 1,
            Sort::Other => {}
        }
        self.is_message = false;
    }

    fn keep_tail(&mut self, bytes: &[u8]) {
        let last = &bytes[bytes.len().saturating_sub(TAIL)..];
        let excess = (self.tail.len() + last.len()).saturating_sub(TAIL);
        self.tail.drain(..excess.min(self.tail.len()));
        self.tail.extend_from_slice(last);
    }

    /// Whether a mark is among the last bytes.
    pub(super) fn has_seen(&self, mark: &str) -> bool {
        self.tail.windows(mark.len()).any(|part| part == mark.as_bytes())
    }
}

/// The length of the payload of an unmasked frame, once all of its header is there.
fn payload_size(header: &[u8]) -> Option<u64> {
    match (header.get(1)? & 0x7f, header.len()) {
        (126, 4) => Some(u64::from(u16::from_be_bytes(*header[2..].first_chunk()?))),
        (127, 10) => Some(u64::from_be_bytes(*header[2..].first_chunk()?)),
        (126 | 127, _) => None,
        (size, _) => Some(u64::from(size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::server_message;

    #[test]
    fn text_is_counted_however_the_stream_is_cut() {
        let long = format!("{{\"type\":\"output\",\"data\":\"{}\"}}", "x".repeat(70_000));
        let mut stream = server_message(1, b"{\"type\":\"history\",\"data\":\"abc\"}");
        stream.extend(server_message(1, b"{\"type\":\"output\",\"data\":\"abc\"}"));
        stream.extend(server_message(9, b""));
        stream.extend(server_message(1, long.as_bytes()));
        stream.extend(server_message(1, b"{\"type\":\"output\",\"data\":\"end\"}"));
        for piece in [1, 2, 3, 7, 100, 5000, stream.len()] {
            let mut meter = Meter::new(Dialect::Messages);
            stream.chunks(piece).for_each(|part| meter.feed(part));
            let expected = Counts { text: 70_006, outputs: 3, resyncs: 1 };
            assert_eq!(meter.counts, expected, "pieces of {piece}");
            assert!(meter.has_seen("end") && !meter.has_seen("history"));
        }
    }
}
