//! When a terminal's viewer is sent something: at once while its socket takes it, together when the socket was busy,
//! and anew, later and later, when it cannot follow.
//!
//! Pure: the time comes in, and nothing is sent here.

use std::time::Duration;

use pilothouse_core::time::Steady;

/// How often a viewer whose socket is busy is sent what it missed.
const BUSY: Duration = Duration::from_millis(8);
/// How soon a viewer that cannot follow is brought up to date again. Doubled each time while it cannot follow what
/// comes then either, so that a flood before many viewers is not a flood of histories.
const SOONEST_ANEW: Duration = Duration::from_millis(100);
const LATEST_ANEW: Duration = Duration::from_secs(1);

/// The pace of one viewer.
#[derive(Debug)]
pub(super) struct TerminalPace {
    /// Its socket was busy: what it misses goes out together then.
    busy_until: Option<Steady>,
    /// When it began last.
    began_at: Steady,
    /// How long after that it may begin anew.
    pause: Duration,
}

impl TerminalPace {
    /// Of a viewer that begins now, with an idle socket.
    pub(super) fn new(now: Steady) -> Self {
        Self { busy_until: None, began_at: now, pause: SOONEST_ANEW }
    }

    /// The socket took less than it was offered.
    pub(super) fn was_blocked(&mut self, now: impl FnOnce() -> Steady) {
        self.busy_until = Some(now() + BUSY);
    }

    /// Whether what is new has to wait. Nobody asks for the time in vain.
    pub(super) fn is_busy(&self, now: impl FnOnce() -> Steady) -> bool {
        self.busy_until.is_some_and(|until| until > now())
    }

    /// When what was missed may go out, if anything had to wait.
    pub(super) fn due(&self) -> Option<Steady> {
        self.busy_until
    }

    /// Takes note that a moment has come.
    pub(super) fn pass(&mut self, now: Steady) {
        self.busy_until.take_if(|until| *until <= now);
    }

    /// It could not follow: when it may begin anew.
    pub(super) fn fell_off(&mut self, now: Steady) -> Steady {
        let due = self.began_at + self.pause;
        let is_soon = now < due + self.pause;
        self.pause = if is_soon { LATEST_ANEW.min(self.pause * 2) } else { SOONEST_ANEW };
        due
    }

    /// It has begun, or begun anew.
    pub(super) fn began(&mut self, now: Steady) {
        self.began_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Steady {
        Steady(milliseconds)
    }

    #[test]
    fn a_socket_that_takes_everything_never_waits() {
        let pace = TerminalPace::new(at(5));
        let untouched = || unreachable!("an idle viewer costs no look at the clock");
        assert!(!pace.is_busy(untouched));
        assert_eq!(pace.due(), None);
    }

    #[test]
    fn a_busy_socket_is_sent_something_every_eight_milliseconds() {
        let mut pace = TerminalPace::new(at(0));
        let mut sent = Vec::new();
        for now in 0..40 {
            pace.pass(at(now));
            if !pace.is_busy(|| at(now)) {
                sent.push(now);
                // The socket is full again at once.
                pace.was_blocked(|| at(now));
                assert_eq!(pace.due(), Some(at(now + 8)));
            }
        }
        assert_eq!(sent, [0, 8, 16, 24, 32]);
        pace.pass(at(40));
        assert!(!pace.is_busy(|| at(40)) && pace.due().is_none(), "it is idle in the end");
    }

    #[test]
    fn who_cannot_follow_begins_anew_later_and_later() {
        let mut pace = TerminalPace::new(at(1000));
        let mut now = 1000;
        let mut pauses = Vec::new();
        for _ in 0..6 {
            // It falls off as soon as it has begun.
            let due = pace.fell_off(at(now));
            pauses.push(due.0 - now);
            now = due.0;
            pace.began(at(now));
        }
        assert_eq!(pauses, [100, 200, 400, 800, 1000, 1000]);
    }

    #[test]
    fn who_followed_for_long_enough_begins_soon_again() {
        for (pauses, followed, next) in [
            (0, 150, 200),
            (0, 199, 200),
            (0, 200, 100),
            (1, 399, 400),
            (1, 400, 100),
            (5, 1999, 1000),
            (5, 2000, 100),
        ] {
            let mut pace = TerminalPace::new(at(0));
            let mut now = 0;
            for _ in 0..pauses {
                now = pace.fell_off(at(now)).0;
                pace.began(at(now));
            }
            now += followed;
            // Who had all of its pause behind it waits no longer; then the pause that was decided on counts.
            let due = pace.fell_off(at(now));
            now = now.max(due.0);
            pace.began(at(now));
            assert_eq!(pace.fell_off(at(now)), at(now + next), "{pauses} pauses, {followed} ms");
        }
    }
}
