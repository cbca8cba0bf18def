//! A topic: one log of events, told in any number of shapes.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::{Batch, Framing, Language, Messages, Ring};
use crate::{
    event::{Event, Published},
    ids::AgentId,
    streams::{self, StreamKey},
    time::Timestamp,
    view::View,
};

/// Names one shape of a topic: a language in one framing. Valid while somebody watches in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape {
    /// The language's name.
    pub language: &'static str,
    /// The framing's key, made up by the transport.
    pub framing: u32,
}

/// What a new viewer starts with.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The shape it watches in.
    pub shape: Shape,
    /// The framed snapshot.
    pub snapshot: Bytes,
    /// The first event that the snapshot does not contain.
    pub cursor: u64,
}

/// A viewer fell off the ring: from where, and what it will not see any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resync {
    /// The last event it was sent.
    pub seen: u64,
    /// Which streams have a hole for it.
    pub gaps: Vec<Gap>,
}

/// A hole in one stream, for one viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// On which agent.
    pub agent: AgentId,
    /// Of which stream.
    pub stream: StreamKey,
    /// The number of the first record after the hole.
    pub next_sequence: u64,
}

/// What a cursor gets.
#[derive(Debug)]
pub enum Progress {
    /// The next events, perhaps none.
    Events(Batch),
    /// It had fallen off: these bytes bring it up to date, and it goes on at `cursor`.
    Resynced {
        /// The state anew, the gaps, the newest output, the missed ends.
        slices: Vec<Bytes>,
        /// The next event.
        cursor: u64,
    },
    /// Nobody watches in this shape, so there is nothing to read.
    Gone,
    /// It had fallen off, and there is no snapshot of that log or in that language; the viewer begins anew.
    FellOff,
}

/// What a shape cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShapeCounts {
    /// Events framed for it.
    pub encodes: u64,
    /// Messages deflated for it.
    pub deflates: u64,
    /// Viewers that watch in it now.
    pub viewers: usize,
}

struct Variant {
    shape: Shape,
    language: &'static dyn Language,
    framing: Box<dyn Framing>,
    ring: Ring,
    snapshot: Option<(u64, Bytes)>,
    counts: ShapeCounts,
}

/// An event's mark: which stream's which record it was; index 0 for state.
#[derive(Debug, Clone, Copy)]
struct Mark {
    stream: u32,
    record: u64,
}

/// One log of events. Whoever owns it decides when an event may be seen.
pub struct Topic {
    view: View,
    next: u64,
    variants: Vec<Variant>,
    marks: VecDeque<Mark>,
    ring_bytes: usize,
    backlog_bytes: usize,
    has_snapshots: bool,
    scratch: Messages,
    /// Counts of shapes nobody watches any more, so that totals never go back.
    past: Vec<(Shape, ShapeCounts)>,
    snapshots: u64,
    gaps: u64,
}

impl Topic {
    /// An empty topic. Rings keep `ring_bytes` (`output.ring`); a viewer who fell off one gets the
    /// newest `backlog_bytes` of output (`output.viewer_backlog`).
    pub fn new(ring_bytes: usize, backlog_bytes: usize) -> Self {
        Self {
            view: View::default(),
            next: 1,
            variants: Vec::new(),
            marks: VecDeque::new(),
            ring_bytes,
            backlog_bytes,
            has_snapshots: true,
            scratch: Messages::default(),
            past: Vec::new(),
            snapshots: 0,
            gaps: 0,
        }
    }

    /// An empty topic whose viewers begin with what is stored, and begin anew when they fall off.
    pub(crate) fn replayed(ring_bytes: usize, backlog_bytes: usize) -> Self {
        Self { has_snapshots: false, ..Self::new(ring_bytes, backlog_bytes) }
    }

    /// How many watch.
    pub(crate) fn viewers(&self) -> usize {
        self.variants.iter().map(|variant| variant.counts.viewers).sum()
    }

    /// What viewers have been told.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The number of the event to come.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Tells an event: encodes it once per language, frames it once per shape.
    pub fn publish(&mut self, event: Event, at: Timestamp) {
        let published = Published { sequence: self.next, at, event };
        self.next += 1;
        self.view.apply(&published);
        self.mark(&published.event);
        let mut told: Option<&'static str> = None;
        for variant in &mut self.variants {
            if told != Some(variant.shape.language) {
                self.scratch.clear();
                variant.language.event(&published, &mut self.scratch);
                told = Some(variant.shape.language);
            }
            let (framing, messages) = (&mut variant.framing, &self.scratch);
            let deflates = variant.ring.push(|out| frame_all(framing.as_mut(), messages, out));
            variant.counts.encodes += 1;
            variant.counts.deflates += deflates;
        }
    }

    /// Starts watching: the snapshot and the place in the log where it ends, in one step.
    pub fn watch(
        &mut self,
        language: &'static dyn Language,
        framing: u32,
        make: impl FnOnce() -> Box<dyn Framing>,
        at: Timestamp,
    ) -> Watched {
        let shape = Shape { language: language.name(), framing };
        let place = match self.variants.binary_search_by(|known| known.shape.cmp(&shape)) {
            Ok(place) => place,
            Err(place) => {
                let variant = Variant {
                    shape,
                    language,
                    framing: make(),
                    ring: Ring::new(self.next, self.ring_bytes),
                    snapshot: None,
                    counts: self.take_past(shape),
                };
                self.variants.insert(place, variant);
                place
            }
        };
        let variant = &mut self.variants[place];
        variant.counts.viewers += 1;
        if !self.has_snapshots {
            return Watched { shape, snapshot: Bytes::new(), cursor: self.next };
        }
        let version = self.view.version();
        let snapshot = match &variant.snapshot {
            Some((of, bytes)) if *of == version => bytes.clone(),
            _ => {
                self.snapshots += 1;
                self.scratch.clear();
                language.snapshot(&self.view, at, &mut self.scratch);
                let bytes = framed(variant.framing.as_mut(), &self.scratch);
                variant.snapshot = Some((version, bytes.clone()));
                bytes
            }
        };
        Watched { shape, snapshot, cursor: self.next }
    }

