//! Counts of what happens, for `/metrics` and `/health`.

mod doors;
mod exposition;
mod pictures;
mod refusals;
mod tally;

use std::sync::Arc;

use pilothouse_protocols::ALL;

pub(crate) use doors::connections;
pub(crate) use exposition::exposition;
pub(crate) use pictures::{Held, PictureTally};
pub(crate) use refusals::{Refusals, Whom};
pub(crate) use tally::{BesideTally, Count, Ending, Histogram, Tally, place};

/// What the server counts itself; the rest is asked of the core when somebody looks.
pub(crate) struct Metrics {
    loops: Vec<Arc<Tally>>,
    /// The sockets of Socket.IO.
    pub(crate) beside: BesideTally,
    /// How long storing took. The storage thread alone writes it.
    pub(crate) commits: Histogram,
    /// Commits that failed.
    pub(crate) failed_commits: Count,
}

impl Metrics {
    pub(crate) fn new(loops: usize) -> Self {
        Self {
            loops: (0..loops).map(|_| Arc::new(Tally::new())).collect(),
            beside: BesideTally::default(),
            commits: Histogram::default(),
            failed_commits: Count::default(),
        }
    }

    /// What that loop counts.
    pub(crate) fn tally(&self, index: usize) -> Arc<Tally> {
        self.loops[index].clone()
    }

    /// Open connections per door of the event loops.
    fn connections(&self) -> impl Iterator<Item = (&'static str, u64)> {
        ALL.iter().enumerate().map(|(place, door)| {
            let open = |tally: &Arc<Tally>| {
                let door = tally.door(place);
                // In this order, so that one that is just leaving cannot make it negative.
                let gone = door.gone.get();
                door.opened.get().saturating_sub(gone)
            };
            (door.name, self.loops.iter().map(open).sum())
        })
    }
}
