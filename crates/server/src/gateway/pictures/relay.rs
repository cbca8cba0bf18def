//! All streams, and who may begin one.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use pilothouse_core::{
    browsers::Browser,
    ids::{ConnectionId, RecordingId, SessionId},
    time::Steady,
};
use pilothouse_protocols::pictures::NotShown;
use tokio::sync::Notify;

use super::{
    TEND_EVERY,
    stream::{Audience, Producer, Stream},
    transcoder::Transcoder,
    wishes::Wishes,
};
use crate::{gateway::admission, kept_pictures::Tap};

/// How many streams there may be in all. Overflow rule: whoever would begin a further one is refused.
const MOST_STREAMS: usize = 10_000;

/// What producers without a token may do, and how long streams are remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `streams.open_per_address`
    pub per_address: usize,
    /// `streams.keep_for`
    pub keep_for: Duration,
    /// `streams.lighten`: whether pictures are made lighter for viewers whose lines do not carry them.
    pub lightens: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_address: 5, keep_for: Duration::from_mins(1), lightens: true }
    }
}

/// Somebody who wants to bring a stream's pictures, and may.
#[derive(Debug)]
pub(crate) struct Candidate<'a> {
    pub(crate) connection: ConnectionId,
    pub(crate) has_token: bool,
    pub(crate) address: &'a str,
}

/// The streams. Bounded by [`MOST_STREAMS`], and by the limits for producers without a token.
#[derive(Debug)]
pub(crate) struct Relay {
    streams: Mutex<BTreeMap<SessionId, Arc<Stream>>>,
    limits: Limits,
    /// `streams.open_max`: how many may be brought without a token, those that were left a moment ago included.
    most_tokenless: usize,
    /// How many pictures are wanted of which stream.
    pub(crate) wishes: Wishes,
    /// Makes them lighter where lines are narrow.
    pub(super) transcoder: Transcoder,
    /// Wakes whoever tends the streams.
    stir: Notify,
}

impl Relay {
    pub(crate) fn new(limits: Limits, most_tokenless: usize) -> Self {
        Self {
            streams: Mutex::default(),
            limits,
            most_tokenless,
            wishes: Wishes::default(),
            transcoder: Transcoder::default(),
            stir: Notify::new(),
        }
    }

    /// Whether pictures are made lighter for narrow lines.
    pub(super) fn lightens(&self) -> bool {
        self.limits.lightens
    }

    /// The stream of that id, if there is one.
    pub(crate) fn get(&self, id: &SessionId) -> Option<Arc<Stream>> {
        self.streams.lock().get(id).cloned()
    }

