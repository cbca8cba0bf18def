//! The alarms of one event loop: one entry per connection, one sleep for all of them.

use std::collections::BTreeSet;

use pilothouse_core::{ids::ConnectionId, time::Steady};

/// Who has to be woken when.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    alarms: BTreeSet<(Steady, ConnectionId)>,
}

impl Timers {
    /// Moves a connection's alarm. Returns whether the earliest alarm is now an earlier one.
    pub(crate) fn set(
        &mut self,
        connection: ConnectionId,
        old: Option<Steady>,
        new: Option<Steady>,
    ) -> bool {
        let earliest = self.earliest();
        if let Some(old) = old {
            self.alarms.remove(&(old, connection));
        }
        if let Some(new) = new {
            self.alarms.insert((new, connection));
        }
        match (earliest, self.earliest()) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(after)) => after < before,
        }
    }

    pub(crate) fn earliest(&self) -> Option<Steady> {
        self.alarms.first().map(|(at, _)| *at)
    }

    /// Takes one alarm that has come.
    pub(crate) fn pop_due(&mut self, now: Steady) -> Option<ConnectionId> {
        let (at, connection) = *self.alarms.first()?;
        (at <= now).then(|| {
            self.alarms.pop_first();
            connection
        })
    }
}