    /// Stops watching. The last one of a shape takes its ring along.
    pub fn unwatch(&mut self, shape: Shape) {
        if let Ok(place) = self.variants.binary_search_by(|known| known.shape.cmp(&shape)) {
            let counts = &mut self.variants[place].counts;
            counts.viewers = counts.viewers.saturating_sub(1);
            if counts.viewers == 0 {
                let gone = self.variants.remove(place);
                self.past.push((shape, gone.counts));
            }
        }
    }

    /// What comes at `cursor` in that shape.
    pub fn read(&mut self, shape: Shape, cursor: u64, at: Timestamp) -> Progress {
        let Ok(place) = self.variants.binary_search_by(|known| known.shape.cmp(&shape)) else {
            return Progress::Gone;
        };
        if let Some(batch) = self.variants[place].ring.read(cursor) {
            return Progress::Events(batch);
        }
        if !self.has_snapshots || !self.variants[place].language.has_resync() {
            return Progress::FellOff;
        }
        self.resync(place, cursor, at)
    }

    /// Whether all events from number `from` on are kept in that shape.
    pub fn reaches(&self, shape: Shape, from: u64) -> bool {
        let found = self.variants.iter().find(|variant| variant.shape == shape);
        found.is_some_and(|variant| variant.ring.first() <= from)
    }

    /// How many bytes the events from number `from` on have, in the shape that has the most.
    pub fn bytes_since(&self, from: u64) -> usize {
        self.variants.iter().map(|variant| variant.ring.bytes_since(from)).max().unwrap_or(0)
    }

    /// Every shape that was ever watched in, with what it cost.
    pub fn counts(&self) -> Vec<(Shape, ShapeCounts)> {
        let live = self.variants.iter().map(|variant| (variant.shape, variant.counts));
        let mut counts: Vec<_> = live.chain(self.past.iter().copied()).collect();
        counts.sort_by_key(|(shape, _)| *shape);
        counts
    }

    /// How many snapshots were encoded; the others were shared.
    pub fn snapshots_encoded(&self) -> u64 {
        self.snapshots
    }

    /// How many gaps viewers were told of: output of one stream that one of them will not see.
    pub fn gaps_told(&self) -> u64 {
        self.gaps
    }

    fn resync(&mut self, place: usize, cursor: u64, at: Timestamp) -> Progress {
        let variant = &mut self.variants[place];
        let from = variant.ring.newest(self.backlog_bytes);
        let seen = cursor.saturating_sub(1);
        let first_mark = self.next - self.marks.len() as u64;
        let mark_of = |event: u64| {
            let place = usize::try_from(event.checked_sub(first_mark)?).ok()?;
            self.marks.get(place).copied()
        };
        let gaps = self.view.written_since(seen).map(|(key, stream)| {
            let kept = (from..self.next).filter_map(mark_of).find(|m| m.stream == stream.index);
            Gap {
                agent: stream.agent.clone(),
                stream: key.clone(),
                next_sequence: kept.map_or(stream.sequence + 1, |mark| mark.record),
            }
        });
        let resync = Resync { seen, gaps: gaps.collect() };
        self.gaps += resync.gaps.len() as u64;
        self.scratch.clear();
        variant.language.resync(&self.view, &resync, at, &mut self.scratch);
        let mut slices = vec![framed(variant.framing.as_mut(), &self.scratch)];
        slices
            .extend(variant.ring.pick(from, |event| mark_of(event).is_some_and(|m| m.stream != 0)));
        self.scratch.clear();
        variant.language.resync_ends(&self.view, &resync, at, &mut self.scratch);
        slices.push(framed(variant.framing.as_mut(), &self.scratch));
        Progress::Resynced { slices, cursor: self.next }
    }

    fn mark(&mut self, event: &Event) {
        let mark = match event {
            Event::Output(streams::Event::Written { record, .. }) => Mark {
                stream: self.view.stream(&record.stream).map_or(0, |stream| stream.index),
                record: record.sequence,
            },
            _ => Mark { stream: 0, record: 0 },
        };
        self.marks.push_back(mark);
        let oldest = self.variants.iter().map(|variant| variant.ring.first()).min();
        let keep = self.next.saturating_sub(oldest.unwrap_or(self.next));
        while self.marks.len() as u64 > keep + 1 {
            self.marks.pop_front();
        }
    }

    fn take_past(&mut self, shape: Shape) -> ShapeCounts {
        let known = self.past.iter().position(|(of, _)| *of == shape);
        known.map(|place| self.past.swap_remove(place).1).unwrap_or_default()
    }
}

fn frame_all(framing: &mut dyn Framing, messages: &Messages, out: &mut BytesMut) -> u64 {
    messages.iter().map(|message| u64::from(framing.frame(message, out))).sum()
}

fn framed(framing: &mut dyn Framing, messages: &Messages) -> Bytes {
    let mut out = BytesMut::new();
    frame_all(framing, messages, &mut out);
    out.freeze()
}
