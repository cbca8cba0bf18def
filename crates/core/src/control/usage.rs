//! What an agent did in the last hour, and when it has room again. Pure.

use std::{collections::VecDeque, time::Duration};

use super::{Budget, MOST_COMMANDS};
use crate::time::Timestamp;

/// The window, in milliseconds.
pub(super) const HOUR: u64 = 3_600_000;

/// One command's time, open while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: u64,
    to: Option<u64>,
}

/// The commands that an agent ran, oldest first. Overflow rule: beyond the largest budget the oldest is forgotten,
/// since the newer ones alone are more than any budget allows.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    spent: VecDeque<Span>,
}

/// Which limit is reached, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Over {
    pub(super) until: Timestamp,
    pub(super) by_time: bool,
}

impl Usage {
    /// A command started.
    pub(crate) fn begin(&mut self, at: Timestamp) {
        if self.spent.len() >= MOST_COMMANDS as usize {
            self.spent.pop_front();
        }
        self.spent.push_back(Span { from: at.0, to: None });
    }

    /// The command that started then ended.
    pub(crate) fn end(&mut self, began: Timestamp, ended: Timestamp) {
        let open = self.spent.iter_mut().rev().find(|spent| spent.to.is_none());
        if let Some(spent) = open {
            spent.from = began.0;
            spent.to = Some(ended.0.max(began.0));
        }
    }

    /// Takes a command over from storage.
    pub(super) fn restore(&mut self, began: Timestamp, ran_for: Option<Duration>) {
        let ran = ran_for.map(|time| u64::try_from(time.as_millis()).unwrap_or(HOUR));
        self.spent
            .push_back(Span { from: began.0, to: ran.map(|ran| began.0.saturating_add(ran)) });
    }

    /// How many commands started in the last hour, and how long commands ran in it.
    pub(crate) fn last_hour(&self, now: Timestamp) -> (usize, Duration) {
        let (mut count, mut time) = (0, 0);
        for spent in self.within(now) {
            count += usize::from(spent.from > now.0.saturating_sub(HOUR));
            time += overlap(spent, now.0.saturating_sub(HOUR), now.0);
        }
        (count, Duration::from_millis(time))
    }

    /// Whether the budget is used up, and when there is room again if nothing else is started.
    pub(super) fn over(&self, budget: &Budget, now: Timestamp) -> Option<Over> {
        let counted = budget.commands_per_hour.and_then(|most| self.over_count(most, now));
        let timed = budget.time_per_hour.and_then(|most| self.over_time(most, now));
        let counted = counted.map(|until| Over { until, by_time: false });
        let timed = timed.map(|until| Over { until, by_time: true });
        counted.into_iter().chain(timed).max_by_key(|over| over.until)
    }

    /// Forgets what no window reaches any more. Of what a clock that was set back left in the future, nobody knows when
    /// it was: it counts as if it began now, once and for all, so that it makes room within an hour.
    pub(super) fn forget_old(&mut self, now: Timestamp) {
        for spent in self.spent.iter_mut().filter(|spent| spent.from > now.0) {
            let ran = spent.to.map(|to| to.saturating_sub(spent.from));
            spent.from = now.0;
            spent.to = ran.map(|ran| now.0.saturating_add(ran));
        }
        let edge = now.0.saturating_sub(HOUR);
        self.spent.retain(|spent| spent.to.is_none_or(|to| to > edge) || spent.from > edge);
    }

    fn within(&self, now: Timestamp) -> impl Iterator<Item = Span> {
        // A clock that was set back leaves commands in the future; they count as if they began now.
        self.spent.iter().map(move |spent| Span { from: spent.from.min(now.0), ..*spent })
    }

    fn over_count(&self, most: u32, now: Timestamp) -> Option<Timestamp> {
        let edge = now.0.saturating_sub(HOUR);
        let mut starts: Vec<_> =
            self.within(now).map(|spent| spent.from).filter(|from| *from > edge).collect();
        starts.sort_unstable();
        // So many have to leave the window for one to come in.
        let leaving = (starts.len() + 1).checked_sub(most as usize)?.checked_sub(1)?;
        starts.get(leaving).map(|from| Timestamp(from + HOUR))
    }

    fn over_time(&self, most: Duration, now: Timestamp) -> Option<Timestamp> {
        let most = u64::try_from(most.as_millis()).unwrap_or(HOUR);
        let is_over = |at: u64| self.time_within(at, now.0) >= most;
        if !is_over(now.0) {
            return None;
        }
        // Nothing is started, so less and less of the window was worked in: the first moment with room is found
        // by halving.
        let (mut over, mut free) = (now.0, now.0 + HOUR);
        while free - over > 1 {
            let middle = over + (free - over) / 2;
            if is_over(middle) { over = middle } else { free = middle }
        }
        Some(Timestamp(free))
    }

