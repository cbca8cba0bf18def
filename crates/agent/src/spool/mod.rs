//! One stream's records from when they are numbered until the server has stored them.
//!
//! The oldest are in memory, what does not fit there is on disk. When both are full the oldest go,
//! so that a process never waits for the spool; what is gone is seen as a hole by whoever reads on.

mod segments;

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, io, path::Path};

use bytes::Bytes;
use pilothouse_core::streams::Channel;

use segments::{Place, Segments};

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
    pub(crate) segment: u64,
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

/// One stream's unacknowledged records.
#[derive(Debug)]
pub(crate) struct Spool {
    limits: SpoolLimits,
    records: VecDeque<Kept>,
    segments: Segments,
    next: Cursor,
    in_memory: u64,
    kept: u64,
}

#[derive(Debug)]
struct Kept {
    at: Cursor,
    length: u32,
    channel: Channel,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Memory(Bytes),
    Disk(Place),
}

impl Kept {
    fn cost(&self) -> u64 {
        u64::from(self.length) + RECORD_COST
    }

    fn end(&self) -> Cursor {
        Cursor {
            position: self.at.position + u64::from(self.length),
            sequence: self.at.sequence + 1,
        }
    }
}

impl Spool {
    /// An empty spool that keeps its files in `folder`, which is made when it is needed.
    pub(crate) fn new(folder: &Path, limits: SpoolLimits) -> Self {
        let segments = Segments::new(folder, limits.segment);
        Self {
            limits,
            records: VecDeque::new(),
            segments,
            next: Cursor::START,
            in_memory: 0,
            kept: 0,
        }
    }

    /// What an earlier life of the agent left on disk. What it had in memory is a hole.
    pub(crate) fn open(folder: &Path, limits: SpoolLimits) -> io::Result<Self> {
        let mut spool = Self::new(folder, limits);
        for found in spool.segments.recover()? {
            let record = Kept {
                at: found.at,
                length: found.place.length,
                channel: found.channel,
                content: Content::Disk(found.place),
            };
            spool.next = record.end();
            spool.kept += record.cost();
            spool.records.push_back(record);
        }
        Ok(spool)
    }

    /// Where the next record will be.
    pub(crate) fn next(&self) -> Cursor {
        self.next
    }

    /// Where the oldest kept record is; where the next will be if there is none.
    pub(crate) fn first(&self) -> Cursor {
        self.records.front().map_or(self.next, |record| record.at)
    }

    /// How much is kept, with what keeping it costs.
    pub(crate) fn kept(&self) -> u64 {
        self.kept
    }

    /// Numbers a record and keeps it. An error of the disk costs the record, which becomes a hole.
    pub(crate) fn push(&mut self, channel: Channel, bytes: &Bytes) -> io::Result<()> {
        let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let at = self.next;
        let is_spilling = self.in_memory < self.kept;
        let fits = self.in_memory + u64::from(length) + RECORD_COST <= self.limits.memory;
        let content = if fits && !is_spilling {
            Ok(Content::Memory(bytes.clone()))
        } else {
            self.segments.append(at, channel, bytes).map(Content::Disk)
        };
        self.next.position += u64::from(length);
        self.next.sequence += 1;
        self.keep(Kept { at, length, channel, content: content? });
        Ok(())
    }

    fn keep(&mut self, record: Kept) {
        self.kept += record.cost();
        if matches!(record.content, Content::Memory(_)) {
            self.in_memory += record.cost();
        }
        self.records.push_back(record);
        while self.kept > self.limits.total && self.records.len() > 1 {
            self.drop_oldest();
        }
    }

    /// Forgets all before a cursor.
    pub(crate) fn acknowledge(&mut self, until: Cursor) {
        while self.records.front().is_some_and(|record| record.at.position < until.position) {
            self.drop_oldest();
        }
        // The server may know more than an agent that lost its memory; numbers never go back.
        if until.position > self.next.position {
            self.next = until;
        }
    }

    fn drop_oldest(&mut self) {
        let Some(record) = self.records.pop_front() else { return };
        self.kept -= record.cost();
        match record.content {
            Content::Memory(_) => self.in_memory -= record.cost(),
            Content::Disk(place) => self.segments.release(place),
        }
    }

    /// What comes after a cursor; nothing if it is at the end. What the disk does not give back is a hole.
    pub(crate) fn after(&self, cursor: Cursor) -> Option<Next> {
        let index = self.records.partition_point(|record| record.at.position < cursor.position);
        let Some(record) = self.records.get(index) else {
            let is_behind = cursor.position < self.next.position;
            return is_behind.then_some(Next::Hole { to: self.next });
        };
        if record.at != cursor {
            return Some(Next::Hole { to: record.at });
        }
        let bytes = match &record.content {
            Content::Memory(bytes) => Ok(bytes.clone()),
            Content::Disk(place) => self.segments.read(*place),
        };
        Some(match bytes {
            Ok(bytes) => Next::Record { channel: record.channel, bytes },
            Err(_) => Next::Hole { to: record.end() },
        })
    }

    /// Moves what is in memory to the disk, for the next life of the agent.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        // The files are in order of the log, so what is on disk already has to be written again.
        let mut rewritten = self.segments.renewed();
        let mut places = Vec::with_capacity(self.records.len());
        for record in &self.records {
            let bytes = match &record.content {
                Content::Memory(bytes) => bytes.clone(),
                Content::Disk(place) => self.segments.read(*place)?,
            };
            places.push(rewritten.append(record.at, record.channel, &bytes)?);
        }
        for (record, place) in self.records.iter_mut().zip(places) {
            record.content = Content::Disk(place);
        }
        self.in_memory = 0;
        self.segments.delete_files();
        self.segments = rewritten;
        Ok(())
    }

    /// Deletes the files; the stream is over.
    pub(crate) fn delete(&mut self) {
        self.records.clear();
        (self.in_memory, self.kept) = (0, 0);
        self.segments.delete();
    }
}
