//! Pasts of terminals that are being told: read and put into words once for all viewers who come together.
//!
//! Nothing is kept for later: a past is here as long as somebody waits for it or is being sent it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

use bytes::Bytes;
use parking_lot::Mutex;
use pilothouse_core::{
    Core, LookedAt,
    fanout::{Shape, TopicKey},
    streams::StreamKey,
};
use pilothouse_protocols::TerminalLanguage;
use tokio::sync::OnceCell;

use super::{event_loop::EventLoop, history, run_steps::RunSteps};

/// So many entries may be left over before those that nobody uses are thrown away.
const LEFT_OVER: usize = 64;

/// Viewers begin together while no more than this part of the ring was printed since the first of them came.
const NEAR: usize = 8;

/// What viewers have in common who are told the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted<'a> {
    language: &'a str,
    /// What they have already, in bytes of the log.
    has: Option<u64>,
}

/// What somebody uses at present. Bounded by connections: an entry is dead when its last user has gone.
#[derive(Debug)]
pub(super) struct InUse<K, T> {
    entries: BTreeMap<K, Weak<T>>,
    tidy_at: usize,
}

impl<K, T> Default for InUse<K, T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), tidy_at: LEFT_OVER }
    }
}

impl<K: Ord, T> InUse<K, T> {
    pub(super) fn find(&self, key: &K) -> Option<Arc<T>> {
        self.entries.get(key).and_then(Weak::upgrade)
    }

    pub(super) fn put(&mut self, key: K, entry: &Arc<T>) {
        self.entries.insert(key, Arc::downgrade(entry));
        if self.entries.len() >= self.tidy_at {
            self.entries.retain(|_, entry| entry.strong_count() > 0);
            self.tidy_at = LEFT_OVER.max(self.entries.len() * 2);
        }
    }
}

/// All of them, over all loops.
#[derive(Debug, Default)]
pub(crate) struct Pasts {
    /// The same for steps of runs.
    pub(super) run_steps: RunSteps,
    told: Mutex<InUse<(StreamKey, Wanted<'static>), Told>>,
}

/// What comes before one place of a terminal's log, and the place itself.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) looked: LookedAt,
    /// The first event that is told live.
    pub(super) cursor: u64,
    has: Option<u64>,
    language: &'static dyn TerminalLanguage,
    words: OnceCell<Words>,
}

#[derive(Debug)]
struct Words {
    text: Option<Vec<u8>>,
    /// How much was read for it.
    read: usize,
}

/// A past's text, which keeps the past in use for as long as the text waits in somebody's queue.
struct Text(Arc<Told>);

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.0.words.get().and_then(|words| words.text.as_deref()).unwrap_or_default()
    }
}

impl Pasts {
    /// Where a viewer begins who comes now: at the present place, or at an earlier one that others begin at and that
    /// is still near.
    fn begin(
        &self,
        (looked, cursor): (LookedAt, u64),
        language: &'static dyn TerminalLanguage,
        has: Option<(u32, u64)>,
        is_near: impl FnOnce(u64) -> bool,
    ) -> Arc<Told> {
        let stream = looked.worker.stream();
        let has = has.filter(|(epoch, _)| *epoch == stream.epoch).map(|(_, position)| position);
        let key = (stream, Wanted { language: language.name(), has });
        let mut all = self.told.lock();
        if let Some(told) = all.find(&key)
            && is_near(told.cursor)
        {
            return told;
        }
        let told = Arc::new(Told { looked, cursor, has, language, words: OnceCell::new() });
        all.put(key, &told);
        told
    }
}

impl Told {
    /// The text, and how much was read for it. Whoever comes first reads; the others wait for that.
    pub(super) async fn words(self: &Arc<Self>, event_loop: &EventLoop) -> (Option<Bytes>, usize) {
        let read = self.words.get_or_init(|| self.read(event_loop)).await.read;
        let has_text = self.words.get().is_some_and(|words| words.text.is_some());
        (has_text.then(|| Bytes::from_owner(Text(self.clone()))), read)
    }

    async fn read(&self, event_loop: &EventLoop) -> Words {
        let shared = &event_loop.shared;
        let stream = self.looked.worker.stream();
        history::wait_until_stored(shared, &stream, self.looked.position).await;
        let reading = event_loop.readers.acquire().await;
        let past = history::read(shared, stream, self.looked.position, self.has).await;
        drop(reading);
        event_loop.tally.pasts_read.add(1);
        Words { text: self.language.past(&past), read: history::bytes(&past) }
    }
}

impl EventLoop {
    /// Where a viewer of a terminal begins that comes now.
    pub(super) fn begin(
        &self,
        core: &mut Core,
        (topic, shape): &(TopicKey, Shape),
        present: (LookedAt, u64),
        (language, has): (&'static dyn TerminalLanguage, Option<(u32, u64)>),
    ) -> Arc<Told> {
        let near = self.shared.config.core.ring_bytes / NEAR;
        self.shared.pasts.begin(present, language, has, |cursor| {
            let topics = core.topics();
            topics.reaches(topic, *shape, cursor) && topics.bytes_since(topic, cursor) <= near
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_uses_is_not_found_and_does_not_pile_up() {
        let mut all = InUse::default();
        let kept = Arc::new("kept");
        all.put(0, &kept);
        for key in 1..10_000 {
            let gone = Arc::new("gone");
            all.put(key, &gone);
            assert_eq!(all.find(&key), Some(gone));
        }
        assert_eq!(all.find(&9_999), None);
        assert_eq!(all.find(&0), Some(kept));
        assert!(all.entries.len() <= LEFT_OVER, "{}", all.entries.len());
    }
}
