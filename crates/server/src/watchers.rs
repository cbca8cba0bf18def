//! Which event loops have viewers of which worker, and listeners of which agent, so that news wake nobody else.

use std::collections::BTreeMap;

use parking_lot::Mutex;
/// The loops of each subject that is watched. Bounded by the connections that watch.
#[derive(Debug)]
pub(crate) struct Watchers<Id> {
    /// Per subject: which loop, and how many viewers it has there.
    by_subject: Mutex<BTreeMap<Id, Vec<(usize, usize)>>>,
}

impl<Id> Default for Watchers<Id> {
    fn default() -> Self {
        Self { by_subject: Mutex::default() }
    }
}

impl<Id: Ord + Clone> Watchers<Id> {
    /// A viewer on that loop is about to watch; from now on the loop is told.
    pub(crate) fn add(&self, subject: &Id, index: usize) {
        let mut by_subject = self.by_subject.lock();
        let loops = by_subject.entry(subject.clone()).or_default();
        match loops.iter_mut().find(|(known, _)| *known == index) {
            Some((_, viewers)) => *viewers += 1,
            None => loops.push((index, 1)),
        }
    }

    /// One of them does not watch any more.
    pub(crate) fn remove(&self, subject: &Id, index: usize) {
        let mut by_subject = self.by_subject.lock();
        let Some(loops) = by_subject.get_mut(subject) else { return };
        if let Some((_, viewers)) = loops.iter_mut().find(|(known, _)| *known == index) {
            *viewers -= 1;
        }
        loops.retain(|(_, viewers)| *viewers > 0);
        if loops.is_empty() {
            by_subject.remove(subject);
        }
    }

    /// How many subjects are watched.
    #[cfg(test)]
    pub(crate) fn watched(&self) -> usize {
        self.by_subject.lock().len()
    }

    /// Calls `tell` with every loop that has a viewer of the subject.
    pub(crate) fn each_loop(&self, subject: &Id, tell: impl FnMut(usize)) {
        if let Some(loops) = self.by_subject.lock().get(subject) {
            loops.iter().map(|(index, _)| *index).for_each(tell);
        }
    }
}

#[cfg(test)]
mod tests {
    use pilothouse_core::ids::WorkerId;

    use super::*;

    fn told(watchers: &Watchers<WorkerId>, worker: &WorkerId) -> Vec<usize> {
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
