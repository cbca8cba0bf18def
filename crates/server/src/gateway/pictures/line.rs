//! What a viewer's line carries, measured by how long its pictures are under way.
//!
//! A socket takes what fits into the kernel, which may be seconds of a narrow line. So whoever's socket was once full, and
//! whoever has only just come, is handed a picture when the last one has arrived, and how long that took tells
//! what the line carries.

use std::time::Duration;

use pilothouse_core::time::Steady;

/// A picture should not be longer on its way than this; on a line where it would be, it is made lighter.
const WITHIN: Duration = Duration::from_millis(160);
/// A line on which whole pictures take no longer than this is not watched.
const QUICK: Duration = Duration::from_millis(50);
/// So much time's worth of what is under way may still be there when the next picture follows.
const SLACK: Duration = Duration::from_millis(20);
/// Fewer bytes than this say nothing of a line.
const TELLING: u64 = 4096;
/// How often it is looked what is still under way, at most and at least.
const LOOK_EVERY: (Duration, Duration) = (Duration::from_millis(3), Duration::from_millis(25));

/// What the kernel says of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Queue {
    /// How much was handed over that the peer's kernel has not confirmed.
    pub(crate) bytes: u64,
    /// The shortest time that a confirmation took.
    pub(crate) round_trip: Duration,
}

/// How much a picture is reduced: not at all, or to the quality at that place of [`QUALITIES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Grade(u8);

/// The JPEG qualities of lighter pictures, best first.
pub(crate) const QUALITIES: [u8; 3] = [35, 18, 8];

impl Grade {
    /// As its producer made it.
    pub(crate) const FULL: Self = Self(0);

    /// Its place among [`QUALITIES`].
    pub(crate) fn place(self) -> Option<usize> {
        usize::from(self.0).checked_sub(1)
    }

    fn all() -> impl Iterator<Item = Self> {
        (0..=QUALITIES.len()).map(|place| Self(u8::try_from(place).unwrap_or(u8::MAX)))
    }
}

/// The way to one viewer.
#[derive(Debug)]
pub(crate) struct Line {
    /// How many bytes it carries in a second, once that was seen and as long as it matters.
    rate: Option<u64>,
    under_way: Option<UnderWay>,
    round_trip: Duration,
    is_watched: bool,
    grade: Grade,
}