    /// How many there are: streams, those that have a producer, and viewers.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let streams = self.streams.lock();
        let mut counts = (streams.len(), 0, 0);
        for stream in streams.values() {
            let inner = stream.inner.lock();
            counts.1 += usize::from(inner.producer.is_some());
            counts.2 += inner.viewers.len();
        }
        counts
    }

    /// Makes somebody the stream's producer. Returns whose place that was.
    pub(crate) fn produce(
        &self,
        id: &SessionId,
        candidate: &Candidate<'_>,
        now: Steady,
    ) -> Result<(Arc<Stream>, Option<ConnectionId>), NotShown> {
        let address = candidate.address.parse().unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        let network = admission::network(address);
        let mut streams = self.streams.lock();
        if !candidate.has_token {
            self.check_tokenless(&mut streams, id, network)?;
        }
        let stream = obtain(&mut streams, id, now)?;
        let mut inner = stream.inner.lock();
        let displaced = inner.producer.take().map(|producer| producer.connection);
        let Candidate { connection, has_token, .. } = *candidate;
        inner.producer = Some(Producer { connection, network, is_live: false });
        inner.is_tokenless = !has_token;
        inner.trouble = None;
        inner.status_version += 1;
        drop(inner);
        Ok((stream, displaced))
    }

    fn check_tokenless(
        &self,
        streams: &mut BTreeMap<SessionId, Arc<Stream>>,
        id: &SessionId,
        network: IpAddr,
    ) -> Result<(), NotShown> {
        let (mut open, mut of_network, mut oldest) = (0, 0, None);
        for stream in streams.values() {
            let inner = stream.inner.lock();
            if stream.id == *id && inner.producer.is_some() {
                return Err(NotShown::Occupied);
            }
            if !inner.is_tokenless || stream.id == *id {
                continue;
            }
            open += 1;
            match &inner.producer {
                Some(producer) => of_network += usize::from(producer.network == network),
                None if inner.viewers.is_empty() => {
                    let key = (inner.left_at, stream.id.clone());
                    oldest = Some(oldest.map_or(key.clone(), |known| std::cmp::min(known, key)));
                }
                None => {}
            }
        }
        if of_network >= self.limits.per_address {
            return Err(NotShown::Full);
        }
        if open < self.most_tokenless {
            return Ok(());
        }
        // What somebody left behind gives way to who is here.
        let (_, oldest) = oldest.ok_or(NotShown::Full)?;
        streams.remove(&oldest);
        Ok(())
    }

    /// Somebody sees the stream from now on, whether or not anybody brings its pictures.
    pub(crate) fn join(
        &self,
        id: &SessionId,
        (connection, audience): (ConnectionId, Audience),
        now: Steady,
    ) -> Result<Arc<Stream>, NotShown> {
        let mut streams = self.streams.lock();
        let stream = obtain(&mut streams, id, now)?;
        // Before the lock is given back: a stream without viewers may be forgotten at any time.
        stream.join(connection, audience);
        drop(streams);
        self.wish(&stream);
        self.stir.notify_one();
        Ok(stream)
    }

    /// Keeps the stream's pictures from now on. Returns it, and what kept them until now.
    pub(crate) fn record(
        &self,
        id: &SessionId,
        tap: Tap,
        now: Steady,
        mut tell: impl FnMut(&Arc<Stream>, usize),
    ) -> Result<Option<Tap>, NotShown> {
        let mut streams = self.streams.lock();
        let stream = obtain(&mut streams, id, now)?;
        let before = stream.tap(Some(tap), now, |index| tell(&stream, index));
        drop(streams);
        self.wish(&stream);
        self.stir.notify_one();
        Ok(before)
    }

    /// Somebody sees the stream no more.
    pub(super) fn part(&self, stream: &Stream, connection: ConnectionId) {
        stream.part(connection);
        self.wish(stream);
        self.stir.notify_one();
    }

    /// Somebody brings no pictures of the stream any more. Returns whether pictures come no more that did before.
    pub(super) fn leave(
        &self,
        stream: &Arc<Stream>,
        (connection, reason): (ConnectionId, &str),
        now: Steady,
        mut tell: impl FnMut(&Arc<Stream>, usize),
    ) -> bool {
        let has_ended = stream.leave(connection, reason, now, |index| tell(stream, index));
        self.stir.notify_one();
        has_ended
    }

    /// Keeps no more of them, if it is that recording that does.
    pub(crate) fn stop_recording(
        &self,
        id: &SessionId,
        recording: &RecordingId,
        now: Steady,
        mut tell: impl FnMut(&Arc<Stream>, usize),
    ) {
        let Some(stream) = self.get(id) else { return };
        if stream.recording().as_ref() == Some(recording) {
            drop(stream.tap(None, now, |index| tell(&stream, index)));
            self.wish(&stream);
            self.stir.notify_one();
        }
    }

    /// Keeps no more of any stream, since the server stops. What was shown last is handed over to be kept.
    pub(crate) fn stop_recordings(&self, now: Steady) {
        let all: Vec<_> = self.streams.lock().values().cloned().collect();
        for stream in all {
            drop(stream.tap(None, now, |_| {}));
        }
    }

    /// Tells the source how many pictures are wanted, if that changed.
    pub(crate) fn wish(&self, stream: &Stream) {
        if let Some(wish) = stream.take_wish() {
            self.wishes.put(&stream.id, wish);
        }
    }

    /// The streams of which somebody hears more than pictures.
    pub(crate) fn heard(&self) -> Vec<SessionId> {
        let streams = self.streams.lock();
        let is_heard = |stream: &&Arc<Stream>| {
            stream.inner.lock().viewers.values().any(|viewer| viewer.hears_news)
        };
        streams.values().filter(is_heard).map(|stream| stream.id.clone()).collect()
    }

    /// How the stream's browser is, for those who watch.
    pub(crate) fn describe(
        &self,
        id: &SessionId,
        browser: Option<&Arc<Browser>>,
        mut tell: impl FnMut(&Arc<Stream>, usize),
    ) {
        let Some(stream) = self.get(id) else { return };
        stream.describe(browser, |index| tell(&stream, index));
    }

    /// Waits until somebody came or went, or a recording began or ended. For one listener.
    pub(crate) async fn stirred(&self) {
        self.stir.notified().await;
    }

    /// Tells who came and went, and forgets streams that nobody brings or sees. Returns when that has to be done again
    /// though nobody stirs.
    pub(crate) fn tend(
        &self,
        now: Steady,
        mut tell: impl FnMut(&Arc<Stream>, usize),
    ) -> Option<Steady> {
        let mut due: Option<Steady> = None;
        let mut comes_due = |at: Steady| due = Some(due.map_or(at, |due| due.min(at)));
        let all: Vec<_> = self.streams.lock().values().cloned().collect();
        for stream in all {
            stream.settle_watchers(|index| tell(&stream, index));
            if stream.settle_recording(now, |index| tell(&stream, index)) {
                self.wish(&stream);
            }
        }
        let keep_for = self.limits.keep_for;
        self.streams.lock().retain(|_, stream| {
            let mut inner = stream.inner.lock();
            if inner.recording.is_some() {
                comes_due(now + TEND_EVERY);
            }
            if inner.producer.is_some() {
                return true;
            }
            let forgotten_at = inner.left_at + keep_for;
            if now < forgotten_at {
                comes_due(forgotten_at);
                return true;
            }
            inner.newest = None;
            !inner.viewers.is_empty() || inner.recording.is_some()
        });
        due
    }
}

