//! A bounded log of framed events. Overflow rule: the oldest events go; who still wanted them resyncs.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// How many events are kept at most: a language that has no words for most of them would keep their places for ever.
const MOST_EVENTS: usize = 256 << 10;

/// Pending bytes become a segment from this size on, so that no buffer grows and is copied.
const SEGMENT: usize = 64 * 1024;

/// Framed events of one shape, by sequence number.
#[derive(Debug)]
pub struct Ring {
    /// The sequence number of the oldest kept event.
    first: u64,
    /// Where each kept event ends, counted in bytes since the ring began.
    ends: VecDeque<u64>,
    /// Where the oldest kept event starts.
    start: u64,
    /// Shared bytes with the place of their first one. Borders of segments are borders of events.
    segments: VecDeque<(u64, Bytes)>,
    pending: BytesMut,
    pending_start: u64,
    capacity: u64,
}

/// Consecutive events of a ring, with what is needed to stop and go on in the middle of one.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The sequence number after the last event.
    pub next: u64,
    /// The bytes.
    pub slices: Vec<Bytes>,
    first: u64,
    start: u64,
    ends: Vec<u64>,
}

impl Batch {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.slices.iter().map(Bytes::len).sum()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.slices.iter().all(Bytes::is_empty)
    }

    /// After `written` bytes: the next whole event, and what is left of the one in the middle of
    /// which the writing stopped. That rest has to be sent whatever happens to the ring.
    pub fn stopped_after(&self, written: usize) -> (u64, Bytes) {
        let place = self.start + written as u64;
        let begun = self.ends.partition_point(|&end| end <= place);
        let event_start = if begun == 0 { self.start } else { self.ends[begun - 1] };
        if event_start == place || begun == self.ends.len() {
            return (self.first + begun as u64, Bytes::new());
        }
        let event_end = self.ends[begun];
        let mut slice_start = self.start;
        for slice in &self.slices {
            let slice_end = slice_start + slice.len() as u64;
            if place < slice_end {
                let rest =
                    slice.slice(offset(place - slice_start)..offset(event_end - slice_start));
                return (self.first + begun as u64 + 1, rest);
            }
            slice_start = slice_end;
        }
        (self.next, Bytes::new())
    }
}

impl Ring {
    /// An empty ring whose first event will have the number `first`, and which keeps about `capacity` bytes.
    pub fn new(first: u64, capacity: usize) -> Self {
        Self {
            first,
            ends: VecDeque::new(),
            start: 0,
            segments: VecDeque::new(),
            pending: BytesMut::new(),
            pending_start: 0,
            capacity: capacity as u64,
        }
    }

    /// The sequence number of the oldest kept event.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The sequence number of the event to come.
    pub fn next(&self) -> u64 {
        self.first + self.ends.len() as u64
    }

    /// How many bytes the events from number `from` on have.
    pub fn bytes_since(&self, from: u64) -> usize {
        let end = self.ends.back().copied().unwrap_or(self.start);
        let skipped = offset(from.saturating_sub(self.first));
        let start = match skipped {
            0 => self.start,
            _ => self.ends.get(skipped - 1).copied().unwrap_or(end),
        };
        offset(end - start)
    }

    /// Appends one event, which `write` puts at the end of the buffer; it may write nothing.
    pub fn push<T>(&mut self, write: impl FnOnce(&mut BytesMut) -> T) -> T {
        if self.pending.capacity() - self.pending.len() < SEGMENT / 8 {
            self.pending.reserve(SEGMENT);
        }
        let result = write(&mut self.pending);
        self.ends.push_back(self.pending_start + self.pending.len() as u64);
        if self.pending.len() >= SEGMENT {
            self.seal();
        }
        self.trim();
        result
    }

    /// The events from number `from` to the newest, or `None` if some of them are gone.
    pub fn read(&mut self, from: u64) -> Option<Batch> {
        if from < self.first {
            return None;
        }
        let skipped = usize::try_from(from - self.first).ok()?;
        if skipped >= self.ends.len() {
            return Some(Batch { next: self.next(), first: from, ..Batch::default() });
        }
        self.seal();
        let start = if skipped == 0 { self.start } else { self.ends[skipped - 1] };
        let ends: Vec<u64> = self.ends.range(skipped..).copied().collect();
        let slices = self.slices(start, *ends.last()?);
        Some(Batch { next: self.next(), slices, first: from, start, ends })
    }

    /// The bytes of those of the events from number `from` on that `wanted` picks by number.
    pub fn pick(&mut self, from: u64, mut wanted: impl FnMut(u64) -> bool) -> Vec<Bytes> {
        self.seal();
        let mut picked = Vec::new();
        let mut run: Option<(u64, u64)> = None;
        let skipped = offset(from.saturating_sub(self.first)).min(self.ends.len());
        let mut start = if skipped == 0 { self.start } else { self.ends[skipped - 1] };
        let events: Vec<u64> = self.ends.range(skipped..).copied().collect();
        for (place, end) in events.into_iter().enumerate() {
            if wanted(self.first + (skipped + place) as u64) {
                run = Some((run.map_or(start, |(first, _)| first), end));
            } else if let Some((first, last)) = run.take() {
                picked.extend(self.slices(first, last));
            }
            start = end;
        }
        if let Some((first, last)) = run {
            picked.extend(self.slices(first, last));
        }
        picked
    }

    /// The oldest event from which on no more than `max_bytes` follow.
    pub fn newest(&self, max_bytes: usize) -> u64 {
        let end = self.ends.back().copied().unwrap_or(self.start);
        let border = end.saturating_sub(max_bytes as u64);
        if border <= self.start {
            return self.first;
        }
        let (front, back) = self.ends.as_slices();
        let before = match front.last() {
            Some(&last) if last < border => front.len() + back.partition_point(|&e| e < border),
            _ => front.partition_point(|&e| e < border),
        };
        (self.first + before as u64 + 1).min(self.next())
    }

    fn slices(&self, from: u64, to: u64) -> Vec<Bytes> {
        let before =
            self.segments.partition_point(|(start, bytes)| start + bytes.len() as u64 <= from);
        let mut slices = Vec::new();
        for (start, bytes) in self.segments.range(before..) {
            if *start >= to {
                break;
            }
            let first = offset(from.saturating_sub(*start));
            let last = bytes.len().min(offset(to - start));
            if first < last {
                slices.push(bytes.slice(first..last));
            }
        }
        slices
    }

    fn seal(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let segment = self.pending.split().freeze();
        let start = self.pending_start;
        self.pending_start += segment.len() as u64;
        self.segments.push_back((start, segment));
    }

    fn trim(&mut self) {
        let end = self.ends.back().copied().unwrap_or(self.start);
        let is_full =
            |ring: &Self| end - ring.start > ring.capacity || ring.ends.len() > MOST_EVENTS;
        while is_full(self) && self.ends.len() > 1 {
            if let Some(event_end) = self.ends.pop_front() {
                self.start = event_end;
                self.first += 1;
            }
        }
        while let Some((start, bytes)) = self.segments.front() {
            if start + bytes.len() as u64 > self.start {
                break;
            }
            self.segments.pop_front();
        }
    }
}

fn offset(distance: u64) -> usize {
    usize::try_from(distance).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "ring_tests.rs"]
mod tests;
