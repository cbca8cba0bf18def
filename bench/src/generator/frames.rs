//! Counts WebSocket messages in a stream of bytes by their headers; payloads are passed over.

/// What has been counted, over all viewers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Text and binary messages of at least the least size.
    pub(crate) messages: u64,
    /// Those of them that were deflated.
    pub(crate) deflated: u64,
    /// All bytes.
    pub(crate) bytes: u64,
    /// The payload of the last counted message.
    pub(crate) last_size: u64,
}

/// One viewer's place in its stream.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FrameCounter {
    /// A header of which only a part has come.
    header: [u8; 10],
    have: usize,
    /// The message whose payload is under way.
    opening: u8,
    size: u64,
    left: u64,
}

impl FrameCounter {
    /// Takes in what was read. Messages smaller than `least` are not counted: they are not the load.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], least: u64, counts: &mut Counts) {
        counts.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            if self.left > 0 {
                let passed = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
                bytes = &bytes[passed..];
                self.left -= passed as u64;
            } else if let Some((length, size)) = header(bytes).filter(|_| self.have == 0) {
                self.opening = bytes[0];
                (self.size, self.left) = (size, size);
                bytes = &bytes[length..];
            } else {
                self.header[self.have] = bytes[0];
                self.have += 1;
                bytes = &bytes[1..];
                let Some((_, size)) = header(&self.header[..self.have]) else { continue };
                self.opening = self.header[0];
                (self.size, self.left, self.have) = (size, size, 0);
            }
            if self.left == 0 {
                self.count(least, counts);
            }
        }
    }

    fn count(&self, least: u64, counts: &mut Counts) {
        let is_message = matches!(self.opening & 0x0f, 0..=2);
        if is_message && self.size >= least {
            counts.messages += 1;
            counts.deflated += u64::from(self.opening & 0x40 != 0);
            counts.last_size = self.size;
        }
    }
}

/// The length of an unmasked frame's header and of its payload, if all of the header is there.
fn header(bytes: &[u8]) -> Option<(usize, u64)> {
    match bytes.get(1)? & 0x7f {
        126 => Some((4, u64::from(u16::from_be_bytes(*bytes.get(2..4)?.first_chunk()?)))),
        127 => Some((10, u64::from_be_bytes(*bytes.get(2..10)?.first_chunk()?))),
        size => Some((2, u64::from(size))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_however_the_stream_is_cut() {
        let mut stream = vec![0x81, 3, b'a', b'b', b'c', 0x89, 0, 0x82, 126, 1, 0];
        stream.extend([7; 256]);
        stream.extend([0xc1, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        stream.extend(vec![7; 65536]);
        for piece in [1, 2, 3, 7, 100, stream.len()] {
            let (mut counter, mut counts) = (FrameCounter::default(), Counts::default());
            for part in stream.chunks(piece) {
                counter.feed(part, 4, &mut counts);
            }
            let bytes = stream.len() as u64;
            let expected = Counts { messages: 2, deflated: 1, bytes, last_size: 65536 };
            assert_eq!(counts, expected, "pieces of {piece}");
        }
    }
}