fn obtain(
    streams: &mut BTreeMap<SessionId, Arc<Stream>>,
    id: &SessionId,
    now: Steady,
) -> Result<Arc<Stream>, NotShown> {
    if let Some(stream) = streams.get(id) {
        return Ok(stream.clone());
    }
    if streams.len() >= MOST_STREAMS {
        return Err(NotShown::Full);
    }
    let stream = Arc::new(Stream::new(id.clone(), now));
    streams.insert(id.clone(), stream.clone());
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use pilothouse_protocols::pictures::Pace;

    use super::*;

    #[tokio::test]
    async fn streams_are_looked_at_when_somebody_stirs_and_when_one_is_to_be_forgotten() {
        let relay = Relay::new(Limits::default(), 10);
        let tend = |at| relay.tend(Steady(at), |_, _| {});
        assert_eq!(tend(0), None, "without streams there is nothing to do");
        let id = SessionId::new("s-1").unwrap();
        let (producer, viewer) = (ConnectionId(1), ConnectionId(2));
        let candidate = Candidate { connection: producer, has_token: true, address: "127.0.0.1" };
        let (stream, _) = relay.produce(&id, &candidate, Steady(0)).unwrap();
        assert_eq!(tend(1_000), None, "nor while pictures come and nobody does");
        let audience = Audience {
            name: "ann".into(),
            role: "viewer",
            pace: Pace::default(),
            hears_news: true,
            index: 0,
        };
        relay.join(&id, (viewer, audience), Steady(1_000)).unwrap();
        relay.stirred().await;
        let mut told = 0;
        assert_eq!(relay.tend(Steady(1_000), |_, _| told += 1), None);
        assert_eq!(told, 1, "who came is told");
        relay.part(&stream, viewer);
        relay.stirred().await;
        assert!(!relay.leave(&stream, (producer, "left"), Steady(2_000), |_, _| {}), "none came");
        relay.stirred().await;
        assert_eq!(tend(2_000), Some(Steady(62_000)));
        assert!(relay.get(&id).is_some());
        assert_eq!(tend(62_000), None);
        assert!(relay.get(&id).is_none(), "it is forgotten");
    }
}
