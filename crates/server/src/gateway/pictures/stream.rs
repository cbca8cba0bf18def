//! One stream: its newest picture, who brings it, and who sees it.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use pilothouse_core::{
    browsers::Browser,
    ids::{ConnectionId, RecordingId, SessionId},
    time::{Moment, Steady},
};
use pilothouse_protocols::pictures::{Pace, Picture, Trouble};

use super::{Framed, line::QUALITIES};
use crate::kept_pictures::Tap;

/// How many pictures a second a viewer gets that does not say how many it wants.
const USUAL_RATE: u32 = 30;

/// A stream. It is there as long as somebody brings or sees it, and a while longer.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: SessionId,
    pub(super) inner: Mutex<Inner>,
    /// Whether the core was last told that pictures come. Held while it is told.
    pub(super) core_knows: Mutex<bool>,
    /// The loops that have viewers of it, one bit each.
    loops: AtomicU64,
    /// Those that were told of a change and have not looked since.
    told: AtomicU64,
    /// How much of a picture each lower quality last left, in percent.
    shares: [AtomicU64; QUALITIES.len()],
}

/// What they leave of usual pages.
const USUAL_SHARES: [u64; QUALITIES.len()] = [70, 45, 30];

/// What changes.
#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) newest: Option<Arc<Framed>>,
    number: u64,
    pub(super) producer: Option<Producer>,
    /// Whether the last producer came without a token.
    pub(super) is_tokenless: bool,
    /// When the last producer left; when it was made if there was none.
    pub(super) left_at: Steady,
    /// Whether pictures came since somebody last was the last to leave.
    has_begun: bool,
    /// Why there are no pictures.
    pub(super) reason: Option<Box<str>>,
    /// What came instead of a picture, and when that was told.
    pub(super) trouble: Option<(Trouble, Steady)>,
    /// The browser that is shown, if it is one of ours.
    pub(super) browser: Option<Arc<Browser>>,
    pub(super) viewers: BTreeMap<ConnectionId, Audience>,
    pub(super) recording: Option<Tap>,
    /// Counts what is told of the stream itself.
    pub(super) status_version: u64,
    /// Counts what is told of the browser's pages.
    pub(super) tabs_version: u64,
    /// Counts what is told of those who watch.
    pub(super) watchers_version: u64,
    /// Viewers came or went since that was told.
    pub(super) watchers_changed: bool,
    /// How many pictures a second were last said to be wanted.
    wish: u32,
}

/// Who brings the pictures.
#[derive(Debug)]
pub(super) struct Producer {
    pub(super) connection: ConnectionId,
    /// The network it came from.
    pub(super) network: IpAddr,
    /// Whether a picture came.
    pub(super) is_live: bool,
}

/// A viewer, as others are told.
#[derive(Debug, Clone)]
pub(crate) struct Audience {
    pub(crate) name: Box<str>,
    pub(crate) role: &'static str,
    pub(crate) pace: Pace,
    pub(crate) hears_news: bool,
    /// On which loop.
    pub(crate) index: usize,
}

/// What became of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is the newest.
    Yes,
    /// The same, and the first since there were none.
    First,
    /// Somebody else brings this stream's pictures by now.
    No,
}

impl Stream {
    pub(super) fn new(id: SessionId, now: Steady) -> Self {
        let inner = Inner { left_at: now, ..Inner::default() };
        Self {
            id,
            inner: Mutex::new(inner),
            core_knows: Mutex::new(false),
            loops: AtomicU64::new(0),
            told: AtomicU64::new(0),
            shares: USUAL_SHARES.map(AtomicU64::new),
        }
    }

    /// How much each lower quality leaves of a picture, in percent.
    pub(super) fn shares(&self) -> [u64; QUALITIES.len()] {
        std::array::from_fn(|place| self.shares[place].load(Ordering::Relaxed))
    }

    /// The quality at that place left so much of a picture.
    pub(super) fn note_share(&self, place: usize, share: u64) {
        self.shares[place].store(share, Ordering::Relaxed);
    }

