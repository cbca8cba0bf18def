//! How events become messages (a protocol's part) and how messages become bytes (a transport's part).

use bytes::BytesMut;

use super::topic::Resync;
use crate::{event::Published, time::Timestamp, view::View};

/// Whether a message is text or binary where the transport makes that difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// UTF-8.
    Text,
    /// Bytes.
    Binary,
}

/// One message, before any transport has framed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Text or binary.
    pub kind: MessageKind,
    /// The payload.
    pub payload: &'a [u8],
}

/// Messages written one after the other into one buffer, which is reused.
#[derive(Debug, Default)]
pub struct Messages {
    bytes: Vec<u8>,
    ends: Vec<(MessageKind, usize)>,
}

impl Messages {
    /// Appends one message that `write` puts at the end of the buffer it is given.
    pub fn push(&mut self, kind: MessageKind, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push((kind, self.bytes.len()));
    }

    /// The messages, in order.
    pub fn iter(&self) -> impl Iterator<Item = Message<'_>> {
        let mut start = 0;
        self.ends.iter().map(move |&(kind, end)| {
            let payload = &self.bytes[start..end];
            start = end;
            Message { kind, payload }
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets all, keeps the buffer.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// How one protocol says what happened. Knows neither sockets nor viewers, so its words can be shared.
pub trait Language: Send + Sync + std::fmt::Debug {
    /// Names the language in metrics: the protocol's folder name, and the variant if it has several.
    fn name(&self) -> &'static str;

    /// Says one event: no message, one, or several.
    fn event(&self, published: &Published, out: &mut Messages);

    /// Says all that a viewer who comes now has to know.
    fn snapshot(&self, view: &View, at: Timestamp, out: &mut Messages);

    /// Says what a viewer who fell behind has to know before the newest output: the state anew, and the gaps.
    fn resync(&self, view: &View, resync: &Resync, at: Timestamp, out: &mut Messages);

    /// Says what such a viewer has to know after the newest output: the ends it missed.
    fn resync_ends(&self, view: &View, resync: &Resync, at: Timestamp, out: &mut Messages);

    /// Whether there are words for a viewer who fell behind. Where there are none, it has to connect again.
    fn has_resync(&self) -> bool {
        true
    }
}

/// How one transport puts a message on the wire, for instance a WebSocket frame, deflated or not.
pub trait Framing: Send {
    /// Appends the framed message. Returns whether it was deflated.
    fn frame(&mut self, message: Message<'_>, out: &mut BytesMut) -> bool;
}
