//! Which event loops have viewers of which worker, so that a terminal's output wakes nobody else.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use pilothouse_core::ids::WorkerId;

/// The loops of each worker that is watched. Bounded by the connections that watch.
#[derive(Debug, Default)]
pub(crate) struct Watchers {
    /// Per worker: which loop, and how many viewers it has there.
    by_worker: Mutex<BTreeMap<WorkerId, Vec<(usize, usize)>>>,
}

impl Watchers {
    /// A viewer on that loop is about to watch; from now on the loop is told.
    pub(crate) fn add(&self, worker: &WorkerId, index: usize) {
        let mut by_worker = self.by_worker.lock();
        let loops = by_worker.entry(worker.clone()).or_default();
        match loops.iter_mut().find(|(known, _)| *known == index) {
            Some((_, viewers)) => *viewers += 1,
            None => loops.push((index, 1)),
        }
    }

    /// One of them does not watch any more.
    pub(crate) fn remove(&self, worker: &WorkerId, index: usize) {
        let mut by_worker = self.by_worker.lock();
        let Some(loops) = by_worker.get_mut(worker) else { return };
        if let Some((_, viewers)) = loops.iter_mut().find(|(known, _)| *known == index) {
            *viewers -= 1;
        }
        loops.retain(|(_, viewers)| *viewers > 0);
        if loops.is_empty() {
            by_worker.remove(worker);
        }
    }

    /// How many workers are watched.
    #[cfg(test)]
    pub(crate) fn watched(&self) -> usize {
        self.by_worker.lock().len()
    }

    /// Calls `tell` with every loop that has a viewer of the worker.
    pub(crate) fn each_loop(&self, worker: &WorkerId, tell: impl FnMut(usize)) {
        if let Some(loops) = self.by_worker.lock().get(worker) {
            loops.iter().map(|(index, _)| *index).for_each(tell);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(watchers: &Watchers, worker: &WorkerId) -> Vec<usize> {
        let mut told = Vec::new();
        watchers.each_loop(worker, |index| told.push(index));
        told
    }

    #[test]
    fn a_loop_is_told_as_long_as_it_has_a_viewer() {
        let watchers = Watchers::default();
        let (one, other): (WorkerId, WorkerId) = ("one".parse().unwrap(), "other".parse().unwrap());
        for index in [0, 1, 1] {
            watchers.add(&one, index);
        }
        assert_eq!((told(&watchers, &one), told(&watchers, &other)), (vec![0, 1], vec![]));
        watchers.remove(&one, 1);
        watchers.remove(&one, 0);
        assert_eq!(told(&watchers, &one), [1]);
        watchers.remove(&one, 1);
        assert!(told(&watchers, &one).is_empty());
        assert_eq!(watchers.watched(), 0);
    }
}
