//! One stream's output from when it is read until the server has stored it.
//!
//! What is read goes to a file at once, before it is gathered and cut, so that the next life of the
//! agent has it whatever becomes of this one. Records are also in memory as far as they fit there.
//! When all is full the oldest go, so that a process never waits for the spool; what is gone is seen
//! as a hole by whoever reads on.

mod entries;
mod files;
mod recovery;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    path::Path,
};

use bytes::Bytes;
use pilothouse_core::streams::Channel;
use pilothouse_protocols::agent_link::records::Kind;

use crate::batching::Piece;
use entries::CutPiece;
use files::{Files, Part, Place};

/// What a record costs besides its bytes, so that a flood of tiny records is bounded too.
const RECORD_COST: u64 = 64;

/// How much a spool may keep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SpoolLimits {
    /// In memory, in bytes.
    pub(crate) memory: u64,
    /// In all, in bytes. Beyond it the oldest records go.
    pub(crate) total: u64,
    /// How large a file may grow; only whole files are given back to the disk.
    pub(crate) file: u64,
    /// The largest record that is made of what an earlier life had not cut, in bytes.
    pub(crate) chunk: usize,
}

/// Where a reader of the log is: all before it has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The next byte.
    pub(crate) position: u64,
    /// The next record's number.
    pub(crate) sequence: u64,
}

impl Cursor {
    /// The beginning of every log.
    pub(crate) const START: Self = Self { position: 0, sequence: 1 };

    fn after(self, length: u32) -> Self {
        Self { position: self.position + u64::from(length), sequence: self.sequence + 1 }
    }
}

/// What comes after a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// A record, at the cursor.
    Record {
        /// Which output of the process.
        channel: Channel,
        /// What it wrote.
        bytes: Bytes,
    },
    /// The log goes on later; what is between is lost.
    Hole {
        /// Where it goes on.
        to: Cursor,
    },
}

/// One stream's unacknowledged output.
#[derive(Debug)]
pub(crate) struct Spool {
    limits: SpoolLimits,
    records: VecDeque<Kept>,
    files: Files,
    uncut: Uncut,
    next: Cursor,
    in_memory: u64,
    kept: u64,
    /// The file does not say what became of its bytes, so another one has to begin.
    is_broken: bool,
}

#[derive(Debug)]
struct Kept {
    at: Cursor,
    length: u32,
    channel: Channel,
    /// At least one of the two is there.
    memory: Option<Bytes>,
    place: Option<Place>,
}

impl Kept {
    fn cost(&self) -> u64 {
        u64::from(self.length) + RECORD_COST
    }

    fn end(&self) -> Cursor {
        self.at.after(self.length)
    }
}

/// What was read and not cut yet, per channel, in order.
#[derive(Debug, Default)]
struct Uncut {
    channels: BTreeMap<u8, VecDeque<Stretch>>,
}

/// Some bytes that were read together.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    length: u32,
    /// Where they are, if the disk took them.
    offset: Option<u64>,
}

impl Uncut {
    fn is_empty(&self) -> bool {
        self.channels.values().all(VecDeque::is_empty)
    }

    fn push(&mut self, channel: Channel, length: u32, offset: Option<u64>) {
        let stretches = self.channels.entry(Kind::from(channel).number()).or_default();
        stretches.push_back(Stretch { length, offset });
    }

    /// Takes the next bytes of a channel; gives those of them that are on disk.
    fn take(&mut self, channel: Channel, mut length: u32) -> Vec<Part> {
        let mut parts = Vec::new();
        let stretches = self.channels.entry(Kind::from(channel).number()).or_default();
        while length > 0 {
            let Some(first) = stretches.front_mut() else { break };
            let taken = first.length.min(length);
            if let Some(offset) = &mut first.offset {
                parts.push(Part { offset: *offset, length: taken });
                *offset += u64::from(taken);
            }
            first.length -= taken;
            length -= taken;
            if first.length == 0 {
                stretches.pop_front();
            }
        }
        parts
    }
}

impl Spool {
    /// An empty spool that keeps its files in `folder`, which is made when it is needed.
    pub(crate) fn new(folder: &Path, limits: SpoolLimits) -> Self {
        Self {
            limits,
            records: VecDeque::new(),
            files: Files::new(folder, limits.file),
            uncut: Uncut::default(),
            next: Cursor::START,
            in_memory: 0,
            kept: 0,
            is_broken: false,
        }
    }

    /// Where the next record will be.
    pub(crate) fn next(&self) -> Cursor {
        self.next
    }

    /// Where the oldest kept record is; where the next will be if there is none.
    pub(crate) fn first(&self) -> Cursor {
        self.records.front().map_or(self.next, |record| record.at)
    }

    /// Whether half of it is full: of all, or of the memory while the disk takes nothing.
    pub(crate) fn is_crowded(&self) -> bool {
        self.kept > self.limits.total / 2
            || self.is_broken && self.in_memory > self.limits.memory / 2
    }

