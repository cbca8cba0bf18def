//! When a picture of a page is taken, and when Chromium may take its next one.
//!
//! Pure; moments come in. Chromium has two pictures under way at most and throws away what it paints meanwhile, so the
//! last state of a page may be in none of them: then a picture is taken once the page is still.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use tokio::time::Instant;

/// How long a page that is watched anew may take to show itself.
const FIRST_WITHIN: Duration = Duration::from_millis(250);
/// How soon a page that did not begin to send pictures is asked again.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
/// For how long nothing may change until a page counts as still.
const STILL_AFTER: Duration = Duration::from_millis(400);
/// How often a page that nobody watches is looked at when it changes, so that whoever comes sees something at once.
const UNWATCHED_EVERY: Duration = Duration::from_secs(10);
/// How soon after it changed.
const UNWATCHED_AFTER: Duration = Duration::from_millis(300);
/// How many pictures Chromium has under way.
const MOST_UNDER_WAY: usize = 2;

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Chromium may take its next picture: it is told that this one arrived.
    Acknowledge(i64),
    /// Chromium is asked again to take pictures by itself.
    Start,
    /// A picture is taken.
    Shoot,
}

/// A picture of Chromium's that it has not been told about.
#[derive(Debug, Clone, Copy)]
struct UnderWay {
    seq: u64,
    number: i64,
}

/// How a browser's pictures go.
#[derive(Debug)]
pub(super) struct Capture {
    /// How many a second are wanted.
    fps: u32,
    /// Whether anybody takes them.
    has_listener: bool,
    is_casting: bool,
    under_way: VecDeque<UnderWay>,
    /// What the other end has taken.
    taken: u64,
    next_acknowledge: Instant,
    again_at: Option<Instant>,
    first_at: Option<Instant>,
    still_at: Option<Instant>,
    /// Something may have been painted that no picture shows.
    may_have_missed: bool,
    unwatched_at: Option<Instant>,
    last_shot: Option<Instant>,
    hasher: RandomState,
    last: Option<u64>,
}