/// What was handed over and has not arrived, as far as is known.
#[derive(Debug, Clone, Copy)]
struct UnderWay {
    since: Steady,
    bytes: u64,
    is_full: bool,
    /// It was seen on its way, so that it is known when it had arrived.
    was_seen: bool,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            rate: None,
            under_way: None,
            round_trip: Duration::ZERO,
            is_watched: true,
            grade: Grade::FULL,
        }
    }

    /// Whether it matters what the kernel says.
    pub(crate) fn needs_look(&self) -> bool {
        self.is_watched && self.under_way.is_some()
    }

    /// A picture was handed over; `is_blocked` if the kernel did not take all of it.
    pub(crate) fn handed(&mut self, bytes: u64, grade: Grade, is_blocked: bool, now: Steady) {
        self.is_watched |= is_blocked;
        // What went before on a line that is not watched has arrived, or counts for nothing.
        let is_full = grade == Grade::FULL;
        self.under_way = Some(UnderWay { since: now, bytes, is_full, was_seen: is_blocked });
    }

    /// Whether the next picture may follow, as the kernel says; otherwise when to look again.
    pub(crate) fn look(&mut self, queue: Queue, now: Steady) -> Result<(), Duration> {
        let Some(under_way) = &mut self.under_way else { return Ok(()) };
        self.round_trip = queue.round_trip;
        let allowed = self.rate.map_or(0, |rate| carried(rate, self.round_trip + SLACK));
        if queue.bytes > allowed {
            under_way.was_seen = true;
            let (least, most) = LOOK_EVERY;
            let rest = queue.bytes - allowed;
            let wait =
                self.rate.map_or(least, |rate| Duration::from_millis(rest * 1000 / rate.max(1)));
            return Err(wait.clamp(least, most));
        }
        let UnderWay { since, bytes, is_full, was_seen } = *under_way;
        let took = since.until(now);
        self.under_way = None;
        self.arrived(bytes.saturating_sub(queue.bytes), is_full, was_seen, took);
        Ok(())
    }

    /// The viewer says that it has the picture.
    pub(crate) fn acknowledged(&mut self, now: Steady, ask: impl FnOnce() -> Option<Queue>) {
        let Some(UnderWay { since, bytes, is_full, .. }) = self.under_way.take() else { return };
        let took = since.until(now);
        if took > QUICK {
            self.is_watched = true;
            self.round_trip = ask().map_or(self.round_trip, |queue| queue.round_trip);
        }
        self.arrived(bytes, is_full, true, took);
    }

    fn arrived(&mut self, bytes: u64, is_full: bool, was_seen: bool, took: Duration) {
        if is_full && took.saturating_sub(self.round_trip) <= QUICK {
            *self = Self { is_watched: false, round_trip: self.round_trip, ..Self::new() };
            return;
        }
        if bytes < TELLING {
            return;
        }
        let took = took.saturating_sub(self.round_trip).max(Duration::from_millis(1));
        let seen = bytes * 1_000_000 / u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        self.rate = match (self.rate, was_seen) {
            (None, true) => Some(seen),
            (Some(rate), true) => Some(rate.midpoint(seen)),
            // It had arrived some time before: the line carries at least so much.
            (Some(rate), false) => Some(seen.clamp(rate, rate + rate / 2)),
            (None, false) => None,
        };
    }

    /// How a picture of so many bytes has to be for this line; `shares` says what each quality leaves of one, in percent.
    pub(crate) fn grade(&mut self, bytes: u64, shares: [u64; QUALITIES.len()]) -> Grade {
        let Some(rate) = self.rate else { return Grade::FULL };
        let room = carried(rate, WITHIN);
        let fits = |grade: Grade| {
            let share = grade.place().map_or(100, |place| shares[place]);
            // A better one only where it fits easily, so that it does not change with every picture.
            let room = if grade < self.grade { room * 7 / 10 } else { room };
            bytes * share / 100 <= room
        };
        let worst = Grade::all().last().unwrap_or_default();
        self.grade = Grade::all().find(|grade| fits(*grade)).unwrap_or(worst);
        self.grade
    }
}

