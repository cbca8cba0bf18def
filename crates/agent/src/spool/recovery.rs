//! Takes up the files of an earlier life: its records as they were cut, then what it had not cut yet.

use std::{io, path::Path, time::Duration, time::Instant};

use bytes::Bytes;
use pilothouse_core::streams::Channel;

use super::{
    Cursor, Kept, Place, RECORD_COST, Spool, SpoolLimits, Uncut,
    entries::{CutPiece, Entry, parse},
};
use crate::batching::Batch;

impl Spool {
    /// What an earlier life of the agent had read and the server had not stored.
    pub(crate) fn open(folder: &Path, limits: SpoolLimits) -> io::Result<Self> {
        let mut spool = Self::new(folder, limits);
        // What the newest file has read and not cut, in the order of reading.
        let mut left: Vec<(Channel, Bytes)> = Vec::new();
        let mut torn = None;
        for (number, content) in spool.files.left()? {
            let (entries, rest) = parse(&content);
            if !is_begun(&entries) {
                // Its beginning is torn, so what it was to carry is still in the file before.
                spool.files.discard(number);
                continue;
            }
            spool.files.adopt(number, rest.offset)?;
            (spool.uncut, left) = (Uncut::default(), Vec::new());
            for entry in entries {
                spool.replay(number, entry, &mut left);
            }
            torn = rest.torn.map(|(channel, bytes)| (channel, Bytes::copy_from_slice(bytes)));
        }
        spool.cut(left, torn)?;
        spool.drop_excess();
        Ok(spool)
    }

    fn replay(&mut self, file: u64, entry: Entry<'_>, left: &mut Vec<(Channel, Bytes)>) {
        match entry {
            Entry::Begin { at, .. } => self.reach(at),
            Entry::Raw { channel, offset, bytes } => {
                let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                self.uncut.push(channel, length, Some(offset));
                left.push((channel, Bytes::copy_from_slice(bytes)));
            }
            Entry::Cut { at, pieces } => {
                let mut at = at;
                for CutPiece { channel, length, raw } in pieces {
                    take(left, channel, raw);
                    let parts = self.uncut.take(channel, raw);
                    self.recover(Place { file, parts }, at, channel, length);
                    at = at.after(length);
                }
                self.reach(at);
            }
        }
    }

    fn recover(&mut self, place: Place, at: Cursor, channel: Channel, length: u32) {
        // A life that died while it began a file may have left some records twice.
        let is_known = self.records.back().is_some_and(|last| last.end().position > at.position);
        if is_known || place.parts.iter().map(|part| part.length).sum::<u32>() != length {
            return;
        }
        self.files.want(place.file);
        self.kept += u64::from(length) + RECORD_COST;
        self.records.push_back(Kept { at, length, channel, memory: None, place: Some(place) });
    }

    /// The log goes on there, unless it has come further. Positions are never used twice.
    fn reach(&mut self, at: Cursor) {
        if at.position > self.next.position {
            self.next =
                Cursor { position: at.position, sequence: at.sequence.max(self.next.sequence) };
        }
    }

    /// Cuts what the earlier life had read last; of the very last it may have written a part only.
    fn cut(
        &mut self,
        mut left: Vec<(Channel, Bytes)>,
        torn: Option<(Channel, Bytes)>,
    ) -> io::Result<()> {
        if let Some((channel, bytes)) = torn {
            self.take_in(channel, &bytes)?;
            left.push((channel, bytes));
        }
        let now = Instant::now();
        let mut batch = Batch::new(Duration::ZERO, self.limits.chunk);
        let mut pieces = Vec::new();
        for (channel, bytes) in left {
            pieces.extend(batch.push(channel, &bytes, now));
        }
        pieces.extend(batch.finish(now));
        if pieces.is_empty() { Ok(()) } else { self.push(&pieces) }
    }
}

/// Whether a file has all that it was begun with.
fn is_begun(entries: &[Entry<'_>]) -> bool {
    let Some(Entry::Begin { carried, .. }) = entries.first() else { return false };
    let raw = entries[1..].iter().take_while(|entry| matches!(entry, Entry::Raw { .. })).count();
    raw >= *carried as usize
}

/// Takes bytes of a channel off the front.
fn take(left: &mut Vec<(Channel, Bytes)>, channel: Channel, mut length: u32) {
    for (_, bytes) in left.iter_mut().filter(|(own, _)| *own == channel) {
        let taken = bytes.len().min(length as usize);
        let _ = bytes.split_to(taken);
        length -= u32::try_from(taken).unwrap_or(length);
        if length == 0 {
            break;
        }
    }
    left.retain(|(_, bytes)| !bytes.is_empty());
}
