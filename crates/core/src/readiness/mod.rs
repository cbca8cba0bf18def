//! Readiness: whether the pictures of a session's browser flow, as front ends and other programs ask before they watch.
//!
//! Told by whoever takes the pictures in; the pictures themselves never come here.

mod book;

pub(crate) use book::Book;

use std::sync::Arc;

use crate::{
    Core, Event as Fact,
    ids::SessionId,
    ports::Write,
    time::{Moment, Timestamp},
};

/// Whether pictures flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// They do.
    Live {
        /// Since when.
        since: Timestamp,
    },
    /// They did.
    Ended {
        /// Since when they had flowed.
        since: Timestamp,
        /// When they ceased.
        at: Timestamp,
    },
}

/// How ready the browser behind a stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// The stream's id, which is its session's if it has one.
    pub stream: SessionId,
    /// Whether pictures flow.
    pub flow: Flow,
    /// Grows with every change of any stream in one life of the server; 0 for what an earlier life left ended.
    pub version: u64,
}

impl Readiness {
    /// Whether pictures flow, which is all of: the browser is ready, the worker is ready, the worker is connected.
    pub fn is_live(&self) -> bool {
        matches!(self.flow, Flow::Live { .. })
    }

    /// Since when pictures flow, or had flowed.
    pub fn since(&self) -> Timestamp {
        let (Flow::Live { since } | Flow::Ended { since, .. }) = self.flow;
        since
    }

    /// The word that stands for it in the store and elsewhere.
    pub fn status(&self) -> &'static str {
        match self.flow {
            Flow::Live { .. } => "active",
            Flow::Ended { .. } => "ended",
        }
    }
}

/// What viewers learn about readiness.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Pictures began to flow, or ceased.
    Changed(Arc<Readiness>),
    /// Nothing is known of the stream any more.
    Forgotten(SessionId),
}

impl Core {
    /// Takes over what an earlier life of the server stored. No producer of pictures outlives the server.
    pub(crate) fn restore_readiness(&mut self, stored: Vec<Readiness>, now: Moment) {
        for readiness in stored {
            if let Flow::Live { since } = readiness.flow {
                self.put_readiness(&readiness.stream, Flow::Ended { since, at: now.wall }, now);
                continue;
            }
            let readiness = Arc::new(Readiness { version: 0, ..readiness });
            self.readiness.put(readiness.clone());
            self.show_committed(Fact::Readiness(Event::Changed(readiness)), now);
        }
    }

    /// The first picture of a stream came in. Said again while it flows, it changes nothing.
    pub fn stream_began(&mut self, stream: &SessionId, now: Moment) {
        let known = self.readiness.get(stream);
        if known.is_some_and(|known| known.is_live()) || !self.make_room(stream, now) {
            return;
        }
        self.put_readiness(stream, Flow::Live { since: now.wall }, now);
        self.release();
    }

    /// The last producer of a stream is gone. Said of one that does not flow, it changes nothing.
    pub fn stream_ended(&mut self, stream: &SessionId, now: Moment) {
        let Some(Flow::Live { since }) = self.readiness.get(stream).map(|known| known.flow) else {
            return;
        };
        self.put_readiness(stream, Flow::Ended { since, at: now.wall }, now);
        self.release();
    }

    /// A session is gone. Of what flows nothing is forgotten before it ceases.
    pub(crate) fn forget_readiness(&mut self, session: &SessionId, now: Moment) {
        if self.readiness.get(session).is_some_and(|known| !known.is_live()) {
            self.drop_readiness(session, now);
        }
    }

    /// Whether there is room to keep one more stream in mind. Streams of sessions and runs are as many as those; of those without
    /// one, the one that ended first gives way.
    fn make_room(&mut self, stream: &SessionId, now: Moment) -> bool {
        if self.agent_of_browser(stream).is_some() || self.readiness.get(stream).is_some() {
            return true;
        }
        let loose = self.readiness.without(|id| self.agent_of_browser(id).is_some());
        // Those whose session was deleted while they flowed count from then on, so that it may be more than one.
        let excess = (loose.len() + 1).saturating_sub(self.settings.open_streams);
        let mut ended: Vec<_> = loose.iter().filter(|known| !known.is_live()).collect();
        if ended.len() < excess {
            return false;
        }
        ended.sort_by_key(|known| known.version);
        for known in ended.into_iter().take(excess) {
            self.drop_readiness(&known.stream, now);
        }
        true
    }

    fn put_readiness(&mut self, stream: &SessionId, flow: Flow, now: Moment) {
        let version = self.readiness.next_version();
        let readiness = Arc::new(Readiness { stream: stream.clone(), flow, version });
        self.readiness.put(readiness.clone());
        self.outbox.write(Write::Readiness(readiness.clone()));
        self.show_committed(Fact::Readiness(Event::Changed(readiness)), now);
    }

    fn drop_readiness(&mut self, stream: &SessionId, now: Moment) {
        self.readiness.remove(stream);
        self.outbox.write(Write::ReadinessGone(stream.clone()));
        self.show_committed(Fact::Readiness(Event::Forgotten(stream.clone())), now);
    }
}
