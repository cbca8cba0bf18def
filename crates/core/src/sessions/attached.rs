//! Who is in front of which terminal, so that they learn when it is another one, or none any more.
//!
//! Bounded by connections: each is in front of one terminal at a time. What they learn of each other is in `viewers`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Event, Viewers, Worker};
use crate::{
    Caller, Core, Delivery, Event as Fact, Notice,
    ids::{ConnectionId, WorkerId},
    time::{Steady, Timestamp},
};

/// The viewers of every worker that has some.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    by_worker: BTreeMap<WorkerId, Audience>,
    /// When the viewers of which worker are to be told who they are; each worker stands here at most once.
    pub(super) due: BTreeSet<(Steady, WorkerId)>,
}

/// Those in front of one terminal.
#[derive(Debug, Default)]
pub(super) struct Audience {
    /// In the order in which they came.
    pub(super) present: Vec<Present>,
    /// Whose size the terminal has, as its agent says.
    pub(super) size_owner: Option<ConnectionId>,
    /// What they were told of each other last, and when.
    pub(super) told: Option<(Steady, Arc<Viewers>)>,
    /// When they are to be told next.
    pub(super) due: Option<Steady>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Present {
    pub(super) caller: Caller,
    pub(super) since: Timestamp,
}

impl Audience {
    fn has(&self, viewer: ConnectionId) -> bool {
        self.present.iter().any(|known| known.caller.connection == viewer)
    }
}

impl Attached {
    pub(super) fn put(&mut self, worker: &WorkerId, caller: &Caller, since: Timestamp) {
        let audience = self.by_worker.entry(worker.clone()).or_default();
        if !audience.has(caller.connection) {
            audience.present.push(Present { caller: caller.clone(), since });
        }
    }

    pub(super) fn remove(&mut self, worker: &WorkerId, viewer: ConnectionId) {
        let Some(audience) = self.by_worker.get_mut(worker) else { return };
        audience.present.retain(|known| known.caller.connection != viewer);
        audience.size_owner = audience.size_owner.filter(|owner| *owner != viewer);
        if audience.present.is_empty() {
            let due = audience.due;
            self.by_worker.remove(worker);
            if let Some(due) = due {
                self.due.remove(&(due, worker.clone()));
            }
        }
    }

    /// Whether somebody is in front of its terminal.
    pub(crate) fn is_watched(&self, worker: &WorkerId) -> bool {
        self.by_worker.contains_key(worker)
    }

    /// What those in front of a worker's terminal were told of each other last.
    pub(crate) fn told(&self, worker: &WorkerId) -> Option<Arc<Viewers>> {
        self.by_worker.get(worker)?.told.as_ref().map(|(_, viewers)| viewers.clone())
    }

    /// Every worker that somebody is in front of.
    pub(super) fn watched(&self) -> Vec<WorkerId> {
        self.by_worker.keys().cloned().collect()
    }

    pub(super) fn audience(&self, worker: &WorkerId) -> Option<&Audience> {
        self.by_worker.get(worker)
    }

    pub(super) fn audience_mut(&mut self, worker: &WorkerId) -> Option<&mut Audience> {
        self.by_worker.get_mut(worker)
    }

    fn of(&self, worker: &Worker) -> Vec<ConnectionId> {
        let present = self.by_worker.get(&worker.id).map(|audience| &audience.present);
        present.into_iter().flatten().map(|known| known.caller.connection).collect()
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