    /// Keeps what was just read, before it is cut. An error of the disk costs it only if this life
    /// of the agent ends before it is sent.
    pub(crate) fn take_in(&mut self, channel: Channel, bytes: &[u8]) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let written = self.ready_file().and_then(|()| self.files.append_raw(channel, bytes));
        self.uncut.push(channel, length, written.as_ref().ok().map(|part| part.offset));
        written.map(drop)
    }

    /// Makes records of what was taken in, and numbers them.
    pub(crate) fn push(&mut self, pieces: &[Piece]) -> io::Result<()> {
        let ready = if self.is_broken { self.ready_file() } else { Ok(()) };
        let at = self.next;
        let file = self.files.current();
        let mut cut = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let length =
                u32::try_from(piece.bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
            let parts = self.uncut.take(piece.channel, length);
            let raw = parts.iter().map(|part| part.length).sum();
            cut.push(CutPiece { channel: piece.channel, length, raw });
            let place = (raw == length).then_some(Place { file, parts });
            self.keep(piece.channel, length, Some(&piece.bytes), place);
        }
        let written = ready.and_then(|()| self.files.append_cut(at, &cut));
        self.is_broken = written.is_err();
        self.drop_excess();
        written
    }

    /// Numbers a record and keeps it where there is room; where there is none it becomes a hole.
    fn keep(&mut self, channel: Channel, length: u32, bytes: Option<&Bytes>, place: Option<Place>) {
        let at = self.next;
        self.next = at.after(length);
        let cost = u64::from(length) + RECORD_COST;
        let fits = self.in_memory + cost <= self.limits.memory;
        let memory = bytes.filter(|_| fits).cloned();
        if memory.is_none() && place.is_none() {
            return;
        }
        if memory.is_some() {
            self.in_memory += cost;
        }
        if let Some(place) = &place {
            self.files.want(place.file);
        }
        self.kept += cost;
        self.records.push_back(Kept { at, length, channel, memory, place });
    }

    fn drop_excess(&mut self) {
        while self.kept > self.limits.total && self.records.len() > 1 {
            self.drop_oldest();
        }
    }

    /// Sees to it that something can be appended.
    fn ready_file(&mut self) -> io::Result<()> {
        if !self.is_broken && !self.files.is_full() {
            return Ok(());
        }
        let file = self.files.current();
        let mut carried = Vec::new();
        for (kind, stretches) in &self.uncut.channels {
            let Some(channel) = Kind::numbered(*kind).channel() else { continue };
            for stretch in stretches {
                let Some(offset) = stretch.offset else { continue };
                let parts = vec![Part { offset, length: stretch.length }];
                carried.push((channel, self.files.read(&Place { file, parts })?));
            }
        }
        let parts = self.files.begin(self.next, &carried)?;
        let mut moved = parts.into_iter();
        for stretches in self.uncut.channels.values_mut() {
            for stretch in stretches.iter_mut().filter(|stretch| stretch.offset.is_some()) {
                stretch.offset = moved.next().map(|(_, part)| part.offset);
            }
        }
        self.is_broken = false;
        Ok(())
    }

    /// Forgets all before a cursor.
    pub(crate) fn acknowledge(&mut self, until: Cursor) {
        while self.records.front().is_some_and(|record| record.at.position < until.position) {
            self.drop_oldest();
        }
        // The server may know more than an agent that lost its disk; numbers never go back.
        if until.position > self.next.position {
            self.next = until;
        }
        if self.records.is_empty() && self.uncut.is_empty() {
            self.files.empty(self.next);
        }
    }

    fn drop_oldest(&mut self) {
        let Some(record) = self.records.pop_front() else { return };
        self.kept -= record.cost();
        if record.memory.is_some() {
            self.in_memory -= record.cost();
        }
        if let Some(place) = record.place {
            self.files.release(place.file);
        }
    }

    /// What comes after a cursor; nothing if it is at the end. What the disk does not give back is a hole.
    pub(crate) fn after(&self, cursor: Cursor) -> Option<Next> {
        let index = self.records.partition_point(|record| record.at.position < cursor.position);
        let Some(record) = self.records.get(index) else {
            let is_behind = cursor.position < self.next.position;
            let sequence = cursor.sequence.max(self.next.sequence);
            return is_behind.then_some(Next::Hole { to: Cursor { sequence, ..self.next } });
        };
        // The server may have counted further than an agent whose disk lost something; numbers follow it.
        let sequence = cursor.sequence.max(record.at.sequence);
        if record.at.position != cursor.position {
            return Some(Next::Hole { to: Cursor { sequence, ..record.at } });
        }
        let bytes = match (&record.memory, &record.place) {
            (Some(bytes), _) => Ok(bytes.clone()),
            (None, Some(place)) => self.files.read(place),
            (None, None) => Err(io::ErrorKind::NotFound.into()),
        };
        Some(match bytes {
            Ok(bytes) => Next::Record { channel: record.channel, bytes },
            Err(_) => Next::Hole { to: Cursor { sequence, ..record.at }.after(record.length) },
        })
    }

    /// Deletes the files; the stream is over.
    pub(crate) fn delete(&mut self) {
        self.records.clear();
        (self.in_memory, self.kept) = (0, 0);
        self.files.delete();
    }
}