    /// How long of the hour before `at` was worked, of what is known at `now`.
    fn time_within(&self, at: u64, now: u64) -> u64 {
        let edge = at.saturating_sub(HOUR);
        self.within(Timestamp(now)).map(|spent| overlap(spent, edge, now)).sum()
    }
}

fn overlap(spent: Span, from: u64, to: u64) -> u64 {
    let end = spent.to.unwrap_or(to).min(to);
    end.saturating_sub(spent.from.max(from))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::control::Excess;

    const MINUTE: u64 = 60_000;

    fn usage(spans: &[(u64, u64)]) -> Usage {
        let mut usage = Usage::default();
        for (from, to) in spans {
            usage.begin(Timestamp(*from));
            usage.end(Timestamp(*from), Timestamp(*to));
        }
        usage
    }

    fn budget(commands: Option<u32>, minutes: Option<u64>) -> Budget {
        Budget {
            commands_per_hour: commands,
            time_per_hour: minutes.map(|minutes| Duration::from_millis(minutes * MINUTE)),
            excess: Excess::Hold,
        }
    }

    #[test]
    fn the_first_command_makes_room_when_it_is_an_hour_old() {
        let at = |minutes: u64| Timestamp(10 * HOUR + minutes * MINUTE);
        let usage = usage(&[(at(0).0, at(1).0), (at(10).0, at(11).0)]);
        assert_eq!(usage.over(&budget(Some(3), None), at(20)), None);
        let over = usage.over(&budget(Some(2), None), at(20));
        assert_eq!(over, Some(Over { until: at(60), by_time: false }));
        let over = usage.over(&budget(Some(1), None), at(20));
        assert_eq!(over, Some(Over { until: at(70), by_time: false }));
    }

    #[test]
    fn time_makes_room_as_it_leaves_the_hour() {
        let at = |minutes: u64| Timestamp(10 * HOUR + minutes * MINUTE);
        let usage = usage(&[(at(0).0, at(20).0)]);
        assert_eq!(usage.over(&budget(None, Some(21)), at(30)), None);
        let over = usage.over(&budget(None, Some(15)), at(30)).unwrap();
        assert_eq!((over.until.0, over.by_time), (at(65).0 + 1, true));
    }

    #[test]
    fn what_runs_counts_up_to_now() {
        let mut usage = Usage::default();
        usage.begin(Timestamp(HOUR));
        let (count, time) = usage.last_hour(Timestamp(HOUR + 5 * MINUTE));
        assert_eq!((count, time), (1, Duration::from_secs(300)));
    }

    #[test]
    fn a_clock_that_was_set_back_by_a_day_costs_an_hour_and_no_more() {
        let then = Timestamp(100 * HOUR);
        let mut usage = usage(&[(then.0, then.0 + MINUTE)]);
        let (now, once) = (Timestamp(76 * HOUR), budget(Some(1), None));
        for minutes in [0, 30, 59] {
            let at = Timestamp(now.0 + minutes * MINUTE);
            usage.forget_old(at);
            let over = usage.over(&once, at).unwrap();
            assert_eq!(over.until.0, now.0 + HOUR, "after {minutes} minutes");
        }
        usage.forget_old(Timestamp(now.0 + HOUR));
        assert_eq!(usage.over(&once, Timestamp(now.0 + HOUR)), None);
    }

    proptest! {
        #[test]
        fn there_is_room_at_the_promised_moment_and_not_before(
            spans in proptest::collection::vec((0..3 * HOUR, 0..HOUR), 0..12),
            commands in 1u32..5, minutes in 1u64..60,
        ) {
            let now = Timestamp(3 * HOUR);
            let mut spans: Vec<_> = spans.into_iter().map(|(from, ran)| (from, (from + ran).min(now.0))).collect();
            spans.sort_unstable();
            let usage = usage(&spans);
            for budget in [budget(Some(commands), None), budget(None, Some(minutes)), budget(Some(commands), Some(minutes))] {
                let has_room = |at: u64| {
                    let edge = at.saturating_sub(HOUR);
                    let count = spans.iter().filter(|(from, _)| *from > edge).count();
                    let time: u64 = spans.iter().map(|(from, to)| to.saturating_sub((*from).max(edge))).sum();
                    budget.commands_per_hour.is_none_or(|most| count < most as usize)
                        && budget.time_per_hour.is_none_or(|most| u128::from(time) < most.as_millis())
                };
                match usage.over(&budget, now) {
                    None => prop_assert!(has_room(now.0)),
                    Some(over) => {
                        prop_assert!(has_room(over.until.0));
                        prop_assert!(!has_room(over.until.0 - 1));
                    }
                }
            }
        }
    }
}
