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

use super::{
    stream::{Audience, Producer, Stream},
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
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_address: 5, keep_for: Duration::from_mins(1) }
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
}

impl Relay {
    pub(crate) fn new(limits: Limits, most_tokenless: usize) -> Self {
        Self { streams: Mutex::default(), limits, most_tokenless, wishes: Wishes::default() }
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
        Ok(before)
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

    /// Tells who came and went, and forgets streams that nobody brings or sees.
    pub(crate) fn tend(&self, now: Steady, mut tell: impl FnMut(&Arc<Stream>, usize)) {
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
            if inner.producer.is_some() || now < inner.left_at + keep_for {
                return true;
            }
            inner.newest = None;
            !inner.viewers.is_empty() || inner.recording.is_some()
        });
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
