//! How steadily a screen changes: single changes are nothing, a row of them is work.

use std::{collections::VecDeque, time::Duration};

use pilothouse_core::time::{Moment, Steady};

/// How long a row of changes is remembered.
const WINDOW: Duration = Duration::from_secs(3);

/// How many changes make a row. A counter of seconds brings one each second.
const ENOUGH: usize = 3;

/// A row must last at least this long; less is one drawing that arrived in pieces.
const SPREAD: Duration = Duration::from_millis(400);

/// So long may work pause. Tool calls and thinking make pauses of up to 1.5 s.
const QUIET: Duration = Duration::from_secs(2);

/// Changes of nothing but digits count if there are [`ENOUGH`] of them in this time.
const COUNTING: Duration = Duration::from_millis(900);

/// Changes that are remembered; with more than that in the window the oldest gives way.
const KEPT: usize = 32;

/// The changes of one screen.
#[derive(Debug, Default)]
pub(super) struct Pace {
    changes: VecDeque<Moment>,
    digits: VecDeque<Steady>,
}

impl Pace {
    /// Something changed.
    pub(super) fn change(&mut self, now: Moment) {
        while self.changes.front().is_some_and(|first| first.steady + WINDOW < now.steady) {
            self.changes.pop_front();
        }
        if self.changes.len() == KEPT {
            self.changes.pop_front();
        }
        self.changes.push_back(now);
    }

    /// Only digits changed, as in a counter or a gauge: work if it goes on quickly, as a download does.
    pub(super) fn digits(&mut self, now: Moment) {
        while self.digits.front().is_some_and(|first| *first + COUNTING < now.steady) {
            self.digits.pop_front();
        }
        if self.digits.len() == ENOUGH {
            self.digits.pop_front();
        }
        self.digits.push_back(now.steady);
        if self.digits.len() == ENOUGH {
            self.change(now);
        }
    }

    /// When the row of changes began, if it is one.
    pub(super) fn began(&self) -> Option<Moment> {
        let (first, last) = (self.changes.front()?, self.changes.back()?);
        let is_row = self.changes.len() >= ENOUGH && first.steady + SPREAD <= last.steady;
        is_row.then_some(*first)
    }

    /// The last change.
    pub(super) fn last(&self) -> Option<Moment> {
        self.changes.back().copied()
    }

    /// From when on it is quiet if nothing changes until then.
    pub(super) fn quiet_at(&self) -> Steady {
        self.last().map_or(Steady(0), |last| last.steady + QUIET)
    }

    /// Forgets the row, so that the next one has to be one by itself.
    pub(super) fn forget(&mut self) {
        self.changes.clear();
        self.digits.clear();
    }
}