impl Capture {
    /// Nobody watches yet.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            fps: 0,
            has_listener: false,
            is_casting: false,
            under_way: VecDeque::new(),
            taken: 0,
            next_acknowledge: now,
            again_at: None,
            first_at: None,
            still_at: None,
            may_have_missed: false,
            unwatched_at: None,
            last_shot: None,
            hasher: RandomState::new(),
            last: None,
        }
    }

    /// So many a second are wanted, and somebody takes them or not.
    pub(super) fn want(&mut self, fps: u32, has_listener: bool) {
        (self.fps, self.has_listener) = (fps, has_listener);
    }

    /// Whether Chromium is to take pictures by itself.
    pub(super) fn wants_cast(&self) -> bool {
        self.fps > 0 && self.has_listener
    }

    /// Whether it does.
    pub(super) fn is_casting(&self) -> bool {
        self.is_casting
    }

    /// Chromium takes pictures from now on, of whatever is in front now.
    pub(super) fn began(&mut self, now: Instant) {
        self.is_casting = true;
        self.under_way.clear();
        self.first_at = Some(now + FIRST_WITHIN);
        self.still_at = None;
        self.may_have_missed = false;
        self.last = None;
    }

    /// It does not any more.
    pub(super) fn ended(&mut self) {
        self.is_casting = false;
        self.under_way.clear();
        (self.again_at, self.first_at, self.still_at) = (None, None, None);
    }

    /// Chromium does not take pictures although it was asked to, since one page was just giving way to the next.
    pub(super) fn refused(&mut self, now: Instant) {
        if self.is_casting {
            self.again_at = Some(now + AGAIN_AFTER);
        }
    }

    /// The page was given another size. Chromium may throw away its only picture of that.
    pub(super) fn resized(&mut self, now: Instant) {
        if self.is_casting {
            self.first_at = Some(now + FIRST_WITHIN);
        } else {
            self.changed_unwatched(now);
        }
    }

    /// The page has changed although nobody watches, or somebody takes pictures of whom nothing is known.
    pub(super) fn changed_unwatched(&mut self, now: Instant) {
        if self.wants_cast() || !self.has_listener {
            return;
        }
        let earliest = self.last_shot.map_or(now, |last| last + UNWATCHED_EVERY);
        let at = earliest.max(now + UNWATCHED_AFTER);
        self.unwatched_at.get_or_insert(at);
    }

    /// Whether a picture shows something else than the last one, or says that it shows another part of the page:
    /// Chromium may tell of a new place or size only with the next picture, which looks the same.
    pub(super) fn is_news(&mut self, data: &str, place: [f64; 6]) -> bool {
        let hash = self.hasher.hash_one((data, place.map(f64::to_bits)));
        self.last.replace(hash) != Some(hash)
    }

    /// A picture of Chromium's came and was sent on. It may have been on its way since before the page got its size.
    pub(super) fn sent(&mut self, seq: u64, number: i64, has_size: bool, now: Instant) {
        self.under_way.push_back(UnderWay { seq, number });
        self.may_have_missed |= self.under_way.len() >= MOST_UNDER_WAY;
        self.first_at.take_if(|_| has_size);
        self.still_at = Some(now + STILL_AFTER);
    }

    /// A picture was taken, or could not be.
    pub(super) fn shot(&mut self, now: Instant) {
        self.last_shot = Some(now);
    }

    /// A picture could not be taken, since the page was just changing: it is tried again.
    pub(super) fn missed(&mut self, now: Instant) {
        let again = now + FIRST_WITHIN;
        if self.is_casting {
            self.first_at.get_or_insert(again);
        } else if self.has_listener {
            self.unwatched_at.get_or_insert(again);
        }
    }

    /// The other end has taken everything up to that picture.
    pub(super) fn taken(&mut self, seq: u64) {
        self.taken = self.taken.max(seq);
    }

    /// When the next step is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let is_taken = self.under_way.front().is_some_and(|first| first.seq <= self.taken);
        let acknowledge = is_taken.then_some(self.next_acknowledge);
        let still = self.still_at.filter(|_| self.may_have_missed);
        let own = [self.again_at, self.first_at, still, self.unwatched_at];
        own.into_iter().chain([acknowledge]).flatten().min()
    }

    /// What is due now, one after the other.
    pub(super) fn step(&mut self, now: Instant) -> Option<Step> {
        let is_due = |at: &Instant| *at <= now;
        if self.next_acknowledge <= now
            && let Some(first) = self.under_way.pop_front_if(|first| first.seq <= self.taken)
        {
            self.next_acknowledge = now + Duration::from_secs(1) / self.fps.max(1);
            return Some(Step::Acknowledge(first.number));
        }
        if self.again_at.take_if(|at| is_due(at)).is_some() {
            return Some(Step::Start);
        }
        if self.first_at.take_if(|at| is_due(at)).is_some() {
            return Some(Step::Shoot);
        }
        if self.may_have_missed && self.still_at.take_if(|at| is_due(at)).is_some() {
            self.may_have_missed = false;
            return Some(Step::Shoot);
        }
        self.unwatched_at.take_if(|at| is_due(at)).map(|_| Step::Shoot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn watched(fps: u32) -> (Capture, Instant) {
        let now = Instant::now();
        let mut capture = Capture::new(now);
        capture.want(fps, true);
        capture.began(now);
        (capture, now)
    }

    #[test]
    fn a_page_that_shows_nothing_by_itself_is_pictured_all_the_same() {
        let (mut capture, now) = watched(30);
        assert_eq!(capture.step(now + 249 * MS), None);
        assert_eq!(capture.next_due(), Some(now + 250 * MS));
        assert_eq!(capture.step(now + 250 * MS), Some(Step::Shoot));
        assert_eq!((capture.step(now + 250 * MS), capture.next_due()), (None, None));
    }

    #[test]
    fn chromium_goes_on_when_a_picture_was_taken_and_no_faster_than_anybody_wants() {
        let (mut capture, now) = watched(10);
        capture.sent(1, 11, true, now);
        assert_eq!(capture.step(now), None, "nobody has taken it yet");
        capture.taken(1);
        assert_eq!(capture.step(now), Some(Step::Acknowledge(11)));
        capture.sent(2, 12, true, now + 10 * MS);
        capture.taken(2);
        assert_eq!(capture.step(now + 10 * MS), None);
        assert_eq!(capture.next_due(), Some(now + 100 * MS));
        assert_eq!(capture.step(now + 100 * MS), Some(Step::Acknowledge(12)));
        assert_eq!(capture.step(now + 500 * MS), None, "nothing can have been missed");
    }

    #[test]
    fn what_was_painted_while_both_pictures_waited_is_seen_once_the_page_is_still() {
        let (mut capture, now) = watched(30);
        capture.sent(1, 11, true, now);
        capture.sent(2, 12, true, now + 5 * MS);
        assert_eq!(capture.step(now + 404 * MS), None);
        assert_eq!(capture.step(now + 405 * MS), Some(Step::Shoot));
        assert_eq!(capture.step(now + 900 * MS), None, "once is enough");
        capture.taken(3);
        assert_eq!(capture.step(now + 900 * MS), Some(Step::Acknowledge(11)));
        assert_eq!(capture.step(now + 1_000 * MS), Some(Step::Acknowledge(12)));
    }

    #[test]
    fn a_new_size_is_seen_even_if_only_pictures_of_the_old_one_come() {
        let (mut capture, now) = watched(30);
        capture.sent(1, 11, true, now);
        capture.taken(1);
        assert_eq!(capture.step(now), Some(Step::Acknowledge(11)));
        capture.resized(now + 100 * MS);
        capture.sent(2, 12, false, now + 110 * MS);
        assert_eq!(capture.next_due(), Some(now + 350 * MS));
        assert_eq!(capture.step(now + 350 * MS), Some(Step::Shoot));
        capture.resized(now + 400 * MS);
        capture.sent(3, 13, true, now + 420 * MS);
        capture.taken(2);
        assert_eq!(capture.step(now + 700 * MS), Some(Step::Acknowledge(12)));
        assert_eq!(capture.step(now + 700 * MS), None, "Chromium's own picture shows it");
    }

    #[test]
    fn chromium_is_asked_again_as_long_as_it_refuses_and_somebody_watches() {
        let (mut capture, now) = watched(30);
        for refused in [now, now + 100 * MS] {
            capture.refused(refused);
            assert_eq!(capture.next_due(), Some(refused + 100 * MS));
            assert_eq!(capture.step(refused + 100 * MS), Some(Step::Start));
            assert_eq!(capture.step(refused + 100 * MS), None);
        }
        capture.refused(now + 200 * MS);
        capture.ended();
        assert_eq!(capture.next_due(), None);
        capture.refused(now + 300 * MS);
        assert_eq!(capture.next_due(), None, "nobody watches any more");
    }

    #[test]
    fn the_same_picture_again_is_no_news() {
        let (mut capture, now) = watched(30);
        let (above, below) = ([0.0; 6], [0.0, 1_000.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(capture.is_news("a", above));
        assert!(!capture.is_news("a", above));
        assert!(capture.is_news("b", above));
        assert!(capture.is_news("b", below), "it is of another part of the page");
        capture.began(now);
        assert!(capture.is_news("b", below), "whoever watches anew has seen nothing");
    }

    #[test]
    fn unwatched_pages_are_pictured_now_and_then_when_they_change() {
        let now = Instant::now();
        let mut capture = Capture::new(now);
        capture.changed_unwatched(now);
        assert_eq!(capture.next_due(), None, "nobody would take it");
        capture.want(0, true);
        capture.changed_unwatched(now);
        capture.changed_unwatched(now + 200 * MS);
        assert_eq!(capture.step(now + 300 * MS), Some(Step::Shoot));
        capture.shot(now + 300 * MS);
        capture.changed_unwatched(now + 400 * MS);
        assert_eq!(capture.next_due(), Some(now + 10_300 * MS));
    }
}
