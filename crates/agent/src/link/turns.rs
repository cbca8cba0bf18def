//! Whose turn it is on a link: lanes that were quiet go first, floods follow in turn, and everybody has its quantum.
//!
//! Deficit round robin with a fast lane. In one round every lane may say a [`QUANTUM`]. A lane that begins to speak
//! says its own before any flood goes on, in as many pieces as it likes; what exceeds that waits for the round. So a
//! lone key's echo waits for nobody's flood, and a flood waits for at most one quantum of every other lane.

use std::collections::{BTreeMap, VecDeque};

/// How many bytes one lane may send in a round.
pub(super) const QUANTUM: i64 = 16 << 10;

/// What a lane would do with its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It has said everything.
    Nothing,
    /// It has more to say than the server takes now.
    Credit,
    /// It has something to say.
    Turn,
}

/// A lane's part in the present round.
#[derive(Debug)]
struct Part {
    /// How much it may still say; below nothing if its last record was larger than that.
    left: i64,
    /// It is among those that go first.
    is_first: bool,
    /// It had said everything when its last turn was over.
    is_quiet: bool,
}

/// Everybody's place. Bounded by the number of lanes.
#[derive(Debug)]
pub(super) struct Turns<K> {
    /// Who was quiet and speaks again, in the order in which that was seen.
    first: VecDeque<K>,
    /// All who spoke in this round or are about to.
    round: VecDeque<K>,
    parts: BTreeMap<K, Part>,
}

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self { first: VecDeque::new(), round: VecDeque::new(), parts: BTreeMap::new() }
    }
}

impl<K: Ord + Clone> Turns<K> {
    /// A lane has something to say. Nothing changes if that is known.
    pub(super) fn wants(&mut self, lane: &K) {
        if let Some(part) = self.parts.get_mut(lane) {
            if part.is_quiet && part.left > 0 {
                part.is_first = true;
                self.first.push_back(lane.clone());
            }
            part.is_quiet = false;
            return;
        }
        self.parts.insert(lane.clone(), Part { left: QUANTUM, is_first: true, is_quiet: false });
        self.first.push_back(lane.clone());
        self.round.push_back(lane.clone());
    }

    /// Who speaks now, and for how many bytes. It has to be told of with [`Turns::spoke`] before the next one.
    pub(super) fn next(&mut self, need: impl Fn(&K) -> Need) -> Option<(K, i64)> {
        while let Some(lane) = self.first.front() {
            let Some(part) = self.parts.get_mut(lane) else {
                self.first.pop_front();
                continue;
            };
            if part.left > 0 && need(lane) == Need::Turn {
                return Some((lane.clone(), part.left));
            }
            part.is_first = false;
            self.first.pop_front();
        }
        // Lanes without credit keep their place; when there is nobody else, nobody speaks.
        let mut blocked = 0;
        while blocked < self.round.len() {
            let lane = self.round.pop_front()?;
            let Some(part) = self.parts.get_mut(&lane) else { continue };
            match need(&lane) {
                Need::Nothing => {
                    self.parts.remove(&lane);
                    continue;
                }
                Need::Credit => blocked += 1,
                Need::Turn if part.left > 0 => {
                    self.round.push_front(lane.clone());
                    return Some((lane, part.left));
                }
                Need::Turn => {
                    part.left += QUANTUM;
                    blocked = 0;
                }
            }
            self.round.push_back(lane);
        }
        None
    }

    /// What became of a lane's turn.
    pub(super) fn spoke(&mut self, lane: &K, bytes: i64, is_quiet: bool) {
        let Some(part) = self.parts.get_mut(lane) else { return };
        part.left -= bytes;
        part.is_quiet = is_quiet;
        if part.is_first && (is_quiet || part.left <= 0) {
            part.is_first = false;
            self.first.retain(|known| known != lane);
        }
    }

    /// A lane is gone.
    pub(super) fn forget(&mut self, lane: &K) {
        if self.parts.remove(lane).is_some() {
            self.first.retain(|known| known != lane);
            self.round.retain(|known| known != lane);
        }
    }
}

#[cfg(test)]
#[path = "turns_tests.rs"]
mod tests;