/// How many bytes a line of that rate carries in that time.
fn carried(rate: u64, time: Duration) -> u64 {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    rate.saturating_mul(micros) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARES: [u64; 3] = [70, 45, 30];
    /// A picture of a usual page in JSON.
    const PICTURE: u64 = 73_000;

    fn queue(bytes: u64) -> Queue {
        Queue { bytes, round_trip: Duration::from_millis(1) }
    }

    /// Hands over pictures on a line of that many bytes a second, for so long, and tells how each was reduced.
    fn drive(line: &mut Line, rate: u64, round_trip: u64, from: u64, pictures: usize) -> Vec<u8> {
        let mut now = from;
        let mut grades = Vec::new();
        while grades.len() < pictures {
            let grade = line.grade(PICTURE, SHARES);
            let bytes = PICTURE * grade.place().map_or(100, |place| SHARES[place]) / 100;
            line.handed(bytes, grade, false, Steady(now));
            grades.push(grade.0);
            let begun = now;
            loop {
                now += 10;
                if !line.needs_look() {
                    break;
                }
                let gone = (now - begun).saturating_sub(round_trip) * rate / 1000;
                let left = Queue {
                    bytes: bytes.saturating_sub(gone),
                    round_trip: Duration::from_millis(round_trip),
                };
                if line.look(left, Steady(now)).is_ok() {
                    break;
                }
            }
        }
        grades
    }

    #[test]
    fn a_quick_line_is_not_watched_and_gets_pictures_as_they_are() {
        let mut line = Line::new();
        line.handed(PICTURE, Grade::FULL, false, Steady(0));
        assert!(line.needs_look(), "nothing is known of it");
        assert_eq!(line.look(queue(0), Steady(33)), Ok(()));
        line.handed(PICTURE, Grade::FULL, false, Steady(33));
        assert!(!line.needs_look());
        assert_eq!(line.grade(PICTURE, SHARES), Grade::FULL);
        line.handed(PICTURE, Grade::FULL, true, Steady(66));
        assert!(line.needs_look(), "its socket was full");
    }

    #[test]
    fn a_line_that_turns_narrow_is_measured_by_what_is_under_way_then() {
        let mut line = Line::new();
        line.handed(PICTURE, Grade::FULL, false, Steady(0));
        line.look(queue(0), Steady(33)).unwrap();
        for picture in 1..1_000 {
            line.handed(PICTURE, Grade::FULL, false, Steady(picture * 33));
        }
        line.handed(PICTURE, Grade::FULL, true, Steady(33_000));
        assert!(line.look(queue(40_000), Steady(33_300)).is_err());
        line.look(queue(0), Steady(33_600)).unwrap();
        assert_eq!(line.grade(PICTURE, SHARES), Grade(3), "121 kB/s");
    }

    #[test]
    fn a_narrow_line_gets_what_it_carries_in_time_from_its_second_picture_on() {
        let mut line = Line::new();
        // 1 Mbit/s, on which even the last of three qualities takes 175 ms.
        assert_eq!(drive(&mut line, 125_000, 1, 0, 6), [0, 3, 3, 3, 3, 3]);
        // Wider by and by: what is better comes when it fits easily.
        let better = drive(&mut line, 1_000_000, 1, 10_000, 12);
        assert!(better.is_sorted_by(|before, after| after <= before), "{better:?}");
        assert_eq!(better.last(), Some(&0));
        // And so wide that it is not worth a look.
        drive(&mut line, 50_000_000, 1, 20_000, 12);
        assert!(line.rate.is_none() && !line.is_watched);
        line.handed(PICTURE, Grade::FULL, true, Steady(30_000));
        assert!(line.look(queue(PICTURE), Steady(30_010)).is_err(), "narrow again");
    }

    #[test]
    fn a_long_line_is_not_taken_for_a_narrow_one() {
        let mut line = Line::new();
        assert_eq!(drive(&mut line, 5_000_000, 400, 0, 5), [0; 5]);
    }

    #[test]
    fn little_may_be_left_when_the_next_picture_follows_and_it_counts_with_that() {
        let mut line = Line::new();
        line.handed(PICTURE, Grade::FULL, true, Steady(0));
        assert!(line.look(queue(40_000), Steady(300)).is_err());
        line.look(queue(0), Steady(600)).unwrap();
        // 121 kB/s, of which 21 ms are 2.5 kB.
        line.handed(20_000, Grade(3), false, Steady(600));
        let wait = line.look(queue(3_500), Steady(730)).unwrap_err();
        assert!(wait < Duration::from_millis(10), "{wait:?}");
        assert_eq!(line.look(queue(2_000), Steady(742)), Ok(()));
    }

    #[test]
    fn acknowledgements_measure_a_line_whose_socket_is_never_full() {
        let mut line = Line::new();
        line.handed(PICTURE, Grade::FULL, false, Steady(0));
        line.acknowledged(Steady(20), || unreachable!("it was quick"));
        assert_eq!(line.grade(PICTURE, SHARES), Grade::FULL);
        line.handed(PICTURE, Grade::FULL, false, Steady(100));
        line.acknowledged(Steady(700), || Some(queue(0)));
        assert_eq!(line.grade(PICTURE, SHARES), Grade(3));
    }
}
