//! What one event loop counts. Only its own thread writes, so that counting costs an addition and no
//! lock; whoever asks for the metrics adds the loops up.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use pilothouse_protocols::{ALL, Door};

use super::PictureTally;
use crate::gateway::Cause;

/// Close codes with a count of their own; the last place is for all others.
pub(super) const OURS: [&str; 15] = [
    "1000", "1001", "1002", "1007", "1008", "1009", "1011", "1012", "1013", "4000", "4001", "4002",
    "4003", "4009", "other",
];
/// How peers end: a close frame with that code, one without a code, or none at all.
pub(super) const THEIRS: [&str; 5] = ["1000", "1001", "1005", "1006", "other"];
/// The upper bounds of a histogram's buckets, in seconds.
pub(super) const BOUNDS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// A count that one thread writes and others read.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.store(self.0.load(Ordering::Relaxed) + more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A count that many threads write: an atomic addition, where there is no loop to count for.
#[derive(Debug, Default)]
pub(crate) struct SharedCount(AtomicU64);

impl SharedCount {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What is counted of the sockets that are on no loop.
#[derive(Debug, Default)]
pub(crate) struct BesideTally {
    pub(crate) opened: SharedCount,
    pub(crate) messages_in: SharedCount,
    /// To each peer by itself; what a peer tells a room of others is not among them.
    pub(crate) messages_out: SharedCount,
}

/// How long something took, by one thread.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    buckets: [Count; BOUNDS.len() + 1],
    microseconds: Count,
}

impl Histogram {
    pub(crate) fn observe(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        self.buckets[BOUNDS.partition_point(|bound| *bound < seconds)].add(1);
        self.microseconds.add(u64::try_from(took.as_micros()).unwrap_or(0));
    }

    /// How many fell into each bucket, and the sum of all in microseconds.
    pub(super) fn counts(&self) -> ([u64; BOUNDS.len() + 1], u64) {
        (self.buckets.each_ref().map(Count::get), self.microseconds.get())
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// We closed, with that code.
    Ours(u16),
    /// The peer closed, with a code or without.
    Theirs(Option<u16>),
    /// The connection was gone without a close frame.
    Cut,
}

/// One door's counts.
#[derive(Debug, Default)]
pub(crate) struct DoorTally {
    pub(crate) opened: Count,
    pub(crate) gone: Count,
    pub(crate) messages_in: Count,
    pub(crate) bytes_in: Count,
    pub(crate) messages_out: Count,
    pub(crate) bytes_out: Count,
    /// Tokens that ran out under an open connection.
    pub(crate) expired: Count,
    pub(super) ours: [Count; OURS.len()],
    pub(super) theirs: [Count; THEIRS.len()],
}

impl DoorTally {
    pub(crate) fn ended(&self, ending: Ending) {
        let place = |codes: &[&str], code: u16| {
            let found = codes.iter().position(|known| known.parse() == Ok(code));
            found.unwrap_or(codes.len() - 1)
        };
        match ending {
            Ending::Ours(code) => self.ours[place(&OURS, code)].add(1),
            Ending::Theirs(code) => self.theirs[place(&THEIRS, code.unwrap_or(1005))].add(1),
            Ending::Cut => self.theirs[place(&THEIRS, 1006)].add(1),
        }
    }
}

/// One loop's counts.
#[derive(Debug)]
pub(crate) struct Tally {
    doors: Vec<DoorTally>,
    refused: [Count; Cause::ALL.len()],
    pub(crate) resyncs: Count,
    /// Viewers that were attached to a terminal, and those that fell behind there and began anew.
    pub(crate) terminals_attached: Count,
    pub(crate) terminals_anew: Count,
    /// What they were told of the past, in bytes.
    pub(crate) history_bytes: Count,
    /// How often such a past was read and put into words; who comes together shares one.
    pub(crate) pasts_read: Count,
    /// Steps of runs that viewers were told, and how often one was read and put into words for them.
    pub(crate) steps_told: Count,
    pub(crate) steps_read: Count,
    /// How late the loop was when it had something to do at a fixed moment.
    pub(crate) lag: Histogram,
    /// Live pictures.
    pub(crate) pictures: PictureTally,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            doors: ALL.iter().map(|_| DoorTally::default()).collect(),
            refused: Default::default(),
            resyncs: Count::default(),
            terminals_attached: Count::default(),
            terminals_anew: Count::default(),
            history_bytes: Count::default(),
            pasts_read: Count::default(),
            steps_told: Count::default(),
            steps_read: Count::default(),
            lag: Histogram::default(),
            pictures: PictureTally::default(),
        }
    }

    /// The counts at a door's place, which [`place`] names.
    pub(crate) fn door(&self, place: usize) -> &DoorTally {
        &self.doors[place]
    }

    pub(crate) fn refused(&self, cause: Cause) {
        self.refused[cause as usize].add(1);
    }

    pub(super) fn refusals(&self, cause: Cause) -> u64 {
        self.refused[cause as usize].get()
    }
}

/// A door's place among all.
pub(crate) fn place(door: &Door) -> usize {
    ALL.iter().position(|known| known.name == door.name).expect("every door is in the list of all")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_close_code_of_ours_has_a_count_of_its_own() {
        let tally = DoorTally::default();
        for code in
            [1000, 1001, 1002, 1007, 1008, 1009, 1011, 1012, 1013, 4000, 4001, 4002, 4003, 4009]
        {
            tally.ended(Ending::Ours(code));
        }
        let (others, own) = tally.ours.split_last().unwrap();
        assert!(own.iter().all(|count| count.get() == 1) && others.get() == 0);
        tally.ended(Ending::Theirs(None));
        tally.ended(Ending::Cut);
        tally.ended(Ending::Theirs(Some(4999)));
        assert_eq!(tally.theirs.each_ref().map(Count::get), [0, 0, 1, 1, 1]);
    }

    #[test]
    fn what_took_longer_than_all_bounds_is_counted_too() {
        let histogram = Histogram::default();
        for milliseconds in [0, 1, 3, 9999] {
            histogram.observe(Duration::from_millis(milliseconds));
        }
        let (buckets, sum) = histogram.counts();
        assert_eq!(buckets, [1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(sum, 10_003_000);
    }
}
