//! The viewers of one loop, in groups that are sent the same bytes.

use std::{collections::HashMap, rc::Rc};

use pilothouse_core::{
    fanout::{Shape, TopicKey},
    ids::WorkerId,
};

use super::connection::Connection;

/// The viewers of one topic in one shape on this loop.
pub(super) struct Group {
    pub(super) shape: Shape,
    /// The event all up-to-date viewers wait for.
    pub(super) cursor: u64,
    pub(super) viewers: Vec<Rc<Connection>>,
}

/// All of them. The fleet's stand apart, so that its turn looks nothing up.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) fleet: Vec<Group>,
    workers: HashMap<WorkerId, Vec<Group>>,
}

impl Groups {
    pub(super) fn worker(&mut self, worker: &WorkerId) -> Option<&mut Vec<Group>> {
        self.workers.get_mut(worker)
    }

    pub(super) fn join(
        &mut self,
        connection: &Rc<Connection>,
        (topic, shape): (&TopicKey, Shape),
        cursor: u64,
    ) {
        let groups = match topic {
            TopicKey::Fleet => &mut self.fleet,
            TopicKey::Worker(worker) => self.workers.entry(worker.clone()).or_default(),
        };
        if let Some(group) = groups.iter_mut().find(|group| group.shape == shape) {
            group.viewers.push(connection.clone());
        } else {
            groups.push(Group { shape, cursor, viewers: vec![connection.clone()] });
        }
    }

    pub(super) fn leave(&mut self, connection: &Connection, topic: &TopicKey, shape: Shape) {
        let groups = match topic {
            TopicKey::Fleet => &mut self.fleet,
            TopicKey::Worker(worker) => {
                let Some(groups) = self.workers.get_mut(worker) else { return };
                groups
            }
        };
        if let Some(place) = groups.iter().position(|group| group.shape == shape) {
            groups[place].viewers.retain(|viewer| viewer.id != connection.id);
            if groups[place].viewers.is_empty() {
                groups.swap_remove(place);
            }
        }
        if let TopicKey::Worker(worker) = topic
            && groups.is_empty()
        {
            self.workers.remove(worker);
        }
    }

    pub(super) fn clear(&mut self) {
        self.fleet.clear();
        self.workers.clear();
    }
}
