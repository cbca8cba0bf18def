//! A picture on its way to viewers: put into words and framed once for each shape that somebody wants.

use std::{sync::OnceLock, time::Instant};

use bytes::{Bytes, BytesMut};
use pilothouse_core::{fanout::MessageKind, ids::SessionId, time::Timestamp};
use pilothouse_protocols::{
    live_pictures,
    pictures::{Picture, Shape},
};
use pilothouse_websocket::frame::{self, Opcode};

/// One picture of a stream, shared by all who see it.
#[derive(Debug)]
pub(crate) struct Framed {
    pub(crate) picture: Picture,
    stream: SessionId,
    /// Counts the stream's pictures from 1, whoever brought them.
    pub(crate) number: u64,
    /// When it came, for people and for measuring.
    pub(crate) at: Timestamp,
    pub(crate) arrived: Instant,
    /// The message in each shape: what stands before the picture, the picture, and what stands behind.
    shapes: [OnceLock<[Bytes; 3]>; Shape::COUNT],
}

impl Framed {
    pub(crate) fn new(picture: Picture, stream: SessionId, number: u64, at: Timestamp) -> Self {
        let shapes = [const { OnceLock::new() }; Shape::COUNT];
        Self { picture, stream, number, at, arrived: Instant::now(), shapes }
    }

    /// The number that viewers know it by.
    pub(crate) fn sequence(&self) -> u64 {
        self.picture.sequence.unwrap_or(self.number)
    }

    /// What viewers of that shape are sent.
    pub(crate) fn slices(&self, shape: Shape) -> &[Bytes; 3] {
        self.shapes[shape as usize].get_or_init(|| {
            let written = live_pictures::write(&self.picture, shape, &self.stream, self.number);
            let opcode = match written.kind {
                MessageKind::Text => Opcode::Text,
                MessageKind::Binary => Opcode::Binary,
            };
            let len = written.before.len() + written.content.len() + written.after.len();
            let mut before = BytesMut::from(&frame::head(opcode, len)[..]);
            before.extend_from_slice(&written.before);
            [before.freeze(), written.content, written.after.into()]
        })
    }
}
