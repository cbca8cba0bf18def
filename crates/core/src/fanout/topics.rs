//! All topics: the fleet's, which everybody watches, and one for each worker that somebody watches.

use std::collections::BTreeMap;

use super::{Framing, Language, Progress, Shape, ShapeCounts, Topic, Watched};
use crate::{event::Event, ids::WorkerId, sessions, streams, time::Timestamp, view::View};

/// Names a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TopicKey {
    /// Agents, commands with their output, sessions.
    Fleet,
    /// One worker's terminal: its output, what it does, how it ends.
    Worker(WorkerId),
}

/// All topics.
pub struct Topics {
    fleet: Topic,
    workers: BTreeMap<WorkerId, Topic>,
    changed: Vec<(WorkerId, u64)>,
    ring_bytes: usize,
    backlog_bytes: usize,
    /// What worker topics that nobody watches any more had cost, by shape.
    past: Vec<(Shape, ShapeCounts)>,
}

impl Topics {
    pub(crate) fn new(ring_bytes: usize, backlog_bytes: usize) -> Self {
        Self {
            fleet: Topic::new(ring_bytes, backlog_bytes),
            workers: BTreeMap::new(),
            changed: Vec::new(),
            ring_bytes,
            backlog_bytes,
            past: Vec::new(),
        }
    }

    /// The topic that every dashboard watches.
    pub fn fleet(&mut self) -> &mut Topic {
        &mut self.fleet
    }

    /// What viewers of the fleet have been told.
    pub(crate) fn view(&self) -> &View {
        self.fleet.view()
    }

    /// Tells an event where it is watched.
    pub(crate) fn publish(&mut self, event: Event, at: Timestamp) {
        let Some(worker) = worker_of(&event) else {
            return self.fleet.publish(event, at);
        };
        if let Some(topic) = self.workers.get_mut(worker) {
            if self.changed.iter().all(|(known, _)| known != worker) {
                self.changed.push((worker.clone(), topic.next()));
            }
            topic.publish(event.clone(), at);
        }
        // A terminal's output is for those who watch it, and for nobody else.
        if event.is_state() {
            self.fleet.publish(event, at);
        }
    }

    /// Takes the workers whose viewers were told something since this was last asked, each with the first such
    /// event. For the fleet's topic [`Topic::next`] tells.
    pub fn take_changed(&mut self) -> Vec<(WorkerId, u64)> {
        std::mem::take(&mut self.changed)
    }

    /// How many workers somebody watches.
    pub fn watched_workers(&self) -> usize {
        self.workers.len()
    }

    /// Starts watching. A worker's topic begins with its first viewer, and has no snapshot: what was before
    /// is read from storage.
    pub fn watch(
        &mut self,
        key: &TopicKey,
        language: &'static dyn Language,
        framing: (u32, &dyn Fn() -> Box<dyn Framing>),
        at: Timestamp,
    ) -> Watched {
        let (framing, make) = framing;
        let topic = match key {
            TopicKey::Fleet => &mut self.fleet,
            TopicKey::Worker(id) => self
                .workers
                .entry(id.clone())
                .or_insert_with(|| Topic::replayed(self.ring_bytes, self.backlog_bytes)),
        };
        topic.watch(language, framing, make, at)
    }

    /// Stops watching. The last viewer of a worker takes its topic along.
    pub fn unwatch(&mut self, key: &TopicKey, shape: Shape) {
        match key {
            TopicKey::Fleet => self.fleet.unwatch(shape),
            TopicKey::Worker(id) => {
                let Some(topic) = self.workers.get_mut(id) else { return };
                topic.unwatch(shape);
                if topic.viewers() == 0
                    && let Some(topic) = self.workers.remove(id)
                {
                    for (shape, counts) in topic.counts() {
                        add(&mut self.past, shape, counts);
                    }
                }
            }
        }
    }

    /// What comes at `cursor` in that shape.
    pub fn read(&mut self, key: &TopicKey, shape: Shape, cursor: u64, at: Timestamp) -> Progress {
        match key {
            TopicKey::Fleet => self.fleet.read(shape, cursor, at),
            TopicKey::Worker(id) => self
                .workers
                .get_mut(id)
                .map_or(Progress::Gone, |topic| topic.read(shape, cursor, at)),
        }
    }

    /// The number of the topic's event to come; 0 if nobody watches it.
    pub fn next(&self, key: &TopicKey) -> u64 {
        match key {
            TopicKey::Fleet => self.fleet.next(),
            TopicKey::Worker(id) => self.workers.get(id).map_or(0, Topic::next),
        }
    }

    /// Whether all events from number `from` on are kept in that shape.
    pub fn reaches(&self, key: &TopicKey, shape: Shape, from: u64) -> bool {
        match key {
            TopicKey::Fleet => self.fleet.reaches(shape, from),
            TopicKey::Worker(id) => {
                self.workers.get(id).is_some_and(|topic| topic.reaches(shape, from))
            }
        }
    }

    /// How many bytes the events from number `from` on have, in the shape that has the most.
    pub fn bytes_since(&self, key: &TopicKey, from: u64) -> usize {
        match key {
            TopicKey::Fleet => self.fleet.bytes_since(from),
            TopicKey::Worker(id) => self.workers.get(id).map_or(0, |topic| topic.bytes_since(from)),
        }
    }

    /// Every shape that was ever watched in, over all topics, with what it cost.
    pub fn counts(&self) -> Vec<(Shape, ShapeCounts)> {
        let mut all = self.past.clone();
        let topics = std::iter::once(&self.fleet).chain(self.workers.values());
        for (shape, counts) in topics.flat_map(Topic::counts) {
            add(&mut all, shape, counts);
        }
        all.sort_by_key(|(shape, _)| *shape);
        all
    }
}

fn add(all: &mut Vec<(Shape, ShapeCounts)>, shape: Shape, counts: ShapeCounts) {
    match all.iter_mut().find(|(known, _)| *known == shape) {
        Some((_, sum)) => {
            sum.encodes += counts.encodes;
            sum.deflates += counts.deflates;
            sum.viewers += counts.viewers;
        }
        None => all.push((shape, counts)),
    }
}

/// The worker whose viewers an event is for.
fn worker_of(event: &Event) -> Option<&WorkerId> {
    match event {
        Event::Output(
            streams::Event::Written { record: streams::Record { stream, .. }, .. }
            | streams::Event::Missing { stream, .. },
        ) => stream.worker(),
        Event::Sessions(
            sessions::Event::Activity(worker)
            | sessions::Event::Ended(worker)
            | sessions::Event::Restarted(worker)
            | sessions::Event::Removed(worker)
            | sessions::Event::Resized(worker),
        ) => Some(&worker.id),
        Event::Sessions(sessions::Event::Viewers(viewers)) => Some(&viewers.worker),
        Event::Sessions(
            sessions::Event::Created(_)
            | sessions::Event::Updated(_)
            | sessions::Event::Deleted(_)
            | sessions::Event::Repositories(_),
        )
        | Event::Agents(_)
        | Event::Commands(_)
        | Event::Attention(_)
        | Event::AgentTypes(_)
        | Event::Audit(_)
        | Event::Browsers(_)
        | Event::Said(_)
        | Event::Beat
        | Event::Control(_)
        | Event::Presets(_)
        | Event::Readiness(_)
        | Event::Runs(_) => None,
    }
}

#[cfg(test)]
#[path = "topics_tests.rs"]
mod tests;
