//! Output while storage is away: relayed without end, kept within bounds, and asked for again afterwards.

use crate::{
    Core,
    agents::{NO_LIMIT, Order, ResumeFrom},
    ids::AgentId,
};

/// How much output waits for storage in memory while it is away, over all streams, in bytes.
/// Overflow rule: what comes later is shown and not kept; its agent keeps it and sends it again.
const MOST_WAITING: usize = 16 << 20;

impl Core {
    /// Whether output may wait in memory until it is stored.
    pub(crate) fn may_wait(&self, bytes: usize) -> bool {
        let waiting = self.logs.pending_bytes() + self.outbox.unstored_output();
        !self.outbox.is_degraded() || waiting + bytes <= MOST_WAITING
    }

    /// How much of a stream may be unacknowledged at present.
    pub(crate) fn credit(&self) -> u64 {
        if self.outbox.is_degraded() { NO_LIMIT } else { self.settings.credit }
    }

    /// Storage went away or came back: agents learn what they may send, and what is wanted again.
    pub(crate) fn storage_changed(&mut self) {
        let credit = self.credit();
        let agents: Vec<AgentId> = self.agents.iter().map(|(id, _)| id.clone()).collect();
        for agent in agents {
            self.order(&agent, Order::Credit(credit));
        }
        if self.outbox.is_degraded() {
            return;
        }
        for (agent, stream, place) in self.logs.behind() {
            let (position, sequence) = (place.position, place.sequence);
            self.order(&agent, Order::Resume(ResumeFrom { stream, position, sequence }));
        }
    }
}
