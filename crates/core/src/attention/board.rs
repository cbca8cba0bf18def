//! The list of what waits for a person. Overflow rule: the oldest item goes.

use std::{collections::BTreeMap, sync::Arc};

use super::{Event, Item, Subject};

/// How many things wait at most; beyond that nobody reads the list any more.
const MOST_ITEMS: usize = 1000;

/// What waits, by subject.
#[derive(Debug, Default)]
pub(crate) struct Board {
    items: BTreeMap<Subject, Arc<Item>>,
}

impl Board {
    /// Puts an item up. Replaces an older one of the same subject.
    pub(crate) fn raise(&mut self, item: Item) -> Vec<Event> {
        let mut events = Vec::new();
        if self.items.len() >= MOST_ITEMS && !self.items.contains_key(&item.subject) {
            let oldest = self.items.values().min_by_key(|item| item.since);
            let oldest = oldest.map(|item| item.subject.clone());
            events.extend(oldest.and_then(|subject| self.clear(&subject)));
        }
        let item = Arc::new(item);
        self.items.insert(item.subject.clone(), item.clone());
        events.push(Event::Raised(item));
        events
    }

    /// What waits about that.
    pub(crate) fn get(&self, subject: &Subject) -> Option<&Item> {
        self.items.get(subject).map(Arc::as_ref)
    }

    pub(crate) fn clear(&mut self, subject: &Subject) -> Option<Event> {
        self.items.remove(subject).map(|item| Event::Cleared(item.subject.clone()))
    }
}
