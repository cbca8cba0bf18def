//! Refusals in the log: the first of a kind at once, a flood of them as one line a second with a count.

use std::{cell::RefCell, net::IpAddr, time::Duration};

use pilothouse_core::time::Steady;

use crate::gateway::{Cause, Refused};

/// How long lines of one kind are held back after one was written.
const QUIET: Duration = Duration::from_secs(1);

/// What is known about who was refused. Never the request's own words: tokens are among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whom {
    pub(crate) address: Option<IpAddr>,
    /// The door's path as it is written in the list of doors, if it was at one.
    pub(crate) route: Option<&'static str>,
}

/// One line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    refused: Refused,
    whom: Whom,
    /// How many refusals it stands for; the last one's details are told.
    count: u64,
}

/// One kind's lines.
#[derive(Debug, Default)]
struct Kind {
    quiet_until: Option<Steady>,
    held_back: Option<Line>,
}

/// The refusals of one event loop. Bounded: one line is held back for each cause.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    kinds: RefCell<[Kind; Cause::ALL.len()]>,
}

impl Refusals {
    /// Somebody was refused.
    pub(crate) fn note(&self, refused: Refused, whom: Whom, now: Steady) {
        let line = self.kinds.borrow_mut()[refused.cause as usize].take(refused, whom, now);
        line.iter().for_each(write);
    }

    /// Writes what was held back long enough.
    pub(crate) fn flush(&self, now: Steady) {
        let due: Vec<_> =
            self.kinds.borrow_mut().iter_mut().filter_map(|kind| kind.due(now)).collect();
        due.iter().for_each(write);
    }

    /// Writes all that is held back, since nothing comes after it.
    pub(crate) fn finish(&self) {
        let rest: Vec<_> =
            self.kinds.borrow_mut().iter_mut().filter_map(|kind| kind.held_back.take()).collect();
        rest.iter().for_each(write);
    }
}

impl Kind {
    fn take(&mut self, refused: Refused, whom: Whom, now: Steady) -> Option<Line> {
        let count = 1 + self.held_back.map_or(0, |line| line.count);
        self.held_back = Some(Line { refused, whom, count });
        self.due(now)
    }

    fn due(&mut self, now: Steady) -> Option<Line> {
        if self.quiet_until.is_some_and(|until| now < until) {
            return None;
        }
        let line = self.held_back.take()?;
        self.quiet_until = Some(now + QUIET);
        Some(line)
    }
}

/// Those that are the server's own doing are for its operator, the others are the peer's business.
fn write(line: &Line) {
    let Line { refused, whom, count } = line;
    let (cause, status, reason) = (refused.cause.name(), refused.cause.status(), refused.reason);
    let address = whom.address.map(tracing::field::display);
    let route = whom.route.unwrap_or("other");
    if status == 503 && refused.cause != Cause::Stopping {
        tracing::warn!(cause, status, address, route, count, "refused: {reason}");
    } else {
        tracing::info!(cause, status, address, route, count, "refused: {reason}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_line_a_second_and_every_refusal_is_in_one() {
        let mut kind = Kind::default();
        let refused = Refused::new(Cause::Token, "bad");
        let whom = Whom { address: None, route: None };
        let mut counts = Vec::new();
        for milliseconds in 0..2500 {
            counts.extend(kind.take(refused, whom, Steady(milliseconds)).map(|line| line.count));
        }
        assert_eq!(counts, [1, 1000, 1000]);
        assert_eq!(kind.due(Steady(2600)), None);
        assert_eq!(kind.due(Steady(3000)).map(|line| line.count), Some(499));
        assert_eq!(kind.due(Steady(9000)), None);
        assert_eq!(kind.take(refused, whom, Steady(9000)).map(|line| line.count), Some(1));
    }
}