    /// Puts a picture into the slot; `tell` is called for each loop that has to look.
    pub(crate) fn publish(
        &self,
        connection: ConnectionId,
        picture: Picture,
        now: Moment,
        tell: impl FnMut(usize),
    ) -> Taken {
        let mut inner = self.inner.lock();
        let Some(producer) = inner.producer.as_mut().filter(|one| one.connection == connection)
        else {
            return Taken::No;
        };
        let is_first = !std::mem::replace(&mut producer.is_live, true);
        inner.number += 1;
        let viewport = |framed: &Framed| {
            framed.picture.metadata.map(|metadata| (metadata.device_width, metadata.device_height))
        };
        let mut framed = Framed::new(picture, self.id.clone(), inner.number, now.wall);
        let is_resized = inner.newest.as_deref().and_then(viewport) != viewport(&framed);
        let is_well_again =
            inner.trouble.is_some_and(|(_, at)| now.steady > at + super::news::PAUSE);
        if is_first || is_resized || is_well_again {
            inner.reason = None;
            inner.trouble = None;
            inner.status_version += 1;
        }
        framed.status_version = inner.status_version;
        let framed = Arc::new(framed);
        if let Some(tap) = &mut inner.recording {
            tap.offer(&framed, now.steady);
        }
        inner.newest = Some(framed);
        let has_begun = std::mem::replace(&mut inner.has_begun, true);
        drop(inner);
        self.tell_loops(tell);
        if has_begun { Taken::Yes } else { Taken::First }
    }

    /// Something came that is no picture. Told at most once in a while.
    pub(crate) fn trouble(
        &self,
        connection: ConnectionId,
        trouble: Trouble,
        now: Steady,
        tell: impl FnMut(usize),
    ) {
        let mut inner = self.inner.lock();
        let is_ours = inner.producer.as_ref().is_some_and(|one| one.connection == connection);
        // Other types are what other programs say to each other; nothing is wrong with the pictures.
        if !is_ours || trouble == Trouble::OtherType || inner.trouble.is_some() {
            return;
        }
        inner.trouble = Some((trouble, now));
        inner.status_version += 1;
        drop(inner);
        self.tell_loops(tell);
    }

    /// That is the browser that is shown, if it is one of ours.
    pub(super) fn describe(&self, browser: Option<&Arc<Browser>>, tell: impl FnMut(usize)) {
        let mut inner = self.inner.lock();
        let before = inner.browser.as_ref();
        if before == browser {
            return;
        }
        let tabs = |browser: Option<&Arc<Browser>>| browser.map(|browser| browser.tabs.clone());
        let are_tabs_new = tabs(before).unwrap_or_default() != tabs(browser).unwrap_or_default();
        inner.browser = browser.cloned();
        inner.tabs_version += u64::from(are_tabs_new);
        inner.status_version += 1;
        drop(inner);
        self.tell_loops(tell);
    }

    /// Somebody brings no pictures any more. Returns whether pictures come no more that did before.
    pub(crate) fn leave(
        &self,
        connection: ConnectionId,
        reason: &str,
        now: Steady,
        tell: impl FnMut(usize),
    ) -> bool {
        let mut inner = self.inner.lock();
        if inner.producer.take_if(|one| one.connection == connection).is_none() {
            return false;
        }
        inner.left_at = now;
        inner.reason = Some(reason.into());
        inner.trouble = None;
        inner.status_version += 1;
        let has_ended = std::mem::take(&mut inner.has_begun);
        drop(inner);
        self.tell_loops(tell);
        has_ended
    }

    /// Whether pictures come, for those who have to be told in order: the last who asks is right.
    pub(super) fn has_begun(&self) -> bool {
        self.inner.lock().has_begun
    }

    pub(crate) fn newest(&self) -> Option<Arc<Framed>> {
        self.inner.lock().newest.clone()
    }

    /// Tells every loop that has viewers and was not told since it last looked.
    pub(super) fn tell_loops(&self, mut tell: impl FnMut(usize)) {
        let loops = self.loops.load(Ordering::Acquire);
        let mut fresh = loops & !self.told.fetch_or(loops, Ordering::AcqRel);
        while fresh != 0 {
            tell(fresh.trailing_zeros() as usize);
            fresh &= fresh - 1;
        }
    }

