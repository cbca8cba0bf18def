//! What one peer still has to be sent: its own queue, then its place in the topic's log.
//!
//! Nothing of a shared event is copied: the queue holds handles to the same bytes that all others are sent.

use std::{collections::VecDeque, io, io::IoSlice};

use bytes::{Buf, Bytes};

use super::transport::{Transport, Written};

/// Slices handed to the kernel at once.
const MOST_SLICES: usize = 64;

/// What is of use in its newest form only: it takes the place of one that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Newest {
    /// All there is. Whoever asks for it again and again without reading is told it once.
    Snapshot,
    /// Whether the peer is there.
    Ping,
    /// That we are; earlier pings need no answer (RFC 6455, 5.5.3).
    Pong,
}

/// A peer's own queue: rests of begun messages, snapshots, answers, errors.
///
/// Overflow rules: of each kind of [`Newest`] one waits. Beyond [`Outbound::MOST_BYTES`] the connection is closed as
/// overloaded, since a peer that asks without reading the answers cannot be told anything.
#[derive(Debug, Default)]
pub(crate) struct Outbound {
    queue: VecDeque<Bytes>,
    bytes: usize,
    /// How many pieces have left the queue, and whether a part of the first has.
    gone: u64,
    is_begun: bool,
    /// Which piece was the last of each kind of [`Newest`], counted from 1.
    newest: [u64; 3],
    /// How much may wait besides, until all is sent: a terminal's history, which is bounded where it is read.
    allowance: usize,
    /// The socket took less than it was offered; nothing is offered until it is writable.
    pub(crate) is_blocked: bool,
}

impl Outbound {
    /// How much may wait for one peer.
    pub(crate) const MOST_BYTES: usize = 8 << 20;
    /// How much more while a terminal's history waits: the worst text is six times as long in JSON.
    pub(crate) const MOST_HISTORY: usize = 24 << 20;

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(crate) fn is_overfull(&self) -> bool {
        self.bytes > Self::MOST_BYTES + self.allowance
    }

    /// Lets that many bytes more wait, until all is sent.
    pub(crate) fn allow(&mut self, more: usize) {
        self.allowance = more;
    }

    pub(crate) fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.bytes += bytes.len();
            self.queue.push_back(bytes);
        }
    }

    /// Queues this instead of one of its kind that waits.
    pub(crate) fn put(&mut self, kind: Newest, bytes: Bytes) {
        if let Some(place) = self.waiting(kind) {
            let waiting = std::mem::replace(&mut self.queue[place], bytes);
            self.bytes = self.bytes - waiting.len() + self.queue[place].len();
        } else if !bytes.is_empty() {
            self.push(bytes);
            self.newest[kind as usize] = self.gone + self.queue.len() as u64;
        }
    }

    /// Whether one of this kind waits, and nothing of it was sent.
    pub(crate) fn has(&self, kind: Newest) -> bool {
        self.waiting(kind).is_some()
    }

    /// Where in the queue it waits.
    fn waiting(&self, kind: Newest) -> Option<usize> {
        let place = self.newest[kind as usize].checked_sub(self.gone + 1)?;
        usize::try_from(place).ok().filter(|place| *place > 0 || !self.is_begun)
    }

    /// Sends what is queued, as far as the socket takes it. Returns how many bytes those were.
    pub(crate) fn write(&mut self, transport: &Transport) -> io::Result<u64> {
        let before = self.bytes;
        if !self.is_blocked && !transport.flush()? {
            self.is_blocked = true;
        }
        while !self.queue.is_empty() && !self.is_blocked {
            let mut slices: Vec<_> =
                self.queue.iter().take(MOST_SLICES).map(|bytes| IoSlice::new(bytes)).collect();
            let written = transport.write_vectored(&mut slices)?;
            drop(slices);
            self.is_blocked = written.is_blocked;
            self.advance(written.bytes);
        }
        if self.queue.is_empty() {
            // An idle connection keeps no buffer.
            self.queue = VecDeque::new();
            self.allowance = 0;
        }
        Ok((before - self.bytes) as u64)
    }

    fn advance(&mut self, mut written: usize) {
        self.bytes -= written;
        while let Some(front) = self.queue.front_mut() {
            if written < front.len() {
                front.advance(written);
                self.is_begun |= written > 0;
                return;
            }
            written -= front.len();
            self.queue.pop_front();
            self.gone += 1;
            self.is_begun = false;
        }
    }
}

/// Writes what the socket takes.
pub(crate) fn write_slices(transport: &Transport, slices: &[Bytes]) -> io::Result<Written> {
    if let [slice] = slices {
        return transport.write(slice);
    }
    let mut total = Written { bytes: 0, is_blocked: false };
    for part in slices.chunks(MOST_SLICES) {
        let mut part: Vec<_> = part.iter().map(|bytes| IoSlice::new(bytes)).collect();
        let written = transport.write_vectored(&mut part)?;
        total = Written { bytes: total.bytes + written.bytes, is_blocked: written.is_blocked };
        if written.is_blocked {
            break;
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queued(outbound: &Outbound) -> Vec<&[u8]> {
        outbound.queue.iter().map(|bytes| &bytes[..]).collect()
    }

    #[test]
    fn of_what_counts_in_its_newest_form_one_waits_for_each_kind() {
        let mut outbound = Outbound::default();
        for round in 0..1000 {
            outbound.put(Newest::Snapshot, Bytes::from(format!("snapshot {round}")));
            outbound.put(Newest::Pong, Bytes::from(format!("pong {round}")));
            outbound.put(Newest::Ping, Bytes::from_static(b"ping"));
        }
        assert_eq!(queued(&outbound), [&b"snapshot 999"[..], b"pong 999", b"ping"]);
        assert_eq!(outbound.bytes, 12 + 8 + 4);
    }

    #[test]
    fn what_was_begun_is_finished_and_what_is_gone_is_not_replaced() {
        let mut outbound = Outbound::default();
        outbound.push(Bytes::from_static(b"answer"));
        outbound.put(Newest::Snapshot, Bytes::from_static(b"old"));
        outbound.advance(3);
        outbound.put(Newest::Snapshot, Bytes::from_static(b"new"));
        assert_eq!(queued(&outbound), [&b"wer"[..], b"new"]);
        outbound.advance(3);
        assert!(outbound.has(Newest::Snapshot), "nothing of it was sent");
        outbound.advance(1);
        assert!(!outbound.has(Newest::Snapshot));
        outbound.put(Newest::Snapshot, Bytes::from_static(b"third"));
        assert_eq!(queued(&outbound), [&b"ew"[..], b"third"]);
        outbound.advance(7);
        assert!(outbound.is_empty() && !outbound.has(Newest::Snapshot));
        outbound.put(Newest::Snapshot, Bytes::from_static(b"fourth"));
        assert_eq!((queued(&outbound), outbound.bytes), (vec![&b"fourth"[..]], 6));
    }
}
