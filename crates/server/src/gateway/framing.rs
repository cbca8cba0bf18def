//! Messages as WebSocket frames, plain or deflated. The server's side of the core's `Framing`.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use pilothouse_core::fanout::{Framing, Message, MessageKind};
use pilothouse_websocket::{
    deflate::Deflater,
    frame::{self, Opcode},
};

/// zlib's level for shared messages: they are deflated once, so more than the fastest pays.
const LEVEL: u32 = 3;

/// The framing key of plain frames; other keys are the deflate window's bits.
pub(crate) const PLAIN: u32 = 0;

/// How much of a terminal's output is deflated within [`BUDGET_FOR`]; the rest of it is a flood and goes out plain.
const BUDGET: usize = 400 << 10;
const BUDGET_FOR: Duration = Duration::from_millis(100);

/// Frames for every viewer that agreed on the same window.
pub(crate) struct WebSocketFraming {
    deflater: Option<Deflater>,
    /// From this size on a message is worth deflating.
    threshold: usize,
    /// How much may be deflated until when; without it there is no limit.
    budget: Option<(usize, Instant)>,
}

impl WebSocketFraming {
    pub(crate) fn new(window_bits: u32, threshold: usize) -> Self {
        let bits = u8::try_from(window_bits).unwrap_or(15);
        let deflater = (window_bits != PLAIN).then(|| Deflater::new(bits, LEVEL));
        Self { deflater, threshold, budget: None }
    }

    /// The same for a terminal, whose floods would cost more to deflate than to send.
    pub(crate) fn of_terminal(window_bits: u32, threshold: usize) -> Self {
        Self { budget: Some((BUDGET, Instant::now())), ..Self::new(window_bits, threshold) }
    }

    /// Whether so much more may be deflated at `now`.
    fn spend(&mut self, bytes: usize, now: Instant) -> bool {
        let Some((left, since)) = &mut self.budget else { return true };
        if now >= *since + BUDGET_FOR {
            (*left, *since) = (BUDGET, now);
        }
        let is_within = bytes <= *left;
        *left = left.saturating_sub(bytes);
        is_within
    }
}

impl Framing for WebSocketFraming {
    fn frame(&mut self, message: Message<'_>, out: &mut BytesMut) -> bool {
        let opcode = opcode(message.kind);
        let size = message.payload.len();
        let is_worth_it =
            self.deflater.is_some() && size > self.threshold && self.spend(size, Instant::now());
        if let Some(deflater) = self.deflater.as_mut().filter(|_| is_worth_it)
            && deflater.deflate_message(opcode, message.payload, out)
        {
            return true;
        }
        frame::put(out, opcode, false, message.payload);
        false
    }
}

fn opcode(kind: MessageKind) -> Opcode {
    match kind {
        MessageKind::Text => Opcode::Text,
        MessageKind::Binary => Opcode::Binary,
    }
}

/// From this size on a payload is sent as it lies there, with its head before it.
const APART: usize = 4096;

/// One plain frame for one peer, in pieces: a large payload is not copied, since others may be sent the same.
pub(crate) fn plain(kind: MessageKind, payload: Bytes) -> impl Iterator<Item = Bytes> {
    let (first, rest) = if payload.len() < APART {
        (whole(kind, &payload), None)
    } else {
        (frame::head(opcode(kind), payload.len()), Some(payload))
    };
    std::iter::once(first).chain(rest)
}

fn whole(kind: MessageKind, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + 10);
    WebSocketFraming { deflater: None, threshold: usize::MAX, budget: None }
        .frame(Message { kind, payload }, &mut out);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(window_bits: u32, payload: &[u8]) -> (bool, usize) {
        let mut out = BytesMut::new();
        let message = Message { kind: MessageKind::Text, payload };
        let deflated = WebSocketFraming::new(window_bits, 1000).frame(message, &mut out);
        (deflated, out.len())
    }

    #[test]
    fn each_peer_gets_the_window_it_agreed_to_and_short_messages_stay_plain() {
        let numbers: String = (0..2000u32).map(|n| (n * n % 9973).to_string()).collect();
        let twice = numbers.repeat(2);
        let ((_, plain), (_, small), (_, large)) = (
            framed(PLAIN, twice.as_bytes()),
            framed(9, twice.as_bytes()),
            framed(15, twice.as_bytes()),
        );
        assert!(large * 3 < small * 2 && small < plain, "{large} {small} {plain}");
        assert_eq!(framed(15, &numbers.as_bytes()[..1000]), (false, 1004));
        assert!(framed(15, &numbers.as_bytes()[..1001]).0);
    }

    #[test]
    fn a_flood_of_a_terminal_is_not_deflated() {
        let mut framing = WebSocketFraming::of_terminal(15, 1000);
        let (start, size) = (Instant::now(), BUDGET / 4);
        let after = |milliseconds| start + BUDGET_FOR + Duration::from_millis(milliseconds);
        let spent: Vec<_> = (0..6).map(|turn| framing.spend(size, after(turn))).collect();
        assert_eq!(spent, [true, true, true, true, false, false]);
        assert!(framing.spend(size, after(100)));
        let mut fleet = WebSocketFraming::new(15, 1000);
        assert!((0..100).all(|turn| fleet.spend(size, after(turn))));
    }
}
