//! The events of one agent, as long as somebody listens. Overflow rule: the oldest go, and who still wanted them begins anew.

use std::{collections::VecDeque, sync::Arc};

use crate::{Event, Published, runs, streams, time::Timestamp};

/// How many events are kept at most.
const MOST_EVENTS: usize = 1024;
/// How much output and pictures they have at most, in bytes.
const MOST_BYTES: usize = 4 << 20;

/// One agent's log.
#[derive(Debug)]
pub(super) struct Log {
    listeners: usize,
    events: VecDeque<Arc<Published>>,
    next: u64,
    bytes: usize,
}

impl Default for Log {
    fn default() -> Self {
        Self { listeners: 0, events: VecDeque::new(), next: 1, bytes: 0 }
    }
}

impl Log {
    pub(super) fn join(&mut self) -> u64 {
        self.listeners += 1;
        self.next
    }

    /// Returns whether nobody is left.
    pub(super) fn leave(&mut self) -> bool {
        self.listeners = self.listeners.saturating_sub(1);
        self.listeners == 0
    }

    /// The number of the event to come.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    pub(super) fn push(&mut self, event: Event, at: Timestamp) {
        self.bytes += size(&event);
        self.events.push_back(Arc::new(Published { sequence: self.next, at, event }));
        self.next += 1;
        while self.events.len() > MOST_EVENTS || self.bytes > MOST_BYTES && self.events.len() > 1 {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= size(&oldest.event);
        }
    }

    /// The events from a cursor on; nothing if some of them are gone.
    pub(super) fn read(&self, cursor: u64, most: usize) -> Option<Vec<Arc<Published>>> {
        let first = self.next - self.events.len() as u64;
        let skipped = usize::try_from(cursor.checked_sub(first)?).unwrap_or(usize::MAX);
        Some(self.events.iter().skip(skipped).take(most).cloned().collect())
    }
}

fn size(event: &Event) -> usize {
    match event {
        Event::Output(streams::Event::Written { record, .. }) => record.bytes.len(),
        Event::Runs(runs::Event::Step(taken)) => {
            taken.screenshot.as_ref().map_or(0, |screenshot| screenshot.bytes.len())
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(log: &Log, cursor: u64, most: usize) -> Option<Vec<u64>> {
        let events = log.read(cursor, most)?;
        Some(events.iter().map(|event| event.sequence).collect())
    }

    #[test]
    fn a_cursor_goes_on_where_it_was_and_is_told_when_that_is_gone() {
        let mut log = Log::default();
        let cursor = log.join();
        assert_eq!(read(&log, cursor, 9), Some(vec![]));
        for _ in 0..3 {
            log.push(Event::Beat, Timestamp(0));
        }
        assert_eq!(read(&log, cursor, 2), Some(vec![1, 2]));
        assert_eq!(read(&log, 3, 2), Some(vec![3]));
        for _ in 0..MOST_EVENTS {
            log.push(Event::Beat, Timestamp(0));
        }
        assert_eq!(read(&log, 3, 1), None);
        assert_eq!(read(&log, 4, 1), Some(vec![4]));
    }

    #[test]
    fn the_last_listener_is_noticed() {
        let mut log = Log::default();
        log.join();
        log.join();
        assert!(!log.leave() && log.leave());
    }
}
