//! What one peer still has to be sent: its own queue, then its place in the topic's log.
//!
//! Nothing of a shared event is copied: the queue holds handles to the same bytes that all others are sent.

use std::{collections::VecDeque, io, io::IoSlice};

use bytes::{Buf, Bytes};

use super::transport::{Transport, Written};

/// Slices handed to the kernel at once.
const MOST_SLICES: usize = 64;

/// A peer's own queue: rests of begun messages, snapshots, answers, errors.
///
/// Overflow rule: beyond [`Outbound::MOST_BYTES`] the connection is closed as overloaded, since a
/// peer that asks without reading the answers cannot be told anything.
#[derive(Debug, Default)]
pub(crate) struct Outbound {
    queue: VecDeque<Bytes>,
    bytes: usize,
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
                return;
            }
            written -= front.len();
            self.queue.pop_front();
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
