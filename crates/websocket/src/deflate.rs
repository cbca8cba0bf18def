//! permessage-deflate (RFC 7692): what two peers agreed on, and messages deflated once for all of them.

use bytes::BytesMut;
use flate2::{Compress, Compression, FlushCompress};

use crate::frame::{self, Opcode};

/// How much is deflated at a time.
const STEP: usize = 16 * 1024;
/// RFC 7692 7.2.1: what every deflated message ends with and what is cut off.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// What was agreed on in the handshake. Neither side keeps a context from one message to the next,
/// so that a message deflated once serves every peer with the same window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Agreed {
    /// The server's window, 9 to 15 bits.
    pub server_window_bits: u8,
}

/// Deflates whole messages. Its memory is used again and again.
pub struct Deflater {
    compress: Compress,
    scratch: Vec<u8>,
}

impl std::fmt::Debug for Deflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deflater").finish_non_exhaustive()
    }
}

impl Deflater {
    /// A deflater for peers with that window, clamped to 9 to 15 bits; `level` is zlib's, 0 to 9.
    pub fn new(window_bits: u8, level: u32) -> Self {
        let level = Compression::new(level.min(9));
        let compress = Compress::new_with_window_bits(level, false, window_bits.clamp(9, 15));
        Self { compress, scratch: Vec::new() }
    }

    /// Appends one whole unmasked and deflated message. Appends nothing and returns `false` if that
    /// would not be smaller than the plain one.
    pub fn deflate_message(&mut self, opcode: Opcode, payload: &[u8], out: &mut BytesMut) -> bool {
        self.scratch.clear();
        self.compress.reset();
        if !self.deflate(payload) || self.scratch.len() >= payload.len() {
            return false;
        }
        frame::put(out, opcode, true, &self.scratch);
        true
    }

    /// Fills the scratch buffer; `false` if the data turns out not to shrink.
    fn deflate(&mut self, payload: &[u8]) -> bool {
        let mut input = payload;
        loop {
            let written = self.scratch.len();
            if written > payload.len() + TAIL.len() {
                return false;
            }
            self.scratch.resize(written + STEP, 0);
            let (read, before) = (self.compress.total_in(), self.compress.total_out());
            let status =
                self.compress.compress(input, &mut self.scratch[written..], FlushCompress::Sync);
            let produced = usize::try_from(self.compress.total_out() - before).unwrap_or(0);
            let consumed = usize::try_from(self.compress.total_in() - read).unwrap_or(input.len());
            self.scratch.truncate(written + produced);
            input = &input[consumed..];
            if status.is_err() {
                return false;
            }
            if input.is_empty() && produced < STEP {
                break;
            }
        }
        if self.scratch.ends_with(&TAIL) {
            self.scratch.truncate(self.scratch.len() - TAIL.len());
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Decoder, Message, Role};

    fn round_trip(bits: u8, level: u32, payload: &[u8]) -> Option<Vec<u8>> {
        let mut out = BytesMut::new();
        if !Deflater::new(bits, level).deflate_message(Opcode::Binary, payload, &mut out) {
            assert!(out.is_empty());
            return None;
        }
        let agreed = Some(Agreed { server_window_bits: bits });
        let mut decoder = Decoder::new(Role::Client, payload.len().max(1), agreed);
        let len = out.len();
        let decoded = decoder.decode(&mut out).unwrap();
        assert_eq!(decoded.consumed, len);
        match decoded.message {
            Some(Message::Binary(bytes)) => Some(bytes.to_vec()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn text_shrinks_in_every_window_and_at_every_level() {
        let text = "a line of a log with words in it\n".repeat(3000).into_bytes();
        for bits in 9..=15 {
            for level in 1..=9 {
                assert_eq!(round_trip(bits, level, &text), Some(text.clone()));
            }
        }
    }

    /// Noise of that length: nothing in it repeats, so only the whole of it can be found again.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0] & 15
        };
        (0..len).map(|_| next()).collect()
    }

    fn deflated_len(bits: u8, payload: &[u8]) -> usize {
        let mut out = BytesMut::new();
        assert!(Deflater::new(bits, 9).deflate_message(Opcode::Binary, payload, &mut out));
        out.len()
    }

    /// A peer that agreed to a small window has no more than that to look back into.
    #[test]
    fn no_match_reaches_beyond_the_agreed_window() {
        for bits in 9..=14 {
            let block = noise((1 << bits) + 300);
            let (once, thrice) = (deflated_len(bits, &block), deflated_len(bits, &block.repeat(3)));
            assert!(thrice * 10 > once * 27, "{bits} bits: {once} and {thrice}");
            let with_more = deflated_len(15, &block.repeat(3));
            assert!(with_more * 10 < once * 15, "a larger window finds it: {once} and {with_more}");
        }
    }

    #[test]
    fn what_does_not_shrink_is_left_plain() {
        assert_eq!(round_trip(15, 6, b"x"), None);
        assert_eq!(round_trip(15, 6, b""), None);
    }

    proptest! {
        #[test]
        fn one_deflater_serves_message_after_message(
            words in proptest::collection::vec("[a-c]{0,6}", 0..3000), bits in 9u8..16,
        ) {
            let payload = words.concat().into_bytes();
            let mut deflater = Deflater::new(bits, 3);
            let agreed = Some(Agreed { server_window_bits: bits });
            for _ in 0..3 {
                let mut out = BytesMut::new();
                if deflater.deflate_message(Opcode::Binary, &payload, &mut out) {
                    let mut decoder = Decoder::new(Role::Client, 1 << 20, agreed);
                    let decoded = decoder.decode(&mut out).unwrap();
                    prop_assert_eq!(decoded.message, Some(Message::Binary(&payload)));
                }
            }
        }
    }
}
