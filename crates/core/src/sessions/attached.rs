//! Who is in front of which terminal, so that they learn when it is another one, or none any more.
//!
//! Bounded by connections: each is in front of one terminal at a time.

use std::collections::BTreeMap;

use super::{Event, Worker};
use crate::{
    Core, Delivery, Event as Fact, Notice,
    ids::{ConnectionId, WorkerId},
};

/// The viewers of every worker that has some.
#[derive(Debug, Default)]
pub(crate) struct Attached(BTreeMap<WorkerId, Vec<ConnectionId>>);

impl Attached {
    pub(crate) fn put(&mut self, worker: &WorkerId, viewer: ConnectionId) {
        let viewers = self.0.entry(worker.clone()).or_default();
        if !viewers.contains(&viewer) {
            viewers.push(viewer);
        }
    }

    pub(crate) fn remove(&mut self, worker: &WorkerId, viewer: ConnectionId) {
        if let Some(viewers) = self.0.get_mut(worker) {
            viewers.retain(|known| *known != viewer);
            if viewers.is_empty() {
                self.0.remove(worker);
            }
        }
    }

    /// Whether somebody is in front of its terminal.
    pub(crate) fn is_watched(&self, worker: &WorkerId) -> bool {
        self.0.contains_key(worker)
    }

    fn of(&self, worker: &Worker) -> Vec<ConnectionId> {
        self.0.get(&worker.id).cloned().unwrap_or_default()
    }
}

impl Core {
    /// Tells the viewers of a worker what ends their attachment; after the events before it, like all deliveries.
    pub(crate) fn end_attachments(&mut self, event: &Fact) {
        let (worker, notice) = match event {
            Fact::Sessions(Event::Restarted(worker)) => (worker, Notice::WorkerRestarted),
            Fact::Sessions(Event::Removed(worker)) => {
                let session_is_gone = self.sessions.get(&worker.session).is_none();
                (worker, Notice::WorkerGone { session_is_gone })
            }
            _ => return,
        };
        for viewer in self.attached.of(worker) {
            if matches!(notice, Notice::WorkerGone { .. }) {
                self.attached.remove(&worker.id, viewer);
            }
            self.deliver(viewer, Delivery::Notice(notice.clone()));
        }
    }
}
