//! A picture on its way to viewers: put into words and framed once for each shape that somebody wants.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use bytes::{Bytes, BytesMut};
use pilothouse_core::{fanout::MessageKind, ids::SessionId, time::Timestamp};
use pilothouse_protocols::{
    live_pictures,
    pictures::{Picture, Shape},
};
use pilothouse_websocket::frame::{self, Opcode};

use super::line::{Grade, QUALITIES};

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
    /// What has to be told of the stream before it.
    pub(super) status_version: u64,
    /// The message in each shape: what stands before the picture, the picture, and what stands behind.
    shapes: [OnceLock<[Bytes; 3]>; Shape::COUNT],
    /// The same at lower qualities, for narrow lines.
    reduced: [Reduction; QUALITIES.len()],
}

/// A picture at a lower quality.
#[derive(Debug)]
struct Reduction {
    is_begun: AtomicBool,
    /// None if it cannot be reduced.
    made: OnceLock<Option<Arc<Framed>>>,
}

/// How far a lighter picture is.
#[derive(Debug)]
pub(crate) enum Lighter {
    Made(Arc<Framed>),
    /// The picture cannot be reduced.
    Impossible,
    NotYet,
}

impl Framed {
    pub(crate) fn new(picture: Picture, stream: SessionId, number: u64, at: Timestamp) -> Self {
        let shapes = [const { OnceLock::new() }; Shape::COUNT];
        let reduced = [const { Reduction { is_begun: AtomicBool::new(false), made: OnceLock::new() } };
            QUALITIES.len()];
        let arrived = Instant::now();
        Self { picture, stream, number, at, arrived, status_version: 0, shapes, reduced }
    }

    /// The same at that quality.
    pub(super) fn lighter(&self, grade: Grade) -> Lighter {
        match self.reduction(grade).map(|reduction| reduction.made.get()) {
            Some(Some(Some(made))) => Lighter::Made(made.clone()),
            Some(None) => Lighter::NotYet,
            Some(Some(None)) | None => Lighter::Impossible,
        }
    }

    /// Whether somebody reduces it to that quality, or has.
    pub(super) fn is_reduction_begun(&self, grade: Grade) -> bool {
        self.reduction(grade).is_none_or(|one| one.is_begun.load(Ordering::Acquire))
    }

    /// Whoever is told so has to reduce it.
    pub(super) fn begin_reduction(&self, grade: Grade) -> bool {
        self.reduction(grade).is_some_and(|one| !one.is_begun.swap(true, Ordering::AcqRel))
    }

    /// That is what became of it.
    pub(super) fn end_reduction(&self, grade: Grade, made: Option<Picture>) {
        let Some(reduction) = self.reduction(grade) else { return };
        reduction.made.get_or_init(|| {
            let mut framed = Self::new(made?, self.stream.clone(), self.number, self.at);
            framed.arrived = self.arrived;
            Some(Arc::new(framed))
        });
    }

    fn reduction(&self, grade: Grade) -> Option<&Reduction> {
        self.reduced.get(grade.place()?)
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