    /// That loop is about to look.
    pub(crate) fn is_looked_at(&self, index: usize) {
        self.told.fetch_and(!bit(index), Ordering::AcqRel);
    }

    /// Somebody sees it from now on; the loop is told of everything after what is in the slot.
    pub(super) fn join(&self, connection: ConnectionId, audience: Audience) {
        let mut inner = self.inner.lock();
        self.loops.fetch_or(bit(audience.index), Ordering::AcqRel);
        inner.viewers.insert(connection, audience);
        inner.watchers_changed = true;
    }

    pub(super) fn part(&self, connection: ConnectionId) {
        let mut inner = self.inner.lock();
        let Some(gone) = inner.viewers.remove(&connection) else { return };
        if !inner.viewers.values().any(|viewer| viewer.index == gone.index) {
            self.loops.fetch_and(!bit(gone.index), Ordering::AcqRel);
            self.told.fetch_and(!bit(gone.index), Ordering::AcqRel);
        }
        inner.watchers_changed = true;
    }

    pub(super) fn change_pace(&self, connection: ConnectionId, pace: Pace) {
        if let Some(viewer) = self.inner.lock().viewers.get_mut(&connection) {
            viewer.pace = pace;
        }
    }

    /// How many pictures a second are wanted, if that changed.
    pub(super) fn take_wish(&self) -> Option<u32> {
        let mut inner = self.inner.lock();
        let of_viewers = inner.viewers.values().map(|viewer| viewer.pace.most_per_second);
        let fastest = of_viewers.map(|rate| rate.unwrap_or(USUAL_RATE)).max().unwrap_or(0);
        let wish = fastest.max(inner.recording.as_ref().map_or(0, Tap::per_second));
        (std::mem::replace(&mut inner.wish, wish) != wish).then_some(wish)
    }

    /// Whether some recording keeps its pictures.
    pub(crate) fn is_recorded(&self) -> bool {
        self.inner.lock().recording.as_ref().is_some_and(|tap| !tap.is_over())
    }

    /// Whether pictures come, and how many connections watch.
    pub(crate) fn attended(&self) -> (bool, usize) {
        let inner = self.inner.lock();
        let is_live = inner.producer.as_ref().is_some_and(|producer| producer.is_live);
        (is_live, inner.viewers.len())
    }

    /// Which recording keeps its pictures.
    pub(crate) fn recording(&self) -> Option<RecordingId> {
        self.inner.lock().recording.as_ref().map(|tap| tap.recording.clone())
    }

    /// Keeps the last picture of several that came too fast, since it is the one that stays. Returns whether the
    /// recording was found to be over.
    pub(super) fn settle_recording(&self, now: Steady, tell: impl FnMut(usize)) -> bool {
        let mut inner = self.inner.lock();
        let Inner { newest, recording, status_version, .. } = &mut *inner;
        if recording.take_if(|tap| tap.is_over()).is_some() {
            *status_version += 1;
            drop(inner);
            self.tell_loops(tell);
            return true;
        }
        if let (Some(tap), Some(newest)) = (recording, newest) {
            tap.offer(newest, now);
        }
        false
    }

    /// Keeps pictures from now on, beginning with the newest; or no more. Returns who kept them until now.
    pub(crate) fn tap(
        &self,
        mut tap: Option<Tap>,
        now: Steady,
        tell: impl FnMut(usize),
    ) -> Option<Tap> {
        let mut inner = self.inner.lock();
        if let (Some(tap), Some(newest)) = (&mut tap, &inner.newest) {
            tap.offer(newest, now);
        }
        let mut before = std::mem::replace(&mut inner.recording, tap);
        if let (Some(before), Some(newest)) = (&mut before, &inner.newest) {
            before.finish(newest);
        }
        inner.status_version += 1;
        drop(inner);
        self.tell_loops(tell);
        before
    }
}

fn bit(index: usize) -> u64 {
    1 << (index % 64)
}
