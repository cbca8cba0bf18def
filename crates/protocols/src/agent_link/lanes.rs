//! The lanes of one link: which stream each number stands for, and where its next record has to be.

use std::collections::HashMap;

use bytes::Bytes;
use pilothouse_core::{
    sessions::{Checkpoint, Size},
    streams::{Record, StreamKey},
};

use super::records::{Kind, Malformed, RawRecord, decode};

/// The largest position and number, exact in every language's numbers.
const LARGEST: u64 = (1 << 53) - 1;

/// How many lanes one link may have. A link that needs more is broken, or wants our memory.
const MOST_LANES: usize = 65_536;

/// Why a message about lanes breaks the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenLane {
    /// Not a row of records.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// No `lane` message announced it.
    #[error("lane {0} was not announced")]
    NotAnnounced(u32),
    /// The record's epoch is not its lane's.
    #[error("lane {0} belongs to another epoch")]
    OtherEpoch(u32),
    /// A hole or a repetition.
    #[error("lane {lane} has to go on at position {position}, record {sequence}")]
    DoesNotFollow {
        /// Which lane.
        lane: u32,
        /// Where its next record has to be.
        position: u64,
        /// Which number it has to have.
        sequence: u64,
    },
    /// A position or number that no log reaches.
    #[error("positions and numbers end at {LARGEST}")]
    TooFar,
    /// Too many lanes.
    #[error("a link has at most {MOST_LANES} lanes")]
    TooMany,
}

/// What a binary message carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Carried {
    /// A piece of output.
    Output(Record),
    /// How a terminal looked.
    Checkpoint(Checkpoint),
}

/// The lanes of one link.
#[derive(Debug, Default)]
pub struct Lanes {
    lanes: HashMap<u32, Lane>,
}

#[derive(Debug)]
struct Lane {
    stream: StreamKey,
    position: u64,
    sequence: u64,
}

impl Lanes {
    /// Lets a number stand for a stream from here on; it may have stood for another before.
    pub fn open(
        &mut self,
        lane: u32,
        stream: StreamKey,
        position: u64,
        sequence: u64,
    ) -> Result<(), BrokenLane> {
        if self.lanes.len() >= MOST_LANES && !self.lanes.contains_key(&lane) {
            return Err(BrokenLane::TooMany);
        }
        within_reach(position, sequence)?;
        self.lanes.insert(lane, Lane { stream, position, sequence });
        Ok(())
    }

    /// Closes the lane of a stream that is over; its number is free again.
    pub fn close(&mut self, stream: &StreamKey) {
        self.lanes.retain(|_, lane| lane.stream != *stream);
    }

    /// Moves a lane over bytes that are lost, and says whose they are.
    pub fn skip(
        &mut self,
        number: u32,
        from: u64,
        to: u64,
        next_sequence: u64,
    ) -> Result<StreamKey, BrokenLane> {
        let lane = self.lanes.get_mut(&number).ok_or(BrokenLane::NotAnnounced(number))?;
        if from != lane.position || to < from || next_sequence < lane.sequence {
            return Err(lane.does_not_follow(number));
        }
        within_reach(to, next_sequence)?;
        (lane.position, lane.sequence) = (to, next_sequence);
        Ok(lane.stream.clone())
    }

    /// Hands everything in a binary message to `each`, in order.
    ///
    /// The message is copied once; the records share the copy.
    pub fn read(
        &mut self,
        message: &[u8],
        mut each: impl FnMut(Carried),
    ) -> Result<(), BrokenLane> {
        let message = Bytes::copy_from_slice(message);
        for raw in decode(&message) {
            let raw = raw?;
            if let Some(carried) = self.accept(&raw, &message)? {
                each(carried);
            }
        }
        Ok(())
    }

    fn accept(
        &mut self,
        raw: &RawRecord<'_>,
        message: &Bytes,
    ) -> Result<Option<Carried>, BrokenLane> {
        let lane = self.lanes.get_mut(&raw.lane).ok_or(BrokenLane::NotAnnounced(raw.lane))?;
        if raw.epoch != lane.stream.epoch {
            return Err(BrokenLane::OtherEpoch(raw.lane));
        }
        let channel = match raw.kind {
            // It takes no room in the log.
            Kind::Checkpoint => return Ok(lane.checkpoint(raw, message).map(Carried::Checkpoint)),
            Kind::Unknown(_) => return Ok(None),
            Kind::Stdout | Kind::Stderr | Kind::Terminal => raw.kind.channel(),
        };
        if (raw.position, raw.sequence) != (lane.position, lane.sequence) {
            return Err(lane.does_not_follow(raw.lane));
        }
        let end = raw.position + raw.bytes.len() as u64;
        within_reach(end, raw.sequence)?;
        (lane.position, lane.sequence) = (end, raw.sequence + 1);
        Ok(channel.map(|channel| {
            Carried::Output(Record {
                stream: lane.stream.clone(),
                channel,
                position: raw.position,
                sequence: raw.sequence,
                bytes: message.slice_ref(raw.bytes),
            })
        }))
    }
}

fn within_reach(position: u64, sequence: u64) -> Result<(), BrokenLane> {
    if position.max(sequence) > LARGEST { Err(BrokenLane::TooFar) } else { Ok(()) }
}

impl Lane {
    /// A checkpoint counts where the lane is, and only workers have them.
    fn checkpoint(&self, raw: &RawRecord<'_>, message: &Bytes) -> Option<Checkpoint> {
        self.stream.worker()?;
        let (columns, rest) = raw.bytes.split_first_chunk()?;
        let (rows, screen) = rest.split_first_chunk()?;
        let cells = |side: [u8; 2]| i64::from(u16::from_le_bytes(side));
        (raw.position == self.position).then(|| Checkpoint {
            stream: self.stream.clone(),
            position: raw.position,
            size: Size::clamped(cells(*columns), cells(*rows)),
            bytes: message.slice_ref(screen),
        })
    }

    fn does_not_follow(&self, lane: u32) -> BrokenLane {
        BrokenLane::DoesNotFollow { lane, position: self.position, sequence: self.sequence }
    }
}
