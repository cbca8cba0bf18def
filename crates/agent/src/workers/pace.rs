//! Whether a terminal is idle, so that what its program writes leaves at once, or busy, so that it is gathered.
//!
//! What counts is how much left lately, and not when: an echo a millisecond after the last one is no flood.

use std::time::{Duration, Instant};

/// How long a busy terminal's output is gathered, and the time over which it is counted what left at once.
pub(super) const GATHER: Duration = Duration::from_millis(8);
/// How many pieces leave at once in that time.
const MOST_PIECES: u32 = 8;
/// How many bytes leave at once in that time.
const MOST_BYTES: usize = 4 << 10;

/// What left at once since a moment.
#[derive(Debug, Default)]
pub(super) struct Pace {
    since: Option<Instant>,
    pieces: u32,
    bytes: usize,
}

impl Pace {
    /// How long what was written now may be gathered.
    pub(super) fn gather(&mut self, length: usize, now: Instant) -> Duration {
        if self.since.is_none_or(|since| now >= since + GATHER) {
            *self = Self { since: Some(now), pieces: 0, bytes: 0 };
        }
        self.pieces += 1;
        self.bytes += length;
        let is_busy = self.pieces > MOST_PIECES || self.bytes > MOST_BYTES;
        if is_busy { GATHER } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echoes_leave_at_once_however_soon_they_follow() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        for key in 0..1000 {
            let now = start + Duration::from_micros(1500 * key);
            assert_eq!(pace.gather(1, now), Duration::ZERO, "key {key}");
        }
    }

    #[test]
    fn a_flood_is_gathered_after_its_first_piece_and_idleness_ends_that() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        assert_eq!(pace.gather(4095, start), Duration::ZERO);
        let soon = start + Duration::from_micros(100);
        assert_eq!(pace.gather(4095, soon), GATHER);
        assert_eq!(pace.gather(1, soon + GATHER), Duration::ZERO);
    }

    #[test]
    fn a_program_that_writes_byte_by_byte_is_gathered_too() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        let at_once = (0..100)
            .filter(|at| pace.gather(1, start + Duration::from_micros(10 * at)) == Duration::ZERO);
        assert_eq!(at_once.count(), 8);
    }
}
