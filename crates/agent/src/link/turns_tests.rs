//! Lanes of a made-up link: who speaks when, and that nobody waits for long.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Need, QUANTUM, Turns};

/// What lanes still have to say, in records of these sizes.
#[derive(Default)]
struct Link {
    turns: Turns<u8>,
    waiting: BTreeMap<u8, Vec<i64>>,
    blocked: Vec<u8>,
}

impl Link {
    fn write(&mut self, lane: u8, records: &[i64]) {
        self.waiting.entry(lane).or_default().extend(records);
    }

    fn need(waiting: &BTreeMap<u8, Vec<i64>>, blocked: &[u8], lane: u8) -> Need {
        match waiting.get(&lane).is_none_or(Vec::is_empty) {
            true => Need::Nothing,
            false if blocked.contains(&lane) => Need::Credit,
            false => Need::Turn,
        }
    }

    /// One turn: who spoke, and how much. A record is never cut.
    fn turn(&mut self) -> Option<(u8, i64)> {
        let (waiting, blocked) = (&self.waiting, &self.blocked);
        for lane in waiting.keys() {
            if Self::need(waiting, blocked, *lane) == Need::Turn {
                self.turns.wants(lane);
            }
        }
        let (lane, most) = self.turns.next(|lane| Self::need(waiting, blocked, *lane))?;
        assert!(most > 0 && !self.blocked.contains(&lane));
        let records = self.waiting.get_mut(&lane).unwrap();
        let mut sent = 0;
        while sent < most && !records.is_empty() {
            sent += records.remove(0);
        }
        let is_quiet = records.is_empty();
        self.turns.spoke(&lane, sent, is_quiet);
        Some((lane, sent))
    }

    fn speakers(&mut self, count: usize) -> Vec<u8> {
        (0..count).filter_map(|_| self.turn()).map(|(lane, _)| lane).collect()
    }
}

const FLOOD: [i64; 200] = [QUANTUM / 4; 200];

#[test]
fn a_quiet_lane_speaks_before_all_floods() {
    let mut link = Link::default();
    (1..=20).for_each(|lane| link.write(lane, &FLOOD));
    link.speakers(50);
    link.write(99, &[1]);
    assert_eq!(link.turn(), Some((99, 1)));
    // Still in the same round, its next key is first again.
    link.speakers(3);
    link.write(99, &[1]);
    assert_eq!(link.turn(), Some((99, 1)));
}

#[test]
fn floods_share_and_a_new_one_is_soon_one_of_them() {
    let mut link = Link::default();
    link.write(1, &FLOOD);
    link.write(2, &FLOOD);
    assert_eq!(link.speakers(6), [1, 2, 1, 2, 1, 2]);
    link.write(3, &FLOOD);
    let next = link.speakers(9);
    assert_eq!(next[0], 3);
    let of = |lane: u8| next.split(|spoke| *spoke == lane).count() - 1;
    assert!([1, 2, 3].map(of).iter().all(|turns| (2..=4).contains(turns)), "{next:?}");
}

#[test]
fn a_large_record_is_paid_for_with_later_rounds() {
    let mut link = Link::default();
    link.write(1, &[QUANTUM * 4, 1, 1]);
    link.write(2, &[QUANTUM; 10]);
    assert_eq!(link.speakers(5), [1, 2, 2, 2, 2]);
}

#[test]
fn who_has_no_credit_keeps_its_place_and_stops_nobody() {
    let mut link = Link::default();
    link.write(1, &FLOOD);
    link.write(2, &FLOOD);
    link.speakers(4);
    link.blocked = vec![1];
    assert_eq!(link.speakers(3), [2, 2, 2]);
    link.blocked = vec![1, 2];
    assert_eq!(link.turn(), None);
    link.blocked = vec![];
    // That it was blocked does not make it one that was quiet.
    link.write(3, &[1]);
    assert_eq!(link.turn(), Some((3, 1)));
}

#[test]
fn who_is_forgotten_does_not_speak() {
    let mut link = Link::default();
    link.write(1, &FLOOD);
    link.write(2, &FLOOD);
    link.speakers(2);
    link.waiting.remove(&1);
    link.turns.forget(&1);
    assert_eq!(link.speakers(3), [2, 2, 2]);
}

proptest! {
    #[test]
    fn nobody_waits_for_more_than_two_rounds_of_the_others_and_all_is_said(
        steps in prop::collection::vec((0..6u8, 1..3 * QUANTUM, 0..4usize), 1..200),
    ) {
        let mut link = Link::default();
        let mut written: BTreeMap<u8, i64> = BTreeMap::new();
        let mut said: BTreeMap<u8, i64> = BTreeMap::new();
        // How much the others have said since a lane spoke last while it wanted to.
        let mut waited: BTreeMap<u8, i64> = BTreeMap::new();
        let mut take = |link: &mut Link| -> Result<bool, TestCaseError> {
            let wanting: Vec<u8> =
                link.waiting.iter().filter(|(_, all)| !all.is_empty()).map(|(lane, _)| *lane).collect();
            let Some((lane, bytes)) = link.turn() else {
                prop_assert!(wanting.is_empty(), "{wanting:?} may speak");
                return Ok(false);
            };
            *said.entry(lane).or_default() += bytes;
            waited.insert(lane, 0);
            for other in wanting.into_iter().filter(|other| *other != lane) {
                let waited = waited.entry(other).or_default();
                *waited += bytes;
                // Five others, a quantum and a record of three a round, and rounds to pay for a record of its own.
                prop_assert!(*waited <= 5 * 4 * 5 * QUANTUM, "lane {other} waited for {waited}");
            }
            Ok(true)
        };
        for (lane, size, turns) in steps {
            link.write(lane, &[size]);
            *written.entry(lane).or_default() += size;
            for _ in 0..turns {
                take(&mut link)?;
            }
        }
        while take(&mut link)? {}
        prop_assert_eq!(written, said);
    }
}
